"""The HTML of a mail as a light tree: elements with their places, attributes and texts.

Knows two readers: Outlook for Windows, which reads what stands in its comments, and all others, which do not.
Judges nothing.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from html import unescape

from newsletter import css, tags
from newsletter.tags import Attribute, Kind, Token

# Characters of a text that is looked at: the rest of a longer one tells nothing more.
_TEXT = 2_000
# Elements whose start tag ends those on top of what is open.
_ENDS = {
    "a": {"a"},
    "li": {"li", "p"},
    "dt": {"dt", "dd", "p"},
    "dd": {"dt", "dd", "p"},
    "option": {"option"},
    "td": {"td", "th", "p"},
    "th": {"td", "th", "p"},
    "tr": {"td", "th", "tr", "p"},
    **{name: {name, "p"} for name in ("h1", "h2", "h3", "h4", "h5", "h6")},
    **{name: {"p"} for name in ("p", "div", "table", "ul", "ol", "dl", "hr", "blockquote", "section")},
}
# Elements whose text nobody sees in the page.
_UNSEEN = frozenset({"style", "script", "title", "noscript", "template", "xml"})
_CONDITION = re.compile(r"<!--\[if\s([^\]>]*)\]>")
_NO_WORDS = re.compile(r"[\s\u00ad\u034f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+")


class Element:
    """One start tag. index: its place among all; outlook: whether only Outlook reads it.

    start, stop: where the tag begins and ends; end: where its end tag ends. within: the index of the element
    around it, -1 for none. words: whether it has text of its own.
    """

    __slots__ = ("attributes", "end", "index", "name", "outlook", "start", "stop", "within", "words")

    def __init__(self, token: Token, index: int, within: int, *, outlook: bool, end: int) -> None:
        self.name = token.name
        self.attributes = token.attributes
        self.start, self.stop, self.end = token.start, token.end, end
        self.index, self.within = index, within
        self.outlook = outlook
        self.words = False

    def get(self, name: str) -> str | None:
        """The value of an attribute, None where there is none."""
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute.value
        return None

    def attribute(self, name: str) -> Attribute | None:
        """An attribute with the place of its value."""
        return next((one for one in self.attributes if one.name == name), None)


class Block:
    """One style block that all but Outlook read: its text, where that starts, and what is in it."""

    def __init__(self, text: str, start: int, media: str) -> None:
        self.text, self.start, self.media = text, start, media
        self.sheet = css.read(text)


class Page:
    """A page, parsed once."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.elements: list[Element] = []
        self.blocks: list[Block] = []
        # Comments for Outlook, as they open and close, each with its place.
        self.opened: list[int] = []
        self.closed: list[int] = []
        # Start tags and end tags that only Outlook reads, by name: how many more of the one.
        self.unpaired: Counter[str] = Counter()
        self.doctype: Token | None = None
        self._by_name: dict[str, list[Element]] = {}
        self._texts: list[tuple[int, int]] = []
        self._open: list[Element] = []
        self._open_names: Counter[str] = Counter()
        self._parse()

    def place(self, at: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1."""
        line = bisect_left(self._breaks, at)
        return line + 1, at - (self._breaks[line - 1] if line else -1)

    @cached_property
    def _breaks(self) -> list[int]:
        return [match.start() for match in re.finditer("\n", self.html)]

    def named(self, *names: str) -> Iterator[Element]:
        """The elements of these names that all but Outlook read, in order."""
        if len(names) == 1:
            return iter(self._by_name.get(names[0], ()))
        found = [one for name in names for one in self._by_name.get(name, ())]
        return iter(sorted(found, key=lambda one: one.index))

    def text(self, element: Element) -> str:
        """What is written in an element, in one line."""
        return self.between(element.stop, element.end)

    def between(self, start: int, end: int) -> str:
        """What is written between two places, in one line and without invisible characters."""
        pieces: list[str] = []
        length = 0
        at = bisect_left(self._texts, (start, 0))
        while at < len(self._texts) and self._texts[at][0] < end and length < _TEXT:
            first, last = self._texts[at]
            pieces.append(self.html[first:last])
            length += last - first
            at += 1
        text = "".join(pieces)
        return _NO_WORDS.sub(" ", unescape(text) if "&" in text else text).strip()

    @property
    def texts(self) -> Iterator[tuple[int, str]]:
        """Every text with its place, as it is written."""
        return ((start, self.html[start:end]) for start, end in self._texts)

    def around(self, element: Element) -> Iterator[Element]:
        """The elements around one, from the inside."""
        while element.within >= 0:
            element = self.elements[element.within]
            yield element

    def _parse(self) -> None:
        for token in tags.read(self.html):
            match token.kind:
                case Kind.OPEN:
                    self._begin(token)
                case Kind.CLOSE:
                    self._finish(token)
                case Kind.TEXT:
                    self._write(token)
                case Kind.COMMENT:
                    self._comment(token)
                case Kind.OTHER:
                    self._declare(token)
        for element in self._open:
            element.end = len(self.html)

    def _begin(self, token: Token) -> None:
        ends = _ENDS.get(token.name)
        while ends and self._open and self._open[-1].name in ends:
            self._close(token.start)
        within = self._open[-1].index if self._open else -1
        element = Element(token, len(self.elements), within, outlook=False, end=token.end)
        self.elements.append(element)
        self._by_name.setdefault(token.name, []).append(element)
        if token.name not in tags.VOID:
            self._open.append(element)
            self._open_names[token.name] += 1

    def _finish(self, token: Token) -> None:
        if not self._open_names[token.name]:
            return
        while self._open:
            name = self._open[-1].name
            self._close(token.end if name == token.name else token.start)
            if name == token.name:
                return

    def _close(self, at: int) -> None:
        element = self._open.pop()
        element.end = at
        self._open_names[element.name] -= 1

    def _write(self, token: Token) -> None:
        inside = self._open[-1] if self._open else None
        if inside and inside.name == "style":
            text = self.html[token.start : token.end]
            self.blocks.append(Block(text, token.start, inside.get("media") or ""))
        elif not inside or inside.name not in _UNSEEN:
            self._texts.append((token.start, token.end))
            if inside and not inside.words and _has_words(self.html[token.start : token.end]):
                inside.words = True

    def _comment(self, token: Token) -> None:
        condition = _CONDITION.match(self.html, token.start, token.end)
        if not condition:
            if self.html.startswith("<!--<![endif]", token.start):
                self.closed.append(token.start)
            return
        self.opened.append(token.start)
        if self.html.startswith(("<!-->", "<!--->"), condition.end()) or condition.end() >= token.end - 2:
            return  # what follows is for all but Outlook
        end = self.html.rfind("<![endif]", condition.end(), token.end)
        if end >= 0:
            self.closed.append(end)
        if "!" not in condition[1]:
            self._outlook(condition.end(), end if end >= 0 else token.end)

    def _outlook(self, start: int, end: int) -> None:
        """Reads a comment as Outlook does. What is in it stands in no other reader's tree."""
        within = self._open[-1].index if self._open else -1
        for token in tags.read(self.html, start, end):
            if token.kind is Kind.OPEN:
                self.elements.append(Element(token, len(self.elements), within, outlook=True, end=token.end))
            if token.kind is Kind.CLOSE:
                self.unpaired[token.name] -= 1
            elif token.kind is Kind.OPEN and token.name not in tags.VOID:
                written = self.html[token.start : token.end]
                self.unpaired[token.name] += not written.endswith("/>")

    def _declare(self, token: Token) -> None:
        written = self.html[token.start : token.start + 12].lower()
        if written.startswith("<!doctype") and self.doctype is None and not self.elements:
            self.doctype = token
        elif written.startswith("<![if"):
            self.opened.append(token.start)
        elif written.startswith("<![endif"):
            self.closed.append(token.start)


def _has_words(text: str) -> bool:
    """Whether a text has anything to be seen."""
    if "&" in text:
        text = unescape(text)
    return bool(_NO_WORDS.sub("", text))
