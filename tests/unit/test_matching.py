"""What the language of themes finds in a paper, where, and what it adds."""

import random
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import selection
from newsletter.model import Evidence, Paper, Phrase, Theme
from newsletter.selection import Match, matching, words
from tests.builders import CACHE_PAPER, OTHER_PAPER, paper, theme


def rule(*phrases: Phrase, **values: object) -> Theme:
    fields: dict[str, object] = {"title": "T", "blurb": "", "threshold": 1.0, **values}
    return Theme(slug="t", phrases=phrases, **fields)  # type: ignore[arg-type]


def counts(text: str, *phrases: str) -> dict[str, int]:
    match = selection.score(paper("Untitled", text), rule(*(Phrase(one, 1.0) for one in phrases)))
    return {piece.phrase: piece.count for piece in match.evidence}


def found(text: str, phrase: str) -> list[str]:
    """The stretches of an abstract in which a phrase stands."""
    match = selection.score(paper("Untitled", text), rule(Phrase(phrase, 1.0)))
    return [text[start:end] for piece in match.evidence for start, end in piece.spans]


# Alternatives and nearness of words.


def test_the_alternatives_of_a_phrase_are_one_piece_of_evidence() -> None:
    text = "Tensor parallelism, pipeline parallel stages and tensor-parallel layers."

    assert counts(text, "{tensor|pipeline} parallel{ism|}") == {"{tensor|pipeline} parallel{ism|}": 3}


def test_an_alternative_inside_another_counts_once() -> None:
    assert found("Video diffusion and diffusion.", "{video |}diffusion") == ["Video diffusion", "diffusion"]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("We evict the KV cache.", ["evict the KV cache"]),
        ("The KV cache, where we evict.", ["KV cache, where we evict"]),
        ("Evict a b c KV cache.", ["Evict a b c KV cache"]),
        ("Evict a b c d KV cache.", []),
        ("Evict. Key-value (KV) caches.", ["Evict. Key-value (KV) caches"]),
        ("We evict, evict the KV cache, a KV cache.", ["evict the KV cache"]),
        ("Evict KV cache x, evict KV cache.", ["Evict KV cache", "evict KV cache"]),
        ("Evict and evict again.", []),
    ],
)
def test_parts_near_each_other_are_found_in_either_order(text: str, spans: list[str]) -> None:
    assert found(text, "evict ~3 KV cache") == found(text, "KV cache ~3 evict") == spans


def test_parts_that_share_a_word_are_not_near_each_other() -> None:
    assert found("A cache size.", "cache ~3 cache size") == []
    assert found("The cache of any cache size.", "cache ~3 cache size") == ["cache of any cache size"]


def test_the_words_of_both_parts_are_taken_and_those_between_are_not() -> None:
    text = "We evict old entries of the KV cache."

    assert counts(text, "evict ~6 KV cache", "KV cache", "evict", "entries") == {
        "evict ~6 KV cache": 1,
        "entries": 1,
    }


def test_an_abbreviation_is_near_as_what_it_stands_for() -> None:
    text = "Sequence parallelism (SP) is old. We balance the load of SP."

    assert found(text, "balance ~3 sequence parallelism") == ["balance the load of SP"]


def test_a_weight_of_nothing_takes_one_alternative_away() -> None:
    themed = rule(Phrase("{tensor|pipeline} stages", 1.0), Phrase("tensor stage", 0.0))
    match = selection.score(paper(abstract="Tensor stages, pipeline stages."), themed)

    assert [(piece.count, piece.spans) for piece in match.evidence] == [(1, ((15, 30),))]


# Fields and what stands beside a phrase.


def test_a_phrase_counts_only_in_the_fields_it_is_looked_for_in() -> None:
    found = paper("Caches", "Caches.", keywords=("cache",), categories=("cs.DC", "cs.LG"))
    here = Phrase("cache", 1.0, fields=("title", "tags"))

    assert selection.score(found, rule(here)).evidence == (
        Evidence("cache", "title", 1, 2.0, ((0, 6),)),
        Evidence("cache", "tags", 1, 1.0, ((0, 5),)),
    )


def test_a_tag_counts_only_where_the_phrase_asks_for_tags() -> None:
    found = paper("A", "B.", keywords=("serving", "KV-cache"), categories=("cs.DC",))
    match = selection.score(found, rule(Phrase("KV cache", 3.0), Phrase("cs.DC", 1.0, fields=("tags",))))

    assert [(piece.field, piece.weight) for piece in match.evidence] == [("tags", 1.0)]
    assert [selection.wording(piece, found) for piece in match.evidence] == ["cs.DC"]


