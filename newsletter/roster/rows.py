"""The rows of a table of addresses, a part at a time, with the place in the file behind each part.

A part ends at the end of a row, so that reading can go on there later. What cannot be a row costs its own
line and no other: a quote that is never closed, a line too long. Holds one part in memory, whatever the file
is.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import BinaryIO

# Lines and bytes of a part; it ends with whichever comes first. Who leaves meanwhile waits for one. Measured
# on a busy machine, the slowest of a hundred: 2.2 s with parts of 20,000 lines, 0.4 s with these. With 2,000
# it is 0.1 s, but the table takes half as long again.
PART_LINES, PART_BYTES = 5_000, 4_000_000
# Bytes of one line: an address has 254, and other programs write dozens of columns beside it.
LONGEST_LINE = 64 * 1024
# Lines of one row, where a cell between quotes holds line ends.
LONGEST_ROW = 20
_UNCLOSED = "a quote that is never closed"
_TOO_LONG = f"longer than {LONGEST_LINE // 1024} KB, which no row is"

# The cells of a row, or what keeps a line from being one.
Row = list[str] | str


@dataclass(frozen=True, slots=True)
class Part:
    """Rows, each with the number of its first line. offset, lines: bytes and lines of the file up to here."""

    numbers: Sequence[int]
    rows: Sequence[Row]
    offset: int
    lines: int


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as it stands in the file, None for one that is too long. size: its bytes."""

    text: str | None
    size: int


def part(file: BinaryIO, *, offset: int, lines: int, delimiter: str) -> Part | None:
    """The rows from there on; None at the end of the file. file: UTF-8 text."""
    file.seek(offset)
    found, long = _lines(file)
    if not found:
        return None
    simple = None if long else _simple(found, delimiter)
    if simple is not None:
        end = offset + sum(map(len, found))
        return Part(range(lines + 1, lines + len(found) + 1), simple, end, lines + len(found))
    last = file.tell() == file.seek(0, 2)
    whole = [
        _Line(None, long[at]) if at in long else _Line(line.decode(errors="replace"), len(line))
        for at, line in enumerate(found)
    ]
    return _careful(whole, delimiter, offset=offset, lines=lines, last=last)


def _lines(file: BinaryIO) -> tuple[list[bytes], dict[int, int]]:
    """The next lines with their ends, and the bytes of those that are too long, by their place."""
    found: list[bytes] = []
    long: dict[int, int] = {}
    size = 0
    while size < PART_BYTES and len(found) < PART_LINES and (line := file.readline(LONGEST_LINE)):
        size += len(line)
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            long[len(found)] = len(line) + _passed(file)
            line = b""
        found.append(line)
    return found, long


def _passed(file: BinaryIO) -> int:
    """The bytes of the rest of a line, which is passed over."""
    size = 0
    while piece := file.readline(LONGEST_LINE):
        size += len(piece)
        if piece.endswith(b"\n"):
            break
    return size


def _simple(found: list[bytes], delimiter: str) -> list[Row] | None:
    """The rows where each is one line, as in nearly every file; None where somebody has to look closer."""
    reader = csv.reader([line.decode(errors="replace") for line in found], delimiter=delimiter)
    try:
        rows: list[Row] = list(reader)
    except csv.Error:
        return None
    # The end of the lines would close a quote that is open in the last one.
    return rows if len(rows) == len(found) and found[-1].count(b'"') % 2 == 0 else None


def _careful(found: list[_Line], delimiter: str, *, offset: int, lines: int, last: bool) -> Part:
    """The rows one by one. last: whether the file ends here; else a row that is open at the end is left."""
    numbers: list[int] = []
    rows: list[Row] = []
    at = 0
    while at < len(found):
        row, taken = _row(found, at, delimiter)
        if not taken and not last and at:
            break
        numbers.append(lines + at + 1)
        rows.append(row)
        at += taken or 1
    return Part(numbers, rows, offset + sum(line.size for line in found[:at]), lines + at)


def _row(found: list[_Line], at: int, delimiter: str) -> tuple[Row, int]:
    """The row that begins in that line, and how many lines it has: 0 for one that does not end in these."""
    first = found[at].text
    if first is None:
        return _TOO_LONG, 1
    window = [line.text for line in found[at : at + LONGEST_ROW]]
    texts = [text for text in takewhile(lambda text: text is not None, window) if text is not None]
    reader = csv.reader(texts, delimiter=delimiter, strict=True)
    try:
        row: Row = next(reader, [])
    except csv.Error as error:
        if "end of data" not in str(error):
            return _lenient(first, delimiter), 1
        return _UNCLOSED, 0 if at + len(texts) == len(found) else 1
    return row, reader.line_num


def _lenient(text: str, delimiter: str) -> Row:
    """The cells of a line whose quotes do not stand where they should."""
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return "not one row: a line end within it"
