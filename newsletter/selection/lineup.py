"""The line of a section: the best first, and of papers that say nearly the same only as many as earn it.

Each next paper is the one with the greatest rank once its nearness to the papers above has been taken off.
Source: Carbonell and Goldstein, The Use of MMR, Diversity-Based Reranking (1998). A rank only falls while the
line grows, so that only papers near the front are compared (Minoux, Accelerated Greedy Algorithms, 1978).
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from newsletter.model import Paper, Rank
from newsletter.selection import nearness, ranking
from newsletter.selection.matching import Match
from newsletter.selection.ranking import Scale

# Papers that compete for one line, the best by rank alone: many times what a line has seats for. It bounds
# the time where a whole corpus ranks alike, as it does without votes, dates and themes.
CONSIDERED = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper that asks for a seat in a section.

    index: among all papers. section: its slug. match: None where no theme is asked. rank: before nearness.
    edit: what an editor did to give it a seat here, "" for nothing. place: where the editor wants it, from 1.
    """

    index: int
    paper: Paper
    section: str
    match: Match | None
    rank: Rank
    edit: str = ""
    place: int | None = None

    @property
    def order(self) -> tuple[float, float, int, int, str, str]:
        """The least comes first: by rank, then by what decides among equals."""
        score = self.match.score if self.match else 0.0
        return (-ranking.rounded(self.rank), -score, *standing(self.paper))


def standing(paper: Paper) -> tuple[int, int, str, str]:
    """Order among equals: upvotes, then place in its digest. The text only decides what nothing else does."""
    upvotes = -1 if paper.upvotes is None else paper.upvotes
    return (-upvotes, paper.position, paper.title, paper.url)


class Profiles:
    """How near papers are to each other; each is read once, and only when it is compared."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        self._papers = papers
        self._known: dict[int, nearness.Profile] = {}

    def nearest(self, index: int, others: Iterable[int]) -> tuple[float, int | None]:
        """The greatest nearness of a paper to one of the others, and which that is: the first of several."""
        one = self._of(index)
        near, nearest = 0.0, None
        for other in others:
            cosine = nearness.cosine(one, self._of(other))
            if nearest is None or cosine > near:
                near, nearest = cosine, other
        return near, nearest

    def _of(self, index: int) -> nearness.Profile:
        if index not in self._known:
            self._known[index] = nearness.profile(self._papers[index])
        return self._known[index]


class _Asking(NamedTuple):
    """An entry in the queue: `seen` papers above were compared with it, the nearest at `near`."""

    order: tuple[float, float, int, int, str, str]
    at: int
    seen: int
    near: float


def line_up(
    entries: Sequence[Entry], seats: int, against: Scale, profiles: Profiles, *, above: Iterable[int] = ()
) -> list[Entry]:
    """The entries that get one of the seats, in their line; their ranks then hold what nearness costs.

    above: papers that stand before this section. An editor's paper takes a seat, even where none is left; of
    two at one place the later entry has it, and the other one follows.
    """
    placed = sorted((entry for entry in entries if entry.place is not None), key=_place)
    edited = [entry for entry in entries if entry.place is None and entry.edit]
    asking = (entry for entry in entries if entry.place is None and not entry.edit)
    others = [*edited, *heapq.nsmallest(max(CONSIDERED, seats), asking, key=_order)]
    line: list[Entry] = []
    stand = [*above, *(entry.index for entry in placed)]
    held = len(edited)
    free = max(0, seats - len(placed) - held)
    queue = [_Asking(entry.order, at, 0, 0.0) for at, entry in enumerate(others)]
    heapq.heapify(queue)
    while queue and (free or held):
        first = heapq.heappop(queue)
        entry = others[first.at]
        if not (free or entry.edit):
            continue
        if first.seen < len(stand) and against.weights.diversity:
            near, _ = profiles.nearest(entry.index, stand[first.seen :])
            near = max(near, first.near)
            heapq.heappush(queue, _Asking(_lowered(entry, near, against).order, first.at, len(stand), near))
            continue
        line.append(_lowered(entry, first.near, against))
        stand.append(entry.index)
        held, free = (held - 1, free) if entry.edit else (held, free - 1)
    for entry in placed:
        line.insert(_place(entry) - 1, entry)
    return line


def _order(entry: Entry) -> tuple[float, float, int, int, str, str]:
    return entry.order


def _place(entry: Entry) -> int:
    return max(1, entry.place or 1)


def _lowered(entry: Entry, near: float, against: Scale) -> Entry:
    return replace(entry, rank=ranking.lowered(entry.rank, near, against))
