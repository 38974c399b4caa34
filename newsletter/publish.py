"""Making an issue: from digests to what every reader of a list is sent.

Owns the order in which the pure parts are called. Reads no file and no clock.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date as Date

from newsletter import identity, selection, summary
from newsletter.model import Digest, Issue, MailingList, Paper, Pick, Section
from newsletter.summary import Told

# What somebody else than the authors says of a paper, or None.
Tell = Callable[[Paper], Told | None]


def draft(
    digests: Iterable[Digest], *, list: MailingList, on: Date, note: str = "", tell: Tell | None = None
) -> Issue:
    """The issue of `list` dated `on`: its themes in order, then what else is trending.

    A paper that several digests hold is one paper. The issue has no section only where no digest has a paper.
    tell: asked only about papers of the issue, and only where the list wants a model's words.
    """
    told_by = {"hf": summary.hugging_face, "model": tell}.get(list.summaries)
    papers = identity.merge(digests)
    chosen = selection.select(
        papers,
        list.themes,
        on=on,
        ranking=list.ranking,
        trending_limit=list.trending_limit,
        limit=list.limit,
    )
    sections = tuple(_told(section, told_by) for section in chosen.sections)
    return Issue(
        list=list,
        date=on,
        headline=summary.headline(sections),
        intro=summary.intro(sections, read=len(papers)),
        sections=sections,
        read=len(papers),
        note=note,
    )


def _told(section: Section, tell: Tell | None) -> Section:
    return replace(section, picks=tuple(_with_summary(pick, tell) for pick in section.picks))


def _with_summary(pick: Pick, tell: Tell | None) -> Pick:
    """The pick with its line, the authors' own where nobody else says anything, and with its figures."""
    paper = pick.paper
    told = tell(paper) if tell else None
    return replace(
        pick,
        one_liner=told.text if told else summary.one_liner(paper.abstract, title=paper.title),
        told_by=told.by if told else "",
        figures=summary.figures(paper.abstract),
    )