def test_no_phrase_reaches_from_one_tag_into_the_next() -> None:
    tagged = paper("A", "B.", keywords=("diffusion", "model merging"))

    assert selection.score(tagged, rule(Phrase("diffusion model", 1.0))).evidence == ()


def test_a_phrase_counts_beside_one_of_its_companions_and_without_what_it_must_not_have() -> None:
    step = Phrase("step", 1.0, beside=("{image|video} diffusion", "flow"), without=("reasoning ~3 trace",))

    def score(text: str, **values: object) -> float:
        return selection.score(paper("Untitled", text, **values), rule(step)).score

    assert score("One step of video diffusion.") == score("A step along the flow.") == 1.0
    assert score("One step of a proof.") == 0.0
    assert score("One step of the flow of a reasoning trace.") == 0.0
    assert score("One step.", keywords=("flow",)) == 0.0


def test_the_whole_language_holds_for_exclusions_and_requirements() -> None:
    themed = rule(
        Phrase("step", 1.0), exclude=("{policy|reward} ~2 learning",), require=(("{image|video}s",),)
    )

    assert selection.score(paper("Untitled", "One step to an image."), themed).member
    barred = selection.score(paper("Untitled", "One step to images: learning a policy."), themed)
    assert barred.why_not == "excluded by “{policy|reward} ~2 learning”"
    lacking = selection.score(paper("Untitled", "One step."), themed)
    assert lacking.why_not == "no word of: {image|video}s"


@pytest.mark.parametrize(
    ("categories", "why_not"),
    [
        ((), ""),
        (("cs.LG", "cs.DC"), ""),
        (("eess.IV",), ""),
        (("cs.LG",), "in none of the categories cs.DC, eess"),
    ],
)
def test_a_paper_of_other_categories_is_not_a_member(categories: tuple[str, ...], why_not: str) -> None:
    themed = rule(Phrase("step", 1.0), categories=("cs.DC", "eess"))

    match = selection.score(paper("One step", categories=categories), themed)

    assert (match.score, match.member, match.why_not) == (2.0, not why_not, why_not)


# Examples.

LARDER = paper(*CACHE_PAPER, arxiv_id="2402.02750")
ALIKE = theme("alike", {"nothing like it": 1.0}, like=("2402.02750",))
PANTRY = paper(
    "Pantry: Keeping Tokens in the KV Cache",
    "The KV cache of a language model fills up. Pantry is a KV cache eviction policy that keeps the tokens "
    "of the conversation which later answers need, with less KV cache memory and higher throughput.",
)


def test_what_is_near_an_example_is_a_member_and_what_is_not_has_no_evidence() -> None:
    near, far = (selection.score(one, ALIKE, examples=[LARDER]) for one in (PANTRY, paper(*OTHER_PAPER)))

    (piece,) = near.evidence
    assert (piece.phrase, piece.field, piece.count) == ("like 2402.02750", "like", 1)
    assert near.member
    assert (far.score, far.evidence) == (0.0, ())


def test_an_example_is_a_member_whatever_it_says() -> None:
    strict = theme("alike", {}, like=("2402.02750",), threshold=50.0, exclude=("KV",), require=(("never",),))

    [(match,)] = selection.match_all([LARDER], [strict])

    evidence = Evidence("like 2402.02750", "like", 1, matching.LIKE_WEIGHT)
    assert match == Match("alike", matching.LIKE_WEIGHT, (evidence,), member=True, why_not="")
    assert selection.wording(evidence, LARDER) == "like 2402.02750"


def test_examples_are_looked_for_among_the_papers_and_the_missing_ones_are_named() -> None:
    themes = [ALIKE, theme("other", {"x": 1.0}, like=("2501.00001", "2402.02750"))]

    first, *_ = selection.match_all([PANTRY, LARDER], themes)

    assert first[0] == selection.score(PANTRY, ALIKE, examples=[LARDER])
    assert selection.score(PANTRY, ALIKE).score == 0.0
    assert selection.missing_examples(themes, [PANTRY, LARDER]) == ("2501.00001",)


# Where it stands.


@pytest.mark.parametrize(
    ("text", "phrase", "spans"),
    [
        ("A ﬂow map, e\u0301tude: ﬂow maps.", "flow map", ["ﬂow map", "ﬂow maps"]),
        ("Größe und STRASSE: eine Straße.", "strasse", ["STRASSE", "Straße"]),
        ("Cafe\u0301 ⅓ cache (KV) cache", "KV cache", ["KV) cache"]),
        ("Sequence parallelism （SP） and SP.", "sequence parallelism", ["Sequence parallelism", "SP"]),
        ("한국 한국 KV\u00a0cache", "KV cache", ["KV\u00a0cache"]),
        ("İstanbul key – value caches", "KV cache", ["key – value caches"]),
    ],
)
def test_spans_point_into_the_text_as_it_is_written(text: str, phrase: str, spans: list[str]) -> None:
    assert found(text, phrase) == spans


