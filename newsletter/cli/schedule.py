"""`newsletter schedule`: when each list has its issues, and the word that lets them go on."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from newsletter import app, config, schedule, schedule_report, terminal
from newsletter.cli import door
from newsletter.config import Settings
from newsletter.errors import StoreError
from newsletter.schedule_report import Timetable

# Runs that are shown of each list, to come and gone.
_NEXT, _PAST = 10, 5

commands = typer.Typer(
    invoke_without_command=True, epilog="Example: newsletter schedule --list weekly --json"
)


@commands.callback(epilog="Example: newsletter schedule --list weekly --json")
def show(
    ctx: typer.Context,
    *,
    list_slug: Annotated[
        str | None,
        typer.Option("--list", metavar="SLUG", help="Only this mailing list.", show_default="all"),
    ] = None,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Show when each list has its next ten issues, and what became of the last ones.

    Times are those of the place that the schedule names, and UTC. A time that the clock of that place shows
    twice or never is marked, with when the issue goes. Nothing is changed.
    """
    ctx.obj = config_path
    if ctx.invoked_subcommand is not None:
        return
    settings, now = app.load_settings(config_path), app.utcnow()
    if list_slug is not None:
        config.mailing_list(settings, list_slug)
    slugs = [list_slug] if list_slug is not None else [*settings.lists]
    tables = [_timetable(settings, slug, now) for slug in slugs]
    held, unread = "", ""
    try:
        with app.open_newsroom(settings, create=False) as newsroom:
            past, issues = newsroom.latest(slugs, most=_PAST)
            held = newsroom.held()
        tables = [replace(table, past=past[table.list], issues=issues) for table in tables]
    except StoreError as error:
        unread = str(error)
    if as_json:
        door.print_json(schedule_report.timetables_json(tables, held=held, now=now))
        return
    for table in tables:
        _show(table, now)
    if unread:
        terminal.say(f"what came before is not shown: {unread}", err=True)
    if held:
        terminal.say(f"held: {held}", err=True)


@commands.command(epilog="Example: newsletter schedule resume")
def resume(ctx: typer.Context, *, config_path: door.Config = None) -> None:
    """Let the schedule go on after a restored backup, or after the clock of this machine jumped forward.

    Look first at what newsletter schedule and newsletter status show. What is too late by then is missed, and
    is not made up for.
    """
    settings = app.load_settings(config_path or ctx.obj)
    with app.open_store(settings, create=False):  # there is nothing to go on with where there is none
        pass
    with app.open_newsroom(settings) as newsroom:
        unknown = newsroom.resume() if newsroom.held() else None
    if unknown is None:
        terminal.say("nothing holds the schedule; nothing to do")
        return
    terminal.say("the schedule goes on; see: newsletter schedule")
    for name, mails in unknown.items():
        terminal.say(
            f"{name}: {mails:,} mails may or may not have gone; "
            f"settle them with: newsletter deliveries resolve {name} --help",
            err=True,
        )


def _timetable(settings: Settings, slug: str, now: datetime) -> Timetable:
    chosen = config.schedule(settings, slug)
    coming = schedule.coming(chosen.rule, after=now, most=_NEXT) if chosen else ()
    folder = Path(settings.lists[slug].schedule.folder)
    return Timetable(slug, chosen, folder, coming, lacks=config.lacking(settings, slug))


def _show(table: Timetable, now: datetime) -> None:
    if table.schedule is None:
        terminal.say(schedule_report.how_text(table), err=True)
        return
    terminal.show(schedule_report.coming_table(table, now=now))
    if notes := schedule_report.notes_text(table):
        terminal.say(notes)
    terminal.say(schedule_report.how_text(table) + "\n")
    for lack in table.lacks:
        terminal.say(f"{table.list}: {lack}", err=True)
    terminal.show(schedule_report.past_table(table))
