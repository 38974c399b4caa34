"""The JSON of Hugging Face's API: daily papers, search results, one paper; a bare list or one in a wrapper.

Owns what stands where in every form since 2024: an entry is the paper itself or holds it under `paper`, and
whatever a form lacks is left empty. Items that Python printed, as two archived days have them, are read too
and reported.
"""

import re
from collections.abc import Iterator
from datetime import date as Date
from typing import Any

from newsletter.model import Digest, Skipped
from newsletter.sources import dates, fields, jsontext, pythontext, records
from newsletter.sources.document import Document
from newsletter.sources.records import Record

NAME = "hf-api"

_DATE_KEYS = ("date", "dateString", "day")
# An id that can stand in an address; arXiv's old ones have a slash.
_ID = re.compile(r"(?:[a-z-]{2,10}/)?[A-Za-z0-9][\w.-]{0,39}")


def sniff(document: Document) -> bool:
    """Whether the text is JSON whose first items are entries of this API."""
    return bool(items(document.json))


def parse(document: Document) -> Digest:
    """The papers of the answer in its order.

    `date` is the day in the wrapper, else the day on which all of them were put on the daily page.
    """
    return digest(NAME, document, document.json, flawed=document.is_flawed)


def digest(format: str, document: Document, value: Any, *, flawed: bool) -> Digest:
    """The digest of a value of this API that stands somewhere in the document."""
    entries = items(value)
    return records.digest(format, document, _found(entries, flawed), date=_date(value, entries), unit="item")


def items(value: Any) -> list[Any]:
    """The entries in the value, and whatever stands between them; empty where none are."""
    return fields.items(value, lambda item: is_entry(_opened(item)))


def is_entry(item: Any) -> bool:
    """Whether the item is a paper of this API, alone or in its entry."""
    if not isinstance(item, dict):
        return False
    paper = item.get("paper")
    if isinstance(paper, dict):
        return len({"id", "title", "summary", "authors", "publishedAt"} & paper.keys()) > 1
    return {"id", "title", "publishedAt"} <= item.keys() and bool({"summary", "upvotes"} & item.keys())


def record(item: dict[str, Any], number: int) -> Record:
    """What an entry says of its paper."""
    paper = inner if isinstance(inner := item.get("paper"), dict) else item
    id = fields.text(paper.get("id")).strip()
    return Record(
        line=number,
        title=fields.text(paper.get("title")) or fields.text(item.get("title")),
        abstract=fields.text(paper.get("summary")) or fields.text(item.get("summary")),
        url=f"{records.HUB}/{id}" if _ID.fullmatch(id) else "",
        arxiv=id,
        authors=fields.names(paper.get("authors")),
        published=fields.text(paper.get("publishedAt")),
        upvotes=paper.get("upvotes", item.get("upvotes")),
        ai_summary=fields.text(paper.get("ai_summary")),
        keywords=fields.texts(paper.get("ai_keywords")),
        links=[fields.address(paper.get(key)) for key in ("githubRepo", "projectPage")],
    )


def _found(entries: list[Any], flawed: bool) -> Iterator[Record | Skipped]:
    mended: list[int] = []
    for number, raw in enumerate(entries, start=1):
        item = _opened(raw)
        if isinstance(raw, str) and isinstance(item, dict):
            mended.append(number)
        yield fields.unusable(item, number, flawed=flawed or item is not raw) or record(item, number)
    if mended:
        count = f"{len(mended):,} of {len(entries):,} items"
        yield Skipped(mended[0], count, "mended: printed as text instead of written as JSON")


def _opened(item: Any) -> Any:
    """The value of an item that was printed as text; any other item as it is."""
    if not isinstance(item, str) or not item.startswith(("{", "[")):
        return item
    try:
        return pythontext.loaded(item).value
    except jsontext.NotJson:
        return item


def _date(value: Any, entries: list[Any]) -> Date | None:
    if isinstance(value, dict) and (day := dates.day(fields.text(fields.first(value, *_DATE_KEYS)))):
        return day
    papers = (entry.get("paper", entry) for entry in entries if isinstance(entry, dict))
    listed = {fields.text(each.get("submittedOnDailyAt")) for each in papers if isinstance(each, dict)}
    days = {dates.day(moment) for moment in listed if moment}
    return days.pop() if len(days) == 1 else None
