"""Style sheets cut into rules, with their places and their flaws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import css

PIECES = [
    "a",
    "{",
    "}",
    ";",
    ":",
    "(",
    ")",
    "@media x",
    "/*",
    "*/",
    '"',
    "'",
    "!important",
    ",",
    " ",
    "\n",
    "\\",
]


def test_a_sheet_is_read_with_what_is_around_each_rule() -> None:
    text = "p,a:is(b,c){color:#123}@media (prefers-color-scheme:dark){ h1 { margin: 0 4px !important; } }"

    first, second = css.read(text).rules

    assert (first.selectors, first.within) == (("p", "a:is(b,c)"), ())
    assert (second.selectors, second.within) == (("h1",), ("@media (prefers-color-scheme:dark)",))
    (margin,) = second.declarations
    assert (margin.name, margin.value, margin.important) == ("margin", "0 4px", True)
    assert text[margin.start : margin.end] == "0 4px"
    assert text[margin.at :].startswith("margin")


def test_comments_strings_and_addresses_hold_no_structure() -> None:
    text = 'a{/* ; } */content:"};";background:url(data:x;y:z) red;}'

    (rule,) = css.read(text).rules

    assert [(one.name, one.value) for one in rule.declarations][-1] == ("background", "url(data:x;y:z) red")
    assert css.read(text).flaws == []


def test_at_rules_are_told_with_what_they_stand_in() -> None:
    sheet = css.read("@import url(x.css);@media print{@font-face{src:url(y)}}")

    assert [(rule.text, rule.depth) for rule in sheet.at_rules] == [
        ("@import url(x.css)", 0),
        ("@media print", 0),
        ("@font-face", 1),
    ]


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("a{color:red", "a { that no } closes"),
        ("a{color:red}}", "a } that closes nothing"),
        ("a{.b{color:red}}", "a rule inside of a rule"),
        ("{color:red}", "a block without a selector"),
        ("a{color red}", "no declaration: color red"),
        ("a{} trailing", "text behind the last rule: trailing"),
        ("@media x{ words }", "text where a rule is expected: words"),
        ("words;a{}", "a ; outside of any rule: words"),
    ],
)
def test_each_flaw_is_named(text: str, flaw: str) -> None:
    assert flaw in [found.text for found in css.read(text).flaws]


def test_a_style_attribute_is_read_with_places() -> None:
    color, size = css.declarations("color:red; font-size : 14px", start=10)

    assert (color.name, color.start, color.end) == ("color", 16, 19)
    assert (size.name, size.value, size.at) == ("font-size", "14px", 21)


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_any_text_is_read_and_every_place_is_in_it(text: str) -> None:
    sheet = css.read(text)

    for declared in (*css.declarations(text), *(one for rule in sheet.rules for one in rule.declarations)):
        assert text[declared.start : declared.end] == declared.value
    assert all(0 <= flaw.at <= len(text) for flaw in sheet.flaws)
