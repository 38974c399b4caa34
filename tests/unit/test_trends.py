"""What is new: themes beside their mean, and terms nobody used before."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter import trends
from newsletter.model import Trend
from tests.builders import paper, theme

THEMES = (theme("kv-cache"), theme("speech"))
# As many earlier papers as it takes, of words that no test looks for.
EARLIER = [f"Paper {n}\nWe weigh otters." for n in range(1000)]


def new(*texts: tuple[str, str], earlier: tuple[str, ...] = (), **values: int) -> tuple[str, ...]:
    return trends.new_terms([paper(*text) for text in texts], [*EARLIER, *earlier], **values)


def twice(abstract: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Two papers that say the same."""
    return ("One", abstract), ("Another", abstract)


def test_a_theme_is_compared_with_its_mean() -> None:
    found = trends.trends(
        THEMES, {"kv-cache": 8}, [{"kv-cache": 4, "speech": 1}, {"kv-cache": 7, "speech": 2}]
    )

    assert found == (
        Trend("kv-cache", "Kv cache", 8, 5.5, 2),
        Trend("speech", "Speech", 0, 1.5, 2),
    )


def test_the_first_issue_has_no_trend() -> None:
    assert trends.trends(THEMES, {"kv-cache": 8}, []) == ()


def test_a_theme_that_no_earlier_issue_had_is_left_out() -> None:
    [found] = trends.trends(THEMES, {"kv-cache": 8, "speech": 3}, [{"kv-cache": 4}])

    assert found.theme == "kv-cache"


def test_only_the_last_issues_count() -> None:
    [found, _] = trends.trends(THEMES, {}, [{"kv-cache": 1, "speech": 1}] * 12 + [{"kv-cache": 99}])

    assert (found.mean, found.issues) == (1, 12)


@pytest.mark.parametrize("name", ["GRPO-λ", "DAPO", "Qwen3.5", "K3", "LoRA", "DeepSeek-R2", "AI4AI"])
def test_a_name_of_two_papers_is_a_new_term(name: str) -> None:
    assert new(*twice(f"We use {name}, which works.")) == (name,)


@pytest.mark.parametrize(
    "word",
    ["Otter", "state-of-the-art", "HTML-based", "32B", "2.8T", "2026", "X", "https://a.io/GRPO", "Long"],
)
def test_what_is_no_name_is_no_term(word: str) -> None:
    assert new(*twice(f"We use {word}, which works.")) == ()


def test_a_name_of_one_paper_is_no_term() -> None:
    assert new(("One", "We use DAPO."), ("Another", "We do not.")) == ()


@pytest.mark.parametrize("before", ["Dapo was here.", "DAPO", "Two dapos.", "A DAPO-like thing."])
def test_a_term_that_an_earlier_text_has_in_another_spelling_is_not_new(before: str) -> None:
    assert new(*twice("We use DAPO."), earlier=(before,)) == ()


def test_a_part_of_an_earlier_word_is_not_the_term() -> None:
    assert new(*twice("We use MOR."), earlier=("Much more memory.",)) == ("MOR",)


def test_a_phrase_needs_a_title_and_a_third_use() -> None:
    said = "An otter raft floats."

    assert new(("One", said), ("Another", said)) == ()
    assert new(("Otter Rafts", said), ("Another", said)) == ("otter raft",)


@pytest.mark.parametrize(
    "phrase",
    ["novel otters", "otters achieve", "quickly otters", "floating rafts", "rafts agentic", "we otters"],
)
def test_words_of_every_abstract_make_no_phrase(phrase: str) -> None:
    assert new((phrase.title(), f"Here {phrase}."), ("Another", f"Here {phrase}."), earlier=()) == ()


def test_of_terms_within_one_another_the_longer_of_equal_papers_stays() -> None:
    said = "An otter raft census counts."

    assert new(("Otter Raft Census", said), ("Another", said)) == ("otter raft census",)


def test_those_of_most_papers_come_first_and_no_more_than_wanted() -> None:
    papers = (("A", "DAPO and GRPO."), ("B", "DAPO and GRPO."), ("C", "GRPO and RLOO."), ("D", "RLOO."))

    assert new(*papers) == ("GRPO", "DAPO", "RLOO")
    assert new(*papers, most=1) == ("GRPO",)


def test_a_store_that_has_seen_little_knows_nothing_new() -> None:
    assert trends.new_terms([paper("A", "DAPO"), paper("B", "DAPO")], EARLIER[:999]) == ()


def test_words_with_a_sign_between_them_are_no_phrase() -> None:
    assert new(*[("A", "A00:A00")] * 3) == ("A00",)


@given(st.lists(st.text(max_size=80), max_size=6))
@example(["A00'A00"] * 3)
def test_a_new_term_stands_in_two_papers_and_in_no_earlier_text(texts: list[str]) -> None:
    papers = [paper("A title", text) for text in texts]

    for term in trends.new_terms(papers, EARLIER):
        assert sum(term.casefold() in each.abstract.casefold() for each in papers) >= 1
        assert not any(term.casefold() in text.casefold().split() for text in EARLIER)
