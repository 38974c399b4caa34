"""Tables for a pipe, and text in which something is marked."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from newsletter.report import rows
from newsletter.report.rows import Excerpt, Rows

TEXT = "Long conversations fill the cache of a model. We keep the half that later answers will need to read."


def spans_of(word: str, text: str = TEXT) -> list[tuple[int, int]]:
    return [(text.index(word), text.index(word) + len(word))]


def test_a_row_is_a_line_and_its_cells_have_tabs_between_them() -> None:
    table = Rows(("a", "b"), (("x\ny", Excerpt((("the ", False), ("cache", True)))),))

    assert rows.tab_separated(table) == "a\tb\nx; y\tthe «cache»"


def test_a_cell_cannot_make_cells_or_command_a_terminal() -> None:
    table = Rows(("a",), (("one\ttwo \x1b[2Jthree",), (Excerpt((("\x9b4m", True),)),)))

    assert rows.tab_separated(table) == "a\none two \ufffd[2Jthree\n«\ufffd4m»"


@given(st.text())
def test_what_is_harmless_has_no_sign_that_a_terminal_obeys(text: str) -> None:
    told = rows.harmless(text)

    assert not {unicodedata.category(sign) for sign in told if sign not in "\t\n"} & {"Cc", "Cs", "Zl", "Zp"}
    assert len(told) == len(text)


def test_the_words_around_a_match_are_shown_whole() -> None:
    assert (
        str(rows.around(TEXT, spans_of("half")))
        == "…of a model. We keep the «half» that later answers will need…"
    )


def test_nothing_is_left_out_of_a_short_text() -> None:
    assert str(rows.around("A cache", spans_of("cache", "A cache"))) == "A «cache»"


def test_places_far_apart_stand_with_dots_between_them() -> None:
    text = f"cache {'x ' * 60}pages"

    shown = str(rows.around(text, [*spans_of("pages", text), *spans_of("cache", text)]))

    assert shown.startswith("«cache» x x")
    assert " … " in shown
    assert shown.endswith("x «pages»")


def test_only_the_first_places_are_shown() -> None:
    text = ("cache " + "x " * 60) * 5
    at = len(text) // 5

    assert str(rows.around(text, [(at * n, at * n + 5) for n in range(5)])).count("«cache»") == rows.SHOWN


def test_overlapping_places_are_marked_as_one() -> None:
    assert str(rows.marked("KV cache size", [(0, 8), (3, 13)])) == "«KV cache size»"


def test_a_text_in_several_lines_is_shown_in_one() -> None:
    assert str(rows.marked("the KV\ncache", [(4, 12)])) == "the «KV cache»"


def test_without_a_place_there_is_nothing_to_show() -> None:
    assert rows.around(TEXT, []) == Excerpt(())
    assert rows.marked("", []) == Excerpt(())


places = st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60)), max_size=5)


@given(st.text(max_size=50), places)
def test_marking_changes_no_letter(text: str, spans: list[tuple[int, int]]) -> None:
    shown = "".join(part for part, _ in rows.marked(text, spans).parts)

    assert [letter for letter in shown if not letter.isspace()] == [one for one in text if not one.isspace()]


@given(st.text(max_size=200), places)
def test_what_is_marked_is_whole_in_any_excerpt(text: str, spans: list[tuple[int, int]]) -> None:
    whole = [part for part, marked in rows.marked(text, spans).parts if marked]

    assert [part for part, marked in rows.around(text, spans).parts if marked] == whole[: rows.SHOWN]
