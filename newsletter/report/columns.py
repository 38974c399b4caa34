"""How a table is laid out where lines have an end: which columns stand, how wide, and where a cell breaks."""

import re
import textwrap

from newsletter.report.rows import Cell, Rows

# Blanks between two columns.
GAP = 2
# No column is made narrower, however many there are: a word of a few letters, and a score.
_LEAST = 6

_NUMBER = re.compile(r"[+−×-]?\d[\d,]*(\.\d+)?")


def told(rows: Rows) -> Rows:
    """The table without the columns in which no row says anything."""
    full = [row for row in rows.cells if len(row) > 1]
    kept = [at for at in range(len(rows.head)) if any(str(row[at]) for row in full)]
    return Rows(
        tuple(rows.head[at] for at in kept),
        tuple(tuple(row[at] for at in kept) if len(row) > 1 else row for row in rows.cells),
        rows.title,
    )


def widths(rows: Rows, total: int) -> tuple[int, ...]:
    """Characters of each column in lines of `total`: what it needs; long ones share alike what is left."""
    needed = [max(map(_length, cells)) for cells in _columns(rows)]
    given = dict.fromkeys(range(len(needed)), 0)
    room = total - GAP * (len(needed) - 1)
    for left, at in zip(range(len(needed), 0, -1), sorted(given, key=needed.__getitem__), strict=True):
        given[at] = min(needed[at], max(room // left, _LEAST))
        room -= given[at]
    return tuple(given.values())


def numeric(rows: Rows) -> tuple[bool, ...]:
    """Of each column, whether it holds numbers, which stand below each other by their last digit."""
    bodies = ([str(cell) for cell in cells[1:] if str(cell)] for cells in _columns(rows))
    return tuple(bool(body) and all(_NUMBER.fullmatch(text) for text in body) for body in bodies)


def wordy(rows: Rows) -> int:
    """The first column that holds no numbers, where a row of a single cell stands."""
    return numeric(rows).index(False)


def lines(text: str, width: int) -> list[tuple[int, int]]:
    """Where each line of a text begins and ends that is broken at blanks and hyphens."""
    flat = "".join(" " if letter.isspace() else letter for letter in text)
    found, start = [], 0
    for line in textwrap.wrap(flat, width, expand_tabs=False):
        start = flat.index(line, start)
        found.append((start, start := start + len(line)))
    return found


def _columns(rows: Rows) -> list[tuple[Cell, ...]]:
    return list(zip(rows.head, *(row for row in rows.cells if len(row) > 1), strict=True))


def _length(cell: Cell) -> int:
    return len(cell) if isinstance(cell, str) else sum(len(text) for text, _ in cell.parts)
