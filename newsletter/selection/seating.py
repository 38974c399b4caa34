"""Which paper stands in which section, and in which order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from math import inf

from newsletter.model import TRENDING, Edit, Paper, Pick, Rank, Ranking, Section, Theme
from newsletter.selection.matching import Match, match_all

DEFAULT_RANKING = Ranking()
# Near misses kept for each theme: enough to see where the threshold cuts, few enough to read.
NEAR_MISSES = 5


@dataclass(frozen=True, slots=True)
class Miss:
    """A paper that stands in no section of a theme though it came close, or belongs to it, and why."""

    paper: Paper
    match: Match
    why: str
    rank: Rank | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """What was chosen from the papers, and everything that explains it.

    papers: each once, in their order. matches: for each of them its match with every theme, in order.
    sections: none is empty. misses: by theme, what came closest without standing in its section, best first.
    unused: the edits that came to nothing.
    """

    papers: tuple[Paper, ...]
    matches: tuple[tuple[Match, ...], ...]
    sections: tuple[Section, ...]
    misses: Mapping[str, tuple[Miss, ...]]
    unused: tuple[Edit, ...] = ()


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
    """
    papers, themes = tuple(dict.fromkeys(papers)), tuple(themes)
    matches = match_all(papers, themes)
    fits = [_fits(row, themes) for row in matches]
    seats, rest = _seat(papers, fits, themes)
    titles = {theme.slug: theme.title for theme in themes}

    def also(index: int, here: Match | None = None) -> tuple[str, ...]:
        return tuple(titles[match.theme] for match in fits[index] if match is not here)

    sections = []
    for theme in themes:
        picks = (
            Pick(papers[i], match.score, match.evidence, also(i, match)) for i, match in seats[theme.slug]
        )
        sections.append(Section(theme.slug, theme.title, theme.blurb, tuple(picks)))
    strongest = sorted(rest, key=lambda index: _standing(papers[index]))[: max(0, trending_limit)]
    trending = tuple(Pick(papers[index], also=also(index)) for index in strongest)
    sections.append(Section(TRENDING, "Also trending", _trending_blurb(papers), trending))
    chosen = tuple(section for section in sections if section.picks)
    misses = {theme.slug: _misses(papers, matches, at) for at, theme in enumerate(themes)}
    return Selection(papers, matches, chosen, misses)


def _misses(papers: Sequence[Paper], matches: Sequence[Sequence[Match]], theme: int) -> tuple[Miss, ...]:
    """The papers that came closest without belonging to the theme, best first, each with the reason."""
    scored = zip(papers, (row[theme] for row in matches), strict=True)
    missed = [
        Miss(paper, match, match.why_not) for paper, match in scored if not match.member and match.score > 0
    ]
    return tuple(sorted(missed, key=lambda miss: (-miss.match.score, *_standing(miss.paper)))[:NEAR_MISSES])


def _fits(matches: Iterable[Match], themes: Iterable[Theme]) -> list[Match]:
    """The matches of a paper with the themes that it belongs to, the best first."""
    thresholds = {theme.slug: theme.threshold for theme in themes}

    def margin(match: Match) -> float:
        threshold = thresholds[match.theme]
        # A theme that takes everything is nobody's best.
        return match.score / threshold if threshold > 0 else -inf

    return sorted((match for match in matches if match.member), key=margin, reverse=True)


def _seat(
    papers: Sequence[Paper], fits: Iterable[Sequence[Match]], themes: Iterable[Theme]
) -> tuple[dict[str, list[tuple[int, Match]]], list[int]]:
    """The papers of every theme, best first, and those that found no place: all by their index.

    Each paper asks its themes in turn; a full theme gives up its weakest paper for a stronger one. Who asks
    first makes no difference. Source: Gale and Shapley, College Admissions and the Stability of Marriage.
    """
    limits = {theme.slug: max(0, theme.limit) for theme in themes}
    seats: dict[str, list[tuple[int, Match]]] = {slug: [] for slug in limits}
    rest: list[int] = []
    wishes = [iter(matches) for matches in fits]
    waiting = list(range(len(papers)))
    while waiting:
        index = waiting.pop()
        match = next(wishes[index], None)
        if match is None:
            rest.append(index)
            continue
        seated, limit = seats[match.theme], limits[match.theme]
        seated.append((index, match))
        seated.sort(key=lambda seat: (-seat[1].score, *_standing(papers[seat[0]])))
        waiting += [loser for loser, _ in seated[limit:]]
        del seated[limit:]
    return seats, rest


def _standing(paper: Paper) -> tuple[int, int, str, str]:
    """Order among equals: upvotes, then place in its digest. The text only decides what nothing else does."""
    upvotes = -1 if paper.upvotes is None else paper.upvotes
    return (-upvotes, paper.position, paper.title, paper.url)


def _trending_blurb(papers: Iterable[Paper]) -> str:
    if any(paper.upvotes is not None for paper in papers):
        return "What most readers voted for among the other papers."
    return "The first of the other papers, in the order of their page."
