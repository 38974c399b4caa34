"""Lines of the text body: wrapped and set in columns by the width that they are shown with."""

from hypothesis import given
from hypothesis import strategies as st

from newsletter import plaintext


def test_wrap_keeps_addresses_whole_and_hangs_the_rest() -> None:
    address = "https://example.org/" + "x" * 90
    assert plaintext.wrap(f"see {address} now", "* ", "  ") == f"* see\n  {address}\n  now"


def test_a_word_longer_than_a_line_is_broken() -> None:
    assert plaintext.wrap("see " + "x" * 100, "  ") == f"  see\n  {'x' * 74}\n  {'x' * 26}"
    assert plaintext.wrap(" \n ", "  ") == ""


def test_what_a_no_break_space_joins_stays_on_one_line() -> None:
    assert plaintext.wrap("x" * 70 + " 19\u00a0upvotes") == f"{'x' * 70}\n19 upvotes"
    assert plaintext.wrap("word\u00a0" * 20).split("\n") == ["word " * 14 + "word", "word " * 4 + "word"]


def test_chinese_and_japanese_are_wrapped_between_characters_by_the_columns_they_take() -> None:
    lines = plaintext.wrap("Larder " + "長" * 50, "  ").split("\n")

    assert lines == ["  Larder " + "長" * 33, "  " + "長" * 17]
    assert [plaintext.width(line) for line in lines] == [75, 36]


def test_no_line_begins_with_a_mark_that_closes_nor_ends_with_one_that_opens() -> None:
    closing, opening = plaintext.wrap("長" * 38 + "。長"), plaintext.wrap("長" * 37 + "「長」")

    assert closing.split("\n") == ["長" * 37, "長。長"]
    assert opening.split("\n") == ["長" * 37, "「長」"]


def test_korean_is_wrapped_at_its_blanks() -> None:
    assert plaintext.wrap("긴문맥 " * 20).split("\n") == [("긴문맥 " * 11).strip(), ("긴문맥 " * 9).strip()]


def test_marks_above_a_letter_take_no_column() -> None:
    assert plaintext.width("Cafe\u0301") == 4
    assert plaintext.rule("Cafe\u0301\n長い", "=") == "===="


@given(st.text(max_size=300).filter(lambda text: "://" not in text), st.sampled_from(["", "  ", "    "]))
def test_no_line_is_wider_than_76_columns_and_no_character_is_lost(text: str, indent: str) -> None:
    wrapped = plaintext.wrap(text, indent)

    assert all(plaintext.width(line) <= 76 for line in wrapped.split("\n"))
    assert "".join(wrapped.split()) == "".join(text.split())


def test_columns_stand_below_each_other_and_empty_ones_are_left_out() -> None:
    table = [("One", "6 papers", "", "██"), ("Twenty", "12 papers", "", "")]

    assert plaintext.columns(table, "  ") == ["  One     6 papers   ██", "  Twenty  12 papers"]
    assert plaintext.columns([]) == []


def test_columns_stand_below_each_other_beside_wide_characters() -> None:
    assert plaintext.columns([("長い文脈", "6"), ("Agents", "7")]) == ["長い文脈  6", "Agents    7"]


def test_a_first_cell_that_leaves_no_room_stands_above_the_others() -> None:
    long = "word " * 20
    lines = plaintext.columns([(long.strip(), "6 papers"), ("Short", "12 papers")], "  ")

    assert lines[0].splitlines() == [
        "  " + "word " * 14 + "word",
        "  " + "word " * 4 + "word",
        " " * 67 + "6 papers",
    ]
    assert lines[1] == "  Short" + " " * 60 + "12 papers"
