"""What `render`, `issues render` and `lint` share: an issue is made, becomes files, is checked and told."""

import webbrowser
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from newsletter import app, budget, config, lint, output, report, telling, terminal
from newsletter.cli import door
from newsletter.config import Settings
from newsletter.model import Digest, Issue, MailingList, RenderedIssue

Out = Annotated[Path, typer.Option(metavar="DIR", help="Where to write the files.")]
Open = Annotated[bool, typer.Option("--open", help="Open the issue in the browser.")]
Whole = Annotated[
    bool, typer.Option("--whole", help="Leave nothing out, however large the mail.", show_default=False)
]


def draft(digests: Sequence[Digest], chosen: MailingList, settings: Settings, *, on: date | None) -> Issue:
    """The issue of a list as `render` makes it. on: its date, None for today."""
    overrides = config.overrides(settings, chosen)
    on = on or app.utcnow().date()
    with telling.opened(chosen, settings) as tell:
        return app.draft(digests, list=chosen, on=on, overrides=overrides, tell=tell)


def render(issue: Issue, settings: Settings, *, number: int | None = None) -> tuple[RenderedIssue, bytes]:
    """The issue as a preview reader gets it, and the whole mail that carries it.

    number: by which the web knows it, None for one that is not in the store.
    """
    links = config.preview_links(settings, issue.list.slug, str(number or issue.date))
    return app.render(issue, app.load_look(issue.list.look, settings), links)


def write(
    issue: Issue,
    settings: Settings,
    *,
    out: Path,
    open_: bool,
    whole: bool,
    as_json: bool,
    number: int | None = None,
) -> None:
    """Write the files of an issue and tell what is in them; exit 1 where its mail would go wrong.

    whole: whether nothing is left out of the mail, whatever the list says. number: of an issue of the store.
    """
    list = replace(issue.list, shorten=issue.list.shorten and not whole)
    rendered, mail = render(replace(issue, list=list), settings, number=number)
    names = output.write_issue(out, issue, rendered, mail)
    checked = check(rendered, mail, {kind: str(path) for kind, path in names.items()}, list=list)
    if as_json:
        values = report.issue_json(
            out, names, rendered, issue.sections, checked.findings, mail_bytes=len(mail)
        )
        door.print_json(values)
    else:
        _show_issue(issue, rendered, names, len(mail))
    show_findings(checked, err=True)
    if open_ and not webbrowser.open(names["html"].resolve().as_uri()):
        terminal.say(f"no browser found; open {names['html']} in one", err=True)
    if checked.count("error"):
        raise typer.Exit(1)


def check(
    rendered: RenderedIssue, mail: bytes, files: Mapping[str, str], *, list: MailingList
) -> report.Checked:
    """What is found in an issue. files: the names of its html, text and eml."""
    return report.Checked(
        file=files["html"],
        names={"html": files["html"], "text": files["text"]}
        | {part: f"{files['eml']}[{part}]" for part in ("subject", "preheader")}
        | {"headers": files["eml"]},
        texts=texts(rendered, mail),
        findings=budget.judged(lint.check(rendered, mail), list=list),
    )


def texts(rendered: RenderedIssue, mail: bytes) -> dict[str, str]:
    """What each part says that a finding may stand in. A mail's bytes are a character each."""
    return {
        "html": rendered.html,
        "text": rendered.text,
        "subject": rendered.subject,
        "preheader": rendered.preheader,
        "headers": mail.decode("latin-1"),
    }


def show_findings(checked: report.Checked, *, err: bool = False) -> None:
    """Print each finding with its place and the text that is meant."""
    for finding in checked.findings:
        terminal.say("\n".join(report.finding_lines(checked, finding)), err=err)


def _show_issue(issue: Issue, rendered: RenderedIssue, names: Mapping[str, Path], mail_bytes: int) -> None:
    typer.echo(rendered.subject)
    filled = {section.theme for section in issue.sections}
    for section in issue.sections:
        typer.echo(f"  {len(section.picks):>3}  {section.title}")
    for theme in issue.list.themes:
        if theme.slug not in filled:
            typer.echo(f"    –  {theme.title}")
    if rendered.cuts:
        typer.echo(f"cut to fit the mail: {'; '.join(rendered.cuts)}")
    page, *others, last = names.values()
    size, whole = len(rendered.html.encode()) / 1000, mail_bytes / 1000
    beside = f"{', '.join(path.name for path in others)} and {last.name}"
    typer.echo(f"{page} ({size:.1f} KB; the whole mail {whole:.1f} KB), with {beside} beside it")
