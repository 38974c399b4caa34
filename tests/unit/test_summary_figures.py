"""The headline figures of an abstract."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.model import Figure
from newsletter.summary import figures, one_liner, polarity


def figure(result: str) -> Figure | None:
    found = figures(f"Caches are slow. We introduce LarderX, a cache. {result}")
    return found[0] if found else None


# How a figure is read.


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        # A number and the noun phrase after it.
        ("It needs 2.6× less peak memory.", Figure("2.6×", "less peak memory")),
        ("It enables up to 4x larger batch sizes.", Figure("up to 4x", "larger batch sizes")),
        ("LarderX brings 1.4× increased throughput.", Figure("1.4×", "increased throughput")),
        ("It serves 30% more requests than a disk.", Figure("30%", "more requests than a disk")),
        ("It runs with 10x fewer copies.", Figure("10x", "fewer copies")),
        ("It is 1.7x - 2.7x faster than paging, with ease.", Figure("1.7x - 2.7x", "faster than paging")),
        ("It has a 1.9x speedup on average.", Figure("1.9x", "speedup on average")),
        ("It has a 45% latency reduction.", Figure("45%", "latency reduction")),
        ("It has a 16% improvement in runtime.", Figure("16%", "improvement in runtime")),
        ("It brings 2.3×∼3.4× throughput on real work.", Figure("2.3×∼3.4×", "throughput on real work")),
        ("It gains 5 points higher accuracy.", Figure("5 points", "higher accuracy")),
        ("It improves recall by 4% points.", Figure("4% points", "", "improves recall by")),
        ("It has an F1 score of 78% in finding both kinds.", None),
        ("It has a recall gain of 38% on top of the b_(0.5) disk.", Figure("38%", "", "recall gain of")),
        ("It reaches 72% compute utilization.", Figure("72%", "compute utilization")),
        # A verb before it.
        ("It reduces peak memory by up to 60%.", Figure("up to 60%", "", "reduces peak memory by")),
        (
            "It accelerates inference by up to 3× for images and 2× for video.",
            Figure("up to 3×", "for images", "accelerates inference by"),
        ),
        ("It cuts copy time by a factor of 20.", Figure("a factor of 20", "", "cuts copy time by")),
        ("It shrinks the cache memory to 10%.", Figure("10%", "", "shrinks the cache memory to")),
        ("It beats paging by 3.5%.", Figure("3.5%", "", "beats paging by")),
        ("It cuts peak memory from 42 GB to 11 GB.", Figure("from 42 GB to 11 GB", "", "cuts peak memory")),
        ("It raises accuracy from 51% to 62%.", Figure("from 51% to 62%", "", "raises accuracy")),
        ("It saves up to 67% cross-GPU traffic.", Figure("up to 67%", "cross-GPU traffic", "saves")),
        ("It removes 98% of attention memory.", Figure("98%", "of attention memory", "removes")),
        ("It requires only 3.1% of the tokens.", Figure("only 3.1%", "of the tokens", "requires")),
        # A noun before it.
        ("It has a training speedup of 86.5x.", Figure("86.5x", "", "training speedup of")),
        ("It has an improvement of 7% in recall.", Figure("7%", "in recall", "improvement of")),
        # A score with its benchmark.
        ("It has 83.6% top-1 accuracy on ShelfNet.", Figure("83.6%", "top-1 accuracy on ShelfNet")),
        ("It achieves 41.5% on ShelfBench.", Figure("41.5%", "on ShelfBench")),
        ("It has a recall of 91% on ShelfNet.", Figure("91%", "on ShelfNet", "recall of")),
    ],
)
def test_a_figure_is_read_with_the_words_that_make_it_mean_something(
    result: str, expected: Figure | None
) -> None:
    assert figure(result) == expected


# What is no figure.


@pytest.mark.parametrize(
    "result",
    [
        # The price of the gain.
        "It costs 0.2% accuracy loss and a 5% drop in quality.",
        "It increases latency by 20% and memory by 2x.",
        "It decreases throughput by less than 15%.",
        "It has 2x higher latency and 12% lower accuracy.",
        # The work of others.
        "However, prior caches reduce memory by 50%.",
        "It is steady, while the baseline reduces memory by 50%.",
        "It is new, and existing systems have 2x lower latency.",
        "A disk outperforms tape by 5%.",
        # Neither direction nor thing.
        "It takes 40% for 90% of requests.",
        "It is 3x smaller.",
        "It gives a 12% improvement.",
        "It reaches 94% accuracy.",
        "It beats paging by an average accuracy of 0.8% on ShelfNet.",
        # Sizes, settings, years, shares of a set.
        "It was trained in 2024 on 6.6B tokens with a 7B model at 256×256 and 10% dropout.",
        "It removes 46% of the weights that nobody reads.",
        # Two rows that only "respectively" joins, and two numbers for two things.
        "It cuts time and cost by 40% and 62%, respectively.",
        "It cuts time and cost by 40% and 62%.",
        "It reaches 83% and 85% top-1 accuracy on ShelfNet with two disks.",
        "It has speedups of up to 2.8× and 2× in reading and writing.",
        "It has a 1.01x speedup and 0.1% higher accuracy.",
    ],
)
def test_a_number_that_could_mislead_is_no_figure(result: str) -> None:
    assert figure(result) is None


def test_before_the_paper_says_what_it_offers_numbers_are_others() -> None:
    assert figures("Paging reduces memory by 50%. Caches are slow.") == ()


# Which figures, in which order.


def test_each_figure_tells_another_gain_and_the_whole_counts_before_a_part() -> None:
    abstract = (
        "We introduce Larder. On attention it has a 6.7× speedup over paging. It has a 5.3× speedup over "
        "paging end-to-end, which is what counts, and reduces memory by 40%."
    )

    assert figures(abstract) == (
        Figure("5.3×", "speedup over paging end-to-end"),
        Figure("40%", "", "reduces memory by"),
    )


def test_speed_and_memory_come_before_scores_and_no_more_than_asked_for() -> None:
    abstract = (
        "We introduce Larder. It reaches 71% on ShelfBench. It beats paging by 9%. It cuts memory by 40%. "
        "It has a 3× speedup."
    )

    assert [figure.value for figure in figures(abstract)] == ["3×", "40%", "71%"]
    assert [figure.value for figure in figures(abstract, most=1)] == ["3×"]


PIECES = (
    "We introduce Larder.",
    "It reduces memory by",
    "while baselines",
    "respectively",
    "from",
    "to",
    "and",
    "a speedup of",
    "accuracy on ShelfNet",
    "less latency",
    "only",
)


AMOUNTS = st.from_regex(r"\d{1,3}(\.\d)?(%|×|x| points)", fullmatch=True)


@given(st.lists(st.sampled_from(PIECES) | AMOUNTS), st.sampled_from([" ", "\n", "  \n "]))
def test_a_figure_is_one_stretch_of_the_abstract(pieces: list[str], blank: str) -> None:
    folded = " ".join(" ".join(pieces).split())

    for figure in figures(folded.replace(" ", blank)):
        assert " ".join(filter(None, (figure.before, figure.value, figure.words))) in folded
        assert figure.before or figure.words


@given(st.text(max_size=300))
def test_foreign_text_never_stops_it(text: str) -> None:
    assert len(figures(f"We introduce it. {text}")) <= 3


HOSTILE = (
    "We propose it and cut 3x ",
    "We show 3% less memory, while existing ",
    "reduces memory from 3 to ",
    "to address this ",
    "by this we ",
    ", enabling ",
    "1,111-",
    "1. ",
    "(a. ",
    '"A. ',
    "....",
    " -- ",
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_abstracts_take_linear_time(piece: str) -> None:
    text = "We propose it. " + piece * (40_000 // len(piece))
    start = time.perf_counter()

    figures(text)
    one_liner(text, title=text)

    # Seconds. Twenty times what it takes, far less than the square would.
    assert time.perf_counter() - start < 4


# Gain or price.


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("peak memory", -1),
        ("memory bandwidth", 1),
        ("batch size", 1),
        ("KV-cache", -1),
        ("colour", 0),
        ("", 0),
    ],
)
def test_the_last_known_word_says_what_is_wanted(words: str, expected: int) -> None:
    assert polarity.leaning(words) == expected


@pytest.mark.parametrize(
    ("how", "what", "expected"),
    [
        ("less", "memory", True),
        ("less", "accuracy", False),
        ("fewer", "colours", True),
        ("lower", "colours", False),
        ("reduction", "latency", True),
        ("drop", "quality", False),
        ("more", "requests", True),
        ("more", "parameters", False),
        ("increase", "throughput", True),
        ("better", "colours", True),
        ("better", "latency", False),
        ("faster", "colours", True),
    ],
)
def test_a_change_is_a_gain_only_where_it_is_wanted(how: str, what: str, *, expected: bool) -> None:
    assert polarity.is_gain(how, what) is expected
