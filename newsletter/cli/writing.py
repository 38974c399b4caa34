"""What `render` and `issues render` share: an issue becomes files, and is told."""

import webbrowser
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from newsletter import app, budget, config, lint, report, terminal
from newsletter.cli import door
from newsletter.config import Settings
from newsletter.model import Finding, Issue, RenderedIssue

Out = Annotated[Path, typer.Option(metavar="DIR", help="Where to write the files.")]
Open = Annotated[bool, typer.Option("--open", help="Open the issue in the browser.")]
Whole = Annotated[
    bool, typer.Option("--whole", help="Leave nothing out, however large the mail.", show_default=False)
]


def write(issue: Issue, settings: Settings, *, out: Path, open_: bool, whole: bool, as_json: bool) -> None:
    """Write the files of an issue and tell what is in them; exit 1 where its mail would go wrong.

    whole: whether nothing is left out of the mail, whatever the list says.
    """
    links = config.preview_links(settings, issue.list.slug, issue.date.isoformat())
    list = replace(issue.list, shorten=issue.list.shorten and not whole)
    rendered, mail = app.render(replace(issue, list=list), app.load_look(list.look, settings), links)
    names = app.write_issue(out, issue, rendered, mail)
    findings = budget.judged(lint.check(rendered), list=list)
    if as_json:
        values = report.issue_json(out, names, rendered, issue.sections, findings, mail_bytes=len(mail))
        door.print_json(values)
    else:
        _show_issue(issue, rendered, names, len(mail))
    _show_findings(findings)
    if open_ and not webbrowser.open(names["html"].resolve().as_uri()):
        terminal.say(f"no browser found; open {names['html']} in one", err=True)
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)


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


def _show_findings(findings: Iterable[Finding]) -> None:
    for finding in findings:
        terminal.say(f"{finding.level}: {finding.rule}: {finding.message}", err=True)
