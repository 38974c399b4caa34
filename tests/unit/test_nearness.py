"""How near two papers are."""

import math
import random
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.selection import nearness
from tests.builders import CACHE_PAPER, OTHER_PAPER, paper

LARDER, PLUMBLINE = paper(*CACHE_PAPER), paper(*OTHER_PAPER)
PANTRY = paper(
    "Pantry: Which Tokens to Keep in the KV Cache",
    "Long prompts fill the KV cache of a language model. Pantry is an eviction policy for the KV cache that "
    "keeps tokens by their attention, and raises throughput.",
)


def test_a_paper_is_nearest_to_itself_and_nearer_to_its_subject_than_to_another() -> None:
    twin, near, far = (nearness.nearness(LARDER, other) for other in (LARDER, PANTRY, PLUMBLINE))

    assert twin == pytest.approx(1.0)
    assert twin > 0.8 > near > 0.25 > 0.07 > far


def test_papers_without_a_common_word_are_not_near() -> None:
    assert nearness.nearness(paper("Larder", ""), paper("Plumbline", "")) == 0.0
    assert nearness.nearness(paper("", ""), paper("", "")) == 0.0


def test_a_rare_word_in_common_counts_more_than_a_common_one() -> None:
    rare = nearness.nearness(paper("Quantized larders", ""), paper("Quantized pantries", ""))
    common = nearness.nearness(paper("Learning larders", ""), paper("Learning pantries", ""))

    assert rare > 2 * common


def test_a_pair_of_words_counts_beside_its_words() -> None:
    one = paper("Speculative decoding", "")

    together = nearness.nearness(one, paper("Speculative decoding larder", ""))

    assert together > nearness.nearness(one, paper("Decoding larder speculative", ""))


def test_case_plural_and_hyphens_change_no_nearness() -> None:
    spelled = paper(LARDER.title.upper(), LARDER.abstract.replace("tokens", "token"))

    assert nearness.profile(spelled) == nearness.profile(LARDER)


def test_the_table_is_small_and_holds_only_counts_in_ten_thousand() -> None:
    data = files("newsletter").joinpath("selection", "words.tsv").read_bytes()
    lines = [line.split("\t") for line in data.decode().splitlines() if not line.startswith("#")]

    assert len(data) < 120_000
    assert len(dict(lines)) == len(lines) > 5_000  # type: ignore[arg-type]
    assert all(0 < int(count) <= 10_000 for _, count in lines)


drawn = st.text(st.sampled_from("ab ß(")) | st.text()


@given(drawn, drawn, drawn, drawn)
def test_nearness_is_the_same_both_ways_and_between_0_and_1(a: str, b: str, c: str, d: str) -> None:
    one, other = paper(a, b), paper(c, d)

    assert 0 <= nearness.nearness(one, other) == nearness.nearness(other, one) <= 1
    assert not nearness.profile(one) or math.isclose(nearness.nearness(one, one), 1)


@given(st.randoms(use_true_random=False))
def test_nearness_depends_on_no_other_paper(shuffling: random.Random) -> None:
    papers = [LARDER, PANTRY, PLUMBLINE]
    shuffling.shuffle(papers)

    profiles = {one.title: nearness.profile(one) for one in papers}

    assert nearness.cosine(profiles[LARDER.title], profiles[PANTRY.title]) == nearness.nearness(
        LARDER, PANTRY
    )
