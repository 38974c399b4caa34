"""A tree of HTML as the lines that a reader sees, with their links, and its tables as rows.

Owns what starts a line, and which table is a table: one with a row of headings. Tables that only lay out a
mail are seen through. Knows nothing of papers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lxml import etree

from newsletter.sources.markup import BREAKS

# Marks inside of `Line.marked`: where a link begins and ends, and bold type. Code points that no text owns.
LINK, LINK_END, BOLD, BOLD_END = "\ue000", "\ue001", "\ue002", "\ue003"
LINKED = re.compile(f"{LINK}([^{LINK_END}]*){LINK_END}")
_UNMARKED = str.maketrans("", "", LINK + LINK_END + BOLD + BOLD_END)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BOLD = {"b", "strong"}


@dataclass(frozen=True)
class Line:
    """One line: its text with marks, the addresses of its links in order, and where it stands.

    level: of a heading, 1 to 6, else 0. items: the list items around it, the outermost first. is_caption:
    what a folded part of the page is opened by.
    """

    number: int
    marked: str
    links: tuple[str, ...] = ()
    level: int = 0
    items: tuple[int, ...] = ()
    is_caption: bool = False

    @cached_property
    def text(self) -> str:
        """The words alone, blanks folded."""
        return plain(self.marked)

    @property
    def own_text(self) -> str:
        """The words outside of links."""
        return plain(LINKED.sub(" ", self.marked))


@dataclass(frozen=True)
class Row:
    """One row of a table: for each column its heading and the lines of the cell."""

    number: int
    cells: tuple[tuple[str, tuple[Line, ...]], ...]

    @property
    def text(self) -> str:
        """The words of all cells."""
        return " | ".join(" ".join(line.text for line in lines) for _, lines in self.cells)


@dataclass
class _Open:
    """The line in the making. link: the address of the link that is open, which may hold several lines."""

    number: int = 1
    link: str | None = None
    level: int = 0
    is_caption: bool = False
    items: list[int] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    def add(self, text: str | None) -> None:
        if text:
            self.pieces.append(text.translate(_UNMARKED))

    def closed(self) -> Iterator[Line]:
        """The line, if anything is written in it, and a new one begun."""
        if self.link is not None:
            self.pieces.append(LINK_END)
        rows = (" ".join(row.split()) for row in "".join(self.pieces).split("\n"))
        marked = "\n".join(row for row in rows if row)
        if marked.translate(_UNMARKED).strip():
            yield Line(self.number, marked, tuple(self.links), self.level, tuple(self.items), self.is_caption)
        self.pieces, self.links = [], []
        if self.link is not None:
            self.open(self.link)

    def open(self, link: str) -> None:
        self.link = link
        self.links.append(link)
        self.pieces.append(LINK)

    def close(self) -> None:
        if self.link is not None:
            self.pieces.append(LINK_END)
        self.link = None


def plain(marked: str) -> str:
    """The words of a line, or a piece of one, without marks, blanks folded."""
    return " ".join(marked.translate(_UNMARKED).split())


def lines(root: Any, numbers: str = "") -> Iterator[Line | Row]:
    """The lines and rows of the tree in order.

    numbers: the attribute in which elements carry their line number; without one it is that of the parser.
    """
    walk = etree.iterwalk(root, events=("start", "end"))
    line = _Open()
    for event, each in walk:
        heads = _column_heads(each) if event == "start" and each.tag == "table" else ()
        if each.tag in BREAKS:
            yield from line.closed()
        if heads:
            yield from _rows(each, heads, numbers)
            walk.skip_subtree()
        elif event == "start":
            _enter(line, each, numbers)
        if event == "end":
            _leave(line, each)
            line.add(each.tail if each is not root else None)
    yield from line.closed()


def _enter(line: _Open, each: Any, numbers: str) -> None:
    line.number = _number(each, numbers) or line.number
    if each.tag in _HEADINGS:
        line.level = _HEADINGS[each.tag]
    elif each.tag == "li":
        line.items.append(id(each))
    elif each.tag == "summary":
        line.is_caption = True
    elif each.tag in _BOLD:
        line.pieces.append(BOLD)
    elif each.tag == "a":
        line.close()
        line.open(each.get("href", "").strip())
    line.add(each.text)


def _leave(line: _Open, each: Any) -> None:
    if each.tag in _HEADINGS:
        line.level = 0
    elif each.tag == "li":
        line.items.pop()
    elif each.tag == "summary":
        line.is_caption = False
    elif each.tag in _BOLD:
        line.pieces.append(BOLD_END)
    elif each.tag == "a":
        line.close()


def _number(each: Any, numbers: str) -> int | None:
    if not numbers:
        line: int | None = each.sourceline
        return line
    told = each.get(numbers, "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 9 else None


def _column_heads(table: Any) -> tuple[str, ...]:
    """The headings of the table's columns; none where it has no row of them."""
    row = next(table.iter("tr"), None)
    if row is None or next(row.iterancestors("table"), None) is not table:
        return ()
    heads = row.findall("th")
    return tuple(" ".join("".join(head.itertext()).split()) for head in heads) if len(heads) > 1 else ()


def _rows(table: Any, heads: tuple[str, ...], numbers: str) -> Iterator[Row]:
    rows = table.xpath("./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr")
    for row in rows[1:]:
        cells = tuple(
            (head, tuple(line for line in lines(cell, numbers) if isinstance(line, Line)))
            for head, cell in zip(heads, row.iterchildren("td", "th"), strict=False)
        )
        yield Row(_number(row, numbers) or 1, cells)
