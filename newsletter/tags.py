"""HTML cut into tags, text and comments, as mail clients cut it, each with its place.

Reads as HTML's tokenizer does: a quote quotes only behind `=`, what never ends goes on to the end, and the
content of a style block is no markup. Time grows with the length of a page and nothing else, whatever is in
it, which `html.parser` does not promise. Builds no tree and judges nothing.
"""

import re
from collections.abc import Iterator
from enum import Enum
from html import unescape
from typing import NamedTuple


class Kind(Enum):
    """What a token is."""

    OPEN = "open"  # a start tag
    CLOSE = "close"  # an end tag
    TEXT = "text"  # text, or the raw content of a style block or a script
    COMMENT = "comment"  # <!-- … -->; what Outlook reads of it is in its text
    OTHER = "other"  # <!DOCTYPE …>, <![endif]>, <?xml …?>


class Attribute(NamedTuple):
    """One attribute: its name in lower case, its value without references, and where the value is written."""

    name: str
    value: str
    start: int
    end: int


class Token(NamedTuple):
    """One piece of a page. name: of a tag, in lower case. start, end: where it is written, of `source`.

    ended: whether what begins it also ends it; False for a comment or a tag that the page ends in.
    """

    kind: Kind
    start: int
    end: int
    name: str = ""
    attributes: tuple[Attribute, ...] = ()
    ended: bool = True


# Elements without an end tag.
VOID = frozenset(
    {
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    }
)
# Elements whose content is text, whatever it looks like.
RAW = frozenset({"style", "script", "title", "textarea", "xmp", "iframe", "noembed", "noframes"})

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_NAME = re.compile(r"[A-Za-z][^\s/>]*")
_GAP = re.compile(r"[\s/]*")
_ATTRIBUTE = re.compile(
    r"""(?P<name>=?[^\s/>=]*)(?:\s*=\s*(?:"(?P<double>[^"]*)(?P<shut>"?)|'(?P<single>[^']*)(?P<shut2>'?)|(?P<bare>[^\s>]*)))?"""
)


def read(source: str, start: int = 0, end: int | None = None) -> Iterator[Token]:
    """The tokens of a page, or of the part of it between two places, in order and without gaps."""
    end = len(source) if end is None else end
    at = start
    while at < end:
        mark = source.find("<", at, end)
        while mark >= 0 and not _begins(source, mark, end):
            mark = source.find("<", mark + 1, end)
        if mark < 0:
            yield Token(Kind.TEXT, at, end)
            return
        if mark > at:
            yield Token(Kind.TEXT, at, mark)
        token = _token(source, mark, end)
        yield token
        at = token.end
        if token.kind is Kind.OPEN and token.name in RAW and token.ended:
            close = _closing(source, token.name, at, end)
            if close > at:
                yield Token(Kind.TEXT, at, close)
            at = close


def _begins(source: str, mark: int, end: int) -> bool:
    first, second = (source[at : at + 1] if at < end else "" for at in (mark + 1, mark + 2))
    return first in {"!", "?"} or (second if first == "/" else first) in _LETTERS


def _token(source: str, mark: int, end: int) -> Token:
    if source.startswith("<!--", mark):
        # `<!-->` and `<!--->` are whole comments.
        close = source.find("-->", mark + 2, end)
        return Token(Kind.COMMENT, mark, end if close < 0 else close + 3, ended=close >= 0)
    if source[mark + 1] in "!?":
        close = source.find(">", mark, end)
        return Token(Kind.OTHER, mark, end if close < 0 else close + 1, ended=close >= 0)
    closing = source[mark + 1] == "/"
    name = _NAME.match(source, mark + 1 + closing, end)
    assert name, "a tag begins here"  # noqa: S101  _begins has seen to it
    attributes, at, ended = _attributes(source, name.end(), end)
    kind = Kind.CLOSE if closing else Kind.OPEN
    return Token(kind, mark, at, name.group().lower(), attributes, ended)


def _attributes(source: str, at: int, end: int) -> tuple[tuple[Attribute, ...], int, bool]:
    """The attributes from here on, where their tag ends, and whether it does."""
    found: dict[str, Attribute] = {}
    while True:
        at = _end(_GAP.match(source, at, end), at)
        if at >= end:
            return tuple(found.values()), end, False
        if source[at] == ">":
            return tuple(found.values()), at + 1, True
        match = _ATTRIBUTE.match(source, at, end)
        if match is None or match.end() == at:  # nothing that could stand here is left
            at += 1
            continue
        at = match.end()
        name = match["name"].lower()
        if name not in found:  # of two of a name the first holds
            found[name] = _attribute(name, match)


def _attribute(name: str, match: re.Match[str]) -> Attribute:
    for group in ("double", "single", "bare"):
        if (value := match[group]) is not None:
            value = unescape(value) if "&" in value else value
            return Attribute(name, value, match.start(group), match.end(group))
    return Attribute(name, "", match.end(), match.end())


def _closing(source: str, name: str, at: int, end: int) -> int:
    match = _ENDS[name].search(source, at, end)
    return match.start() if match else end


_ENDS = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in RAW}


def _end(match: re.Match[str] | None, otherwise: int) -> int:
    return match.end() if match else otherwise
