"""Colours: read, measured against known values, and turned dark."""

import pytest

from newsletter import color
from newsletter.color import BLACK, WHITE, Color


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#1b4fd1", Color(27, 79, 209)),
        ("#FFF", WHITE),
        ("#0008", Color(0, 0, 0, 136 / 255)),
        ("#ff000080", Color(255, 0, 0, 128 / 255)),
        (" Navy ", Color(0, 0, 128)),
        ("rebeccapurple", Color(102, 51, 153)),
        ("transparent", Color(0, 0, 0, 0)),
        ("rgb(27, 79, 209)", Color(27, 79, 209)),
        ("rgba(0,0,0,.5)", Color(0, 0, 0, 0.5)),
        ("rgb(100% 0% 0% / 25%)", Color(255, 0, 0, 0.25)),
        ("rgb(300,-5,0)", Color(255, 0, 0)),
        ("hsl(120, 100%, 50%)", Color(0, 255, 0)),
        ("hsla(240deg 100% 50% / 1)", Color(0, 0, 255)),
    ],
)
def test_a_colour_is_read_as_css_writes_it(text: str, expected: Color) -> None:
    assert color.parse(text) == expected


@pytest.mark.parametrize(
    "text", ["", "#12345", "currentcolor", "var(--a)", "rgb(1,2)", "rgb(a,b,c)", "solid"]
)
def test_what_is_no_colour_is_none(text: str) -> None:
    assert color.parse(text) is None


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000", "#fff", 21.0),
        ("#777", "#fff", 4.48),
        ("#767676", "#fff", 4.54),
        ("#00f", "#fff", 8.59),
        ("#f00", "#fff", 4.00),
        ("#fff", "#fff", 1.0),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    first, second = color.parse(one), color.parse(other)
    assert first is not None
    assert second is not None

    assert color.contrast(first, second) == pytest.approx(ratio, abs=0.005)
    assert color.contrast(second, first) == color.contrast(first, second)


@pytest.mark.parametrize(
    ("text", "expected"), [("#fff", 100.0), ("#000", 0.0), ("#f00", 53.24), ("#808080", 53.59)]
)
def test_lightness_is_that_of_cie_lab(text: str, expected: float) -> None:
    found = color.parse(text)
    assert found is not None

    assert color.lightness(found) == pytest.approx(expected, abs=0.01)


def test_forced_dark_turns_white_paper_and_black_ink_around() -> None:
    # L* of 100 becomes 12.5, and of 0 becomes 87.5.
    assert color.lightness(color.dimmed(WHITE)) == pytest.approx(12.5, abs=0.1)
    assert color.lightness(color.lit(BLACK)) == pytest.approx(87.5, abs=0.1)
    assert color.css(color.dimmed(WHITE)) == "#212121"
    assert color.css(color.lit(BLACK)) == "#dbdbdb"


def test_forced_dark_leaves_dark_paper_dark_and_light_ink_light() -> None:
    assert color.dimmed(BLACK) == pytest.approx(BLACK, abs=0.5)
    assert color.lit(WHITE) == pytest.approx(WHITE, abs=0.5)
    assert color.lightness(color.turned(BLACK)) > color.lightness(color.turned(WHITE))


@pytest.mark.parametrize("text", ["#1b4fd1", "rgba(1,2,3,0.5)", "#ffffff"])
def test_a_colour_is_written_as_it_was_read(text: str) -> None:
    found = color.parse(text)
    assert found is not None

    assert color.css(found) == text


def test_a_glass_colour_lies_over_what_is_behind_it() -> None:
    assert color.over(Color(0, 0, 0, 0.5), WHITE) == Color(127.5, 127.5, 127.5)
    assert color.over(BLACK, WHITE) == BLACK
