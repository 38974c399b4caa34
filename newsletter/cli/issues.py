"""`newsletter draft` and `newsletter issues`: an issue of the store, before it goes."""

from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsletter import app, config, intake, issue_report, report, terminal
from newsletter.cli import door, writing
from newsletter.model import Edit, EditKind, Section

if TYPE_CHECKING:  # it takes as long to load as a whole render, which needs none
    from newsletter.drafts import Draft

commands = typer.Typer(
    help="List the issues; look at one, edit it, approve it.",
    epilog="Example: newsletter issues pin weekly 2402.02750 --place 1",
)

Name = Annotated[
    str, typer.Argument(metavar="ISSUE", help="A list, for its open draft; or its number too: weekly/7.")
]
Paper = Annotated[str, typer.Argument(metavar="PAPER", help="arXiv id, DOI, title, or words of the title.")]
SectionSlug = Annotated[
    str,
    typer.Option("--section", metavar="SLUG", help="A theme, or trending.", show_default="its best theme"),
]
Place = Annotated[
    int | None, typer.Option("--place", min=1, max=1000, help="From 1.", show_default="by its rank")
]
By = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Who edits.", show_default="this computer's user")
]

# What an editor does with a draft, each line to be copied.
_NEXT = """\
next: newsletter issues show {list}            (near misses, edits)
      newsletter issues render {list} --open   (the mail)
      newsletter issues approve {list}"""

_FREE = "its papers are free for the next issue"

_APPROVED = """\
next: newsletter issues render {issue} --open   (the mail as it will stay)
      newsletter send {issue} --dry-run         (who would get what)"""


