"""Making an issue: from papers to what every reader of a list is sent.

Owns the order in which the pure parts are called. Reads no file, no store and no clock.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date as Date
from functools import lru_cache

from newsletter import identity, selection, summary
from newsletter.model import (
    Digest,
    Edit,
    EditKind,
    Figure,
    Issue,
    MailingList,
    Paper,
    Pick,
    Recalled,
    Section,
    Trend,
)
from newsletter.selection import Selection
from newsletter.summary import Told

# What somebody else than the authors says of a paper, or None.
Tell = Callable[[Paper], Told | None]


def draft(
    digests: Iterable[Digest],
    *,
    list: MailingList,
    on: Date,
    note: str = "",
    edits: Iterable[Edit] = (),
    tell: Tell | None = None,
) -> Issue:
    """The issue of `list` dated `on`: its themes in order, then what else is trending.

    A paper that several digests hold is one paper. The issue has no section only where no digest has a paper.
    tell: asked only about papers of the issue, and only where the list wants a model's words.
    """
    chosen = choose(identity.merge(digests), list=list, on=on, edits=edits)
    return issue(chosen, list=list, on=on, note=note, tell=tell)


def choose(
    papers: Iterable[Paper],
    *,
    list: MailingList,
    on: Date,
    edits: Iterable[Edit] = (),
    examples: Iterable[Paper] = (),
) -> Selection:
    """What the themes of the list, and the edits, take of the papers. examples: those a theme may be like."""
    return selection.select(
        papers,
        list.themes,
        on=on,
        ranking=list.ranking,
        trending_limit=list.trending_limit,
        limit=list.limit,
        edits=edits,
        examples=examples,
    )


def issue(
    chosen: Selection,
    *,
    list: MailingList,
    on: Date,
    note: str = "",
    trends: tuple[Trend, ...] = (),
    new_terms: tuple[str, ...] = (),
    tell: Tell | None = None,
) -> Issue:
    """The issue that tells what was chosen.

    tell: asked only about papers of the issue, and only where the list wants a model's words.
    """
    told_by = {"hf": summary.of_a_source, "model": tell}.get(list.summaries)
    sections = tuple(_told(section, told_by) for section in chosen.sections)
    read = len(chosen.papers)
    return Issue(
        list=list,
        date=on,
        headline=summary.headline(sections),
        intro=summary.intro(sections, read=read),
        sections=sections,
        read=read,
        note=note,
        trends=trends,
        new_terms=new_terms,
    )


def recap(
    issues: Sequence[tuple[Recalled, Issue]], *, list: MailingList, month: Date, on: Date
) -> Issue | None:
    """The recap of a month, dated `on`; None where there is nothing to tell.

    issues: those of the month, by day, as they were approved: of a paper it is told what was told then.
    month: any day of it.
    """
    sections, papers = selection.recall([issue for _, issue in issues], list=list)
    if not sections:
        return None
    made = Issue(
        list=list,
        date=on,
        headline="",
        intro="",
        sections=sections,
        read=papers,
        recap=month.isoformat()[:7],
        recalled=tuple(one for one, _ in issues),
    )
    return _claiming(made)


def themed(issue: Issue, themes: Collection[str]) -> Issue | None:
    """The issue for whoever chose these themes, the whole for none; None where it has nothing of them."""
    if not themes:
        return issue
    sections = tuple(section for section in issue.sections if section.theme in themes)
    if not sections:
        return None
    trends = tuple(trend for trend in issue.trends if trend.theme in themes)
    return _claiming(replace(issue, sections=sections, trends=trends))


def _claiming(issue: Issue) -> Issue:
    """The issue with the headline and the intro that its sections ask for."""
    sections, read, issues = issue.sections, issue.read, len(issue.recalled)
    if not issue.recap:
        intro = summary.intro(sections, read=read)
        return replace(issue, headline=summary.headline(sections), intro=intro)
    month = Date.fromisoformat(f"{issue.recap}-01")
    return replace(
        issue,
        headline=summary.recap_headline(sections, month=month, issues=issues),
        intro=summary.recap_intro(sections, read=read, issues=issues),
    )


def note(edits: Iterable[Edit]) -> str:
    """The editor's words: those of the last note, "" without one."""
    return next((edit.text for edit in reversed([*edits]) if edit.kind is EditKind.NOTE), "")


def _told(section: Section, tell: Tell | None) -> Section:
    return replace(section, picks=tuple(_with_summary(pick, tell) for pick in section.picks))


def _with_summary(pick: Pick, tell: Tell | None) -> Pick:
    """The pick with its line, the authors' own where nobody else says anything, and with its figures."""
    told = tell(pick.paper) if tell else None
    line, figures = _of_authors(pick.paper.title, pick.paper.abstract)
    return replace(
        pick, one_liner=told.text if told else line, told_by=told.by if told else "", figures=figures
    )


# An issue that is edited is made again and again, and most of its papers stay. Measured: 4 ms for each.
@lru_cache(maxsize=256)
def _of_authors(title: str, abstract: str) -> tuple[str, tuple[Figure, ...]]:
    """The line and the figures that the abstract itself gives."""
    return summary.one_liner(abstract, title=title), summary.figures(abstract)
