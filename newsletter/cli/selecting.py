"""What the themes take of digests, why, and how well that agrees with a person."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from newsletter import app, config, evaluation, identity, intake, publish, report, selection, terminal
from newsletter.cli import door
from newsletter.errors import NotFound
from newsletter.model import TRENDING, MailingList, Paper, Theme
from newsletter.selection import Selection

commands = typer.Typer()


@commands.command(
    rich_help_panel=door.THEMES, epilog='Example: newsletter select daily-papers.txt --explain "KV Cache"'
)
def select(
    digests: door.Digests = None,
    *,
    list_slug: door.ListSlug = None,
    themes: door.Themes = None,
    explain: Annotated[
        str | None,
        typer.Option(
            metavar="PAPER",
            help="Why one paper is in or out: its number, arXiv id, address, or words of its title.",
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every paper's score on every theme.")] = False,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Show which papers each theme takes, why, and what nearly came in.

    Without a digest: of what the configured sources hold, else of the bundled sample. At a terminal --all
    names the themes that a paper speaks of; in a pipe it has a column for each.
    """
    settings = app.load_settings(config_path)
    chosen = door.mailing_list(settings, list_slug, themes)
    merged = identity.merge(app.read_digests(digests or [], settings))
    selected = publish.choose(
        merged, list=chosen, on=app.utcnow().date(), edits=config.overrides(settings, chosen)
    )
    if explain is not None:
        _select_one(selected, selection.find(selected.papers, explain), chosen, as_json=as_json)
    elif every:
        _select_all(selected, chosen, as_json=as_json)
    else:
        _select_sections(selected, chosen, as_json=as_json)
    for edit in selected.unused:
        typer.echo(f"note: the override to {edit.kind} {edit.paper!r} comes to nothing here", err=True)
    for id in selection.missing_examples(chosen.themes, merged):
        terminal.say(f"note: {id}, which a theme is like, is not among the papers and is not used", err=True)


@commands.command(
    name="eval",
    rich_help_panel=door.THEMES,
    epilog="Example: newsletter eval labels.jsonl daily-papers.txt --min-f1 0.9",
)
def evaluate(
    labels: Annotated[
        Path,
        typer.Argument(
            metavar="LABELS", help='JSON lines: {"title": "…", "theme": "kv-cache", "grade": 0, 1 or 2}.'
        ),
    ],
    digests: door.Digests = None,
    *,
    min_f1: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Exit 1 where the macro-F1 is below this.", show_default=False),
    ] = None,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Measure the themes against labels: precision, recall and F1.

    The wrong ones are named. Grades: 2 belongs, 1 arguable and not counted, 0 does not belong. A label names
    its paper by title, by arxiv_id, or by both. newsletter label writes them.
    """
    settings = app.load_settings(config_path)
    merged = identity.merge(app.read_digests(digests or [], settings))
    judged = evaluation.read_labels(intake.read_labels(labels), str(labels))
    known = config.themes(settings)
    if strange := sorted({label.theme for label in judged} - set(known)):
        raise NotFound(f"{labels}: no theme {strange[0]!r}; themes: {', '.join(known)}")
    wanted = [theme for slug, theme in known.items() if any(label.theme == slug for label in judged)]
    reports = evaluation.evaluate(judged, _members(merged, wanted), merged)
    macro = evaluation.macro_f1(reports)
    for title in dict.fromkeys(title for judgement in reports for title in judgement.unknown):
        terminal.say(f"warning: {labels}: in no digest, so not counted: {title}", err=True)
    if as_json:
        door.print_json(report.evaluation_json(reports))
    else:
        terminal.show(report.evaluation_table(reports))
        terminal.show(report.wrong_table(reports))
        typer.echo(f"macro-F1 {macro:.3f}")
    if min_f1 is not None and macro < min_f1:
        terminal.say(f"error: macro-F1 {macro:.3f} is below {min_f1}", err=True)
        raise typer.Exit(1)


def _select_one(selected: Selection, paper: Paper, chosen: MailingList, *, as_json: bool) -> None:
    if as_json:
        door.print_json(report.explanation_json(selected, paper))
        return
    row, place = selected.matches[selected.papers.index(paper)], selected.place(paper)
    titles = {theme.slug: theme.title for theme in chosen.themes} | {TRENDING: "Also trending"}
    terminal.say(f"{paper.title} (#{paper.position}, line {paper.line})")
    terminal.say(report.place_text(place))
    if place.pick and place.pick.rank:
        terminal.say(report.rank_text(place.pick.rank))
    for match, theme in zip(row, chosen.themes, strict=True):
        terminal.say(f"\n{report.verdict_text(match, theme)}")
        terminal.show(report.explanation_table(match, paper))
    if place.section:
        terminal.say(f"\nIn {place.section.title} stand:")
        terminal.show(report.place_table(place))
    for lost in place.lost:
        terminal.say(f"\nNot in {titles[lost.section]}: {lost.why}")
        terminal.show(report.contest_table(paper, lost))


def _select_all(selected: Selection, chosen: MailingList, *, as_json: bool) -> None:
    papers, matches = selected.papers, selected.matches
    if as_json:
        door.print_json(report.matches_json(papers, matches))
    elif terminal.watched():
        terminal.show(report.themes_table(papers, matches))
    else:
        terminal.show(report.matches_table(papers, matches, [theme.slug for theme in chosen.themes]))


def _select_sections(selected: Selection, chosen: MailingList, *, as_json: bool) -> None:
    if as_json:
        door.print_json(report.sections_json(selected))
        return
    sections = {section.theme: section for section in selected.sections}
    for theme in chosen.themes:
        picks = sections[theme.slug].picks if theme.slug in sections else ()
        terminal.show(report.theme_table(theme.title, picks, selected.misses[theme.slug]))
    if TRENDING in sections:
        terminal.show(report.theme_table(sections[TRENDING].title, sections[TRENDING].picks))


def _members(papers: Sequence[Paper], themes: Sequence[Theme]) -> dict[str, list[Paper]]:
    members: dict[str, list[Paper]] = {theme.slug: [] for theme in themes}
    for paper, row in zip(papers, selection.match_all(papers, themes), strict=True):
        for match in row:
            if match.member:
                members[match.theme].append(paper)
    return members
