"""Which papers stand in which section, in which order, and why."""

import math
import re
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import selection
from newsletter.model import TRENDING, Evidence, Paper, Pick, Section, Theme
from newsletter.selection import Match
from tests.builders import paper, theme

CACHE = theme("kv-cache", {"KV cache": 3.0})
SPREAD = theme("parallelism", {"sequence parallelism": 3.0, "pipeline parallelism": 3.0})
ON = date(2026, 1, 6)


def sections_of(
    papers: Iterable[Paper], themes: Iterable[Theme], *, trending_limit: int
) -> tuple[Section, ...]:
    return selection.select(papers, themes, on=ON, trending_limit=trending_limit).sections


def counts(text: str, rule: Theme) -> dict[str, int]:
    evidence = selection.score(paper(abstract=text), rule).evidence
    return {piece.phrase: piece.count for piece in evidence}


# How words are compared.


@pytest.mark.parametrize(
    "spelling",
    [
        "a kv cache",
        "two KV caches",
        "the KV-cache",
        "the KVCache",
        "a key-value cache",
        "KEY–VALUE CACHES",
        "key/value cache",
        "the key and value cache",
        "the K/V cache",
        "a key-value (KV) cache",
        "the Key-Value (KV)-Cache",
    ],
)
def test_a_phrase_is_found_however_it_is_spelled(spelling: str) -> None:
    assert counts(f"We shrink {spelling} by half.", CACHE) == {"KV cache": 1}


@pytest.mark.parametrize(
    "text", ["a cache of KV", "KV and a cache", "KV (old) (new) cache", "KV caching", "kvcached"]
)
def test_other_words_are_not_the_phrase(text: str) -> None:
    assert counts(text, CACHE) == {}


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("parallelisation", "We study parallelization."),
        ("optimized schedule", "an optimised schedule"),
        ("modelling cost", "modeling costs"),
        ("latency", "low latencies"),
        ("batch loss", "losses of batches: batch losses"),
        ("all reduce", "one AllReduce less"),
        ("time step", "a hundred timesteps"),
        ("ﬂow map", "Flow Maps"),
    ],
)
def test_plurals_and_british_and_american_spellings_are_one(phrase: str, text: str) -> None:
    assert counts(text, theme(phrases={phrase: 1.0})) == {phrase: 1}


def test_an_abbreviation_counts_in_the_paper_that_introduces_it() -> None:
    text = "We extend sequence parallelism (SP). Balanced SP needs one exchange, plain SP two."

    assert counts(text, SPREAD) == {"sequence parallelism": 3}
    assert counts("Balanced SP needs one exchange.", SPREAD) == {}


def test_an_abbreviation_that_is_a_common_word_or_no_initials_does_not_count() -> None:
    rule = theme(phrases={"attention sink": 1.0, "sequence parallelism": 1.0})
    text = "Attention sinks (AS) are as old as sequence parallelism (fast), which is fast."

    assert counts(text, rule) == {"attention sink": 1, "sequence parallelism": 1}


def test_words_inside_a_longer_phrase_do_not_count_again() -> None:
    rule = theme(phrases={"KV cache": 1.0, "KV cache compression": 2.0, "compression": 1.0})

    assert counts("KV cache compression, then compression.", rule) == {
        "KV cache compression": 1,
        "compression": 1,
    }


def test_two_themes_may_have_the_same_words_in_another_spelling() -> None:
    closed, open_ = theme("a", {"speedup": 1.0}), theme("b", {"speed up": 1.0})

    [(first, second)] = selection.match_all([paper(abstract="A large speedup.")], [closed, open_])

    assert (first.score, second.score) == (1.0, 1.0)


def test_an_aside_is_a_word_of_one_phrase_and_no_obstacle_to_another() -> None:
    plain, with_it = theme("a", {"sequence parallelism training": 1.0}), theme("b", {"parallelism SP": 1.0})
    said = paper(abstract="We do sequence parallelism (SP) training.")

    [both] = selection.match_all([said], [plain, with_it])

    assert [match.score for match in both] == [1.0, 1.0]
    assert both[0] == selection.score(said, plain)


