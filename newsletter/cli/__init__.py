"""The command line: each command is one call of what lies below, and what it prints.

Results go to stdout, messages to stderr. Exit status: 0 done, 1 something could not be done,
2 wrong usage or configuration. No traceback reaches a user unless --debug is given.
"""

import sys
import webbrowser
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from newsletter import (
    __version__,
    app,
    config,
    evaluation,
    headway,
    identity,
    lint,
    report,
    selection,
    terminal,
)
from newsletter.cli import door
from newsletter.errors import ConfigError, NewsletterError, NotFound
from newsletter.model import Finding, Issue, MailingList, Paper, Theme
from newsletter.selection import Selection

commands = typer.Typer(
    cls=door.Door,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="From a page of research papers to a themed email issue.",
    epilog="Start with: newsletter render --open",
)
database = typer.Typer(no_args_is_help=True, help="The store's tables: bring them up to date, check them.")
commands.add_typer(database, name="db")


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


@commands.command(epilog="Example: newsletter render daily-papers.txt --theme kv-cache --open")
def render(
    digests: door.Digests = None,
    *,
    list_slug: door.ListSlug = None,
    themes: door.Themes = None,
    date: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="The issue's date.", show_default="today, UTC"
        ),
    ] = None,
    look: Annotated[
        str | None, typer.Option(metavar="NAME", help="The look.", show_default="the list's")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where to write the files.")] = Path("issue"),
    open_: Annotated[bool, typer.Option("--open", help="Open the issue in the browser.")] = False,
    enrich: door.Enrich = False,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Build an issue and write issue.html, issue.txt, issue.eml and issue.json.

    Without a digest: what the configured sources hold, else the bundled sample. Uses nothing up.
    """
    settings = app.load_settings(config_path)
    chosen = door.mailing_list(settings, list_slug, themes)
    chosen = replace(chosen, look=look or chosen.look)
    on = (date or app.utcnow()).date()
    read, _ = door.read(digests or [], settings, enrich=enrich)
    with app.telling(chosen, settings) as tell:
        issue = app.draft(read, list=chosen, on=on, tell=tell)
    links = config.preview_links(settings, chosen.slug, on.isoformat())
    rendered, mail = app.render(issue, app.load_look(chosen.look, settings), links)
    names = app.write_issue(out, issue, rendered, mail)
    findings = lint.check(rendered)
    if as_json:
        door.print_json(report.issue_json(out, names, rendered, issue.sections, findings))
    else:
        _show_issue(issue, rendered.subject, len(rendered.html.encode()), names["html"])
    _show_findings(findings)
    if open_ and not webbrowser.open(names["html"].resolve().as_uri()):
        typer.echo(f"no browser found; open {names['html']} in one", err=True)
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)


@commands.command(epilog="Example: newsletter papers daily-papers.txt --json | jq '.papers[].title'")
def papers(
    digests: door.GivenDigests,
    *,
    enrich: door.Enrich = False,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Show what the parser read, and what it skipped or repaired, by line.

    With --json one object, or a list of them where several digests are read.
    """
    settings = app.load_settings(config_path)
    read, added = door.read(digests, settings, enrich=enrich)
    if as_json:
        values = [report.digest_json(digest, added if enrich else None) for digest in read]
        door.print_json(values[0] if len(values) == 1 else values)
        return
    terminal.show(report.enriched_table(added))
    for digest in read:
        terminal.show(report.papers_table(digest))
        terminal.show(report.repairs_table(digest))
        terminal.show(report.skipped_table(digest))
        typer.echo(report.digest_text(digest), err=True)


@commands.command(epilog='Example: newsletter select daily-papers.txt --explain "KV Cache"')
def select(
    digests: door.GivenDigests,
    *,
    list_slug: door.ListSlug = None,
    themes: door.Themes = None,
    explain: Annotated[
        str | None,
        typer.Option(metavar="PAPER", help="Why one paper is in or out: its number, or words of its title."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every paper's score on every theme.")] = False,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Show which papers each theme takes, with the evidence, and the near misses."""
    settings = app.load_settings(config_path)
    chosen = door.mailing_list(settings, list_slug, themes)
    selected = _selected(identity.merge(app.read_digests(digests, settings)), chosen)
    if explain is not None:
        _select_one(selected, _find(selected.papers, explain), chosen, as_json=as_json)
    elif every:
        _select_all(selected, chosen, as_json=as_json)
    else:
        _select_sections(selected, chosen, as_json=as_json)


@commands.command(name="eval", epilog="Example: newsletter eval labels.jsonl daily-papers.txt --min-f1 0.9")
def evaluate(
    labels: Annotated[
        Path, typer.Argument(help='JSON lines: {"title": "…", "theme": "kv-cache", "grade": 0, 1 or 2}.')
    ],
    digests: door.GivenDigests,
    *,
    min_f1: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Exit 1 where the macro-F1 is below this.", show_default=False),
    ] = None,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Measure the themes against labels: precision, recall and F1, and the wrong ones by name.

    Grades: 2 belongs, 1 arguable and not counted, 0 does not belong.
    """
    settings = app.load_settings(config_path)
    merged = identity.merge(app.read_digests(digests, settings))
    judged = evaluation.read_labels(app.read_labels(labels), str(labels))
    known = config.themes(settings)
    if strange := sorted({label.theme for label in judged} - set(known)):
        raise NotFound(f"{labels}: no theme {strange[0]!r}; themes: {', '.join(known)}")
    wanted = [theme for slug, theme in known.items() if any(label.theme == slug for label in judged)]
    reports = evaluation.evaluate(judged, _members(merged, wanted), [paper.title for paper in merged])
    macro = evaluation.macro_f1(reports)
    for title in dict.fromkeys(title for judgement in reports for title in judgement.unknown):
        typer.echo(f"warning: {labels}: in no digest, so not counted: {title}", err=True)
    if as_json:
        door.print_json(report.evaluation_json(reports))
    else:
        terminal.show(report.evaluation_table(reports))
        typer.echo(f"macro-F1 {macro:.3f}")
    if min_f1 is not None and macro < min_f1:
        typer.echo(f"error: macro-F1 {macro:.3f} is below {min_f1}", err=True)
        raise typer.Exit(1)


@commands.command(epilog="Example: newsletter ingest digests/*.txt https://rss.arxiv.org/atom/cs.LG")
def ingest(
    digests: door.Digests = None,
    *,
    enrich: door.Enrich = False,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Put the papers of digests into the store, each paper once, with where it was seen.

    Without a digest: what the configured sources hold. Doing it again adds nothing; after an interruption it
    goes on. A store is made where there is none. A digest that cannot be read is told and left out; then the
    exit status is not 0.
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
                typer.echo(f"error: {error}", err=True)
                exit_code = max(exit_code, error.exit_code)
                continue
            for digest in read:
                with headway.of_papers(digest.source, len(digest.papers)) as told:
                    done.append(app.ingest(store, digest, progress=told))
                typer.echo(report.ingested_text(done[-1]), err=True)
    if as_json:
        door.print_json(report.ingested_json(done))
    else:
        terminal.show(report.ingested_table(done))
    if exit_code:
        raise typer.Exit(exit_code)


@database.command(epilog="Example: newsletter db upgrade")
def upgrade(*, config_path: door.Config = None) -> None:
    """Bring the store's tables to this version's revision; what is in them stays."""
    before, after = app.upgrade_store(app.load_settings(config_path))
    typer.echo(f"at revision {after}" + (" already" if before == after else f", was {before or 'empty'}"))


@database.command(epilog="Example: newsletter db check")
def check(*, config_path: door.Config = None, as_json: door.AsJson = False) -> None:
    """Check that the store can be read and is whole, and count what it holds; exit 1 where it is not."""
    health = app.store_health(app.load_settings(config_path))
    if as_json:
        door.print_json(asdict(health))
    else:
        terminal.show(report.health_table(health))
    for problem in health.problems:
        typer.echo(f"error: {problem}", err=True)
    if health.problems:
        typer.echo(f"error: {health.database} is damaged; restore it from a backup", err=True)
        raise typer.Exit(1)


@commands.command(epilog="Example: newsletter init my-newsletter")
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write them.")] = Path(),
) -> None:
    """Write a commented config.toml and an editable copy of the look; overwrite nothing."""
    written, kept = app.init(folder, "default")
    for path in written:
        typer.echo(f"wrote {path}")
    for path in kept:
        typer.echo(f"kept {path}, which was already there", err=True)


def main() -> None:
    """Run the command line; a fault of the program itself is one line too."""
    try:
        commands(prog_name="newsletter")
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        hint = "a fault of this program; newsletter --debug … shows where"
        typer.echo(f"error: {error!r} ({hint})", err=True)
        sys.exit(1)


def _selected(papers: Sequence[Paper], chosen: MailingList) -> Selection:
    return selection.select(
        papers,
        chosen.themes,
        on=app.utcnow().date(),
        ranking=chosen.ranking,
        trending_limit=chosen.trending_limit,
        limit=chosen.limit,
    )


def _select_one(selected: Selection, paper: Paper, chosen: MailingList, *, as_json: bool) -> None:
    row = selected.matches[selected.papers.index(paper)]
    if as_json:
        door.print_json(report.matches_json([paper], [row]))
        return
    typer.echo(f"{paper.title} (#{paper.position}, line {paper.line})")
    typer.echo(report.place_text(paper, row, selected.sections) + "\n")
    for match, theme in zip(row, chosen.themes, strict=True):
        terminal.show(report.explanation_table(match, theme))


def _select_all(selected: Selection, chosen: MailingList, *, as_json: bool) -> None:
    papers, matches = selected.papers, selected.matches
    if as_json:
        door.print_json(report.matches_json(papers, matches))
    else:
        terminal.show(report.matches_table(papers, matches, [theme.slug for theme in chosen.themes]))


def _select_sections(selected: Selection, chosen: MailingList, *, as_json: bool) -> None:
    if as_json:
        door.print_json(report.sections_json(selected))
        return
    for section in selected.sections:
        terminal.show(report.section_table(section))
    for theme in chosen.themes:
        terminal.show(report.misses_table(theme, selected.misses[theme.slug]))


def _find(papers: Sequence[Paper], wanted: str) -> Paper:
    if wanted.isdigit():
        found = [paper for paper in papers if paper.position == int(wanted)]
    else:
        found = [paper for paper in papers if wanted.casefold() in paper.title.casefold()]
    if not found:
        raise NotFound(f"no paper {wanted!r} among {len(papers)}; newsletter papers DIGEST lists them")
    return found[0]


def _members(papers: Sequence[Paper], themes: Sequence[Theme]) -> dict[str, set[str]]:
    members: dict[str, set[str]] = {theme.slug: set() for theme in themes}
    for paper, row in zip(papers, selection.match_all(papers, themes), strict=True):
        for match in row:
            if match.member:
                members[match.theme].add(paper.title)
    return members


def _show_issue(issue: Issue, subject: str, size: int, page: Path) -> None:
    typer.echo(subject)
    for section in issue.sections:
        typer.echo(f"  {len(section.picks):>3}  {section.title}")
    typer.echo(f"{page} ({size / 1000:.1f} KB), with issue.txt, issue.eml and issue.json beside it")


def _show_findings(findings: Sequence[Finding]) -> None:
    for finding in findings:
        typer.echo(f"{finding.level}: {finding.rule}: {finding.message}", err=True)
