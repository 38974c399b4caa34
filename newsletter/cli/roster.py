"""`newsletter subscribers import` and `export`: people in numbers, as files."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsletter import app, headway, output, people_report, terminal
from newsletter.cli import door, readers
from newsletter.cli.readers import AnyList, ConsentText, OneList, Status

if TYPE_CHECKING:  # it takes as long to load as a whole render, which needs none
    from newsletter.roster import LeftOut, Roster
    from newsletter.roster_file import LeftOutFile
    from newsletter.subscribe import Hearer, Imported

# Rows of no reader that are told at the terminal, and in JSON.
_TOLD, _TOLD_IN_JSON = 10, 1000

DryRun = Annotated[bool, typer.Option("--dry-run", help="Tell what would come of it; change nothing.")]
Report = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Where to write who is left out, and why.", show_default="nowhere"),
]
Again = Annotated[bool, typer.Option("--again", help="Read a table once more that is in already.")]


def import_(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A table of addresses; - for standard input.")],
    *,
    list_slug: OneList = None,
    consent: ConsentText = "",
    dry_run: DryRun = False,
    report: Report = None,
    again: Again = False,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Subscribe people who agreed elsewhere, from CSV or TSV.

    A column of addresses is enough; themes, cadence, timezone and confirmed_at are read too. Who is on the
    list keeps what they chose. Who left, or must not be written to, is left out. After an interruption the
    same command goes on where it stopped.
    """
    from newsletter import roster_file, subscribe

    settings = app.load_settings(config_path)
    chosen = readers.one_list(settings, list_slug)
    themes = tuple(theme.slug for theme in chosen.themes)
    order = subscribe.Order(chosen.slug, themes, readers.agreed(consent), app.utcnow(), anew=again)
    kept = roster_file.LeftOutFile(report, table=file) if report else None
    wrong: list[LeftOut] = []
    take = subscribe.rehearse if dry_run else subscribe.bring
    with (
        roster_file.opened(file) as table,
        app.open_store(settings, honour=True) as database,
        _heard(table, wrong, kept) as hearer,
    ):
        done = take(database, table, order, hearer)
    if as_json:
        door.print_json(people_report.imported_json(file, chosen.slug, done, wrong, dry_run=dry_run))
    elif not done.done_before:
        terminal.show(people_report.imported_table(done))
    terminal.say(people_report.imported_text(file, chosen.slug, done, dry_run=dry_run), err=True)
    _tell_wrong(file, done, wrong[:_TOLD], report)


def export(
    *,
    list_slug: AnyList = None,
    status: Status = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where to write them.", show_default="standard output"),
    ] = None,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Write subscriptions as CSV, which import reads back; with --json one object a line.

    A cell that a spreadsheet would run as a formula begins with an apostrophe, which import takes off.
    """
    from newsletter import roster, subscribe

    settings = app.load_settings(config_path)
    readers.known_list(settings, list_slug)
    which = subscribe.Which(list_slug, status)
    with (
        app.open_store(settings, create=False, honour=True) as database,
        subscribe.every(database, which) as found,
    ):
        texts = (
            roster.json_lines(found) if as_json else roster.table(found, of_one_list=list_slug is not None)
        )
        if out is not None:
            output.write_private(out, texts)
            terminal.say(f"wrote {out}, for your eyes only", err=True)
            return
        for text in texts:
            typer.echo(text, nl=False)


@contextmanager
def _heard(table: "Roster", wrong: list["LeftOut"], report: "LeftOutFile | None") -> Iterator["Hearer"]:
    """Who is told of an import, once the notes on its table are. wrong: takes the first rows of no reader."""
    from newsletter import subscribe

    for note in table.notes:
        terminal.say(f"{table.source}: {note}", err=True)

    def left_out(rows: Sequence["LeftOut"]) -> None:
        room = _TOLD_IN_JSON - len(wrong)
        wrong.extend([one for one in rows if one.wrong][:room] if room else [])
        if report:
            report.add(rows)

    def began(lines: int) -> None:
        if report:
            report.began(lines)

    with headway.of_rows(table.source, table.size) as progress:
        yield subscribe.Hearer(left_out, progress, began)


def _tell_wrong(file: str, done: "Imported", wrong: Sequence["LeftOut"], report: Path | None) -> None:
    """Tell the rows of no reader, without their addresses, and end with 1 where there are any."""
    number = done.counts.get("wrong", 0)
    if not number or done.done_before:
        return
    for one in wrong:
        terminal.say(f"{file}, line {one.line:,}: {one.why}", err=True)
    where = f"{report} has all of them" if report else "--report FILE writes them down"
    terminal.say(f"error: {file}: {number:,} of the rows enter nobody, and were left out; {where}", err=True)
    raise typer.Exit(1)
