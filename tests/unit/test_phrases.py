"""What may stand where a theme names words, and how a mistake in it is told."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.selection import phrases
from newsletter.selection.phrases import Way


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("KV cache", [("KV cache",)]),
        (
            "{tensor|pipeline} parallel{|ism}",
            [
                ("tensor parallel",),
                ("tensor parallelism",),
                ("pipeline parallel",),
                ("pipeline parallelism",),
            ],
        ),
        ("{video |}diffusion", [("video diffusion",), ("diffusion",)]),
        ("{a | a}  b", [("a b",)]),
    ],
)
def test_alternatives_are_written_out(text: str, ways: list[tuple[str, ...]]) -> None:
    assert phrases.ways(text) == tuple(Way(parts) for parts in ways)


def test_two_parts_may_stand_near_each_other() -> None:
    assert phrases.ways("{evict|drop} ~6 KV cache") == (
        Way(("evict", "KV cache"), 6),
        Way(("drop", "KV cache"), 6),
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{a|b", "alternatives stand in braces"),
        ("a|b", "alternatives stand in braces"),
        ("{a|{b|c}}", "alternatives stand in braces"),
        ("{a} b", "braces hold alternatives"),
        ("{a|b|c|d}" * 4, "256 alternatives are too many, 64 the most"),
        ("{a|}", "has no word"),
        ("--", "has no word"),
        ("evict ~6", "has no word"),
        ("a ~2 b ~2 c", "one ~ and a number of words stand between two parts"),
        ("a ~ b", "one ~ and a number of words stand between two parts"),
        ("~80% faster", "one ~ and a number of words stand between two parts"),
        ("a ~21 b", "~21 is too far; 20 words"),
    ],
)
def test_a_malformed_phrase_is_refused_with_what_is_wrong(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as caught:
        phrases.ways(text)

    assert problem in str(caught.value)


@given(st.text(st.sampled_from("ab {}|~12 ")) | st.text())
def test_any_text_is_a_phrase_of_few_ways_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert 0 < len(phrases.ways(text)) <= phrases.MOST_WAYS
