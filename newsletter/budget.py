"""Making an issue fit a mail: what leaves it where its HTML is too large, and in which order.

Owns the sizes that a mail may have and the steps by which it shrinks. Whoever renders knows the bytes and
says which step is far enough. No paper is lost: of the last ones a title and a link stay.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from newsletter.model import TRENDING, Finding, Issue, MailingList, Pick

# Bytes of HTML. Gmail shows about 102,000 and hides the rest, the way out of the list with it.
# Source: measured by others at 102 to 105 KB. The room below is for the links of each reader.
LARGE = 80_000
CLIPPED = 95_000
# Characters of a one-liner, from the longest that is worth a cut to the shortest that still says something:
# of 80 most say who introduces what, and not what it does.
_ONE_LINERS = (200, 160, 120)


@dataclass(frozen=True, slots=True)
class Step:
    """How far an issue is cut: authors gone, one-liners of so many characters at most, the last papers brief.

    one_liners: None for as long as they are.
    """

    authors: bool = False
    one_liners: int | None = None
    brief: int = 0


def fits(html: str) -> bool:
    """Whether the HTML is small enough for every reader's mail client to show all of it."""
    return len(html.encode()) < LARGE


def steps(issue: Issue) -> tuple[Step, ...]:
    """Every way to cut the issue, each with all that the one before takes and a little more."""
    picks = [pick for section in issue.sections for pick in section.picks]
    authors = any(pick.paper.authors for pick in picks)
    longest = max((len(pick.one_liner) for pick in picks), default=0)
    limits = [limit for limit in _ONE_LINERS if limit < longest]
    last = limits[-1] if limits else None
    return (
        *([Step(authors)] if authors else []),
        *(Step(authors, limit) for limit in limits),
        *(Step(authors, last, brief) for brief in range(1, len(picks) + 1)),
    )


def cut(issue: Issue, step: Step) -> Issue:
    """The issue as that step leaves it: the same papers in the same places, with less said of them."""
    brief = set(_least_first(issue)[: step.brief])
    sections = tuple(
        replace(
            section,
            picks=tuple(
                _brief(pick) if (at, place) in brief else _shorter(pick, step)
                for place, pick in enumerate(section.picks)
            ),
        )
        for at, section in enumerate(issue.sections)
    )
    return replace(issue, sections=sections)


def parts(step: Step) -> tuple[tuple[Step, str], ...]:
    """What that step takes, in the order of leaving: each part with all before it, and in words."""
    papers = f"{step.brief} paper{'s' * (step.brief > 1)} of the tail as title and link"
    limit = f"one-liners of at most {step.one_liners} characters"
    return (
        *([(Step(step.authors), "authors")] if step.authors else []),
        *([(Step(step.authors, step.one_liners), limit)] if step.one_liners else []),
        *([(step, papers)] if step.brief else []),
    )


def judged(findings: Iterable[Finding], *, list: MailingList) -> tuple[Finding, ...]:
    """The findings; a size that the list asks for is warned of, and stops nobody."""
    return tuple(
        replace(finding, level="warning") if finding.rule == "html-size" and not list.shorten else finding
        for finding in findings
    )


def _least_first(issue: Issue) -> list[tuple[int, int]]:
    """Where each paper stands, its section and its place there, the least important first.

    What is only trending leaves before what fits a theme, and the first paper of a section last of all.
    """
    places = [
        (at, place) for at, section in enumerate(issue.sections) for place, _ in enumerate(section.picks)
    ]
    return sorted(
        places,
        key=lambda one: (one[1] == 0, issue.sections[one[0]].theme != TRENDING, -one[1], -one[0]),
    )


def _shorter(pick: Pick, step: Step) -> Pick:
    paper = replace(pick.paper, authors=()) if step.authors else pick.paper
    line = _shortened(pick.one_liner, step.one_liners) if step.one_liners else pick.one_liner
    return replace(pick, paper=paper, one_liner=line)


def _brief(pick: Pick) -> Pick:
    # Emptied besides being marked, so that a look that does not know the mark says little as well.
    bare = replace(pick.paper, authors=(), upvotes=None, links=())
    return replace(pick, paper=bare, one_liner="", told_by="", figures=(), evidence=(), also=(), brief=True)


def _shortened(text: str, limit: int) -> str:
    """The text in at most so many characters, whole words and an ellipsis; only a first word may be cut."""
    if len(text) <= limit:
        return text
    words, _, _ = text[:limit].rpartition(" ")
    return (words.rstrip(" ,;:.-–—(") or text[: limit - 1]) + "…"