# What a paper scores.


def test_the_title_counts_twice_and_repetition_ever_less() -> None:
    found = paper("KV Cache Tricks", "KV cache, KV cache, KV cache and again the KV cache.")

    assert selection.score(found, CACHE) == Match(
        theme="kv-cache",
        score=15.0,
        evidence=(
            Evidence("KV cache", "abstract", 4, 9.0, ((0, 8), (10, 18), (20, 28), (43, 51))),
            Evidence("KV cache", "title", 1, 6.0, ((0, 8),)),
        ),
        member=True,
        why_not="",
    )


def test_one_mention_in_passing_is_not_enough() -> None:
    match = selection.score(paper(abstract="Related work studies the KV cache."), CACHE)

    assert (match.score, match.member, match.why_not) == (3.0, False, "below threshold 4.0")


def test_a_phrase_with_a_negative_weight_speaks_against() -> None:
    rule = theme(phrases={"parallelism": 5.0, "federated learning": -2.0})
    match = selection.score(paper(abstract="Parallelism in federated learning."), rule)

    assert match.evidence == (
        Evidence("parallelism", "abstract", 1, 5.0, ((0, 11),)),
        Evidence("federated learning", "abstract", 1, -2.0, ((15, 33),)),
    )
    assert (match.score, match.member) == (3.0, False)


def test_a_phrase_without_weight_is_not_there() -> None:
    rule = theme(phrases={"KV cache": 3.0, "KV cache size": 0.0, "kv caches": 0.0})

    assert selection.score(paper("KV cache size"), rule).evidence == ()


def test_an_excluded_phrase_keeps_a_paper_out_whatever_it_scores() -> None:
    rule = replace(CACHE, exclude=("expert cache",))
    match = selection.score(paper("KV cache and expert caches"), rule)

    assert (match.score, match.member, match.why_not) == (6.0, False, "excluded by “expert cache”")


def test_a_paper_needs_a_word_of_every_required_group() -> None:
    rule = theme(phrases={"fast": 4.0}, require=(("diffusion", "flow matching"), ("image",)))

    assert selection.score(paper("Fast Diffusion", "An image."), rule).member
    assert selection.score(paper("Fast Decoding", "An image."), rule) == Match(
        "kv-cache", 0.0, (), member=False, why_not="no word of: diffusion, flow matching"
    )


# Which section a paper stands in.


def named(sections: tuple[Section, ...]) -> dict[str, list[str]]:
    return {section.theme: [pick.paper.title for pick in section.picks] for section in sections}


def test_a_paper_stands_in_its_best_section_which_names_the_others() -> None:
    both = paper("KV cache", "Pipeline parallelism and sequence parallelism for a KV cache.")
    [section] = sections_of([both], [SPREAD, CACHE], trending_limit=3)
    evidence = (
        Evidence("KV cache", "title", 1, 6.0, ((0, 8),)),
        Evidence("KV cache", "abstract", 1, 3.0, ((52, 60),)),
    )

    [pick] = section.picks
    assert section == Section("kv-cache", "Kv cache", "What it is about.", (pick,))
    assert pick == Pick(both, 9.0, evidence, ("Parallelism",), rank=pick.rank)


def test_equal_fits_stand_with_the_first_theme() -> None:
    both = paper("KV cache", "Pipeline parallelism and sequence parallelism.")
    twin = replace(CACHE, slug="twin", title="Twin")

    assert named(sections_of([both], [twin, CACHE], trending_limit=0)) == {"twin": ["KV cache"]}


def test_the_best_theme_is_the_one_whose_threshold_is_exceeded_most() -> None:
    strict = replace(CACHE, slug="strict", threshold=6.0)
    loose = replace(CACHE, slug="loose", threshold=3.0)
    catch_all = replace(CACHE, slug="all", threshold=0.0)

    sections = sections_of([paper("KV cache")], [catch_all, strict, loose], trending_limit=0)

    assert named(sections) == {"loose": ["KV cache"]}


