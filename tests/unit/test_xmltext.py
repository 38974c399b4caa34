"""XML as it is found: what is put right so that no words are lost, and what is refused at once."""

import time

import pytest

from newsletter.model import Skipped
from newsletter.sources import xmltext
from newsletter.sources.document import MAX_TAGS, Document


def words(inside: str) -> str:
    """What a parser reads of an element with that inside."""
    return str(Document(f"<rss>{inside}</rss>", "feed.xml").xml.text)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Tan & Le", "Tan & Le"),
        ("AT&T;", "AT&T;"),
        ("a &copy b", "a &copy b"),
        ("k < n and n > k", "k < n and n > k"),
        ("p<n, so p<0.5", "p<n, so p<0.5"),
        ("k <b and c> d", "k <b and c> d"),
        ("&eacute;&nbsp;&amp;&lt;", "é\u00a0&<"),
        ("&amp;amp;", "&amp;"),
        ("&#0;&#xD800;&#x110000;&#233;", "\ufffd\ufffd\ufffdé"),
        ("<![CDATA[Tan & Le, p<n, &eacute;]]>", "Tan & Le, p<n, &eacute;"),
        ("1 & <![CDATA[2 & 3]]> & 4", "1 & 2 & 3 & 4"),
    ],
)
def test_no_character_of_a_text_is_lost(written: str, read: str) -> None:
    assert words(written) == read


def test_what_was_put_right_is_noted_with_its_line() -> None:
    document = Document("<?xml version='1.0'?>\n\n<rss>\nTan & Le</rss>", "feed.xml")

    assert document.xml.sourceline == 3
    assert document.notes == [Skipped(4, "& Le</rss>", "broken XML: a bare & or < is read as it is")]


def test_whole_xml_has_no_notes() -> None:
    assert xmltext.mended("<rss a='1'>&amp;<b\n c = 'd'/><!-- & --></rss>")[1] == []


@pytest.mark.parametrize("end", ["</tit", "<ite", "<", "<![CDATA[", '<item about="'])
def test_an_end_inside_of_a_tag_costs_the_tag_only(end: str) -> None:
    document = Document(f"<rss><title>Sheep{end}", "feed.xml")

    assert document.xml.findtext("title") == "Sheep"
    assert document.notes


def test_a_text_with_thousands_of_faults_is_noted_in_short() -> None:
    assert len(xmltext.mended("<rss>" + "a & b " * 100_000)[1]) == xmltext.MOST_NOTES


BOMB = "".join(f'<!ENTITY a{at} "{f"&a{at - 1};" * 10}">' for at in range(1, 10))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "ha">{BOMB}]><rss>&a9;</rss>', "document type"),
        (
            f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "{"x" * 50_000}">]><rss>{"&a;" * 50_000}</rss>',
            "type",
        ),
        ('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss>&a;</rss>', "type"),
        ('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY % a SYSTEM "http://a.test/">%a;]><rss/>', "type"),
        ('<?xml version="1.0"?><!DOCTYPE rss SYSTEM "http://a.test/rss.dtd"><rss/>', "document type"),
        ("<rss>" * 200_000, "nested deeper"),
        ("<rss>" + "<a>" * 100_000 + "</a>" * 100_000, "nested deeper"),
        ("<rss>" + "<a/>" * MAX_TAGS, "more than 600,000 tags"),
    ],
    ids=["laughs", "quadratic", "external", "parameter", "dtd only", "open", "deep", "many"],
)
def test_a_bomb_is_refused_at_once(text: str, why: str) -> None:
    document = Document(text, "feed.xml")

    started = time.perf_counter()
    assert document.xml is None
    assert time.perf_counter() - started < 1.0
    assert why in str(document.broken)


@pytest.mark.parametrize("piece", ["<", "<a ", "&", "&a", "<![CDATA[", "<a a", "]]>", "<a" * 40 + " "])
def test_any_piece_repeated_to_5_megabytes_is_read_in_seconds(piece: str) -> None:
    started = time.perf_counter()
    xmltext.mended("<rss>" + piece * (5_000_000 // len(piece)))

    assert time.perf_counter() - started < 5
