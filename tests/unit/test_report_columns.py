"""How tables are laid out in lines of a terminal."""

from hypothesis import given
from hypothesis import strategies as st

from newsletter.report import columns
from newsletter.report.rows import Excerpt, Rows

LONG = "Keeping the Right Half of the KV Cache, and Then the Other Half of It as Well"


def table(*rows: tuple[str, ...]) -> Rows:
    return Rows(("#", "title", "note"), rows)


def test_a_column_in_which_nothing_stands_is_left_out() -> None:
    shown = columns.told(table(("1", "Otter", ""), ("near misses",), ("", "Newt", "")))

    assert shown == Rows(("#", "title"), (("1", "Otter"), ("near misses",), ("", "Newt")))


def test_short_columns_have_what_they_need_and_long_ones_share_the_rest() -> None:
    assert columns.widths(table(("1", LONG, LONG)), 45) == (1, 20, 20)
    assert columns.widths(table(("1", LONG, "short")), 45) == (1, 35, 5)


def test_a_table_that_fits_is_not_made_wider() -> None:
    assert columns.widths(table(("1", "Otter", "short")), 80) == (1, 5, 5)


def test_columns_of_numbers_are_known() -> None:
    rows = Rows(("#", "score", "title"), (("1", "−0.50", "Otter"), ("near",), ("", "1,200", "Newt")))

    assert columns.numeric(rows) == (True, True, False)
    assert columns.wordy(rows) == 2


def test_an_excerpt_is_as_long_as_its_text() -> None:
    rows = Rows(("#", "where"), (("1", Excerpt((("the ", False), ("cache", True)))),))

    assert columns.widths(rows, 80) == (1, 9)


def test_a_text_breaks_at_blanks_and_hyphens() -> None:
    text = "Mixture-of-Recursions: Learning depths"

    assert [text[a:b] for a, b in columns.lines(text, 14)] == [
        "Mixture-of-",
        "Recursions:",
        "Learning",
        "depths",
    ]


@given(st.text(max_size=80), st.integers(4, 30))
def test_breaking_loses_no_letter_and_keeps_to_the_width(text: str, width: int) -> None:
    lines = [text[start:end] for start, end in columns.lines(text, width)]

    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(len(line) <= width for line in lines)
