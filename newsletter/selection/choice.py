"""What is chosen from the papers for an issue, and everything that explains it.

Puts together what the other files decide: scores, ranks, edits and seats. Every paper is scored once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date as Date
from functools import lru_cache

from newsletter.model import TRENDING, Edit, Paper, Pick, Ranking, Section, Theme
from newsletter.selection import edits as editing
from newsletter.selection import ranking as ranks
from newsletter.selection import seating
from newsletter.selection.contest import Floor, Miss, Place
from newsletter.selection.lineup import Entry
from newsletter.selection.matching import Match, match_all
from newsletter.selection.seating import Hall, Seat, Seating

DEFAULT_RANKING = Ranking()


@dataclass(frozen=True, slots=True)
class Selection:
    """What was chosen from the papers, and everything that explains it.

    papers: each once, in their order. matches: for each of them its match with every theme, in order.
    sections: none is empty. misses: by theme, its members without a seat, then what came closest without
    belonging to it, each best first. unused: the edits that came to nothing.
    """

    papers: tuple[Paper, ...]
    matches: tuple[tuple[Match, ...], ...]
    sections: tuple[Section, ...]
    misses: Mapping[str, tuple[Miss, ...]]
    floor: Floor = field(repr=False, compare=False)
    unused: tuple[Edit, ...] = ()

    def place(self, paper: Paper) -> Place:
        """Where one of the papers stands, and what beat it where it does not."""
        return self.floor.place(self.papers.index(paper))


def select(
    papers: Iterable[Paper],
    themes: Iterable[Theme],
    *,
    on: Date,
    ranking: Ranking = DEFAULT_RANKING,
    trending_limit: int = 5,
    limit: int | None = None,
    edits: Iterable[Edit] = (),
    examples: Iterable[Paper] = (),
) -> Selection:
    """The sections of an issue dated `on` in the order of the themes, then what else is trending.

    A paper stands once, under the theme whose threshold it exceeds by the largest factor. Where that section
    is full of better papers it moves to its next theme, and after the last one it may still be trending.
    limit: the most papers of the issue; an editor's papers are in beyond every limit.
    """
    papers, themes = tuple(dict.fromkeys(papers)), tuple(themes)
    matches = _matches(papers, themes, tuple(examples))
    against = ranks.scale(papers, ranking, on=on)
    hall = seating.lay_out(papers, matches, themes, against, trending_limit)
    plan = editing.plan(edits, papers, hall.limits)
    seats, unused = _seats(hall, plan, limit)
    seated = seating.seat(hall, seats, plan.dropped, limit)
    sections = _sections(hall, themes, seated)
    floor = Floor(hall, seated, sections, plan.last, limit)
    return Selection(papers, matches, sections, floor.misses(), floor, (*plan.unused, *unused))


# Scoring takes longer than all the rest, and no edit changes it: while an issue is edited it is done once.
@lru_cache(maxsize=2)
def _matches(
    papers: tuple[Paper, ...], themes: tuple[Theme, ...], examples: tuple[Paper, ...]
) -> tuple[tuple[Match, ...], ...]:
    return match_all(papers, themes, examples=examples)


def _seats(hall: Hall, plan: editing.Plan, limit: int | None) -> tuple[dict[int, Seat], list[Edit]]:
    """The seats that the edits give in the order of the edits, and the moves of papers that are not in."""
    seats = {index: Seat(edit.section, edit.place, seating.PINNED) for index, edit in plan.pinned.items()}
    waiting = dict(plan.moved)
    while waiting:
        # A paper that moves away may leave its seat to another one that is to move.
        chosen = seating.seat(hall, seats, plan.dropped, limit).where()
        able = [index for index in waiting if index in chosen]
        if not able:
            break
        for index in able:
            edit = waiting.pop(index)
            seats[index] = Seat(edit.section or chosen[index], edit.place, seating.MOVED)
    in_order = {index: seats[index] for index in plan.last if index in seats}
    return in_order, [plan.last[index] for index in waiting]


def _sections(hall: Hall, themes: Iterable[Theme], seated: Seating) -> tuple[Section, ...]:
    titles = {theme.slug: theme.title for theme in themes}
    heads = [(theme.slug, theme.title, theme.blurb) for theme in themes]
    heads.append((TRENDING, "Also trending", _trending_blurb(hall.papers)))
    sections = (
        Section(slug, title, blurb, tuple(_pick(entry, hall, titles) for entry in seated.lines[slug]))
        for slug, title, blurb in heads
    )
    return tuple(section for section in sections if section.picks)


def _pick(entry: Entry, hall: Hall, titles: Mapping[str, str]) -> Pick:
    match = entry.match
    also = tuple(titles[other.theme] for other in hall.fits[entry.index] if other is not match)
    score, evidence = (match.score, match.evidence) if match else (0.0, ())
    return Pick(entry.paper, score, evidence, also, rank=entry.rank, edit=entry.edit)


def _trending_blurb(papers: Iterable[Paper]) -> str:
    if any(paper.upvotes is not None for paper in papers):
        return "What most readers voted for among the other papers."
    return "The first of the other papers, in the order of their page."
