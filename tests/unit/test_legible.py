"""What a mail shows of a text that would turn around, or be drawn over, what stands next to it."""

import pytest

from newsletter import legible

HEBREW = "\u05e9\u05dc\u05d5\u05dd"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("a \u2067b\u2069 c", "a b c"),
        (f"{HEBREW} 12", f"{HEBREW} 12"),
        ("Cafe\u0301 vie\u0302\u0323t", "Cafe\u0301 vie\u0302\u0323t"),
        ("Z" + "\u0300\u0316" * 50 + "algo", "Z" + "\u0300\u0316" * 4 + "algo"),
        ("plain", "plain"),
    ],
)
def test_overrides_go_and_marks_are_few(text: str, shown: str) -> None:
    assert legible.text(text) == shown


def test_after_words_from_right_to_left_the_line_goes_on_as_before() -> None:
    assert legible.apart(HEBREW) == HEBREW + "\u200e"
    assert legible.apart(HEBREW + "\u200e") == HEBREW + "\u200e"
    assert legible.apart("a mark \u200f") == "a mark \u200f\u200e"


@pytest.mark.parametrize("value", ["plain", "2.6× ∼ ε 中", 12, None, ("a",)])
def test_any_other_value_is_left_alone(value: object) -> None:
    assert legible.apart(value) is value
