"""What `render` and `issues render` share: an issue becomes files, and is told."""

import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from newsletter import app, config, lint, report, terminal
from newsletter.cli import door
from newsletter.config import Settings
from newsletter.model import Finding, Issue

Out = Annotated[Path, typer.Option(metavar="DIR", help="Where to write the files.")]
Open = Annotated[bool, typer.Option("--open", help="Open the issue in the browser.")]


def write(issue: Issue, settings: Settings, *, out: Path, open_: bool, as_json: bool) -> None:
    """Write the files of an issue and tell what is in them; exit 1 where its mail would go wrong."""
    links = config.preview_links(settings, issue.list.slug, issue.date.isoformat())
    rendered, mail = app.render(issue, app.load_look(issue.list.look, settings), links)
    names = app.write_issue(out, issue, rendered, mail)
    findings = lint.check(rendered)
    if as_json:
        door.print_json(report.issue_json(out, names, rendered, issue.sections, findings))
    else:
        _show_issue(issue, rendered.subject, len(rendered.html.encode()), names["html"])
    _show_findings(findings)
    if open_ and not webbrowser.open(names["html"].resolve().as_uri()):
        terminal.say(f"no browser found; open {names['html']} in one", err=True)
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)


def _show_issue(issue: Issue, subject: str, size: int, page: Path) -> None:
    typer.echo(subject)
    filled = {section.theme for section in issue.sections}
    for section in issue.sections:
        typer.echo(f"  {len(section.picks):>3}  {section.title}")
    for theme in issue.list.themes:
        if theme.slug not in filled:
            typer.echo(f"    –  {theme.title}")
    typer.echo(f"{page} ({size / 1000:.1f} KB), with issue.txt, issue.eml and issue.json beside it")


def _show_findings(findings: Sequence[Finding]) -> None:
    for finding in findings:
        terminal.say(f"{finding.level}: {finding.rule}: {finding.message}", err=True)
