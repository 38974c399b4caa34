"""Where things stand in the HTML of a mail: places of its tags, and the bytes of each section and paper.

Reads what was rendered and writes nothing of its own into it but the places. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import NamedTuple

from newsletter.model import Section

_VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


class Spot(NamedTuple):
    """Where a paper stands: line and column of its title in the HTML, 0 for none found, and its bytes."""

    line: int
    column: int
    bytes: int


@dataclass(slots=True)
class _Element:
    """start and end: in characters of the HTML, the end None where the element is not closed."""

    tag: str
    start: int
    line: int
    column: int
    parents: tuple[int, ...]
    id: str = ""
    text: list[str] = field(default_factory=list)
    end: int | None = None

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())


class Page(HTMLParser):
    """The elements of a mail's HTML, in their order, with where each begins and ends."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self._html = html
        self._elements: list[_Element] = []
        self._open: list[int] = []
        self._titles: list[int] = []
        self._lines = [0]
        for line in html.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self.feed(html)
        self.close()

    def marked(self) -> str:
        """The HTML with data-at="LINE:COLUMN" on each start tag, both from 1, as they are without it."""
        pieces, done = [], 0
        for element in self._elements:
            at = element.start + 1 + len(element.tag)
            pieces += [self._html[done:at], f' data-at="{element.line}:{element.column}"']
            done = at
        return "".join([*pieces, self._html[done:]])

    def spots(self, sections: Sequence[Section]) -> tuple[Mapping[str, int], list[list[Spot]]]:
        """The bytes of each section by its slug, and the spot of each of its papers.

        A paper begins with its title, a section with its heading; each ends where the next begins, the last
        of them with the innermost element that holds more of them than itself.
        """
        heads = [self._head(section) for section in sections]
        titles = self._found([pick.paper.title for section in sections for pick in section.picks])
        starts = sorted({index for index in (*heads, *titles) if index is not None})
        ends = self._ends(starts)
        lengths = {index: self._bytes(self._elements[index].start, ends[index]) for index in starts}
        found, spots = iter(titles), []
        whole = {}
        for section, head in zip(sections, heads, strict=True):
            own = [next(found) for _ in section.picks]
            spots.append([self._spot(index, lengths) for index in own])
            whole[section.theme] = sum(lengths[index] for index in {head, *own} if index is not None)
        return whole, spots

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes where an element begins."""
        line, column = self.getpos()
        start = self._lines[line - 1] + column
        element = _Element(tag, start, line, column + 1, (*self._open,), dict(attrs).get("id") or "")
        self._elements.append(element)
        index = len(self._elements) - 1
        if tag in _HEADINGS or tag == "a":
            self._titles.append(index)
        if tag not in _VOID:
            self._open.append(index)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element that ends where it begins."""
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Notes where an element ends, and what was left open in it."""
        if tag not in (self._elements[index].tag for index in self._open):
            return
        line, column = self.getpos()
        while self._open:
            element = self._elements[self._open.pop()]
            element.end = self._lines[line - 1] + column
            if element.tag == tag:
                return

    def handle_data(self, data: str) -> None:
        """Keeps the words of what may be a title."""
        for index in self._open:
            if self._elements[index].tag in _HEADINGS or self._elements[index].tag == "a":
                self._elements[index].text.append(data)

    def _head(self, section: Section) -> int | None:
        headings = [index for index in self._titles if self._elements[index].tag in _HEADINGS]
        named = [index for index in headings if self._elements[index].id == section.theme]
        titled = [index for index in headings if self._elements[index].words == section.title]
        return next(iter(named or titled), None)

    def _found(self, titles: Iterable[str]) -> list[int | None]:
        """The first heading, else the first link, with each title; of equal titles each has its own."""
        by_words: dict[str, list[int]] = {}
        order = sorted(self._titles, key=lambda index: self._elements[index].tag not in _HEADINGS)
        for index in order:
            by_words.setdefault(self._elements[index].words, []).append(index)
        found: list[int | None] = []
        for title in titles:
            same = by_words.get(" ".join(title.split()), [])
            found.append(same.pop(0) if same else None)
        return found

    def _ends(self, starts: Sequence[int]) -> dict[int, int]:
        """Where each of the elements that begin something ends, in characters of the HTML."""
        holding: dict[int, int] = {}
        for index in starts:
            for parent in self._elements[index].parents:
                holding[parent] = holding.get(parent, 0) + 1
        ends: dict[int, int] = {}
        beginnings = [self._elements[index].start for index in starts]
        for index, next_start in zip(starts, [*beginnings[1:], len(self._html)], strict=True):
            shared = (parent for parent in reversed(self._elements[index].parents) if holding[parent] > 1)
            end = next((self._elements[parent].end for parent in shared), None)
            ends[index] = next_start if end is None else min(end, next_start)
        return ends

    def _spot(self, index: int | None, lengths: Mapping[int, int]) -> Spot:
        if index is None:
            return Spot(0, 0, 0)
        element = self._elements[index]
        return Spot(element.line, element.column, lengths[index])

    def _bytes(self, start: int, end: int) -> int:
        return len(self._html[start:end].encode())
