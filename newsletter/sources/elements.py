"""Feeds as trees: what an element is called, the items of a feed, and the text of a field.

Owns the one spelling of every name (`title`, `dc:creator`, `arxiv:comment`), whichever prefix a feed declares
or forgets to, and reads what a broken feed has left in the wrong place: an item inside of an item, a field
inside of a field that was never closed.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

from newsletter.errors import DigestError
from newsletter.model import Digest, Mark, Skipped
from newsletter.sources import dates, markup, records
from newsletter.sources.document import Document
from newsletter.sources.records import Record

_PREFIXES = {
    "www.w3.org/2005/atom": "",
    "purl.org/atom/ns": "",
    "purl.org/rss/1.0": "",
    "purl.org/net/rss1.1": "",
    "my.netscape.com/rdf/simple/0.9": "",
    "channel.netscape.com/rdf/simple/0.9": "",
    "backend.userland.com/rss2": "",
    "purl.org/dc/elements/1.1": "dc:",
    "purl.org/dc/terms": "dc:",
    "purl.org/rss/1.0/modules/content": "content:",
    "www.w3.org/1999/02/22-rdf-syntax-ns": "rdf:",
    "arxiv.org/schemas/atom": "arxiv:",
    "a9.com/-/spec/opensearch/1.1": "opensearch:",
}
_ITEMS = {"item", "entry"}
# Fields that hold text and no other field. One inside of another was left open by a broken feed.
_OF_TEXT = {
    "title", "link", "description", "summary", "content", "content:encoded", "guid", "id", "pubdate",
    "published", "updated", "dc:title", "dc:description", "dc:creator", "dc:date",
}  # fmt: skip


def digest(
    format: str, document: Document, record: Callable[[int, Any], Record | Skipped], *, nothing: str
) -> Digest:
    """The digest of a feed whose items `record` reads, each by its number and its element.

    The last item of a text that ends inside of it is marked as cut. `date` is the day that the feed gives.
    Raises: DigestError with `nothing` for a whole feed without items: the source answered, and has none.
    """
    root = document.xml
    if not document.notes and next(items(root), None) is None:
        raise DigestError(document.source, nothing)
    unit, numbered = _numbered(document)
    found: Iterator[Record | Skipped] = (record(number, item) for number, item in numbered)
    if _ends_in_item(document.text):
        found = _last_cut(found)
    printed = printed_date(root)
    return records.digest(format, document, found, date=dates.day(printed), date_text=printed, unit=unit)


def name(element: Any) -> str:
    """The element's name in lower case, with the prefix its namespace has here; "?:x" for one unknown."""
    space, _, local = str(element.tag).rpartition("}")
    if not space:
        return local.lower()
    space = space.lower().lstrip("{").removeprefix("https://").removeprefix("http://").rstrip("/#")
    return _PREFIXES.get(space, "?:") + local.lower()


def head(root: Any) -> Any:
    """The element that says what the feed itself is: RSS has it inside of the root, Atom is it."""
    return next((each for each in root if name(each) == "channel"), root)


def printed_date(root: Any) -> str:
    """The day of the whole feed as it prints it; "" where it has none."""
    return text(first(head(root), "pubdate", "updated", "dc:date", "lastbuilddate")).strip()


def items(root: Any) -> Iterator[Any]:
    """The items of a feed in its order; a root that is one is the only one."""
    return (element for element in root.iter() if name(element) in _ITEMS)


def fields(element: Any) -> Iterator[tuple[str, Any]]:
    """What stands directly in an item or a feed, by name; and what a broken feed left inside of that."""
    waiting = [iter(element)]
    while waiting:
        child = next(waiting[-1], None)
        if child is None:
            waiting.pop()
            continue
        called = name(child)
        if called not in _ITEMS:
            yield called, child
            if called in _OF_TEXT:
                waiting.append(each for each in child if name(each) in _OF_TEXT)


def first(element: Any, *names: str) -> Any:
    """The first field with any of the names, in the order of the names; None where there is none."""
    found = {called: child for called, child in reversed(list(fields(element))) if called in names}
    return next((found[called] for called in names if called in found), None)


def text(element: Any) -> str:
    """The characters of a field as they stand; what a reader sees of one that holds elements; "" for None."""
    if element is None:
        return ""
    return markup.text_of(element) if _holds_markup(element) else element.text or ""


def shown(element: Any) -> str:
    """What a reader sees of a field with HTML, a line for each paragraph; Atom's plain text as it is."""
    words = text(element)
    if element is None or _holds_markup(element) or element.get("type") in ("text", "text/plain"):
        return words
    return markup.plain(words)


def _holds_markup(element: Any) -> bool:
    """Whether elements in a field belong to its text, and are no fields that a broken feed left there."""
    return len(element) > 0 and not any(name(child) in _OF_TEXT | _ITEMS for child in element)


def link(item: Any) -> str:
    """The address of the item's own page, as RSS (its text) or Atom (an attribute) gives it, or ""."""
    for called, child in fields(item):
        if called == "link" and child.get("rel", "alternate") == "alternate":
            address = (child.get("href") or text(child)).strip()
            if address:
                return address
    return ""


def _numbered(document: Document) -> tuple[str, Iterator[tuple[int, Any]]]:
    """What counts the items, and each item with its number: its line, unless two stand on one line."""
    lines = [element.sourceline or 0 for element in items(document.xml)]
    if min(lines, default=1) > 0 and all(one < other for one, other in pairwise(lines)):
        return "line", zip(lines, items(document.xml), strict=True)
    return "item", enumerate(items(document.xml), start=1)


def _last_cut(found: Iterator[Record | Skipped]) -> Iterator[Record | Skipped]:
    """The same, the last one marked as cut, with a note that says so."""
    before: Record | Skipped | None = None
    for each in found:
        if before is not None:
            yield before
        before = each
    if isinstance(before, Record):
        yield replace(before, marks=tuple(dict.fromkeys((*before.marks, Mark.CUT))))
        yield Skipped(before.line, "", "the text ends inside of this item")
    elif before is not None:
        yield before


def _ends_in_item(text: str) -> bool:
    """Whether the text ends before its last item does."""
    ends = ((f"<{tag}>", f"<{tag} ", f"</{tag}>") for tag in _ITEMS)
    return any(max(text.rfind(plain), text.rfind(told)) > text.rfind(end) for plain, told, end in ends)
