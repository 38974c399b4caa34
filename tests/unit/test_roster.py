"""Tables of people: their cells, their layout, their rows."""

import io
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter import recipients, roster
from newsletter.model import Cadence, Choice
from newsletter.roster import Reader, rows
from tests.builders import NOW

LETTERS = string.ascii_letters + string.digits + "!#$%&'*+/=?^_`{|}~.-@ \t\"(),:;<>[]\\é中．\u200b\x00"
LOCALS = st.one_of(
    st.text(LETTERS, max_size=70), st.sampled_from(["info", "WebMaster", "a.b", "=x", "a" * 64])
)
DOMAINS = st.one_of(
    st.text(LETTERS, max_size=30),
    st.sampled_from(["Example.ORG", "xn--bcher-kva.de", "bücher.de", "a--b.org", "ab--c.org", "localhost"]),
    st.sampled_from(["x.test", "1.2.3.4", "a.b.c.d.io", "[1.2.3.4]", "a" * 63 + ".org", "a" * 64 + ".org"]),
    st.builds(".".join, st.lists(st.text("abcZ019-", min_size=1, max_size=40), max_size=8)),
)
CELLS = st.one_of(st.text(), st.text("'=+-@ \t\r\n＝＋－＠\u00a0\u200ba"))


def slowly(text: str) -> tuple[str, str, str] | str:
    try:
        return recipients._any(text)
    except ValueError as error:
        return str(error)


def forms(text: str) -> tuple[str, str, str] | str:
    try:
        return recipients.forms(text)
    except ValueError as error:
        return str(error)


@given(st.one_of(st.builds("{}@{}".format, LOCALS, DOMAINS), st.text(LETTERS, max_size=330)))
@example(" " * 318 + "a@b.org")
@example("a" * 64 + "@" + "b." * 94 + "org")
@example("a@example.org\n")
def test_most_addresses_are_read_faster_and_all_are_read_alike(text: str) -> None:
    assert forms(text) == slowly(text)


@given(CELLS)
def test_a_cell_comes_back_as_it_was(text: str) -> None:
    assert roster.plain(roster.guarded(text)) == text


@given(st.text(" \u00a0\u3000\u200b\x00", max_size=3), st.sampled_from("=+-@＝＋－＠"), st.text())
@example("", "\t", "=1")
@example("", "\r", "=1")
def test_no_cell_begins_a_formula(before: str, sign: str, after: str) -> None:
    assert roster.guarded(before + sign + after).startswith("'")


@pytest.mark.parametrize(
    ("lines", "delimiter", "columns"),
    [
        (["address"], ",", {"address": 0}),
        (["", "Name;E-Mail;Themes"], ";", {"address": 1, "themes": 2}),
        (["sep=;", "Email Address;CONFIRM_TIME"], ";", {"address": 0, "confirmed_at": 1}),
        (["name\temail\ttz"], "\t", {"address": 1, "timezone": 2}),
        (["Ada,ada@example.org"], ",", {"address": 1}),
        (['"a, b";email'], ";", {"address": 1}),
    ],
)
def test_the_first_lines_tell_what_stands_where(
    lines: list[str], delimiter: str, columns: dict[str, int]
) -> None:
    found = roster.find(lines)

    assert (found.delimiter, found.columns) == (delimiter, columns)


def test_a_table_without_addresses_is_refused_without_showing_one() -> None:
    with pytest.raises(ValueError, match=r"no column of addresses; the first line says: a\|…|…@…") as told:
        roster.find(["name|ada@example.org|x", "x"])

    assert "ada" not in str(told.value)


def parts(text: str) -> list[roster.Part]:
    file, found = io.BytesIO(text.encode()), []
    offset = lines = 0
    while part := roster.part(file, offset=offset, lines=lines, delimiter=","):
        found.append(part)
        offset, lines = part.offset, part.lines
    assert offset == len(text.encode())
    return found


