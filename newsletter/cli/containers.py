"""`newsletter containers`: what Docker needs to run all of it."""

from pathlib import Path
from typing import Annotated

import typer

from newsletter import terminal
from newsletter.cli import door

commands = typer.Typer()


@commands.command(rich_help_panel=door.WEEKS, epilog="Example: newsletter containers --out deploy")
def containers(
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write them there.", show_default="print them"),
    ] = None,
) -> None:
    """Write what Docker needs: compose.yaml with the app, workers, PostgreSQL and a mail relay.

    Passwords are drawn anew and stand in newsletter.env and database.env alone. A file that is there already
    is left as it is.
    """
    from newsletter import containers as files

    if out is None:
        for name, text in files.shipped().items():
            typer.echo(f"# {name}\n{text}")
        return
    written, kept = files.write(out)
    for place in written:
        typer.echo(f"wrote {place}")
    for place in kept:
        terminal.say(f"kept {place}, which was already there", err=True)
    if written:
        edit = f"edit {out / 'config' / 'config.toml'}, and hostname of relay in {out / 'compose.yaml'}"
        terminal.say(f"next: {edit}; then: docker compose up --detach --build", err=True)
