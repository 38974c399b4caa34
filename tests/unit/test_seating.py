"""Which paper gets which seat: limits, near-twins, an editor's wishes, and the words for all of it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from newsletter import selection
from newsletter.model import TRENDING, Edit, EditKind, Paper, Ranking, Theme
from newsletter.selection import Selection
from tests.builders import paper, theme

ON = date(2026, 1, 6)
# Order by relevance and the place on the page alone, so that a test says what it is about.
PLAIN = Ranking(freshness=0, code=0, diversity=0)
CACHE = theme("kv-cache", {"KV cache": 3.0}, threshold=3.0)
SPREAD = theme("spread", {"pipeline parallelism": 3.0}, threshold=3.0)


def select(papers: Iterable[Paper], *themes: Theme, **values: object) -> Selection:
    chosen: dict[str, object] = {"on": ON, "ranking": PLAIN, "trending_limit": 0, **values}
    return selection.select(papers, themes or (CACHE,), **chosen)  # type: ignore[arg-type]


def named(selected: Selection) -> dict[str, list[str]]:
    return {section.theme: [pick.paper.title for pick in section.picks] for section in selected.sections}


def cached(*titles: str, abstract: str = "A KV cache.") -> list[Paper]:
    """Papers of the theme, the first at the top of the page."""
    return [paper(title, abstract, position=at) for at, title in enumerate(titles, start=1)]


def edit(kind: EditKind, name: str, **values: object) -> Edit:
    return Edit(kind, name, **values)  # type: ignore[arg-type]


# Order and limits.


def test_votes_decide_between_papers_that_fit_alike() -> None:
    papers = [paper("Quiet", "A KV cache.", upvotes=1), paper("Loved", "A KV cache.", upvotes=50)]

    assert named(select(papers)) == {"kv-cache": ["Loved", "Quiet"]}


def test_the_limit_of_an_issue_takes_the_least_ranked_first() -> None:
    papers = [*cached("A", "B", "C"), *cached("D", "E", abstract="Pipeline parallelism.")]

    assert named(select(papers, CACHE, SPREAD, limit=3)) == {"kv-cache": ["A", "B"], "spread": ["D"]}


def test_trending_is_empty_before_a_theme_loses_its_first_paper() -> None:
    late = paper("Late", "A KV cache.", position=9)
    papers = [*cached("A", "B", "C", abstract="Of sheep."), late]

    assert named(select(papers, trending_limit=5, limit=2)) == {"kv-cache": ["Late"], TRENDING: ["A"]}
    assert named(select(papers, trending_limit=5, limit=1)) == {"kv-cache": ["Late"]}


def test_the_first_papers_of_themes_leave_last() -> None:
    weak = paper("Weak", "Pipeline parallelism.", position=9)
    papers = [*cached("A", "B", abstract="A KV cache, a KV cache, a KV cache, a KV cache."), weak]

    assert named(select(papers, CACHE, SPREAD, limit=2)) == {"kv-cache": ["A"], "spread": ["Weak"]}


# Near-twins.

TWIN = "We shrink the KV cache of a language model by keeping those tokens which later answers will read."
COUSIN = "A compiler for accelerators that lays the KV cache out in pages so that batches share their memory."


def twins_and_a_cousin() -> list[Paper]:
    twins = [paper(f"Larder{at}", f"{TWIN} Again {at}.", position=at) for at in (1, 2, 3)]
    return [*twins, paper("Pages", COUSIN, position=6)]


def test_near_twins_do_not_fill_a_section() -> None:
    three = replace(CACHE, limit=2)

    alike = select(twins_and_a_cousin(), three, ranking=PLAIN)
    apart = select(twins_and_a_cousin(), three, ranking=replace(PLAIN, diversity=0.5))

    assert named(alike) == {"kv-cache": ["Larder1", "Larder2"]}
    assert named(apart) == {"kv-cache": ["Larder1", "Pages"]}
    assert apart.sections[0].picks[1].rank.nearness < 0.1  # type: ignore[union-attr]


def test_two_honest_neighbours_on_one_topic_both_stay() -> None:
    papers = [twins_and_a_cousin()[0], twins_and_a_cousin()[3], paper("Aside", "A KV cache.", position=30)]

    chosen = select(papers, replace(CACHE, limit=2), ranking=replace(PLAIN, diversity=0.5))

    assert named(chosen) == {"kv-cache": ["Larder1", "Pages"]}


def test_a_near_twin_of_what_stands_in_a_theme_does_not_trend_before_others() -> None:
    papers = [*twins_and_a_cousin()[:2], paper("Sheep", "Of wool.", position=4)]

    chosen = select(papers, replace(CACHE, limit=1), trending_limit=1, ranking=replace(PLAIN, diversity=0.5))

    assert named(chosen) == {"kv-cache": ["Larder1"], TRENDING: ["Sheep"]}


# Misses.


def test_members_without_a_seat_are_told_with_what_beat_them_then_what_came_close() -> None:
    papers = [*cached("First: Of Caches", "Second"), paper("Near", "Key-value.")]
    phrases = {"KV cache": 3.0, "key-value": 1.0}

    [crowded, near] = select(papers, theme("kv-cache", phrases, threshold=3.0, limit=1)).misses["kv-cache"]

    assert (crowded.paper.title, crowded.why) == ("Second", "beaten by “First”, 0.15 against 0.30")
    assert crowded.rank is not None
    assert (near.paper.title, near.why, near.rank) == ("Near", "below threshold 3.0", None)


def test_a_near_twin_without_a_seat_is_told_as_one() -> None:
    chosen = select(twins_and_a_cousin(), replace(CACHE, limit=2), ranking=replace(PLAIN, diversity=0.5))

    assert [miss.why.partition(",")[0] for miss in chosen.misses["kv-cache"]] == [
        "near-twin of “Larder1”"
    ] * 2


def test_a_member_that_stands_elsewhere_is_no_miss() -> None:
    both = paper("Both", "A KV cache and pipeline parallelism, pipeline parallelism.")

    assert select([both], CACHE, SPREAD).misses == {"kv-cache": (), "spread": ()}
    assert select(cached("A", "B"), replace(CACHE, limit=1), trending_limit=1).misses == {"kv-cache": ()}


def test_what_the_limit_of_an_issue_left_out_is_told() -> None:
    chosen = select(cached("A", "B"), limit=1)
    [miss], [lost] = chosen.misses["kv-cache"], chosen.place(chosen.papers[1]).lost

    assert (miss.paper.title, miss.why, miss.rank) == ("B", "beyond the issue's limit of 1", lost.rank)
    assert (lost.section, lost.why) == ("kv-cache", miss.why)


# Edits.


def test_a_dropped_paper_is_out_and_the_next_moves_up() -> None:
    chosen = select(cached("A", "B"), replace(CACHE, limit=1), edits=[edit(EditKind.DROP, "A", who="Ada")])

    assert named(chosen) == {"kv-cache": ["B"]}
    assert chosen.misses["kv-cache"] == ()
    assert chosen.place(chosen.papers[0]).why == "dropped by Ada"


def test_a_pinned_paper_takes_a_seat_of_the_section_it_fits_best() -> None:
    papers = [*cached("A", "B"), paper("C", "Key-value.", position=9)]
    rule = theme("kv-cache", {"KV cache": 3.0, "key-value": 1.0}, threshold=3.0, limit=2)

    chosen = select(papers, rule, edits=[edit(EditKind.PIN, "C")])

    assert named(chosen) == {"kv-cache": ["A", "C"]}
    assert [pick.edit for pick in chosen.sections[0].picks] == ["", "pinned"]


def test_a_pinned_paper_stands_at_its_place_in_its_section() -> None:
    papers = [*cached("A", "B"), paper("Sheep", "Of wool.")]
    pin = edit(EditKind.PIN, "Sheep", section="kv-cache", place=1)

    chosen = select(papers, replace(CACHE, limit=2), edits=[pin])

    assert named(chosen) == {"kv-cache": ["Sheep", "A"]}


def test_a_pinned_paper_that_fits_nothing_trends_beyond_every_limit() -> None:
    chosen = select(
        [paper("Sheep", "Of wool.")], trending_limit=0, limit=1, edits=[edit(EditKind.PIN, "Sheep")]
    )

    assert named(chosen) == {TRENDING: ["Sheep"]}


def test_pinned_papers_stay_where_they_are_more_than_an_issue_may_hold() -> None:
    pins = [edit(EditKind.PIN, title) for title in "AB"]

    assert named(select(cached("A", "B", "C"), limit=1, edits=pins)) == {"kv-cache": ["A", "B"]}


def test_a_moved_paper_stands_in_the_other_section_and_leaves_its_seat() -> None:
    papers = [*cached("A", "B"), paper("D", "Pipeline parallelism.")]
    move = edit(EditKind.MOVE, "A", section="spread", place=1)

    chosen = select(papers, replace(CACHE, limit=1), SPREAD, edits=[move])

    assert named(chosen) == {"kv-cache": ["B"], "spread": ["A", "D"]}
    assert chosen.sections[1].picks[0].edit == "moved"


def test_a_paper_is_moved_within_its_section() -> None:
    chosen = select(cached("A", "B", "C"), edits=[edit(EditKind.MOVE, "C", place=1)])

    assert named(chosen) == {"kv-cache": ["C", "A", "B"]}


def test_moving_a_paper_that_is_not_in_is_reported() -> None:
    move, gone = edit(EditKind.MOVE, "B", place=1), edit(EditKind.DROP, "Gone")

    chosen = select(cached("A", "B"), replace(CACHE, limit=1), edits=[move, gone])

    assert (named(chosen), chosen.unused) == ({"kv-cache": ["A"]}, (gone, move))


def test_of_two_papers_at_one_place_the_later_edit_has_it_and_the_other_follows() -> None:
    first, second, again = (edit(EditKind.PIN, name, place=1) for name in "BCB")

    assert named(select(cached("A", "B", "C"), edits=[first, second])) == {"kv-cache": ["C", "B", "A"]}
    assert named(select(cached("A", "B", "C"), edits=[first, second, again])) == {"kv-cache": ["B", "C", "A"]}


def test_a_paper_that_gets_the_seat_of_a_moved_one_can_be_moved_too() -> None:
    away = [edit(EditKind.MOVE, name, section="spread") for name in "BA"]

    chosen = select(cached("A", "B"), replace(CACHE, limit=1), SPREAD, edits=away)

    assert (named(chosen), chosen.unused) == ({"spread": ["A", "B"]}, ())


# Where one paper stands.


def test_a_place_tells_why_a_paper_stands_there() -> None:
    pin = edit(EditKind.PIN, "C", section="kv-cache", who="config")
    chosen = select([*cached("A", "B"), paper("C", "Of wool.")], trending_limit=1, edits=[pin])

    a, _, c = (chosen.place(one) for one in chosen.papers)

    assert (a.number, a.why, a.lost) == (1, "the theme it fits best", ())
    assert (c.number, c.why) == (2, "pinned by config")
    assert c.pick == chosen.sections[0].picks[1]


def test_a_place_tells_who_moved_a_pinned_paper() -> None:
    edits = [edit(EditKind.PIN, "B", who="Ada"), edit(EditKind.MOVE, "B", place=1, who="Bob")]

    chosen = select(cached("A", "B"), edits=edits)

    assert chosen.place(chosen.papers[1]).why == "pinned, then moved by Bob"


def test_a_place_tells_every_section_that_had_no_seat() -> None:
    chosen = select(cached("A", "B", "C"), replace(CACHE, limit=1), trending_limit=1)

    place = chosen.place(chosen.papers[2])

    assert (place.section, place.pick) == (None, None)
    assert place.why == "none of its themes has a seat for it, and it is not among the strongest of the rest"
    assert [(lost.section, lost.why, lost.picks[0].paper.title) for lost in place.lost] == [
        ("kv-cache", "beaten by “A”, 0.10 against 0.30", "A"),
        (TRENDING, "beaten by “B”, 0.10 against 0.20", "B"),
    ]


def test_a_paper_that_moved_on_tells_what_it_lost() -> None:
    chosen = select(cached("A", "B"), replace(CACHE, limit=1), trending_limit=1)

    place = chosen.place(chosen.papers[1])

    assert (place.section.theme, place.number) == (TRENDING, 1)  # type: ignore[union-attr]
    assert place.why == "moved on: kv-cache: beaten by “A”, 0.15 against 0.30"


def test_a_section_that_the_limit_of_the_issue_emptied_is_told_as_that() -> None:
    papers = [*cached("A", "B"), *cached("C", "D", abstract="Of sheep.")]

    place, nowhere = (
        select(papers, limit=1, trending_limit=most).place(papers[3]).lost[0].why for most in (1, 0)
    )

    assert place == "beyond the issue's limit of 1"
    assert nowhere == "the section has no seat"


def test_ranks_that_are_level_are_told_as_level() -> None:
    papers = [paper("A", "A KV cache.", upvotes=2), paper("B", "A KV cache.", upvotes=2)]

    [miss] = select(papers, replace(CACHE, limit=1)).misses["kv-cache"]

    assert miss.why == "beaten by “A”, both at 0.30"


# What holds for all papers, limits and edits.

TEXTS = [
    "A KV cache.",
    "A KV cache, a KV cache.",
    "Pipeline parallelism in a KV cache.",
    "Sheep.",
    "KV sheep.",
]


def rows(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[Paper]]:
    """Up to nine papers of such texts, with votes or without."""
    return st.lists(st.tuples(texts, st.none() | st.integers(0, 9)), max_size=9).map(
        lambda drawn: [
            paper(f"P{at}", text, position=at, upvotes=votes, url=f"https://a.example/{at}")
            for at, (text, votes) in enumerate(drawn, start=1)
        ]
    )


drawn = rows(st.sampled_from(TEXTS))
names = st.integers(1, 10).map(lambda at: f"P{at}")
wishes = st.lists(
    st.builds(
        Edit,
        kind=st.sampled_from(EditKind),
        paper=names,
        section=st.sampled_from(["", "kv-cache", "spread", TRENDING, "robots"]),
        place=st.none() | st.integers(1, 4),
    ),
    max_size=4,
)
limits = st.none() | st.integers(1, 6)
THEMES = (replace(CACHE, limit=2), replace(SPREAD, limit=1))


def chosen_from(papers: Sequence[Paper], edits: Sequence[Edit], limit: int | None) -> Selection:
    return select(papers, *THEMES, trending_limit=2, limit=limit, edits=edits, ranking=Ranking())


@given(drawn, wishes, limits)
def test_a_paper_stands_once_and_only_an_editor_goes_beyond_a_limit(
    papers: list[Paper], edits: list[Edit], limit: int | None
) -> None:
    chosen = chosen_from(papers, edits, limit)
    picks = [pick for section in chosen.sections for pick in section.picks]
    most = {rule.slug: rule.limit for rule in THEMES} | {TRENDING: 2}

    assert {pick.paper for pick in picks} <= set(papers)
    assert len({pick.paper for pick in picks}) == len(picks)
    for section in chosen.sections:
        seated = sum(bool(pick.edit) for pick in section.picks)
        assert len(section.picks) <= max(most[section.theme], seated)
    assert limit is None or len(picks) <= max(limit, sum(bool(pick.edit) for pick in picks))


@given(drawn, wishes, limits, st.randoms(use_true_random=False))
def test_the_order_of_the_papers_makes_no_difference(
    papers: list[Paper], edits: list[Edit], limit: int | None, random: object
) -> None:
    shuffled = papers.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = chosen_from(papers, edits, limit), chosen_from(shuffled, edits, limit)

    assert (one.sections, one.misses, one.unused) == (other.sections, other.misses, other.unused)


@given(drawn, wishes, limits)
def test_a_dropped_paper_is_never_in_and_a_pinned_one_always(
    papers: list[Paper], edits: list[Edit], limit: int | None
) -> None:
    chosen = chosen_from(papers, edits, limit)
    inside = {pick.paper.title for section in chosen.sections for pick in section.picks}
    last = {
        edit.paper: edit.kind for edit in edits if edit not in chosen.unused and edit.kind != EditKind.NOTE
    }

    assert inside.isdisjoint(name for name, kind in last.items() if kind is EditKind.DROP)
    assert inside.issuperset(name for name, kind in last.items() if kind is EditKind.PIN)


said = ["KV", "cache", "pipeline", "parallelism", "larder", "pantry", "sheep", "wool"]
alike = rows(st.lists(st.sampled_from(said), max_size=9).map(" ".join))


@given(alike, wishes, limits, st.sampled_from([0.0, 0.5, 10.0]))
def test_no_paper_is_beaten_by_one_of_a_lower_rank(
    papers: list[Paper], edits: list[Edit], limit: int | None, diversity: float
) -> None:
    weights = Ranking(diversity=diversity)
    chosen = select(papers, *THEMES, trending_limit=2, limit=limit, edits=edits, ranking=weights)

    for lost in (lost for one in chosen.papers for lost in chosen.place(one).lost):
        if told := re.search(r", (-?[\d.]+) against (-?[\d.]+)", lost.why):
            assert float(told[1]) < float(told[2]), lost.why
        # Where nearness costs nothing, no seat is lost to a paper that then leaves it.
        assert diversity or not lost.why.startswith("turned away"), lost.why


@given(drawn, wishes, limits)
def test_every_paper_has_a_place_that_can_be_told(
    papers: list[Paper], edits: list[Edit], limit: int | None
) -> None:
    chosen = chosen_from(papers, edits, limit)

    for one in chosen.papers:
        place = chosen.place(one)
        assert place.why
        assert (place.pick is None) == (place.section is None)
        assert place.pick is None or place.pick.paper == one
