"""What puts one paper before another: each part of its rank."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.model import Link, LinkKind, Paper, Rank, Ranking
from newsletter.selection import ranking
from tests.builders import paper

ON = date(2026, 1, 6)
ALIKE = Ranking(relevance=1, votes=1, freshness=1, code=1, half_life_days=10, diversity=1)


def ranked(one: Paper, *others: Paper, excess: float = 0.0, weights: Ranking = ALIKE) -> Rank:
    return ranking.rank(one, ranking.scale([one, *others], weights, on=ON), excess=excess)


@pytest.mark.parametrize(
    ("excess", "relevance"), [(0.0, 0.0), (0.5, 0.0), (1.0, 0.0), (2.0, 0.3333), (4.0, 0.6667), (8.0, 1.0)]
)
def test_every_doubling_of_the_score_is_a_third_of_relevance(excess: float, relevance: float) -> None:
    assert ranked(paper(), excess=excess).relevance == relevance


def test_a_score_beyond_eight_thresholds_is_as_relevant_as_can_be() -> None:
    assert ranked(paper(), excess=400).relevance == 1


def test_votes_are_a_share_of_the_most_voted_paper_on_a_logarithmic_scale() -> None:
    some, most = paper("Some", upvotes=9), paper("Most", upvotes=99)

    assert (ranked(some, most).votes, ranked(most, some).votes) == (0.5, 1.0)


def test_a_paper_without_a_count_among_papers_with_votes_has_no_vote() -> None:
    assert ranked(paper(position=1), paper("Voted", upvotes=3)).votes == 0


def test_where_nobody_voted_no_paper_has_a_vote() -> None:
    assert ranked(paper(upvotes=0), paper("Other", upvotes=0)).votes == 0


def test_where_no_votes_are_known_the_place_on_the_page_stands_for_them() -> None:
    first, third, last = (paper(str(at), position=at) for at in (1, 3, 4))

    assert [ranked(one, first, last).votes for one in (first, third, last)] == [1.0, 0.5, 0.25]


def test_freshness_halves_with_every_half_life() -> None:
    ages = [0, 10, 20]

    found = [ranked(paper(published=ON - timedelta(age))).freshness for age in ages]

    assert found == [1.0, 0.5, 0.25]


def test_a_date_to_come_counts_as_today() -> None:
    assert ranked(paper(published=ON + timedelta(400))).freshness == 1


def test_a_paper_without_a_date_is_as_fresh_as_the_middle_of_the_others() -> None:
    dated = [paper(str(age), published=ON - timedelta(age)) for age in (0, 10, 20)]

    assert ranked(paper(), *dated).freshness == 0.5
    assert ranked(paper(), paper("Other")).freshness == 0.5
    assert ranked(paper(), dated[0]).freshness == 1.0


def test_a_link_to_code_counts_and_another_link_does_not() -> None:
    code, page = (
        paper(links=(Link(kind, "https://a.example"),)) for kind in (LinkKind.CODE, LinkKind.PROJECT)
    )

    assert (ranked(code).code, ranked(page).code) == (1, 0)


def test_a_rank_is_the_sum_of_its_parts_times_their_weights_without_what_nearness_costs() -> None:
    weights = Ranking(relevance=2, votes=0.5, freshness=0.25, code=0.1, half_life_days=10, diversity=0.4)
    one = paper(published=ON, links=(Link(LinkKind.CODE, "https://a.example"),))
    against = ranking.scale([one], weights, on=ON)

    rank = ranking.lowered(ranking.rank(one, against, excess=8), 0.5, against)

    assert rank == Rank(relevance=2, votes=0.5, freshness=0.25, code=0.1, nearness=0.2)
    assert rank.total == pytest.approx(2.65)


def test_by_default_four_times_the_score_outweighs_everything_else() -> None:
    best = paper(upvotes=999, published=ON, links=(Link(LinkKind.CODE, "https://a.example"),))
    old = paper("Old", upvotes=0, published=ON - timedelta(900))
    against = ranking.scale([best, old], Ranking(), on=ON)

    assert ranking.rank(old, against, excess=4.0).total > ranking.rank(best, against, excess=1.0).total


papers_drawn = st.builds(
    Paper,
    title=st.just("A"),
    abstract=st.just("B"),
    url=st.just("https://a.example"),
    position=st.integers(-3, 10**9),
    upvotes=st.none() | st.integers(-5, 10**12),
    published=st.none() | st.dates(),
)


@given(st.lists(papers_drawn, min_size=1, max_size=6), st.floats(0, 1e12))
def test_every_part_is_a_share_of_its_weight(papers: list[Paper], excess: float) -> None:
    against = ranking.scale(papers, ALIKE, on=ON)

    for one in papers:
        rank = ranking.lowered(ranking.rank(one, against, excess=excess), 1.0, against)
        assert all(0 <= part <= 1 for part in (rank.relevance, rank.votes, rank.freshness, rank.code))


@given(st.lists(papers_drawn, max_size=6), papers_drawn, st.integers(1, 1000))
def test_more_votes_never_lower_a_rank(others: list[Paper], one: Paper, more: int) -> None:
    loved = replace(one, upvotes=max(0, one.upvotes or 0) + more)
    known = [replace(other, upvotes=other.upvotes or 0) for other in others]

    assert ranked(loved, *known).votes >= ranked(replace(one, upvotes=one.upvotes or 0), *known).votes
