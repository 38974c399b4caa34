"""Any other page or mail in HTML that names papers: their titles, addresses, and the texts around them.

Owns only what is such a page: one with the address of a paper in it that no other format knows. How papers
are found on it is `listing`'s. Lines are those of the HTML.
"""

import re
from collections.abc import Iterator
from datetime import date as Date
from typing import Any

from newsletter.model import Digest
from newsletter.sources import dates, listing, outline, paperwords, records
from newsletter.sources.document import MAX_TAGS, Document, html_tree
from newsletter.sources.outline import Line, Row

NAME = "html-digest"

_FRAGMENT = re.compile(
    r"<(?:div|p|table|ul|ol|section|article|h[1-6]|a|main|center|font|span|style)\b", re.IGNORECASE
)
_MARKDOWN = re.compile(r"\]\(https?:|^#{1,6} \S", re.MULTILINE)
# A page of Hugging Face's site holds its papers as data, which is a format of its own.
_OF_HUB = re.compile(r"\bSVELTE_HYDRATER\b|\bdata-target\s{0,3}=\s{0,3}[\"']?DailyPapers\b|/front/build/")
# Lines at the top of a page that may give its date.
_HEAD = 12


def sniff(document: Document) -> bool:
    """Whether the text is HTML, or a piece of it, with the address of a paper in it."""
    text = document.text
    if document.start[:1] != "<" or not paperwords.speaks_of_papers(text):
        return False
    if _OF_HUB.search(text):
        return False
    return _tree(document) is not None


def parse(document: Document) -> Digest:
    """The papers that the page names, with their abstracts where it has them."""
    root = _tree(document)
    page = [] if root is None else list(outline.lines(root))
    printed, day = next(_dates(page), ("", None))
    found = listing.found(page, trusts_headings=False)
    return records.digest(NAME, document, found, date=day, date_text=printed)


def _tree(document: Document) -> Any:
    if document.html is not None:
        return document.html
    is_piece = _FRAGMENT.match(document.start) and not _MARKDOWN.search(document.text, 0, 100_000)
    return html_tree(document.text) if is_piece and document.text.count("<") <= MAX_TAGS else None


def _dates(page: list[Line | Row]) -> Iterator[tuple[str, Date]]:
    for line in page[:_HEAD]:
        if isinstance(line, Line) and len(line.text) < 120 and (day := dates.day(line.own_text)):
            yield line.own_text, day
