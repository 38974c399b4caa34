"""Broken digests of every format: a digest or a refusal, and nothing else."""

import os

import pytest

from tests import fuzz

# By hand there are more: NEWSLETTER_TEST_RUNS=20000.
INPUTS = max(1000, int(os.environ.get("NEWSLETTER_TEST_RUNS", "0")))


@pytest.mark.parametrize("first", range(0, INPUTS, 500))
def test_whatever_the_bytes_parsing_gives_a_digest_or_a_refusal(first: int) -> None:
    report = fuzz.run(range(first, first + 500))

    assert report.faults == []
    assert sum(report.ends.values()) == 500


def test_an_input_of_a_number_is_always_the_same() -> None:
    whole = fuzz.samples()

    assert fuzz.broken(7, whole) == fuzz.broken(7, whole)
    assert len({fuzz.broken(number, whole) for number in range(100)}) > 90
