"""Issues → feeds: Atom (RFC 4287) and JSON Feed 1.1.

Owns what each format calls a thing, and that whatever a text holds makes no feed invalid. Every address is
absolute. Which issues a feed has, and their HTML, is decided above.
Source: RFC 4287; jsonfeed.org/version/1.1.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from newsletter import legible, mjml

ATOM_MEDIA = "application/atom+xml"
JSON_MEDIA = "application/feed+json"
_ATOM = "http://www.w3.org/2005/Atom"
# What XML has no way to say, beside the controls that no text of ours keeps.
_NOT_XML = re.compile("[\ufffe\uffff]")
# An Atom feed has to say when it changed; one without entries never did.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. url: where it stands for good, which is its id too. at: since when, aware.

    tags: what kind of entry it is, () for the usual one.
    """

    url: str
    title: str
    summary: str
    html: str
    at: datetime
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """What a reader subscribes to. home: the page it goes with. url: where the feed itself stands."""

    url: str
    home: str
    title: str
    subtitle: str
    author: str
    entries: Sequence[Entry]

    @property
    def changed_at(self) -> datetime:
        """When its newest entry appeared; 1970 for a feed without entries."""
        return max((entry.at for entry in self.entries), default=_NEVER)


def atom(feed: Feed) -> bytes:
    """The feed as Atom, in UTF-8."""
    root = etree.Element(_name("feed"), nsmap={None: _ATOM})
    _add(root, "id", feed.home)
    _add(root, "title", feed.title)
    if feed.subtitle:
        _add(root, "subtitle", feed.subtitle)
    _add(root, "updated", _moment(feed.changed_at))
    _add(_add(root, "author"), "name", feed.author)
    _add(root, "link", rel="self", type=ATOM_MEDIA, href=feed.url)
    _add(root, "link", rel="alternate", type="text/html", href=feed.home)
    for entry in feed.entries:
        _add_entry(root, entry)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)  # type: ignore[no-any-return]


def json_feed(feed: Feed) -> bytes:
    """The feed as JSON Feed 1.1, in UTF-8."""
    values: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _text(feed.title),
        "home_page_url": feed.home,
        "feed_url": feed.url,
        "description": _text(feed.subtitle),
        "authors": [{"name": _text(feed.author)}],
        "language": "en",
        "items": [_item(entry) for entry in feed.entries],
    }
    if not feed.subtitle:
        del values["description"]
    return json.dumps(values, ensure_ascii=False, indent=1).encode() + b"\n"


def _add_entry(root: Any, entry: Entry) -> None:
    element = _add(root, "entry")
    _add(element, "id", entry.url)
    _add(element, "title", entry.title)
    _add(element, "updated", _moment(entry.at))
    _add(element, "published", _moment(entry.at))
    _add(element, "link", rel="alternate", type="text/html", href=entry.url)
    for tag in entry.tags:
        _add(element, "category", term=tag)
    _add(element, "summary", entry.summary)
    _add(element, "content", entry.html, type="html")


def _item(entry: Entry) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": entry.url,
        "url": entry.url,
        "title": _text(entry.title),
        "summary": _text(entry.summary),
        "content_html": _text(entry.html),
        "date_published": _moment(entry.at),
        "date_modified": _moment(entry.at),
    }
    return values | ({"tags": [*entry.tags]} if entry.tags else {})


def _add(parent: Any, name: str, text: str = "", **attributes: str) -> Any:
    element = etree.SubElement(parent, _name(name), attributes)
    if text:
        element.text = _text(text)
    return element


def _name(name: str) -> str:
    return f"{{{_ATOM}}}{name}"


def _text(text: str) -> str:
    return legible.text(_NOT_XML.sub("", mjml.without_controls(text)))


def _moment(at: datetime) -> str:
    """As RFC 3339 writes it, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
