"""The command line: each command is one call of what lies below, and what it prints.

Results go to stdout, messages to stderr. Exit status: 0 done, 1 something could not be done,
2 wrong usage or configuration. No traceback reaches a user unless --debug is given.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from newsletter import __version__, app, headway, output, report, terminal
from newsletter.cli import (
    archive,
    bounces,
    containers,
    database,
    delivering,
    doctor,
    door,
    issues,
    label,
    linting,
    preview,
    running,
    schedule,
    selecting,
    stats,
    subscribers,
    web,
    writing,
)
from newsletter.errors import ConfigError, NewsletterError

commands = typer.Typer(
    cls=door.Door,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="From a page of research papers to a themed email issue.",
    epilog="Start with: newsletter render --open",
)
commands.add_typer(issues.commands, name="issues", rich_help_panel=door.WEEKS)
commands.add_typer(delivering.commands, name="deliveries", rich_help_panel=door.WEEKS)
commands.add_typer(schedule.commands, name="schedule", rich_help_panel=door.WEEKS)
commands.add_typer(archive.commands, name="archive", rich_help_panel=door.WEEKS)
commands.add_typer(subscribers.commands, name="subscribers", rich_help_panel=door.READERS)
commands.add_typer(database.commands, name="db", rich_help_panel=door.WEEKS)
commands.add_typer(bounces.commands, name="bounces", rich_help_panel=door.READERS)
commands.add_typer(selecting.commands)
commands.add_typer(label.commands)
commands.add_typer(linting.commands)
commands.add_typer(preview.commands)
commands.add_typer(web.commands)
commands.add_typer(running.commands)
commands.add_typer(containers.commands)
commands.add_typer(doctor.commands)
commands.add_typer(stats.commands)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@commands.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Options of every command."""


@commands.command(
    rich_help_panel=door.PAGE, epilog="Example: newsletter render daily-papers.txt --theme kv-cache --open"
)
def render(
    digests: door.Digests = None,
    *,
    list_slug: door.ListSlug = None,
    themes: door.Themes = None,
    date: door.Day = None,
    look: door.LookName = None,
    out: writing.Out = Path("issue"),
    open_: writing.Open = False,
    whole: writing.Whole = False,
    enrich: door.Enrich = False,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Build an issue: as a web page, plain text, a mail, JSON, BibTeX and RIS.

    Writes issue.html, .txt, .eml, .json, .bib and .ris. Without a digest: what the configured sources hold,
    else the bundled sample. Uses nothing up.
    """
    settings = app.load_settings(config_path)
    chosen = door.mailing_list(settings, list_slug, themes)
    chosen = replace(chosen, look=look or chosen.look)
    read, _ = door.read(digests or [], settings, enrich=enrich)
    issue = writing.draft(read, chosen, settings, on=date)
    writing.write(issue, settings, out=out, open_=open_, whole=whole, as_json=as_json)


@commands.command(
    rich_help_panel=door.PAGE,
    epilog="Example: newsletter papers daily-papers.txt --json | jq '.papers[].title'",
)
def papers(
    digests: door.Digests = None,
    *,
    enrich: door.Enrich = False,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Show what the parser read, and what it skipped or repaired, by line.

    Without a digest: what the configured sources hold, else the bundled sample. With --json one object, or a
    list of them where several digests are read.
    """
    settings = app.load_settings(config_path)
    read, added = door.read(digests or [], settings, enrich=enrich)
    if as_json:
        values = [report.digest_json(digest, added if enrich else None) for digest in read]
        door.print_json(values[0] if len(values) == 1 else values)
        return
    terminal.show(report.enriched_table(added))
    for digest in read:
        terminal.show(report.papers_table(digest))
        terminal.show(report.repairs_table(digest))
        terminal.show(report.skipped_table(digest))
        terminal.say(report.digest_text(digest), err=True)


@commands.command(
    rich_help_panel=door.WEEKS,
    epilog="Example: newsletter ingest digests/*.txt https://rss.arxiv.org/atom/cs.LG",
)
def ingest(
    digests: door.Digests = None,
    *,
    enrich: door.Enrich = False,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Put the papers of digests into the store, each paper once.

    Where and when each was seen is kept. Without a digest: what the configured sources hold. Doing it again
    adds nothing; after an interruption it goes on. A store is made where there is none. A digest that cannot
    be read is told and left out; then the exit status is not 0.
    """
    settings = app.load_settings(config_path)
    if not digests and not settings.sources:
        raise ConfigError("nothing to ingest: name a digest or an address, or add [[sources]] to config.toml")
    done = []
    exit_code = 0
    with app.open_store(settings) as store:
        for names in [[name] for name in digests or ()] or [[]]:
            try:
                read, _ = door.read(names, settings, enrich=enrich)
            except NewsletterError as error:
                terminal.say(f"error: {error}", err=True)
                exit_code = max(exit_code, error.exit_code)
                continue
            for digest in read:
                with headway.of_papers(digest.source, len(digest.papers)) as told:
                    done.append(app.ingest(store, digest, progress=told))
                terminal.say(report.ingested_text(done[-1]), err=True)
    if as_json:
        door.print_json(report.ingested_json(done))
    elif len(done) > 1 or not terminal.watched():
        terminal.show(report.ingested_table(done))
    if any(one.added for one in done):
        terminal.say("next: newsletter draft", err=True)
    if exit_code:
        raise typer.Exit(exit_code)


commands.command(rich_help_panel=door.WEEKS, epilog="Example: newsletter draft weekly")(issues.draft)
commands.command(rich_help_panel=door.WEEKS, epilog="Example: newsletter send weekly --to me@example.org")(
    delivering.send
)
commands.command(rich_help_panel=door.WEEKS, epilog="Example: newsletter status --json")(delivering.status)


@commands.command(rich_help_panel=door.PAGE, epilog="Example: newsletter init my-newsletter --look compact")
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write them.")] = Path(),
    *,
    look: Annotated[str, typer.Option(metavar="NAME", help="The bundled look to copy.")] = "default",
) -> None:
    """Write a commented config.toml and a copy of a look to edit.

    Nothing is overwritten.
    """
    written, kept = output.init(folder, look)
    for path in written:
        typer.echo(f"wrote {path}")
    for path in kept:
        terminal.say(f"kept {path}, which was already there", err=True)
    if written and folder / app.DEFAULT_CONFIG in kept:
        settings = f'templates_dir = "templates" and, for a list, look = "{look}"'
        terminal.say(f"to use the look, set in {folder / app.DEFAULT_CONFIG}: {settings}", err=True)


def main() -> None:
    """Run the command line; a fault of the program itself is one line too."""
    try:
        commands(prog_name="newsletter")
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        hint = "a fault of this program; newsletter --debug … shows where"
        terminal.say(f"error: {error!r} ({hint})", err=True)
        sys.exit(1)
