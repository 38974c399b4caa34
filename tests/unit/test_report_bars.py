"""Numbers drawn with characters."""

import pytest

from newsletter.report import bar, line


@pytest.mark.parametrize(
    ("number", "drawn"), [(0, ""), (1, "▏"), (500, "█████"), (550, "█████▌"), (1000, "██████████")]
)
def test_a_bar_is_as_long_as_its_number_and_the_least_is_seen(number: int, drawn: str) -> None:
    assert bar(number, 1000, width=10) == drawn


def test_nothing_is_drawn_of_nothing() -> None:
    assert (bar(0, 0, width=10), line([], width=10)) == ("", "")


def test_a_line_goes_from_the_least_to_the_most() -> None:
    assert line([3, 10, 17], width=10) == "▁▅█"
    assert line([5, 10], width=10, least=0) == "▅█"


def test_a_long_line_is_cut_into_stretches_and_ends_with_the_last() -> None:
    drawn = line([*range(99), 0], width=26)

    assert (len(drawn), drawn[-1]) == (26, "▁")


def test_what_does_not_move_is_flat() -> None:
    assert line([7, 7, 7], width=10) == "▁▁▁"
