"""What a JSON value says, whatever its type."""

from typing import Any

import pytest

from newsletter.model import Skipped
from newsletter.sources import fields


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "x"),
        (3, "3"),
        (1.5, "1.5"),
        (True, ""),
        (None, ""),
        (["x"], ""),
        ({"value": "x"}, "x"),
        ({"value": ["x"]}, ""),
        ({"text": "x"}, ""),
    ],
)
def test_strings_and_numbers_are_text_and_nothing_else_is(value: Any, text: str) -> None:
    assert fields.text(value) == text


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (["Ada Example", "Bo Sample"], ["Ada Example", "Bo Sample"]),
        ([{"name": "Ada Example", "hidden": False}, {"name": "Bo Sample", "hidden": True}], ["Ada Example"]),
        (
            [{"given": "Ada", "family": "Example"}, {"first": "Bo", "last": "Sample"}],
            ["Ada Example", "Bo Sample"],
        ),
        ([{"author": {"display_name": "Ada Example"}}], ["Ada Example"]),
        ("Ada Example, Bo Sample and Cy Specimen", ["Ada Example", "Bo Sample", "Cy Specimen"]),
        ("Ada Example;Bo Sample", ["Ada Example", "Bo Sample"]),
        ("Example, Ada and Sample, Bo", ["Ada Example", "Bo Sample"]),
        ({"name": "Ada Example"}, ["Ada Example"]),
        ({"value": ["Ada Example"]}, ["Ada Example"]),
        ([None, 3, {}, {"name": ["x"]}], []),
        (12, []),
        (None, []),
    ],
)
def test_people_are_found_however_they_are_listed(value: Any, names: list[str]) -> None:
    assert fields.names(value) == names


@pytest.mark.parametrize(
    ("value", "prose"),
    [
        ("Tan &amp; Le", "Tan & Le"),
        ("&amp;lt; stays", "&lt; stays"),
        ("if a<b and c>d & so on", "if a<b and c>d & so on"),
        ("AT&T &notanentity", "AT&T &notanentity"),
        ("<p>One <em>word</em>.</p><p>Two &gt; one.</p>", "One word.\nTwo > one."),
        ("<jats:p>One.</jats:p>", "One."),
        (None, ""),
    ],
)
def test_html_is_read_once_where_it_is_sure_to_be_html(value: Any, prose: str) -> None:
    assert fields.prose(value) == prose


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ([{"x": 1}, "stray"], [{"x": 1}, "stray"]),
        ({"x": 1}, [{"x": 1}]),
        ({"data": {"papers": [{"x": 1}]}, "users": [{"y": 1}]}, [{"x": 1}]),
        ({"Monday": [{"x": 1}], "Tuesday": [{"x": 2}]}, [{"x": 1}, {"x": 2}]),
        ({"a": {"b": {"c": [{"x": 1}]}}}, []),
        ([{"y": 1}], []),
        (None, []),
        (3, []),
    ],
)
def test_items_are_found_in_a_list_alone_or_under_keys(value: Any, items: list[Any]) -> None:
    assert fields.items(value, lambda item: isinstance(item, dict) and "x" in item) == items


def test_an_item_that_cannot_be_used_says_why() -> None:
    assert fields.unusable("stray", 4, flawed=False) == Skipped(4, "stray", "no record of a paper")
    assert fields.unusable({"title": "T"}, 4, flawed=True) is None


@pytest.mark.parametrize(("text", "cut"), [("We show …", True), ("We show [...]", True), ("We show.", False)])
def test_a_text_that_breaks_off_is_known(text: str, *, cut: bool) -> None:
    assert fields.is_cut(text) is cut
