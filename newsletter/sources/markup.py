"""HTML inside of other formats, as plain text.

Owns which elements end a line, and what counts as markup at all: `p<n` and `a <b and c> d` are mathematics.
Entities are decoded once, so that `&amp;lt;` shows `&lt;`.
"""

import re
from typing import Any

from lxml import etree

from newsletter.sources import document

_TAGS = (
    "a|abbr|acronym|address|article|aside|audio|b|base|big|blockquote|body|br|button|caption|center|cite|code|col"
    "|colgroup|dd|del|details|dfn|div|dl|dt|em|embed|fieldset|figcaption|figure|font|footer|form|h[1-6]|head"
    "|header|hr|html|i|iframe|img|input|ins|kbd|label|li|link|main|mark|math|meta|nav|noscript|object|ol|option"
    "|p|pre|q|s|samp|script|section|select|small|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody"
    "|td|template|textarea|tfoot|th|thead|time|title|tr|tt|u|ul|var|video|wbr"
)
# A known element, of publishers' XML (`jats:p`) too, that is closed at once or has a value for an attribute.
_TAG = rf"/?(?:[a-z]{{1,10}}:)?(?:{_TAGS})(?:\s{{0,20}}/?>|[\s/][^<>=]{{0,200}}=)"
# The next character alone tells most signs apart, much sooner than the names do.
_MARKUP = re.compile(rf"<(?=[a-z/!])(?:{_TAG}|!--|!doctype)|&(?:#\d|#x|[a-z]{{1,31}};)", re.IGNORECASE)
_BARE = re.compile(rf"<(?![a-z/!])|<(?!{_TAG}|!--|!doctype)", re.IGNORECASE)
# What starts a line of its own.
BREAKS = {
    "address", "article", "blockquote", "br", "dd", "details", "div", "dl", "dt", "fieldset", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p",
    "pre", "section", "summary", "table", "td", "th", "tr", "ul",
}  # fmt: skip


def plain(html: str) -> str:
    """The text of a piece of HTML, a line for each paragraph; a text without markup as it is."""
    if not _MARKUP.search(html):
        return html
    root = document.html_tree(_BARE.sub("&lt;", html))
    return "" if root is None else text_of(root)


def text_of(element: Any) -> str:
    """The text below an element of a tree, a line for each paragraph, blanks folded."""
    pieces: list[str] = []
    for event, each in etree.iterwalk(element, events=("start", "end")):
        if str(each.tag).rpartition("}")[2] in BREAKS:
            pieces.append("\n")
        if event == "start" and each.text:
            pieces.append(_flat(each.text))
        if event == "end" and each is not element and each.tail:
            pieces.append(_flat(each.tail))
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _flat(text: str) -> str:
    return text.replace("\n", " ")
