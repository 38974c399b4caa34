"""Making an issue: from digests to what every reader of a list is sent.

Owns the order in which the pure parts are called. Reads no file and no clock.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date as Date

from newsletter import identity, selection, summary
from newsletter.model import Digest, Issue, MailingList, Pick, Section


def draft(digests: Iterable[Digest], *, list: MailingList, on: Date, note: str = "") -> Issue:
    """The issue of `list` dated `on`: its themes in order, then what else is trending.

    A paper that several digests hold is one paper. The issue has no section only where no digest has a paper.
    """
    papers = identity.merge(digests)
    chosen = selection.select(
        papers,
        list.themes,
        on=on,
        ranking=list.ranking,
        trending_limit=list.trending_limit,
        limit=list.limit,
    )
    sections = tuple(_told(section) for section in chosen.sections)
    return Issue(
        list=list,
        date=on,
        headline=summary.headline(sections),
        intro=summary.intro(sections, read=len(papers)),
        sections=sections,
        read=len(papers),
        note=note,
    )


def _told(section: Section) -> Section:
    return replace(section, picks=tuple(_with_summary(pick) for pick in section.picks))


def _with_summary(pick: Pick) -> Pick:
    paper = pick.paper
    return replace(
        pick,
        one_liner=summary.one_liner(paper.abstract, title=paper.title),
        figures=summary.figures(paper.abstract),
    )
