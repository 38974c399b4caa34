"""Making an issue: from papers to what every reader of a list is sent.

Owns the order in which the pure parts are called. Reads no file, no store and no clock.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date as Date

from newsletter import identity, selection, summary
from newsletter.model import Digest, Edit, EditKind, Issue, MailingList, Paper, Pick, Section, Trend
from newsletter.selection import Selection


def draft(
    digests: Iterable[Digest], *, list: MailingList, on: Date, note: str = "", edits: Iterable[Edit] = ()
) -> Issue:
    """The issue of `list` dated `on`: its themes in order, then what else is trending.

    A paper that several digests hold is one paper. The issue has no section only where no digest has a paper.
    """
    chosen = choose(identity.merge(digests), list=list, on=on, edits=edits)
    return issue(chosen, list=list, on=on, note=note)


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
) -> Issue:
    """The issue that tells what was chosen."""
    sections = tuple(_told(section) for section in chosen.sections)
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


def note(edits: Iterable[Edit]) -> str:
    """The editor's words: those of the last note, "" without one."""
    return next((edit.text for edit in reversed([*edits]) if edit.kind is EditKind.NOTE), "")


def _told(section: Section) -> Section:
    return replace(section, picks=tuple(_with_summary(pick) for pick in section.picks))


def _with_summary(pick: Pick) -> Pick:
    paper = pick.paper
    return replace(
        pick,
        one_liner=summary.one_liner(paper.abstract, title=paper.title),
        figures=summary.figures(paper.abstract),
    )
