"""What Python prints for JSON: translated token by token, and never run."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.sources import jsontext, pythontext

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)


@given(PLAIN.map(lambda value: {"value": value}))
def test_whatever_python_prints_is_read_back(value: dict[str, Any]) -> None:
    assert pythontext.load(repr(value)).value == value


@given(PLAIN.filter(lambda value: isinstance(value, (dict, list))))
def test_json_does_not_look_printed(value: Any) -> None:
    assert not pythontext.looks_so(json.dumps(value, ensure_ascii=False))
    assert not pythontext.looks_so(json.dumps(value, indent=2))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{'a': 'It\\'s \"so\"', \"b\": \"It's\"}", {"a": 'It\'s "so"', "b": "It's"}),
        ("{'a': 'True or None', 'b': True, 'c': None}", {"a": "True or None", "b": True, "c": None}),
        (r"{'a': '\x41\u00e9\U0001f411\n\t\\P'}", {"a": "Aé🐑\n\t\\P"}),
        (r"{'a': '\P\U00999999'}", {"a": "\\P\ufffd"}),
    ],
)
def test_quotes_words_and_escapes_mean_what_they_mean_in_python(text: str, value: Any) -> None:
    assert pythontext.looks_so(text)
    assert pythontext.load(text).value == value


@pytest.mark.parametrize(
    "text",
    [
        "{'a': 'x",
        "{'a': (1, 2)}",
        "{'a': open('/etc/passwd')}",
        "{'a': 1} {'b': 2}",
        "{'a':" * 100_000,
        "{'a': '" + "\\'" * 100_000,
    ],
    ids=range(6),
)
def test_anything_else_is_no_json(text: str) -> None:
    with pytest.raises(jsontext.NotJson):
        pythontext.load(text)


def test_flaws_are_found_in_printed_values_too() -> None:
    loaded = pythontext.load(r"{'a': [nan, '\ud800']}")

    assert loaded.flawed
    assert jsontext.flaw(loaded.value) == "a[0]: NaN is no number"
