"""HTML inside of other formats: what is a tag, what is mathematics, and that nothing is decoded twice."""

import time

import pytest
from lxml import etree

from newsletter.sources import markup


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One &amp; two</p><p>three</p>", "One & two\nthree"),
        ("a<br/>b<BR >c", "a\nb\nc"),
        ('<a href="https://a.test/?x=1">code</a> of <b>sheep</b>', "code of sheep"),
        ("&amp;lt;p&amp;gt;", "&lt;p&gt;"),
        ("p<n and q<m>n", "p<n and q<m>n"),
        ("<p>p<n, k <b and c> d</p>", "p<n, k <b and c> d"),
        ("List<String> of <i>names</i>", "List<String> of names"),
        ("AT&T; R&D", "AT&T; R&D"),
        ("x <script>alert(1)</script> y", "x y"),
        ("x <img src=a onerror=alert(1)> y", "x y"),
        ("<!-- hidden --><p>seen", "seen"),
        ("<p>", ""),
    ],
)
def test_html_becomes_what_a_reader_sees(html: str, text: str) -> None:
    assert markup.plain(html) == text


def test_a_text_without_markup_stays_as_it_is() -> None:
    assert markup.plain("two  blanks\n\nand p < n") == "two  blanks\n\nand p < n"


def test_paragraphs_of_xhtml_are_lines() -> None:
    root = etree.fromstring('<div xmlns="http://www.w3.org/1999/xhtml"><p>One</p><p>two</p></div>')

    assert markup.text_of(root) == "One\ntwo"


@pytest.mark.parametrize("piece", ["<p ", "<", "&", "<a b", "<b>", "</b>", "&amp", "<!--"])
def test_any_piece_repeated_is_read_in_seconds(piece: str) -> None:
    started = time.perf_counter()
    markup.plain(piece * (1_000_000 // len(piece)))

    assert time.perf_counter() - started < 3
