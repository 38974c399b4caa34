"""Text of others beside ours: nothing in it may turn around, or be drawn over, what stands next to it.

Owns which characters a mail does not show, and what comes after letters that go from right to left. In HTML
a block of its own (`dir="auto"`) ends the reach of what it holds; within a line and in plain text, this does.
"""

import re
from typing import TypeVar

T = TypeVar("T")

# Overrides, embeddings and isolates of the writing direction. No title needs one: the letters of Hebrew and
# Arabic say themselves which way they go.
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")

# Accents and other marks on one letter: more than eight are of no language, and are drawn over other lines.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
_FLOOD = re.compile(f"([{_MARKS}]{{8}})[{_MARKS}]+")

# Letters and marks that go from right to left, and the mark that ends their reach: a number that follows them
# would otherwise be drawn on their other side. Source: Unicode Standard Annex 9, W2, N1 and 5.4.
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_LEFT_AGAIN = "\u200e"


def text(text: str) -> str:
    """The text without overrides of the writing direction, and with at most eight marks on a letter."""
    return text if text.isascii() else _FLOOD.sub(r"\1", _DIRECTIONS.sub("", text))


def apart(value: T) -> T | str:
    """What a template writes for a value: after letters from right to left, the line goes on as before."""
    if not isinstance(value, str) or value.isascii() or not _RIGHT_TO_LEFT.search(value):
        return value
    return value if value.endswith(_LEFT_AGAIN) else value + _LEFT_AGAIN
