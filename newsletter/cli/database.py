"""`newsletter db`: the tables of the store, how it stands, and how it comes into PostgreSQL."""

from dataclasses import asdict
from typing import Annotated

import typer

from newsletter import app, report, terminal
from newsletter.cli import door

commands = typer.Typer(
    no_args_is_help=True,
    help="Check the store, bring its tables up to date, or move it into PostgreSQL.",
    epilog="Example: newsletter db check",
)


@commands.command(epilog="Example: newsletter db upgrade")
def upgrade(*, config_path: door.Config = None) -> None:
    """Bring the store's tables to this version's revision; what is in them stays."""
    from newsletter import database

    before, after = database.upgrade(app.load_settings(config_path))
    typer.echo(f"at revision {after}" + (" already" if before == after else f", was {before or 'empty'}"))


@commands.command(epilog="Example: newsletter db check")
def check(*, config_path: door.Config = None, as_json: door.AsJson = False) -> None:
    """Check that the store can be read and is whole, and count what it holds; exit 1 where it is not.

    Of a PostgreSQL server it looks at its version and settings, and at the tables, indexes and keys.
    """
    from newsletter import database

    health = database.health(app.load_settings(config_path))
    if as_json:
        door.print_json(asdict(health))
    else:
        terminal.show(report.health_table(health))
    for problem in health.problems:
        terminal.say(f"error: {problem}", err=True)
    if health.problems:
        if health.remedy:
            terminal.say(f"error: {health.database} is damaged; {health.remedy}", err=True)
        raise typer.Exit(1)


@commands.command(epilog="Example: newsletter db copy newsletter.db")
def copy(
    source: Annotated[str, typer.Argument(metavar="FILE", help="The SQLite file, or sqlite:///FILE.")],
    *,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also while a process seems to be at work on the file.")
    ] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Copy nothing: let a file that was copied be the store again.")
    ] = False,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Move an installation from an SQLite file into the PostgreSQL database of the configuration.

    Every row is the same there; an issue that was half sent goes on where it was. That database has to be
    empty; its tables are made. All comes, or nothing. Afterwards the file cannot be written any more, so that
    nothing is sent from it too.
    """
    from newsletter import database

    if undo:
        mark = database.undo_copy(source)
        typer.echo(f"{source}: the store again; it {mark}" if mark else f"{source}: was not copied")
        return
    copied = database.copy(app.load_settings(config_path), source, anyway=anyway, now=app.utcnow())
    if as_json:
        door.print_json(asdict(copied))
    else:
        terminal.show(report.copied_table(copied))
    terminal.say(f"copied {sum(copied.rows.values()):,} rows to {copied.target}", err=True)
    terminal.say(f"{copied.source} is kept as it was, and can be deleted when all is well", err=True)
    terminal.say("next: newsletter status", err=True)
