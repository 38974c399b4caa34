"""JSON Feed, versions 1 and 1.1.

Owns the names of its fields, and that feeds made of Hugging Face's pages put a model's line before the
abstract.
Source: jsonfeed.org/version/1.1.
"""

from collections.abc import Iterator
from typing import Any

from newsletter.model import Digest, Mark, Skipped
from newsletter.sources import ai_line, fields, records
from newsletter.sources.document import Document
from newsletter.sources.records import Record

NAME = "json-feed"

_CONTENT = {"content_text", "content_html"}


def sniff(document: Document) -> bool:
    """Whether the text is JSON that says it is a feed, or has items with a feed's contents."""
    feed = document.json
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        return False
    first = feed["items"][: fields.SAMPLE]
    says_so = "jsonfeed.org/version" in fields.text(feed.get("version"))
    return says_so or any(isinstance(item, dict) and _CONTENT & item.keys() for item in first)


def parse(document: Document) -> Digest:
    """The papers of the feed in its order, their models' lines apart from the abstracts."""
    return records.digest(NAME, document, _found(document.json["items"], document.is_flawed), unit="item")


def _found(items: list[Any], flawed: bool) -> Iterator[Record | Skipped]:
    for number, item in enumerate(items, start=1):
        yield fields.unusable(item, number, flawed=flawed) or _record(item, number)


def _record(item: dict[str, Any], number: int) -> Record | Skipped:
    content = fields.prose(item.get("content_text")) or fields.prose(item.get("content_html"))
    line, abstract = ai_line.split(content or fields.prose(item.get("summary")))
    names = [fields.text(item.get(key)).strip() for key in ("url", "external_url", "id")]
    addresses = [name for name in names if "://" in name]
    title = fields.prose(item.get("title"))
    if title and not (addresses or line or abstract):
        # What a feed's maker says when there was nothing to put in it.
        return Skipped(number, title, "neither an address nor a text: no paper")
    return Record(
        line=number,
        title=title,
        abstract=abstract,
        url=addresses[0] if addresses else "",
        arxiv=" ".join(names),
        doi=" ".join(names),
        authors=fields.names(item.get("authors") or item.get("author")),
        published=fields.text(item.get("date_published")),
        ai_summary=line,
        keywords=fields.texts(item.get("tags")),
        marks=(Mark.CUT,) if fields.is_cut(abstract) else (),
    )
