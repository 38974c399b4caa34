"""What a JSON value says, whatever its type: text, names, the items of a collection.

Owns the tolerance of the formats that are JSON: a value of an unexpected type says nothing, it never stops
the reading. Items are found in a list, in lists one or two keys down, or in a single object.
"""

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

from newsletter.model import Skipped
from newsletter.sources import jsontext, markup
from newsletter.sources import names as people

# Items that a format looks at to know its own.
SAMPLE = 20
# Keys down to a list of items: `{"data": {"papers": […]}}`.
_DEEPEST = 2
# Characters of an item that are shown where it cannot be used.
_SHOWN = 80
# Characters of a text with its tags, ten times those of an abstract without.
_LONGEST_PROSE = 200_000

_TAG = re.compile(
    r"</(?:p|div|span|i|b|em|strong|sub|sup|a|ul|ol|li|jats:[a-z]{1,12})>|<(?:p|br ?/?)>", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,31});")
_NAME_KEYS = ("name", "full_name", "fullname", "display_name", "author", "literal")
_PARTS = (("given", "family"), ("first", "last"), ("first_name", "last_name"), ("forename", "surname"))


def text(value: Any) -> str:
    """The text of a string or a number; OpenReview's `{"value": …}` counts as what it holds; else ""."""
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""


def prose(value: Any) -> str:
    """The text without the HTML that some sources leave in it; a lone `<` or `&` is no HTML."""
    words = text(value)[:_LONGEST_PROSE]
    if "&" not in words and "<" not in words:
        return words
    return markup.plain(words) if _TAG.search(words) else _ENTITY.sub(lambda match: unescape(match[0]), words)


def first(item: dict[str, Any], *keys: str) -> Any:
    """The value of the first of these keys that holds anything, else None."""
    return next((value for key in keys if (value := item.get(key)) not in (None, "", [], {})), None)


def texts(value: Any) -> list[str]:
    """The strings of a list, or of a string the parts between its semicolons or else its commas."""
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, list):
        return [each for each in map(text, value) if each]
    separator = ";" if ";" in (line := text(value)) else ","
    return [part for part in map(str.strip, line.split(separator)) if part]


def address(value: Any) -> str:
    """The text of an address without the blanks around it and the line breaks that wrapping left in it."""
    return "".join(map(str.strip, text(value).split("\n")))


def names(value: Any) -> list[str]:
    """The people of a list of strings or objects, or of one line: `A, B and C`, `A; B`, `B, A and D, C`.

    Those whom the source hides are left out.
    """
    if isinstance(value, dict) and "value" in value:
        value = value["value"]
    if isinstance(value, list):
        return [name for each in value if (name := _name(each))]
    one = value if isinstance(value, str) else _name(value)
    return list(people.split(one))


def is_cut(abstract: str) -> bool:
    """Whether the text ends as one does of which the source keeps only the beginning."""
    return abstract.rstrip(" ])").endswith(("…", "..."))


def items(value: Any, is_item: Callable[[Any], bool]) -> list[Any]:
    """Everything in the value that stands where items do, in order; empty where no item is among the first.

    A list, a single item, or lists one or two keys down. No item is copied.
    """
    if is_item(value):
        return [value]
    if isinstance(value, list):
        return value if any(map(is_item, value[:SAMPLE])) else []
    return list(_below(value, is_item, _DEEPEST))


def unusable(item: Any, number: int, *, flawed: bool) -> Skipped | None:
    """Why an item cannot be a paper, or None: it is no object, or jsontext found a flaw in it."""
    if flawed and (why := jsontext.flaw(item)):
        return Skipped(number, _label(item), why)
    return None if isinstance(item, dict) else Skipped(number, str(item)[:_SHOWN], "no record of a paper")


def _label(item: Any) -> str:
    """The words by which somebody who looks for the item finds it."""
    inner = item.get("paper") if isinstance(item, dict) else None
    for each in (item, inner):
        if isinstance(each, dict) and (words := text(each.get("title")) or text(each.get("id"))):
            return words
    return ""


def _below(value: Any, is_item: Callable[[Any], bool], depth: int) -> Iterator[Any]:
    for inner in value.values() if isinstance(value, dict) and depth else ():
        if isinstance(inner, list) and any(map(is_item, inner[:SAMPLE])):
            yield from inner
        elif isinstance(inner, dict):
            yield from _below(inner, is_item, depth - 1)


def _name(value: Any) -> str:
    if not isinstance(value, dict):
        return value if isinstance(value, str) else ""
    if value.get("hidden") is True:
        return ""
    if name := text(first(value, *_NAME_KEYS)):
        return name
    if isinstance(inner := value.get("author") or value.get("user"), dict):
        return text(first(inner, *_NAME_KEYS))
    parts = (" ".join(filter(None, (text(value.get(key)) for key in pair))) for pair in _PARTS)
    return next(filter(None, parts), "")