def draft(
    list_slug: Annotated[
        str | None, typer.Argument(metavar="LIST", help="The mailing list.", show_default="the only one")
    ] = None,
    *,
    date: door.Day = None,
    since: Annotated[
        Date | None,
        typer.Option(
            parser=door.day,
            metavar="YYYY-MM-DD",
            help="Pass over, for good, what was ingested before.",
            show_default=False,
        ),
    ] = None,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Make the next issue of a list from what came since the last.

    Where there is a draft, it takes in what has come since; the edits stay. Nothing is used up until the
    issue is approved.
    """
    settings = app.load_settings(config_path)
    with app.open_desk(settings) as desk:
        edition, new = desk.draft(list_slug, on=date, since=since)
        seen = desk.look(edition)
    _show(seen, as_json=as_json, whole=False)
    terminal.say(f"{edition.name}: {'a new draft' if new else 'the draft, up to date'}", err=True)
    terminal.say(_NEXT.format(list=edition.list), err=True)


@commands.callback(invoke_without_command=True)
def _issues(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_(config_path=None, as_json=False)


@commands.command(name="list", epilog="Example: newsletter issues list weekly")
def list_(
    list_slug: Annotated[
        str | None, typer.Argument(metavar="LIST", help="The mailing list.", show_default="every list")
    ] = None,
    *,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """List the issues with their dates and how far each is."""
    settings = app.load_settings(config_path)
    with app.open_desk(settings) as desk:
        editions = desk.every(list_slug)
    if list_slug is not None and not editions:
        # A list that is configured no longer still has its issues.
        config.mailing_list(settings, list_slug)
    if as_json:
        door.print_json(issue_report.editions_json(editions))
    else:
        terminal.show(issue_report.editions_table(editions))
    if not editions:
        terminal.say("no issue yet; make one with: newsletter draft", err=True)


@commands.command(epilog="Example: newsletter issues show weekly")
def show(name: Name, *, config_path: door.Config = None, as_json: door.AsJson = False) -> None:
    """Show what is in an issue and why, who changed what, and what nearly came in."""
    with app.open_desk(app.load_settings(config_path)) as desk:
        seen = desk.look(desk.find(name))
    _show(seen, as_json=as_json)


@commands.command(epilog="Example: newsletter issues pin weekly 2402.02750 --section kv-cache --place 1")
def pin(
    name: Name,
    paper: Paper,
    *,
    section: SectionSlug = "",
    place: Place = None,
    by: By = None,
    config_path: door.Config = None,
) -> None:
    """Put a paper of the store into a draft, whatever the themes and earlier issues say."""
    _edit(name, Edit(EditKind.PIN, paper, section, place, who=_who(by)), config_path)


@commands.command(epilog='Example: newsletter issues drop weekly "A Paper"')
def drop(name: Name, paper: Paper, *, by: By = None, config_path: door.Config = None) -> None:
    """Take a paper out of a draft."""
    _edit(name, Edit(EditKind.DROP, paper, who=_who(by)), config_path)


@commands.command(epilog="Example: newsletter issues move weekly 2402.02750 --place 1")
def move(
    name: Name,
    paper: Paper,
    *,
    section: SectionSlug = "",
    place: Place = None,
    by: By = None,
    config_path: door.Config = None,
) -> None:
    """Put a paper of a draft elsewhere: into another section, or at another place of its own."""
    if not section and place is None:
        raise typer.BadParameter("say where it moves: --section, --place, or both")
    _edit(name, Edit(EditKind.MOVE, paper, section, place, who=_who(by)), config_path)


@commands.command(epilog='Example: newsletter issues note weekly "Good morning."')
def note(
    name: Name,
    text: Annotated[
        str,
        typer.Argument(
            metavar="TEXT", help='The note, in Markdown; - reads it from stdin; "" takes it away.'
        ),
    ],
    *,
    by: By = None,
    config_path: door.Config = None,
) -> None:
    """Put the editor's words above the papers, in place of an earlier note."""
    words = (intake.read_note() if text == "-" else text).strip()
    _edit(name, Edit(EditKind.NOTE, text=words, who=_who(by)), config_path)


@commands.command(epilog="Example: newsletter issues undo weekly")
def undo(name: Name, *, by: By = None, config_path: door.Config = None) -> None:
    """Undo the last edit of a draft; again, the one before it."""
    with app.open_desk(app.load_settings(config_path)) as desk:
        edition = desk.find(name)
        undone = desk.undo(edition, who=_who(by))
    terminal.say(f"{edition.name}: undone: {issue_report.logged_text(undone)}")


@commands.command(epilog="Example: newsletter issues diff weekly")
def diff(name: Name, *, config_path: door.Config = None, as_json: door.AsJson = False) -> None:
    """Show what the edits change against what the themes alone would choose."""
    with app.open_desk(app.load_settings(config_path)) as desk:
        seen = desk.glance(desk.find(name))
        alone = desk.alone(seen)
    table = issue_report.diff_table(alone, seen)
    if as_json:
        door.print_json(issue_report.diff_json(alone, seen))
    else:
        terminal.show(table)
    if not table.cells:
        terminal.say(f"{seen.edition.name}: as the themes choose it", err=True)
    _warn(seen)


@commands.command(epilog="Example: newsletter issues render weekly --open")
def render(
    name: Name,
    *,
    out: writing.Out = Path("issue"),
    open_: writing.Open = False,
    whole: writing.Whole = False,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Write issue.html, .txt, .eml, .json, .bib and .ris of an issue of the store; nothing is changed."""
    settings = app.load_settings(config_path)
    with app.open_desk(settings) as desk:
        seen = desk.look(desk.find(name))
    _warn(seen)
    writing.write(
        seen.issue,
        settings,
        out=out,
        open_=open_,
        whole=whole,
        as_json=as_json,
        number=seen.edition.number,
    )


@commands.command(name="report", epilog="Example: newsletter issues report weekly/7 --json")
def report_(
    name: Annotated[
        str, typer.Argument(metavar="ISSUE", help="A list, for its last issue; or its number too: weekly/7.")
    ],
    *,
    as_text: Annotated[bool, typer.Option("--text", help="Print it as the text of a mail.")] = False,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Show what became of an issue that went: who has it, what failed and came back, who left.

    Nobody is followed for it: what is counted is what servers said, and who left by themselves from its start
    to the next issue's.
    """
    from newsletter import deliver, stats_report

    with app.open_dispatch(app.load_settings(config_path)) as dispatch:
        found = dispatch.report(dispatch.find(name))
    if as_json:
        door.print_json(stats_report.report_json(found))
    elif as_text:
        typer.echo(deliver.report_text(found), nl=False)
    else:
        terminal.say(stats_report.report_text(found) + "\n")
        for rows in stats_report.report_tables(found, bars=terminal.watched()):
            terminal.show(rows)


@commands.command(epilog="Example: newsletter issues approve weekly")
def approve(name: Name, *, config_path: door.Config = None) -> None:
    """Freeze a draft as it is; from then on no edit and no ingest changes it."""
    with app.open_desk(app.load_settings(config_path)) as desk:
        # A model that is asked now would say what no editor has seen.
        seen = desk.look(desk.find(name, or_approved=True), ask=False)
        edition, now = desk.approve(seen)
    if not now:
        terminal.say(f"{edition.name}: {edition.status} already; nothing to do")
        return
    _warn(seen)
    terminal.say(f"{edition.name}: approved, {_size(seen)}")
    terminal.say(_APPROVED.format(issue=edition.name), err=True)


@commands.command(epilog="Example: newsletter issues cancel weekly/7")
def cancel(name: Name, *, config_path: door.Config = None) -> None:
    """Give an issue up that no reader has; its papers are free for the next one."""
    with app.open_desk(app.load_settings(config_path)) as desk:
        edition, now = desk.cancel(desk.find(name))
    free = f"no other recap of {edition.recap} is made" if edition.recap else _FREE
    said = f"cancelled, {free}" if now else "cancelled already; nothing to do"
    terminal.say(f"{edition.name}: {said}")


def _size(seen: "Draft") -> str:
    papers = sum(len(section.picks) for section in seen.issue.sections)
    return f"{report.counted(papers, 'paper')} in {report.counted(len(seen.issue.sections), 'section')}"


def _who(by: str | None) -> str:
    return " ".join((by or "").split()) or app.user()


def _edit(name: str, wanted: Edit, config_path: Path | None) -> None:
    with app.open_desk(app.load_settings(config_path)) as desk:
        edition = desk.find(name)
        title, new = desk.edit(edition, wanted)
        seen = desk.glance(edition)
    said = issue_report.edited_text(wanted, title, seen.issue.sections)
    terminal.say(f"{edition.name}: {said}" + ("" if new else "; it was so already"))
    _warn(seen)


def _show(seen: "Draft", *, as_json: bool, whole: bool = True) -> None:
    """Prints an issue; not the whole: only what is in it, not what nearly came in and who changed what."""
    if as_json:
        door.print_json(issue_report.draft_json(seen))
        _warn(seen)
        return
    terminal.say(issue_report.draft_text(seen) + "\n")
    misses = seen.chosen.misses if seen.chosen and whole else {}
    sections = {section.theme: section for section in seen.issue.sections}
    for theme in seen.issue.list.themes:
        section = sections.pop(theme.slug, Section(theme.slug, theme.title, "", ()))
        terminal.show(issue_report.section_table(section, seen, misses.get(theme.slug, ())))
    for section in sections.values():
        terminal.show(issue_report.section_table(section, seen))
    if whole:
        terminal.show(issue_report.carried_table(seen))
        terminal.show(issue_report.edits_table(seen))
    _warn(seen)


def _warn(seen: "Draft") -> None:
    for text in issue_report.unused_texts(seen):
        terminal.say(f"warning: {seen.edition.name}: comes to nothing: {text}", err=True)