def test_the_wording_is_that_of_the_paper_in_one_line() -> None:
    there = paper("Untitled", "We use pipeline\n  parallelism and tensor parallelism.")
    match = selection.score(there, rule(Phrase("{tensor|pipeline} parallelism", 1.0)))

    assert selection.wording(match.evidence[0], there) == "pipeline parallelism"


TEXTS = st.lists(
    st.sampled_from(["KV", "key-value", "cache", "ﬁne", "Straße", "(SP)", "evict", "e\u0301", "⅓", ".", "ǆ"]),
    max_size=14,
).map(" ".join)


@given(TEXTS | st.text(), st.sampled_from(["KV cache", "fine", "strasse", "evict", "fine strasse"]))
def test_a_span_points_at_text_that_folds_to_the_phrase(text: str, phrase: str) -> None:
    for stretch in found(text, phrase):
        # An aside may stand between the words of a phrase.
        assert words.key(re.sub(r"\([^\W_]{2,10}\)", " ", stretch)) == words.key(phrase)


@given(st.text() | TEXTS | st.text(st.characters(categories=["L", "M"])))
def test_every_word_of_any_text_has_its_place_in_it(text: str) -> None:
    places = words.spans(text)

    assert len(places) == len(words.read(text).words)
    assert all(0 <= start < end <= len(text) for start, end in places)
    if text.isascii():
        assert [words.fold(text[start:end].lower()) for start, end in places] == list(words.read(text).words)


# What holds for every paper.

SHORT = st.lists(st.sampled_from("abcd"), max_size=20).map(" ".join)


@given(SHORT)
def test_alternatives_count_as_much_as_each_alone_together(text: str) -> None:
    together = counts(text, "{a|b} {c|d}")
    apart = counts(text, "a c", "a d", "b c", "b d")

    assert sum(together.values()) == sum(apart.values())


@given(SHORT, st.sampled_from(["a", "a b", "b"]), st.sampled_from(["a", "c", "b a"]), st.integers(0, 4))
def test_nearness_of_words_is_the_same_in_either_order(text: str, one: str, other: str, most: int) -> None:
    assert found(text, f"{one} ~{most} {other}") == found(text, f"{other} ~{most} {one}")


@given(SHORT, st.integers(0, 4))
def test_words_are_near_exactly_when_few_enough_stand_between(text: str, most: int) -> None:
    run = text.split()
    near = any(
        {one, other} == {"a", "b"} and abs(i - j) - 1 <= most
        for i, one in enumerate(run)
        for j, other in enumerate(run)
    )

    assert bool(found(text, f"a ~{most} b")) == near


PAPERS = [
    paper(f"{title} {at}", abstract, position=at, arxiv_id=f"2501.0000{at}")
    for at, (title, abstract) in enumerate([CACHE_PAPER, OTHER_PAPER, (PANTRY.title, PANTRY.abstract)], 1)
]
THEMES = [ALIKE, theme("kv", {"KV cache": 2.0}, like=("2501.00003",)), theme("ask", {"question": 1.0})]


@given(st.randoms(use_true_random=False), st.integers(1, 3))
def test_a_score_depends_on_no_other_paper_and_on_no_other_theme(chance: random.Random, most: int) -> None:
    papers, themes = chance.sample(PAPERS, most), chance.sample(THEMES, 2)

    matches = selection.match_all(papers, themes, examples=[LARDER, *PAPERS])

    alone: list[tuple[Paper, Theme]] = [(one, each) for one in papers for each in themes]
    assert [match for row in matches for match in row] == [
        selection.score(one, each, examples=[LARDER, *PAPERS]) for one, each in alone
    ]


@pytest.mark.parametrize(
    "unit",
    ["evict KV cache ", "evict evict x ", "cache KV evict ", "é" * 9, "e\u0301\u0323", "ᄒ", "ᅡ", "sp (sp) "],
)
def test_hostile_text_takes_time_in_proportion_to_its_length(unit: str) -> None:
    near = Phrase("{evict|drop} ~20 {KV cache|cache}", 1.0, beside=("evict ~20 evict",), without=("x ~20 y",))
    start = time.perf_counter()
    selection.score(paper("Untitled", unit * 20_000), rule(near, Phrase("evict", 1.0)))

    assert time.perf_counter() - start < 5
