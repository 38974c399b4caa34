"""Feeds: what RFC 4287 and JSON Feed 1.1 ask for, whatever the issues say."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from lxml import etree

from newsletter import feeds
from newsletter.feeds import Entry, Feed
from tests.hostile import MARK, PAYLOADS

ATOM = {"a": "http://www.w3.org/2005/Atom"}
AT = datetime(2026, 1, 6, 9, 30, 15, 250, tzinfo=UTC)
HOME = "https://news.example.org/weekly/"


def entry(number: int = 1, text: str = "Words", at: datetime = AT) -> Entry:
    return Entry(f"{HOME}{number}/", text, text, f"<p>{text}</p>", at)


def feed(*entries: Entry, text: str = "Words") -> Feed:
    return Feed(f"{HOME}atom.xml", HOME, text, text, text, entries)


def atom(of: Feed) -> Any:
    return etree.fromstring(feeds.atom(of))


def test_an_atom_feed_has_what_the_standard_requires() -> None:
    root = atom(feed(entry(2), entry(1)))

    assert root.tag == "{http://www.w3.org/2005/Atom}feed"
    assert [child.tag.rpartition("}")[2] for child in root][:5] == [
        *("id", "title", "subtitle", "updated", "author"),
    ]
    assert root.xpath("string(a:author/a:name)", namespaces=ATOM) == "Words"
    assert root.xpath("a:link[@rel='self']/@href", namespaces=ATOM) == [f"{HOME}atom.xml"]
    assert root.xpath("a:link[@rel='alternate']/@href", namespaces=ATOM) == [HOME]
    for element in root.xpath("a:entry", namespaces=ATOM):
        names = [child.tag.rpartition("}")[2] for child in element]
        assert names == ["id", "title", "updated", "published", "link", "summary", "content"]


def test_ids_are_addresses_that_stay_and_each_is_given_once() -> None:
    root, values = atom(feed(entry(2), entry(1))), json.loads(feeds.json_feed(feed(entry(2), entry(1))))

    ids = root.xpath("a:entry/a:id/text()", namespaces=ATOM)
    assert ids == [item["id"] for item in values["items"]] == [f"{HOME}2/", f"{HOME}1/"]


def test_moments_are_in_utc_and_the_feed_changed_with_its_newest_entry() -> None:
    east = datetime(2026, 1, 7, 1, tzinfo=timezone(timedelta(hours=9)))

    root = atom(feed(entry(2, at=east), entry(1)))

    assert root.xpath("string(a:updated)", namespaces=ATOM) == "2026-01-06T16:00:00Z"
    assert root.xpath("a:entry/a:updated/text()", namespaces=ATOM) == [
        *("2026-01-06T16:00:00Z", "2026-01-06T09:30:15Z"),
    ]


def test_a_json_feed_has_what_the_standard_requires() -> None:
    values = json.loads(feeds.json_feed(feed(entry())))

    assert values["version"] == "https://jsonfeed.org/version/1.1"
    assert (values["title"], values["home_page_url"]) == ("Words", HOME)
    assert values["items"][0] == {
        "id": f"{HOME}1/",
        "url": f"{HOME}1/",
        "title": "Words",
        "summary": "Words",
        "content_html": "<p>Words</p>",
        "date_published": "2026-01-06T09:30:15Z",
        "date_modified": "2026-01-06T09:30:15Z",
    }


def test_a_feed_without_issues_is_valid_and_never_changed() -> None:
    empty = feed(text="")

    assert atom(empty).xpath("string(a:updated)", namespaces=ATOM) == "1970-01-01T00:00:00Z"
    assert "description" not in json.loads(feeds.json_feed(empty))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\x00b\x08\x0c\x1f\x7f\x9fc", "abc"),
        ("half \ud800 a character", "half  a character"),
        ("]]> <![CDATA[ &amp; & <b>", "]]> <![CDATA[ &amp; & <b>"),
        ("\ufffe\uffff😀 𝔘", "😀 𝔘"),
        ("\u202eturned\u202c", "turned"),
        ("עברית ו-English", "עברית ו-English"),
    ],
)
def test_whatever_a_text_holds_the_feed_is_valid(text: str, kept: str) -> None:
    of = feed(entry(text=text), text=text)

    element = atom(of).xpath("a:entry", namespaces=ATOM)[0]
    item = json.loads(feeds.json_feed(of))["items"][0]
    assert [element.xpath(f"string(a:{name})", namespaces=ATOM) for name in ("title", "summary")] == [
        kept,
        kept,
    ]
    assert (item["title"], item["content_html"]) == (kept, f"<p>{kept}</p>")


def test_no_payload_becomes_an_element_or_ends_a_feed() -> None:
    harmless = [element.tag for element in atom(feed(*map(entry, range(len(PAYLOADS))))).iter()]

    hostile = feed(*(entry(number, text) for number, text in enumerate(PAYLOADS)), text=str(MARK))

    assert [element.tag for element in atom(hostile).iter()] == harmless
    assert len(json.loads(feeds.json_feed(hostile))["items"]) == len(PAYLOADS) >= 150