def test_a_section_is_ordered_by_score_then_upvotes_then_position() -> None:
    text = "Pipeline parallelism."
    papers = [
        paper("One Sequence Parallelism", text, position=1),
        paper("Late Pipeline Parallelism, Pipeline Parallelism and Sequence Parallelism", position=9),
        paper("Two Sequence Parallelism", text, position=2),
        paper("Loved Sequence Parallelism", text, position=3, upvotes=4),
    ]

    [section] = sections_of(papers, [SPREAD], trending_limit=0)

    assert [pick.paper.title.split()[0] for pick in section.picks] == ["Late", "Loved", "One", "Two"]


def test_a_paper_that_a_full_section_turns_away_moves_on_then_trends() -> None:
    strong = paper("KV cache", "The KV cache again.", position=1)
    double = paper("KV cache A", "Sequence parallelism and pipeline parallelism.", position=2)
    single = paper("KV cache B", position=3)

    sections = sections_of([strong, double, single], [replace(CACHE, limit=1), SPREAD], trending_limit=5)

    assert named(sections) == {
        "kv-cache": ["KV cache"],
        "parallelism": ["KV cache A"],
        "trending": ["KV cache B"],
    }
    [pick] = sections[-1].picks
    assert pick == Pick(single, also=("Kv cache",), rank=pick.rank)


def test_a_paper_that_moves_on_can_take_the_place_of_a_weaker_one() -> None:
    first = paper("KV cache", "KV cache, KV cache, KV cache and KV cache.")
    moved = paper("KV cache and sequence parallelism", "KV cache, KV cache and sequence parallelism.")
    weak = paper("Other", "Sequence parallelism and pipeline parallelism.")
    themes = [replace(CACHE, limit=1), replace(SPREAD, limit=1)]

    sections = sections_of([weak, moved, first], themes, trending_limit=1)

    assert [pick.paper for section in sections for pick in section.picks] == [first, moved, weak]


def test_trending_goes_by_upvotes_where_any_are_known() -> None:
    papers = [paper("A", position=1), paper("B", position=2, upvotes=0), paper("C", position=3, upvotes=7)]
    [section] = sections_of(papers, [CACHE], trending_limit=3)

    assert [pick.paper.title for pick in section.picks] == ["C", "B", "A"]
    assert section.blurb == "What most readers voted for among the other papers."


def test_trending_goes_by_position_where_no_upvotes_are_known() -> None:
    papers = [paper("B", position=2), paper("A", position=1), paper("C", position=3)]
    [section] = sections_of(papers, [], trending_limit=2)

    assert (section.title, [pick.paper.title for pick in section.picks]) == ("Also trending", ["A", "B"])
    assert section.blurb == "The first of the other papers, in the order of their page."


def test_no_paper_makes_no_section() -> None:
    assert sections_of([], [CACHE], trending_limit=5) == ()
    assert sections_of([paper()], [CACHE], trending_limit=0) == ()


# What nearly came in, and what is one paper.


def test_near_misses_are_the_best_of_those_outside_with_their_reason() -> None:
    papers = [
        paper("In: KV cache"),
        paper("Out", "No word of it."),
        paper("Near", "A KV cache.", position=2),
        paper("Nearer", "A KV cache.", position=1),
        paper("Barred KV cache", "An expert cache."),
    ]
    rule = replace(CACHE, exclude=("expert cache",))

    missed = selection.select(papers, [rule], on=ON).misses[rule.slug][:2]

    assert [(miss.paper.title, miss.match.score, miss.why) for miss in missed] == [
        ("Barred KV cache", 6.0, "excluded by “expert cache”"),
        ("Nearer", 3.0, "below threshold 4.0"),
    ]


# What holds for every digest.