def all_rows(text: str) -> list[tuple[int, rows.Row]]:
    return [pair for part in parts(text) for pair in zip(part.numbers, part.rows, strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n\nc\n", [(1, ["a", "b"]), (2, []), (3, ["c"])]),
        ('"a\nb",c\nd\n', [(1, ["a\nb", "c"]), (3, ["d"])]),
        ('"a\nb\nc\n', [(1, "a quote that is never closed"), (2, ["b"]), (3, ["c"])]),
        ('x\n"a', [(1, ["x"]), (2, "a quote that is never closed")]),
        ('"a"b,c\n"d\n', [(1, ["ab", "c"]), (2, "a quote that is never closed")]),
        ("x" * 200_000 + "\ny\n", [(1, "longer than 64 KB, which no row is"), (2, ["y"])]),
        ("a\rb\nc\n", [(1, "not one row: a line end within it"), (2, ["c"])]),
    ],
)
def test_what_is_no_row_costs_its_own_line(text: str, expected: list[tuple[int, rows.Row]]) -> None:
    assert all_rows(text) == expected


@given(st.lists(st.text('ab",\n', max_size=12), max_size=30), st.integers(1, 5))
def test_rows_do_not_depend_on_where_parts_end(lines: list[str], size: int) -> None:
    text = "\n".join(lines)
    whole = all_rows(text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "PART_LINES", rows.LONGEST_ROW + size)
        assert all_rows(text) == whole


def entries(text: str) -> tuple[list[roster.Entry], list[roster.LeftOut]]:
    layout = roster.find(text.split("\n"))
    reader = Reader(layout, list="weekly", themes=("kv-cache", "parallelism"), now=NOW)
    [part] = parts(text)
    assert part.rows
    wanted = roster.Part(part.numbers[1:], part.rows[1:], part.offset, part.lines)
    return reader.read(wanted)


def test_a_row_says_who_wants_what() -> None:
    text = "email,themes,cadence,tz,confirmed_at\n'+A@Example.ORG,kv-cache,Monthly,Europe/Berlin,2025-01-02\n"

    [entry], left_out = entries(text)

    assert (entry.address, entry.folded, left_out) == ("+A@example.org", "+a@example.org", [])
    assert entry.choice == Choice(("kv-cache",), Cadence.MONTHLY, "Europe/Berlin")
    assert str(entry.confirmed_at) == "2025-01-02 00:00:00+00:00"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("ada,,,,,", "An email address must have an @-sign."),
        (",x,,,,", "no address"),
        (
            "a@ada☃.org,,,,,",
            "The part after the @-sign is invalid (Codepoint U+2603 at position 4 of '…' not allowed).",
        ),
        ("a@b.org,nix,,,,", "no theme “nix” in this list; it has kv-cache, parallelism"),
        ("a@b.org,,daily,,,", "no cadence “daily”; it is issue or monthly"),
        ("a@b.org,,,Mars,,", "no time zone “Mars”; write one such as Europe/Berlin"),
        ("a@b.org,,,,May,", "no date “May”; write it as 2026-11-24"),
        (
            "a@b.org,,,,2026-01-07,",
            "confirmed on “2026-01-07”, which is still to come",
        ),
        ("a@b.org,,,,,cleaned", "its status is “cleaned”, which asks for no mail"),
        ("a@b.org,,,,,b@c.org", "its status is “…@…”, which asks for no mail"),
    ],
)
def test_a_row_that_enters_nobody_says_why(row: str, why: str) -> None:
    found, [left_out] = entries(f"email,themes,cadence,tz,confirmed_at,status\n{row}\n")

    assert (found, left_out.line, left_out.why) == ([], 2, why)


def test_a_row_of_another_list_is_left_out() -> None:
    found, [left_out] = entries("email,list\na@b.org,daily\nb@b.org,weekly\nc@b.org,\n")

    assert [one.address for one in found] == ["b@b.org", "c@b.org"]
    assert left_out.why == "a row of the list “daily”"
