"""The words that brought a paper in, as its reader sees them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import reasons
from newsletter.model import Evidence
from tests.builders import paper, pick

PAPER = paper(
    "Larder: KV Cache Eviction",
    "Larder evicts half of\nthe KV caches of long prompts.",
    keywords=("long context",),
    categories=("cs.LG",),
)


def found(phrase: str, words: str, field: str = "abstract", weight: float = 4.0) -> Evidence:
    """Evidence of a phrase that stands in PAPER as `words`."""
    texts = {"title": PAPER.title, "abstract": PAPER.abstract, "tags": "long context, cs.LG"}
    start = texts[field].index(words)
    return Evidence(phrase, field, 1, weight, ((start, start + len(words)),))


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        (found("kv cache", "KV caches"), "KV caches"),
        (found("KV cache", "KV Cache", "title"), "KV Cache"),
        (found("{evict|drop} ~6 KV cache", "evicts half of\nthe KV caches"), "evicts half of the KV caches"),
        (found("long-context", "long context", "tags"), "long context"),
        (found("cs.LG", "cs.LG", "tags"), "cs.LG"),
    ],
)
def test_matched_words_are_shown_as_they_stand_in_the_paper(evidence: Evidence, words: str) -> None:
    assert reasons.wording(evidence, PAPER) == words


@pytest.mark.parametrize(
    ("phrase", "words"),
    [
        ("KV cache", "KV cache"),
        ("{tensor|pipeline} {parallel|parallelism}", "tensor parallel"),
        ("{video |}diffusion", "video diffusion"),
        ("{|video }diffusion", "diffusion"),
        ("evict ~6 KV cache", "evict KV cache"),
        ("like 2402.02750", "like 2402.02750"),
        ("~100 tokens", "tokens"),
        ("C{|}", "C"),
    ],
)
def test_a_phrase_of_unknown_place_is_shown_without_the_signs_of_its_language(
    phrase: str, words: str
) -> None:
    assert reasons.wording(Evidence(phrase, "like", 1, 4.0), PAPER) == words


@pytest.mark.parametrize("span", [(0, 0), (900, 910), (30, 20)])
def test_a_place_that_holds_nothing_leaves_the_phrase(span: tuple[int, int]) -> None:
    assert reasons.wording(Evidence("KV cache", "abstract", 1, 4.0, (span,)), PAPER) == "KV cache"


def test_phrases_are_merged_over_fields_and_ordered_by_weight() -> None:
    evidence = (
        Evidence("paging", "abstract", 1, 1.0),
        Evidence("KV cache", "title", 1, 2.0),
        Evidence("kv cache", "abstract", 3, 2.0),
        Evidence("eviction", "title", 1, 3.0),
        Evidence("survey", "title", 1, -5.0),
        Evidence("sharing", "abstract", 1, 0.5),
    )
    assert reasons.phrases(pick(evidence=evidence)) == ["KV cache", "eviction", "paging"]


def test_a_phrase_is_quoted_from_running_text_before_the_title() -> None:
    evidence = (found("kv cache", "KV Cache", "title", 8.0), found("kv cache", "KV caches"))

    assert reasons.phrases(pick(paper=PAPER, evidence=evidence)) == ["KV caches"]


def test_phrases_that_are_the_same_words_in_the_paper_are_one() -> None:
    evidence = (
        found("kv {cache|store}", "KV caches", weight=3.0),
        found("long prompt", "long prompts", weight=4.0),
        found("key-value cache", "KV Cache", "title", weight=2.0),
    )
    assert reasons.phrases(pick(paper=PAPER, evidence=evidence)) == ["KV caches", "long prompts"]


def test_a_phrase_inside_another_and_one_that_hardly_counts_are_no_reason() -> None:
    evidence = (
        Evidence("KV caches", "abstract", 4, 7.5),
        Evidence("KV-cache eviction", "title", 1, 7.0),
        Evidence("paged attention", "abstract", 1, 2.0),
        Evidence("cached", "abstract", 1, 0.25),
    )
    assert reasons.phrases(pick(evidence=evidence)) == ["KV-cache eviction", "paged attention"]


def test_a_phrase_inside_another_is_no_reason_in_whatever_words_it_stands() -> None:
    evidence = (found("half", "evicts half", weight=7.0), found("half the caches", "the KV caches"))

    assert reasons.phrases(pick(paper=PAPER, evidence=evidence)) == ["the KV caches"]


def test_of_two_phrases_that_say_each_other_the_stronger_is_kept() -> None:
    evidence = (found("KV cache", "KV caches", weight=5.0), found("kv-caches", "prompts"))

    assert reasons.phrases(pick(paper=PAPER, evidence=evidence)) == ["KV caches"]


def test_the_longest_phrases_go_first_where_a_line_has_no_room() -> None:
    evidence = (
        Evidence("one two three four five six seven", "abstract", 1, 5.0),
        Evidence("eight nine ten", "abstract", 1, 4.0),
        Evidence("eleven twelve", "abstract", 1, 3.0),
    )
    assert reasons.phrases(pick(evidence=evidence)) == ["eight nine ten", "eleven twelve"]


def test_a_phrase_that_fills_a_line_alone_loses_its_middle() -> None:
    (shown,) = reasons.phrases(pick(evidence=(Evidence("a b c d e f g h i j k l m", "abstract", 1, 5.0),)))

    assert shown == "a b c d e … i j k l m"


@given(st.lists(st.builds(Evidence, st.text(max_size=60), st.just("abstract"), st.just(1), st.floats(-9, 9))))
def test_a_reason_has_at_most_twelve_words(evidence: list[Evidence]) -> None:
    line = f"Matched: {', '.join(reasons.phrases(pick(evidence=tuple(evidence))))}"

    assert len(line.split()) <= 12


@given(
    st.lists(st.builds(Evidence, st.text("ab s-", max_size=6), st.just("tags"), st.just(1), st.floats(1, 9)))
)
def test_a_paper_with_evidence_has_a_reason(evidence: list[Evidence]) -> None:
    said = any(piece.phrase.strip() for piece in evidence)

    assert bool(reasons.phrases(pick(evidence=tuple(evidence)))) is said