WORDS = [
    "KV",
    "key-value",
    "cache",
    "sequence",
    "parallelism",
    "(SP)",
    "SP",
    "pipeline",
    "fast",
    "model",
    ".",
]
texts = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
papers_drawn = st.lists(
    st.builds(
        Paper,
        title=texts,
        abstract=texts,
        url=st.just("https://example.org/"),
        upvotes=st.none() | st.integers(0, 3),
    ),
    max_size=8,
    unique_by=lambda found: (found.title, found.abstract),
).map(
    lambda found: [replace(one, position=at, url=f"{one.url}{at}") for at, one in enumerate(found, start=1)]
)
THEMES = (
    replace(CACHE, limit=2),
    replace(SPREAD, limit=1),
    theme("fast", {"fast": 1.5, "fast model": 4.0, "model": -0.5}, threshold=3.0, limit=2, exclude=("KV",)),
)


@given(papers_drawn, st.integers(0, 3))
def test_every_pick_is_a_paper_of_the_digest_and_stands_once_within_the_limit(
    papers: list[Paper], trending_limit: int
) -> None:
    sections = sections_of(papers, THEMES, trending_limit=trending_limit)
    picked = [pick.paper for section in sections for pick in section.picks]
    limits = {rule.slug: rule.limit for rule in THEMES} | {TRENDING: trending_limit}

    assert set(picked) <= set(papers)
    assert len(picked) == len(set(picked))
    assert all(0 < len(section.picks) <= limits[section.theme] for section in sections)
    assert picked or not papers or not trending_limit


@given(papers_drawn, st.randoms(use_true_random=False))
def test_the_order_of_the_input_makes_no_difference(papers: list[Paper], random: object) -> None:
    shuffled = papers.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert sections_of(shuffled, THEMES, trending_limit=2) == sections_of(papers, THEMES, trending_limit=2)


@given(texts, texts)
def test_the_evidence_adds_up_to_the_score(title: str, abstract: str) -> None:
    for match in selection.match_all([paper(title, abstract)], THEMES)[0]:
        assert math.isclose(match.score, math.fsum(piece.weight for piece in match.evidence), abs_tol=1e-9)
        assert match.member == (not match.why_not)


@given(texts, texts, st.sampled_from([str.upper, str.title, str.lower, lambda text: text.replace(" ", "-")]))
def test_case_and_hyphens_change_no_score(title: str, abstract: str, spelled: object) -> None:
    plain, other = paper(title, abstract), paper(spelled(title), spelled(abstract))  # type: ignore[operator]

    assert selection.match_all([plain], THEMES) == selection.match_all([other], THEMES)


@given(texts)
def test_plurals_change_no_score(text: str) -> None:
    plural = " ".join(f"{word}s" if word.isalpha() and word != "KV" else word for word in text.split())

    one, other = (selection.match_all([paper(abstract=abstract)], THEMES)[0] for abstract in (plural, text))

    assert [unplaced(match) for match in one] == [unplaced(match) for match in other]


def unplaced(match: Match) -> Match:
    return replace(match, evidence=tuple(replace(piece, spans=()) for piece in match.evidence))


@given(st.text(), st.text())
def test_any_text_can_be_scored(title: str, abstract: str) -> None:
    one, other = (f"x {re.sub(r'[{}|~]', ' ', text)}" for text in (title, abstract))
    rule = theme(phrases={other: 1.0, one: -1.0}, exclude=(one,), require=((other,),))

    assert selection.score(paper(title, abstract), rule).theme == "kv-cache"


@pytest.mark.parametrize(
    "unit", ["kv ", "(kv) ", "(", "kv (ab) ", "key value ", "x" * 10, "sequence parallelism (SP) "]
)
def test_hostile_text_takes_time_in_proportion_to_its_length(unit: str) -> None:
    start = time.perf_counter()
    selection.match_all([paper(abstract=unit * 20_000)], THEMES)

    assert time.perf_counter() - start < 5
