"""Which paper stands in which section: each once, in the theme it fits best, within every limit.

Each paper asks its themes in turn; a full theme gives up what its line has no seat for. All that wait ask at
once, so that the order of the papers makes no difference. What finds no seat may still be trending. What an
editor seats has its seat before any paper asks.
Source: Gale and Shapley, College Admissions and the Stability of Marriage (1962).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import inf

from newsletter.model import TRENDING, Paper, Theme
from newsletter.selection import ranking
from newsletter.selection.lineup import Entry, Profiles, line_up
from newsletter.selection.matching import Match
from newsletter.selection.ranking import Scale

PINNED, MOVED = "pinned", "moved"


@dataclass(frozen=True, slots=True)
class Seat:
    """Where an editor wants a paper.

    section: "" for the best. place: from 1, None for where its rank puts it. edit: what the editor did.
    """

    section: str
    place: int | None
    edit: str


@dataclass(frozen=True, slots=True)
class Hall:
    """All there is to seat, and how many seats each section has.

    fits: for each paper its matches with the themes that it belongs to, the best first.
    """

    papers: Sequence[Paper]
    matches: Sequence[Sequence[Match]]
    thresholds: Mapping[str, float]
    fits: Sequence[Sequence[Match]]
    against: Scale
    profiles: Profiles
    limits: Mapping[str, int]

    def entry(self, index: int, section: str, seat: Seat | None = None) -> Entry:
        """A paper that asks for a seat in a section, or that an editor gives one."""
        match = None if section == TRENDING else self.match(index, section)
        times = max(0.0, _excess(match, self.thresholds)) if match else 0.0
        rank = ranking.rank(self.papers[index], self.against, excess=times)
        edit, place = (seat.edit, seat.place) if seat else ("", None)
        return Entry(index, self.papers[index], section, match, rank, edit, place)

    def match(self, index: int, section: str) -> Match:
        """What a paper scores on the theme of a section."""
        return next(match for match in self.matches[index] if match.theme == section)

    def best(self, index: int) -> str:
        """The section that a paper fits best, though it may belong to no theme."""
        near = (match for match in self.matches[index] if match.score > 0)
        fits = self.fits[index] or _best_first(near, self.thresholds)
        return fits[0].theme if fits else TRENDING


@dataclass(frozen=True, slots=True)
class Seating:
    """The line of every section, and the section of each paper that the limit of the issue left out."""

    lines: Mapping[str, Sequence[Entry]]
    left_out: Mapping[int, str]

    def where(self) -> dict[int, str]:
        """The section of every paper that has a seat."""
        return {entry.index: section for section, line in self.lines.items() for entry in line}


def lay_out(
    papers: Sequence[Paper],
    matches: Sequence[Sequence[Match]],
    themes: Sequence[Theme],
    against: Scale,
    trending_limit: int,
) -> Hall:
    """All there is to seat."""
    limits = {theme.slug: max(0, theme.limit) for theme in themes}
    limits[TRENDING] = max(0, trending_limit)
    thresholds = {theme.slug: theme.threshold for theme in themes}
    fits = [_best_first((match for match in row if match.member), thresholds) for row in matches]
    return Hall(papers, matches, thresholds, fits, against, Profiles(papers), limits)


def seat(hall: Hall, given: Mapping[int, Seat], away: Iterable[int], limit: int | None) -> Seating:
    """Who stands where.

    given: the seats that an editor gives, the latest at the end. away: papers that get none, by their index.
    """
    held: dict[str, list[Entry]] = {section: [] for section in hall.limits}
    for index, place in given.items():
        section = place.section or hall.best(index)
        held[section].append(hall.entry(index, section, place))
    away = {*away, *given}
    waiting = [index for index in range(len(hall.papers)) if index not in away]
    rest = _ask_themes(hall, held, waiting)
    entries = [*held.pop(TRENDING), *(hall.entry(index, TRENDING) for index in rest)]
    above = [entry.index for line in held.values() for entry in line]
    held[TRENDING] = line_up(entries, hall.limits[TRENDING], hall.against, hall.profiles, above=above)
    return _within(limit, held)


def _best_first(matches: Iterable[Match], thresholds: Mapping[str, float]) -> list[Match]:
    return sorted(matches, key=lambda match: _excess(match, thresholds), reverse=True)


def _excess(match: Match, thresholds: Mapping[str, float]) -> float:
    """A score as a multiple of the theme's threshold."""
    threshold = thresholds[match.theme]
    # A theme that takes everything is nobody's best.
    return match.score / threshold if threshold > 0 else -inf


def _ask_themes(hall: Hall, held: dict[str, list[Entry]], waiting: Sequence[int]) -> list[int]:
    """Fills the themes, and returns the papers that none of their themes had a seat for."""
    wishes = {index: iter(hall.fits[index]) for index in waiting}
    rest: list[int] = []
    while waiting:
        asking: dict[str, list[Entry]] = {}
        for index in waiting:
            match = next(wishes[index], None)
            if match is None:
                rest.append(index)
            else:
                asking.setdefault(match.theme, []).append(hall.entry(index, match.theme))
        waiting = list(chain.from_iterable(_choose(hall, held, *asked) for asked in asking.items()))
    for section in held.keys() - {TRENDING}:
        held[section] = _line(hall, section, held[section])
    return rest


def _choose(hall: Hall, held: dict[str, list[Entry]], section: str, asking: Sequence[Entry]) -> Iterator[int]:
    """Lets the best of a section and of those who ask stay, and gives the others back."""
    pool = [*held[section], *asking]
    seated = {entry.index for entry in _line(hall, section, pool)}
    held[section] = [entry for entry in pool if entry.index in seated]
    yield from (entry.index for entry in pool if entry.index not in seated)


def _line(hall: Hall, section: str, pool: Sequence[Entry]) -> list[Entry]:
    return line_up(pool, hall.limits[section], hall.against, hall.profiles)


def _within(limit: int | None, held: dict[str, list[Entry]]) -> Seating:
    """The lines within the limit of the issue: the least rank leaves first, an editor's paper never.

    The first paper of a theme leaves last, so that readers find every theme there is something of.
    """
    seated = [entry for line in held.values() for entry in line]
    firsts = {line[0].index for section, line in held.items() if section != TRENDING and line}
    free = [entry for entry in seated if not entry.edit]
    weakest_first = sorted(free, key=lambda entry: (entry.index not in firsts, entry.order), reverse=True)
    too_many = 0 if limit is None else max(0, len(seated) - max(0, limit))
    left_out = {entry.index: entry.section for entry in weakest_first[:too_many]}
    lines = {
        section: [entry for entry in line if entry.index not in left_out] for section, line in held.items()
    }
    return Seating(lines, left_out)
