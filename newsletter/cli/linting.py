"""`newsletter lint`: what would go wrong in a reader's mail client, of a file or of the issue at hand."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from newsletter import app, intake, lint, report, terminal
from newsletter.cli import door, writing
from newsletter.errors import DigestError, NewsletterError
from newsletter.model import RenderedIssue

commands = typer.Typer()

# How a mail begins: with a header field, where a page begins with a tag.
_FIELD = re.compile(rb"[!-9;-~]{1,76}:[ \t\r\n]")
# How the parts of an issue are called that was not written anywhere.
_UNWRITTEN = {"html": "issue.html", "text": "issue.txt", "eml": "issue.eml"}


@commands.command(
    name="lint", rich_help_panel=door.PAGE, epilog="Example: newsletter lint issue/issue.eml --strict"
)
def lint_(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE",
            help="Mails (.eml) or pages (.html, with their .txt beside them); - reads standard input.",
            show_default=False,
        ),
    ] = None,
    *,
    list_slug: door.ListSlug = None,
    look: door.LookName = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail, too.")] = False,
    rules: Annotated[bool, typer.Option("--rules", help="Show what is looked at, and why.")] = False,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Tell what would go wrong in a reader's mail client, and where.

    Without a FILE: of the issue that `newsletter render` would make. Nothing is fetched or written. Exit
    status: 0 in order, 1 errors found (with --strict also warnings), 2 wrong usage.
    """
    if rules:
        _show_rules(as_json=as_json)
        return
    if files:
        every, failed = _of_files(files)
    else:
        every, failed = [_of_issue(list_slug, look, config_path)], False
    if as_json:
        door.print_json(report.findings_json(every))
    else:
        for checked in every:
            writing.show_findings(checked)
        if every:
            terminal.say(report.findings_text(every), err=True)
    if failed or any(one.count("error") or (strict and one.findings) for one in every):
        raise typer.Exit(1)


def _show_rules(*, as_json: bool) -> None:
    if as_json:
        door.print_json(report.rules_json(lint.RULES))
    else:
        terminal.show(report.rules_table(lint.RULES))


def _of_issue(list_slug: str | None, look: str | None, config_path: Path | None) -> report.Checked:
    settings = app.load_settings(config_path)
    chosen = door.mailing_list(settings, list_slug, None)
    chosen = replace(chosen, look=look or chosen.look)
    read, _ = door.read([], settings, enrich=False)
    rendered, mail = writing.render(writing.draft(read, chosen, settings, on=None), settings)
    return writing.check(rendered, mail, _UNWRITTEN, list=chosen)


def _of_files(files: Sequence[Path]) -> tuple[list[report.Checked], bool]:
    """What is found in each file, and whether one could not be read; that is told."""
    every, failed = [], False
    for path in files:
        try:
            every.append(_of_file(path))
        except NewsletterError as error:
            terminal.say(f"error: {error}", err=True)
            failed = True
    return every, failed


def _of_file(path: Path) -> report.Checked:
    content = intake.read_page(path)
    name = "<stdin>" if str(path) == "-" else str(path)
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<"):
        return _of_page(name, _decoded(path, content), path)
    if _FIELD.match(content):
        parts = {part: f"{name}[{part}]" for part in ("html", "text", "subject", "preheader")}
        texts = writing.texts(lint.unpacked(content), content)
        return report.Checked(name, parts | {"headers": name}, texts, lint.check_mail(content))
    raise DigestError(str(path), "neither a mail nor a page; name an .eml or an .html file")


def _of_page(name: str, html: str, path: Path) -> report.Checked:
    text = intake.read_beside(path)
    names = {"html": name, "text": str(path.with_suffix(".txt")), "preheader": f"{name}[preheader]"}
    texts = writing.texts(RenderedIssue("", "", html, text or ""), b"")
    return report.Checked(name, names, texts, lint.check_page(html, text))


def _decoded(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DigestError(str(path), "not UTF-8 text; save it as UTF-8") from error
