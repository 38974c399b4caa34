"""XML as it is found, put right before a parser sees it.

Owns the faults that feeds really have and that a parser would mend by dropping text: a bare `&` or `<`, names
of characters that only HTML knows, numbers of characters that do not exist, an end cut off in the middle of a
tag. What stands in a CDATA section is left as it is. Builds no tree.
"""

import re
from collections.abc import Iterator
from html.entities import name2codepoint
from itertools import islice

from newsletter.model import Skipped

# Notes of one text that are listed; more say nothing new.
MOST_NOTES = 10

_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,300}\?>")
# What holds text that is not markup, and how it ends.
_CDATA = "<![CDATA["
_ENDS = {_CDATA: "]]>", "<!--": "-->"}
_OPENING = re.compile("|".join(map(re.escape, _ENDS)))

_NUMBER = r"\d{1,7}|[xX][\da-fA-F]{1,6}"
_REFERENCE = re.compile(rf"&(?:#({_NUMBER})|([A-Za-z]\w{{1,31}}));")
_CHARACTERS = ((9, 10), (13, 13), (0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF))
_OF_XML = "amp|lt|gt|quot|apos"
_AMPERSAND = re.compile(rf"&(?!(?:{_OF_XML}|#(?:{_NUMBER}));)")
_NAME = r"[A-Za-z_][\w.:-]{0,99}"
# A tag is a name that is closed or that attributes with values follow: `p<n, so` and `k <b and c` are none.
_LESS = re.compile(rf"<(?![!?]|/?{_NAME}\s{{0,100}}/?>|{_NAME}\s{{1,100}}{_NAME}\s{{0,20}}=)")
_BARE = re.compile(f"{_AMPERSAND.pattern}|{_LESS.pattern}")


def mended(text: str) -> tuple[str, list[Skipped]]:
    """The text without its XML declaration and with what it says kept; and notes on what was put right."""
    notes: list[Skipped] = []
    if declaration := _DECLARATION.match(text):
        # Its line ends stay, so that the lines of a tree are those of the text.
        text = "\n" * declaration[0].count("\n") + text[declaration.end() :]
    last = text.rfind("<")
    if last > text.rfind(">") and not text.startswith(_CDATA, last):
        notes.append(_note(text, last, "the text ends inside a tag"))
        text = text[:last]
    pieces: list[str] = []
    for start, piece in _pieces(text):
        if _OPENING.match(piece):
            pieces.append(piece)
            continue
        piece = _REFERENCE.sub(_character, piece)
        for fault in islice(_BARE.finditer(piece), MOST_NOTES - len(notes)):
            notes.append(
                _note(piece, fault.start(), "a bare & or < is read as it is", text.count("\n", 0, start))
            )
        pieces.append(_LESS.sub("&lt;", _AMPERSAND.sub("&amp;", piece)))
    return "".join(pieces), notes


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """CDATA sections, comments, and what stands between them, each with its place."""
    start = 0
    while opening := _OPENING.search(text, start):
        yield start, text[start : opening.start()]
        closing = _ENDS[opening[0]]
        end = text.find(closing, opening.end())
        if end < 0:
            yield opening.start(), text[opening.start() :] + closing
            return
        start = end + len(closing)
        yield opening.start(), text[opening.start() : start]
    yield start, text[start:]


def _character(reference: re.Match[str]) -> str:
    """The character that HTML names, a sign in place of a number that XML does not allow, else as it was.

    Source: XML 1.0 §2.2.
    """
    number, name = reference.groups()
    if name:
        is_of_html = name in name2codepoint and name not in _OF_XML.split("|")
        return chr(name2codepoint[name]) if is_of_html else reference[0]
    code = int(number[1:], 16) if number[0] in "xX" else int(number)
    return reference[0] if any(first <= code <= last for first, last in _CHARACTERS) else "\ufffd"


def _note(text: str, at: int, why: str, lines_before: int = 0) -> Skipped:
    line = lines_before + text.count("\n", 0, at) + 1
    return Skipped(line, " ".join(text[at : at + 40].split()), f"broken XML: {why}")
