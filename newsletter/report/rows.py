"""Tables, and stretches of text in which something is marked: for a person at a terminal, and for a pipe."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Characters of a text on either side of a marked one: about a line at a terminal with the columns beside it.
AROUND = 30
# Marked places of one text that are shown; more say nothing new.
SHOWN = 3

# What a terminal obeys or cannot show: controls but tab and newline, line ends of Unicode, turns of the
# writing direction, halves of surrogate pairs. A note may hold any of them.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Text in parts, each with whether it is marked. As a string the marked ones stand in «»."""

    parts: tuple[tuple[str, bool], ...]

    def __str__(self) -> str:
        return "".join(f"«{text}»" if marked else text for text, marked in self.parts)


Cell = str | Excerpt


@dataclass(frozen=True, slots=True)
class Rows:
    """What is shown as a table: the head of each column, and rows with as many cells.

    A row of a single cell says what the rows below it are. title: stands above the table, also an empty one.
    """

    head: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]
    title: str = ""


def counted(number: int, what: str) -> str:
    """A number of things, such as "1,200 papers"."""
    return f"{number:,} {what}{'s' * (number != 1)}"


def tab_separated(rows: Rows) -> str:
    """The rows for a pipe: one line each, the title and the head first."""
    lines = [(rows.title,)] * bool(rows.title) + [rows.head, *rows.cells] * bool(rows.cells)
    return "\n".join("\t".join(map(_field, row)) for row in lines)


def harmless(text: str) -> str:
    """The text with U+FFFD for whatever a terminal would obey, so that only words are shown."""
    return _OBEYED.sub("\ufffd", text)


def marked(text: str, spans: Iterable[Span]) -> Excerpt:
    """The whole text, marked at the spans."""
    return Excerpt(tuple(_cut(_one_line(text), 0, len(text), _united(spans, 0, len(text)))))


def around(text: str, spans: Iterable[Span]) -> Excerpt:
    """The text around the first spans, marked at them; "…" stands for what is left out."""
    places = _united(spans, 0, len(text))[:SHOWN]
    whole = _one_line(text)
    windows = _united([_window(whole, place) for place in places], 0, len(text), gap=len(" … "))
    parts: list[tuple[str, bool]] = []
    for at, (start, end) in enumerate(windows):
        parts += [(" … " if at else "…", False)] * bool(at or start)
        inside = [place for place in places if start <= place[0] and place[1] <= end]
        parts += _cut(whole, start, end, inside)
    left_out = windows and windows[-1][1] < len(whole)
    return Excerpt((*parts, ("…", False)) if left_out else tuple(parts))


def _field(cell: Cell) -> str:
    return harmless(str(cell)).replace("\n", "; ").replace("\t", " ")


def _one_line(text: str) -> str:
    """The text with a blank for every line end, so that places in it stay."""
    return "".join(" " if letter.isspace() else letter for letter in text)


def _window(text: str, place: Span) -> Span:
    """What is shown of a text for one place, from the start of a word to the end of one."""
    start, end = max(0, place[0] - AROUND), min(len(text), place[1] + AROUND)
    if start:
        start = min(place[0], text.find(" ", start, place[0]) + 1 or place[0])
    if end < len(text):
        end = max(place[1], text.rfind(" ", place[1], end))
    return start, end


def _united(spans: Iterable[Span], least: int, most: int, *, gap: int = 0) -> list[Span]:
    """The spans in their order within the bounds, those that touch or overlap as one."""
    united: list[Span] = []
    for start, end in sorted((max(least, start), min(most, end)) for start, end in spans):
        if united and start <= united[-1][1] + gap:
            united[-1] = (united[-1][0], max(united[-1][1], end))
        elif start < end:
            united.append((start, end))
    return united


def _cut(text: str, start: int, end: int, places: Sequence[Span]) -> list[tuple[str, bool]]:
    """The parts of a text from `start` to `end`, marked at the places."""
    parts: list[tuple[str, bool]] = []
    for first, last in places:
        parts += [(text[start:first], False), (text[first:last], True)]
        start = last
    parts.append((text[start:end], False))
    return [part for part in parts if part[0]]
