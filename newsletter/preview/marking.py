"""Where things stand in the HTML of a mail: places of its tags, and the bytes of each section and paper.

Reads what was rendered and writes nothing of its own into it but the places. Pure.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from itertools import pairwise
from typing import NamedTuple

from newsletter import tags
from newsletter.model import Section
from newsletter.tags import Kind, Token

# Levels of elements that are looked at: MJML is refused beyond a hundred, and makes a few of each.
_DEEPEST = 400
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


class Spot(NamedTuple):
    """Where a paper stands: line and column of its title in the HTML, 0 for none found, and its bytes.

    headed: whether its title is a heading, and not only a link.
    """

    line: int
    column: int
    bytes: int
    headed: bool = False


@dataclass(slots=True)
class _Element:
    """start, end: of its start tag and its end tag, or of the page. within: the element around it, or -1."""

    name: str
    start: int
    end: int
    within: int
    id: str
    texts: list[str] = field(default_factory=list)

    @property
    def may_be_title(self) -> bool:
        return self.name in _HEADINGS or self.name == "a"

    @property
    def words(self) -> str:
        return " ".join(unescape("".join(self.texts)).split())


class Page:
    """The HTML of a mail with the elements that every client sees, in their order."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._lines = [0]
        for line in html.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self._elements: list[_Element] = []
        self._open: list[int] = []
        # Headings and links: a title is one of them.
        self._titles: list[int] = []
        for token in tags.read(html):
            self._take(token)

    def marked(self) -> str:
        """The HTML with data-at="LINE:COLUMN" in each start tag, both from 1, as they are without it."""
        pieces, done = [], 0
        for element in self._elements:
            at = element.start + 1 + len(element.name)
            line, column = self._place(element.start)
            pieces += [self._html[done:at], f' data-at="{line}:{column}"']
            done = at
        return "".join([*pieces, self._html[done:]])

    def spots(self, sections: Sequence[Section]) -> tuple[Mapping[str, int], list[list[Spot]]]:
        """The bytes of each section by its slug, and the spot of each of its papers.

        A paper begins with its title, a section with its heading. Each ends where the next begins, or with
        the innermost element around it that holds another one too.
        """
        heads = [self._head(section) for section in sections]
        titles = self._titled([pick.paper.title for section in sections for pick in section.picks])
        starts = sorted({index for index in (*heads, *titles) if index is not None})
        lengths = self._lengths(starts)
        found = iter(titles)
        whole: dict[str, int] = {}
        spots = []
        for section, head in zip(sections, heads, strict=True):
            own = [next(found) for _ in section.picks]
            whole[section.theme] = sum(lengths[index] for index in {head, *own} if index is not None)
            spots.append([self._spot(index, lengths) for index in own])
        return whole, spots

    def _take(self, token: Token) -> None:
        if token.kind is Kind.OPEN and token.ended:
            self._begin(token)
        elif token.kind is Kind.CLOSE:
            self._end(token)
        elif token.kind is Kind.TEXT:
            for index in self._open[-_DEEPEST:]:
                if self._elements[index].may_be_title:
                    self._elements[index].texts.append(self._html[token.start : token.end])

    def _begin(self, token: Token) -> None:
        id = next((one.value for one in token.attributes if one.name == "id"), "")
        index, within = len(self._elements), self._open[-1] if self._open else -1
        self._elements.append(_Element(token.name, token.start, len(self._html), within, id))
        if self._elements[index].may_be_title:
            self._titles.append(index)
        if token.name not in tags.VOID:
            self._open.append(index)

    def _end(self, token: Token) -> None:
        reached = range(len(self._open))[-_DEEPEST:]
        named = [at for at in reached if self._elements[self._open[at]].name == token.name]
        if named:
            # What was left open in it ends with it.
            for index in self._open[named[-1] :]:
                self._elements[index].end = token.start
            del self._open[named[-1] :]

    def _head(self, section: Section) -> int | None:
        """The heading of a section: the one with its slug as an id, else with its title."""
        headings = [index for index in self._titles if self._elements[index].name in _HEADINGS]
        named = [index for index in headings if self._elements[index].id == section.theme]
        titled = [index for index in headings if self._elements[index].words == section.title]
        return next(iter(named or titled), None)

    def _titled(self, titles: Iterable[str]) -> list[int | None]:
        """The first heading, else the first link, of each title; of equal titles each has its own."""
        by_words: dict[str, list[int]] = {}
        for index in sorted(self._titles, key=lambda index: self._elements[index].name not in _HEADINGS):
            by_words.setdefault(self._elements[index].words, []).append(index)
        found: list[int | None] = []
        for title in titles:
            same = by_words.get(" ".join(title.split()), [])
            found.append(same.pop(0) if same else None)
        return found

    def _lengths(self, starts: Sequence[int]) -> dict[int, int]:
        """The bytes of what begins with each of the elements."""
        holding = Counter(parent for index in starts for parent in self._parents(index))
        beginnings = [*(self._elements[index].start for index in starts), len(self._html)]
        lengths = {}
        for index, (start, next_start) in zip(starts, pairwise(beginnings), strict=True):
            shared = (parent for parent in self._parents(index) if holding[parent] > 1)
            end = next((self._elements[parent].end for parent in shared), next_start)
            lengths[index] = len(self._html[start : min(end, next_start)].encode())
        return lengths

    def _parents(self, index: int) -> Iterator[int]:
        """The elements around one, the innermost first."""
        for _ in range(_DEEPEST):
            index = self._elements[index].within
            if index < 0:
                return
            yield index

    def _spot(self, index: int | None, lengths: Mapping[int, int]) -> Spot:
        if index is None:
            return Spot(0, 0, 0)
        element = self._elements[index]
        return Spot(*self._place(element.start), lengths[index], element.name in _HEADINGS)

    def _place(self, start: int) -> tuple[int, int]:
        line = bisect_right(self._lines, start)
        return line, start - self._lines[line - 1] + 1
