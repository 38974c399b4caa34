"""The views that formats take of a text, and the bounds within which a tree is built."""

import pytest

from newsletter.sources import document
from newsletter.sources.document import Document

FEED = "<rss><channel><item><title>A &amp; B</title></item></channel></rss>"


def test_a_text_is_only_what_it_begins_as() -> None:
    text = Document("Daily Papers", "x")

    assert (text.json, text.xml, text.html, text.broken) == (None, None, None, None)


@pytest.mark.parametrize(
    ("bound", "words"), [("MAX_TAGS", "more than 3 tags"), ("MAX_AMPERSANDS", "more than 0 ampersands")]
)
def test_xml_beyond_its_bounds_is_refused_before_a_tree_is_built(
    bound: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document, bound, int(words.split()[2]))
    text = Document(FEED, "feed.xml")

    assert text.xml is None
    assert words in str(text.broken)


@pytest.mark.parametrize(
    "mark", ["<!DOCTYPE rss>", "<!ENTITY x 'y'>", '<!DOCTYPE rss SYSTEM "file:///etc/passwd">']
)
def test_xml_with_a_document_type_is_refused(mark: str) -> None:
    text = Document(f'<?xml version="1.0"?>{mark}{FEED}', "feed.xml")

    assert text.xml is None
    assert str(text.broken).startswith("feed.xml: XML with a document type or entities of its own")


def test_html_loses_what_runs_and_keeps_its_text() -> None:
    root = document.html_tree("<p onclick='x()'>One<script>two()</script> three<style>p{}</style></p>")

    assert root.text_content().strip() == "One three"


def test_html_beyond_its_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MAX_TAGS", 3)
    text = Document("<html><p>1</p><p>2</p></html>", "page.html")

    assert text.html is None
    assert "more than 3 tags" in str(text.broken)
