"""What puts one paper of a section before another.

    rank = relevance · R + votes · V + freshness · F + code · C − diversity · N

R, V, F, C and N are from 0 to 1, and what they are multiplied by are the weights of a list (`model.Ranking`):

R  every doubling of the score beyond the theme's threshold is a third: 0 at the threshold, 1 at eight times
   it. A score is a sum over mentions, and each doubling of these counts the same too. (m / (1 + m), with m
   the score in thresholds, leaves the members of a real page between 0.5 and 0.88: votes would order them.)
V  where votes are known, log(1 + votes) as a share of the most voted paper's; a paper without a count has no
   vote. Where none is known, the place on the page, which its readers' votes gave: 1 for the first paper.
F  half as much with every half-life of age; 1 for a date to come. A paper without a date gets the median of
   the dated ones, 0.5 where none is dated, so that not knowing is neither praise nor blame.
C  1 for a paper with a link to its code.
N  the nearness to the nearest paper above it.

By default the score decides where it is twice another's, votes where scores are close, and code and a week of
age hardly count. A rank decides on order, and on who stays where a section or an issue is full; never on who
belongs to a theme.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date as Date
from math import log1p, log2
from statistics import median

from newsletter.model import LinkKind, Paper, Rank, Ranking

# Doublings of the score over the threshold that make a paper fully relevant: eight times the threshold.
FULL_DOUBLINGS = 3
# Freshness where nothing is known of any paper.
UNKNOWN_FRESHNESS = 0.5
# Parts of a rank are compared to so many digits, so that sums in another order do not change an issue.
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Scale:
    """What papers are ranked against: the weights, the day, and the extremes among the papers themselves.

    most_votes: None where no paper has a count. usual_freshness: of a paper without a date.
    """

    weights: Ranking
    on: Date
    most_votes: int | None
    last_position: int
    usual_freshness: float


def scale(papers: Iterable[Paper], weights: Ranking, *, on: Date) -> Scale:
    """What these papers are ranked against on that day."""
    papers = tuple(papers)
    dated = [_freshness(paper.published, on, weights) for paper in papers if paper.published is not None]
    return Scale(
        weights=weights,
        on=on,
        most_votes=max((paper.upvotes for paper in papers if paper.upvotes is not None), default=None),
        last_position=max((paper.position for paper in papers), default=1),
        usual_freshness=median(dated) if dated else UNKNOWN_FRESHNESS,
    )


def rank(paper: Paper, against: Scale, *, excess: float = 0.0) -> Rank:
    """The rank of one paper, each part times its weight, before anything stands above it.

    excess: its score as a multiple of the theme's threshold, 0 without a theme.
    """
    weights = against.weights
    return Rank(
        relevance=_part(weights.relevance, relevance(excess)),
        votes=_part(weights.votes, _votes(paper, against)),
        freshness=_part(weights.freshness, _freshness_of(paper, against)),
        code=_part(weights.code, float(any(link.kind is LinkKind.CODE for link in paper.links))),
    )


def lowered(rank: Rank, nearness: float, against: Scale) -> Rank:
    """The rank below a paper of that nearness, from 0 to 1."""
    return replace(rank, nearness=_part(against.weights.diversity, nearness))


def rounded(rank: Rank) -> float:
    """The total to as many digits as its parts have; what is beyond comes from adding them."""
    return round(rank.total, DIGITS)


def relevance(excess: float) -> float:
    """How surely a paper is about a theme, from 0 to 1, by its score as a multiple of the threshold."""
    return min(1.0, log2(max(1.0, excess)) / FULL_DOUBLINGS)


def _part(weight: float, share: float) -> float:
    return round(weight * share, DIGITS)


def _votes(paper: Paper, against: Scale) -> float:
    if against.most_votes is None:
        return min(1.0, 1 - (max(1, paper.position) - 1) / max(1, against.last_position))
    if against.most_votes <= 0:
        return 0.0
    return log1p(max(0, paper.upvotes or 0)) / log1p(against.most_votes)


def _freshness_of(paper: Paper, against: Scale) -> float:
    if paper.published is None:
        return against.usual_freshness
    return _freshness(paper.published, against.on, against.weights)


def _freshness(published: Date, on: Date, weights: Ranking) -> float:
    age_days = max(0, (on - published).days)
    return float(0.5 ** (age_days / weights.half_life_days))
