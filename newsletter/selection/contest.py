"""What beat a paper that stands nowhere, and what nearly came in: the selection, explained.

Decides nothing: who stands where is told to it, and it finds the words.
"""

import heapq
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from newsletter.model import TRENDING, Edit, EditKind, Paper, Pick, Rank, Section
from newsletter.selection import ranking
from newsletter.selection.lineup import standing
from newsletter.selection.matching import Match
from newsletter.selection.seating import PINNED, Hall, Seating

# Kept for each theme, of the members without a seat and of the near misses: enough to see where a limit or a
# threshold cuts, few enough to read.
NEAR_MISSES = 5
# Two papers so near say the same; on one narrow subject papers are at 0.1 to 0.4 (`nearness.nearness`).
TWINS = 0.5
# How much of a title stands in a sentence about another paper.
_SHOWN_TITLE = 40


@dataclass(frozen=True, slots=True)
class Miss:
    """A paper that stands nowhere though it belongs to a theme, or that came close to belonging, and why.

    rank: of a member.
    """

    paper: Paper
    match: Match
    why: str
    rank: Rank | None = None


@dataclass(frozen=True, slots=True)
class Contest:
    """How a paper stands against those that have the seats of a section. section: its slug.

    rank: with what its nearness to them costs. picks: those in the section.
    """

    section: str
    rank: Rank
    why: str
    picks: tuple[Pick, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where one paper stands, or that it stands nowhere, why, and each contest that it lost.

    section: None where it stands nowhere. number: from 1.
    """

    section: Section | None
    number: int
    why: str
    lost: tuple[Contest, ...] = ()

    @property
    def pick(self) -> Pick | None:
        """The paper as it stands, None where it does not."""
        return self.section.picks[self.number - 1] if self.section else None


class Floor:
    """The papers with and without a seat. edits: the last one about each paper, by its index."""

    def __init__(
        self,
        hall: Hall,
        seated: Seating,
        sections: Iterable[Section],
        edits: Mapping[int, Edit],
        limit: int | None,
    ) -> None:
        self._hall = hall
        self._seated = seated
        self._sections = {section.theme: section for section in sections}
        self._edits = edits
        self._limit = limit
        self._where = seated.where()
        self._dropped = {index for index, edit in edits.items() if edit.kind is EditKind.DROP}

    def misses(self) -> dict[str, tuple[Miss, ...]]:
        """By theme, its members without a seat, then those that nearly belong to it, each best first."""
        members: dict[str, list[int]] = {theme: [] for theme in self._hall.thresholds}
        near: dict[str, list[tuple[Paper, Match]]] = {theme: [] for theme in self._hall.thresholds}
        for index, row in enumerate(self._hall.matches):
            if index in self._dropped:
                continue
            for match in row:
                if match.member and index not in self._where:
                    members[match.theme].append(index)
                elif match.score > 0 and not match.member and self._where.get(index) != match.theme:
                    near[match.theme].append((self._hall.papers[index], match))
        return {
            theme: (*self._crowded_out(theme, members[theme]), *_closest(near[theme])) for theme in members
        }

    def place(self, index: int) -> Place:
        """Where a paper stands, and what beat it where it does not."""
        section = self._sections.get(self._where.get(index, ""))
        if section is not None:
            number = [pick.paper for pick in section.picks].index(self._hall.papers[index]) + 1
            lost = self._lost(index, until=section.theme)
            return Place(section, number, self._why_here(index, section.picks[number - 1], lost), lost)
        if index in self._dropped:
            return Place(None, 0, f"dropped{self._by(index)}")
        lost = self._lost(index, until=self._seated.left_out.get(index, ""))
        if index in self._seated.left_out:
            return Place(None, 0, self._beyond_limit(), lost)
        why = "none of its themes has a seat for it" if self._hall.fits[index] else "a member of no theme"
        return Place(None, 0, f"{why}, and it is not among the strongest of the rest", lost)

    def _why_here(self, index: int, pick: Pick, lost: Sequence[Contest]) -> str:
        if pick.edit:
            moved = pick.edit == PINNED and self._edits[index].kind is EditKind.MOVE
            return f"{'pinned, then moved' if moved else pick.edit}{self._by(index)}"
        if lost:
            return f"moved on: {'; '.join(f'{one.section}: {one.why}' for one in lost)}"
        return "the theme it fits best" if self._hall.fits[index] else "a member of no theme, but strong"

    def _by(self, index: int) -> str:
        who = self._edits[index].who
        return f" by {who}" if who else " by an editor"

    def _beyond_limit(self) -> str:
        return f"beyond the issue's limit of {self._limit}"

    def _lost(self, index: int, *, until: str) -> tuple[Contest, ...]:
        """The contests of a paper for the sections that it would rather stand in than in `until`.

        Where the limit of the issue left it out, that of its own section too.
        """
        if index in self._where and index in self._edits:
            return ()
        wanted = [match.theme for match in self._hall.fits[index]] + [TRENDING]
        tried = wanted
        if until in wanted:
            tried = wanted[: wanted.index(until) + (index in self._seated.left_out)]
        return tuple(self._contest(index, section) for section in tried)

    def _contest(self, index: int, section: str) -> Contest:
        entry = self._hall.entry(index, section)
        near, nearest = self._hall.profiles.nearest(index, self._above(section))
        rank = ranking.lowered(entry.rank, near, self._hall.against)
        picks = self._sections[section].picks if section in self._sections else ()
        if self._seated.left_out.get(index) == section:
            return Contest(section, rank, self._beyond_limit(), picks)
        twin = None if nearest is None else self._hall.papers[nearest]
        return Contest(section, rank, self._why_lost(section, rank, twin, near), picks)

    def _above(self, section: str) -> Iterable[int]:
        """The papers that a paper in the section is compared with."""
        lines = self._seated.lines
        wanted = lines.values() if section == TRENDING else [lines[section]]
        return (entry.index for line in wanted for entry in line)

    def _why_lost(self, section: str, rank: Rank, nearest: Paper | None, near: float) -> str:
        line, cut = self._seated.lines[section], self._seated.left_out.values()
        weakest = next((entry for entry in reversed(line) if not entry.edit), None)
        if weakest is None and section not in cut:
            return "an editor's papers have all its seats" if line else "the section has no seat"
        if weakest is None:
            return self._beyond_limit()
        if ranking.rounded(rank) > ranking.rounded(weakest.rank):
            # It was near to a paper that is not there any more, and has not asked again.
            was_cut = cut if section == TRENDING else section in cut
            return self._beyond_limit() if was_cut else "turned away for a paper that has left it since"
        against = _compared(rank, weakest.rank)
        by_itself = replace(rank, nearness=0.0)
        if nearest is None or ranking.rounded(by_itself) <= ranking.rounded(weakest.rank):
            return f"beaten by {_named(weakest.paper)}, {against}"
        if near >= TWINS:
            return f"near-twin of {_named(nearest)}, {against}"
        return f"beaten by {_named(weakest.paper)}, {against} (too near to {_named(nearest)})"

    def _crowded_out(self, theme: str, members: Iterable[int]) -> list[Miss]:
        entries = (self._hall.entry(index, theme) for index in members)
        strongest = heapq.nsmallest(NEAR_MISSES, entries, key=lambda entry: entry.order)
        misses = []
        for entry in strongest:
            contest = self._contest(entry.index, theme)
            misses.append(Miss(entry.paper, self._hall.match(entry.index, theme), contest.why, contest.rank))
        # Nearness to those who have the seats has changed their order.
        return sorted(misses, key=lambda miss: -miss.rank.total if miss.rank else 0.0)


def _closest(near: Iterable[tuple[Paper, Match]]) -> list[Miss]:
    best = heapq.nsmallest(NEAR_MISSES, near, key=lambda one: (-one[1].score, *standing(one[0])))
    return [Miss(paper, match, match.why_not) for paper, match in best]


def _compared(rank: Rank, weakest: Rank) -> str:
    """Two ranks, with as many digits as it takes to see which is greater."""
    if ranking.rounded(rank) == ranking.rounded(weakest):
        return f"both at {rank.total:.2f}"
    digits = 2 if round(rank.total, 2) != round(weakest.total, 2) else ranking.DIGITS
    return f"{rank.total:.{digits}f} against {weakest.total:.{digits}f}"


def _named(paper: Paper) -> str:
    """A title in a sentence, as its readers call it: what stands before a colon, or its beginning."""
    name = paper.title.partition(": ")[0]
    return f"“{textwrap.shorten(name, _SHOWN_TITLE, placeholder='…')}”"
