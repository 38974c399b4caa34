"""HTML inside of other formats, as plain text.

Owns which elements end a line. Entities are decoded once, so that `&amp;lt;` shows `&lt;`.
"""

import re
from typing import Any

from lxml import etree

from newsletter.sources import document

_MARKUP = re.compile(r"<[A-Za-z/!]|&(?:#\d|#[xX]|[A-Za-z])")
_BREAKS = {
    "address", "article", "blockquote", "br", "dd", "details", "div", "dl", "dt", "fieldset", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p",
    "pre", "section", "summary", "table", "td", "th", "tr", "ul",
}  # fmt: skip


def plain(html: str) -> str:
    """The text of a piece of HTML, a line for each paragraph; a text without markup as it is."""
    if not _MARKUP.search(html):
        return html
    root = document.html_tree(html)
    return "" if root is None else text_of(root)


def text_of(element: Any) -> str:
    """The text below an element of a tree, a line for each paragraph, blanks folded."""
    pieces: list[str] = []
    for event, each in etree.iterwalk(element, events=("start", "end")):
        if each.tag in _BREAKS:
            pieces.append("\n")
        if event == "start" and each.text:
            pieces.append(_flat(each.text))
        if event == "end" and each is not element and each.tail:
            pieces.append(_flat(each.tail))
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _flat(text: str) -> str:
    return text.replace("\n", " ")
