"""Damaged copies of JSON, text cut and values exchanged, for the property that none crashes a parser."""

import copy
from typing import Any

from hypothesis import strategies as st

# One of every type, and of each the worst that was met.
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 10**300, 1.5, float("nan"), float("inf"), "", " ", "x", "12", "null", "2503.00001",
    "|**2025-01-01**|**T**|A|[x](y)|", "- 2025-01-01, **T**", "{'a': '", "{'paper': {'title': 'T', 'id': 1}}",
    "9999-99-99", "javascript:alert(1)", "\ud800", "\u202e", "<p>", "&amp;lt;", "A and B, C; D", "https://",
    [], [[]], [None], ["", 1, {}], {}, {"": ""}, {"value": []}, {"value": "x"}, {"name": ["x"], "hidden": 1},
)  # fmt: skip

PIECES = (
    "{", "}", "[", "]", '"', "'", ",", ":", "\\", "\n", "NaN", "1e999", "null", '"title": 1,',
    "<", "&", "|", "**",
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """The text after a few cuts, copies and insertions."""
    for _ in range(draw(st.integers(1, 3))):
        start, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
        piece = draw(st.one_of(st.sampled_from(PIECES), st.text(max_size=9), st.just(text[start:end])))
        text = text[:start] + piece + text[start if draw(st.booleans()) else end :]
    return text


@st.composite
def reshaped(draw: st.DrawFn, value: Any) -> Any:
    """A copy of the value in which some parts are of another type, missing, or under another key."""
    value = copy.deepcopy(value)
    for _ in range(draw(st.integers(1, 4))):
        place = value
        while isinstance(place, (dict, list)) and place:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = draw(st.sampled_from(keys))
            if not isinstance(place[key], (dict, list)) or not place[key] or draw(st.booleans()):
                place[key] = copy.deepcopy(draw(st.sampled_from(VALUES)))
                break
            place = place[key]
    return value
