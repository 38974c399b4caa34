"""Plots as they stand in a page."""

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from newsletter import plots
from newsletter.plots import Words

pytest.importorskip("matplotlib", reason="pip install 'newsletter[test]'")

DAYS = [date(2026, 1, 5) + timedelta(weeks=week) for week in range(8)]
NUMBERS = [5, 7, 0, 12, 3, 8, 9, 4]
WORDS = Words("one", "A plot", "It shows a thing.")
ZERO = [0] * 8
SVG = "{http://www.w3.org/2000/svg}"


def bars(words: Words = WORDS, numbers: list[int] = NUMBERS) -> str:
    tips = [f"tip {number}" for number in range(len(numbers))]
    return plots.bars(words, DAYS[: len(numbers)], numbers, tips=tips, height=130).wide


def test_the_colours_are_those_of_the_page_and_the_letters_too() -> None:
    drawn = bars()

    assert set(re.findall(r"#[0-9a-f]{6}", drawn)) == set()
    assert {"var(--bar)", "var(--over)", "var(--soft)"} <= set(re.findall(r"var\(--\w+\)", drawn))
    assert "font-family" not in drawn


def test_each_bar_says_what_it_is() -> None:
    root = ElementTree.fromstring(bars())  # noqa: S314 - ours

    said = [part.find(f"{SVG}title") for part in root.iter(f"{SVG}g")]
    assert [one.text for one in said if one is not None] == [f"tip {number}" for number in range(8)]


def test_words_of_others_stay_text_and_change_no_part_of_the_drawing() -> None:
    hostile = """</title><script>alert(1)</script> id="x" href="#y" url(#z) #010103 \x01 font-family: x"""
    root = ElementTree.fromstring(bars(Words("two", hostile, hostile)))  # noqa: S314 - ours

    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text == hostile.replace("\x01", "")
    assert not [*root.iter(f"{SVG}script")]


def test_two_plots_of_a_page_share_no_id() -> None:
    plot = plots.area(WORDS, DAYS, NUMBERS)
    ids = re.findall(r' id="([^"]+)"', plot.wide + plot.narrow)

    assert len(ids) == len({*ids}) > 0
    assert all(name.startswith(("one-wide-", "one-narrow-")) for name in ids)


@pytest.mark.parametrize("count", [1, 2, 8])
@pytest.mark.parametrize("numbers", [NUMBERS, ZERO, [10**7 + one for one in NUMBERS]])
def test_any_numbers_can_be_drawn(numbers: list[int], count: int) -> None:
    some, days = numbers[:count], DAYS[:count]

    assert bars(numbers=some)
    assert plots.area(WORDS, days, some)
    assert plots.up_and_down(WORDS, days, some, some, tips=["a tip"] * count)
    assert plots.shares(WORDS, days, [[one / 10**8 for one in some]] * 3)
