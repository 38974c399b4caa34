"""Tables of papers with a line of column names: CSV, with commas, semicolons or tabs.

Owns finding the delimiter (the one that gives the first line most names that are known; `csv.Sniffer` counts
characters of abstracts and is often wrong), and what a quote that is never closed may cost: its own line.
Cells are text, whatever a spreadsheet would make of them.
"""

import csv
from collections.abc import Iterator
from typing import NamedTuple

from newsletter.errors import DigestError
from newsletter.model import Digest, Skipped
from newsletter.sources import labels, records
from newsletter.sources.document import Document
from newsletter.sources.records import Record

NAME = "csv"

_DELIMITERS = (",", "\t", ";")
# In one line, the commas of an abstract among them: a cell takes sixty bytes, and the row is kept whole.
_MOST_CELLS = 5_000
# Characters of a line of names, and how many it may have.
_LONGEST_HEADER, _MOST_COLUMNS = 8_000, 300
# Lines that must agree on their number of cells to be a table without names.
_COMPARED = 4
_KNOWN = (
    "title, abstract or summary, authors, url, pdf, arxiv id, doi, date, upvotes, categories, keywords, code"
)


class _Header(NamedTuple):
    """The line of names: its index, its delimiter, its cells, and the field of each, None for one unknown."""

    at: int
    delimiter: str
    names: list[str]
    columns: list[str | None]


def sniff(document: Document) -> bool:
    """Whether the first line names a title and at least one more column that is known."""
    return _header(document) is not None


def parse(document: Document) -> Digest:
    """The papers of the table in its order; a line that is no row of it is reported."""
    header = _header(document)
    if header is None:
        raise refusal(document) or DigestError(
            document.source, f"no table of papers; name its columns: {_KNOWN}"
        )
    for number, line in enumerate(document.lines, start=1):
        if line.count(header.delimiter) > _MOST_CELLS:
            problem = f"a line of more than {_MOST_CELLS:,} cells, which no table of papers has; take it out"
            raise DigestError(document.source, problem, line=number)
    return records.digest(NAME, document, _found(document.lines, header))


def refusal(document: Document) -> DigestError | None:
    """Why a table without names cannot be read; None for a text that is no table."""
    lines = [line for line in document.lines[:50] if line.strip()][:_COMPARED]
    for delimiter in _DELIMITERS:
        counts = {len(_cells(line, delimiter)) for line in lines}
        if len(lines) > 1 and len(counts) == 1 and counts.pop() > (1 if delimiter == "\t" else 2):
            return DigestError(
                document.source,
                "this looks like a table, but its first line does not name a title and one more column; "
                f"write their names there ({_KNOWN}) and read it again",
                line=1,
            )
    return None


def _header(document: Document) -> _Header | None:
    lines = document.lines
    at = next((at for at, line in enumerate(lines[:20]) if line.strip()), 0)
    # Excel's own first line, which says what parts the cells.
    if lines[at].strip().lower().startswith("sep="):
        at += 1
    if at >= len(lines) or len(lines[at]) > _LONGEST_HEADER:
        return None
    readings = (_reading(at, lines[at], delimiter) for delimiter in _DELIMITERS)
    best = max(readings, key=lambda reading: len(set(reading.columns)))
    known = set(filter(None, best.columns))
    return best if "title" in known and len(known) > 1 and len(best.columns) <= _MOST_COLUMNS else None


def _reading(at: int, line: str, delimiter: str) -> _Header:
    names = _cells(line, delimiter)
    return _Header(at, delimiter, names, [labels.field_of(name) for name in names])


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _found(lines: list[str], header: _Header) -> Iterator[Record | Skipped]:
    for number, row in _rows(lines, header):
        if row is None:
            yield Skipped(number, lines[number - 1], "a quote that is never closed")
            continue
        if not any(map(str.strip, row)):
            continue
        shown = header.delimiter.join(row)
        if row == header.names:
            yield Skipped(number, shown, "the names of the columns again")
        elif any(map(str.strip, row[len(header.columns) :])):
            yield Skipped(
                number, shown, "more cells than columns: put quotes around a cell with a comma in it"
            )
        else:
            yield _record(number, row, header, shown)


def _record(number: int, row: list[str], header: _Header, shown: str) -> Record | Skipped:
    fields = labels.Fields(number)
    for name, cell in zip(header.columns, row, strict=False):
        if name:
            fields.add(name, number, cell)
    return labels.record(fields) if fields.text("title") else Skipped(number, shown, "no title")


def _rows(lines: list[str], header: _Header) -> Iterator[tuple[int, list[str] | None]]:
    """Every row with the number of its first line; None for one whose quote is never closed.

    Behind such a row the reader starts anew, so that the rows which it had swallowed are read.
    """
    start = header.at + 1
    while start < len(lines):
        for number, end, row in _run(lines, start, header.delimiter):
            yield number + 1, row
            start = end


def _run(lines: list[str], first: int, delimiter: str) -> Iterator[tuple[int, int, list[str] | None]]:
    """Rows up to the first broken one, each with the index of its first line and the one behind its last."""
    reader = csv.reader((lines[at] + "\n" for at in range(first, len(lines))), delimiter=delimiter)
    start = first
    while start < len(lines):
        try:
            row = next(reader)
        except csv.Error:
            row = None
        end = first + reader.line_num
        if row is None or (end - start > 1 and sum(line.count('"') for line in lines[start:end]) % 2):
            # Programs that part cells by tabs mostly write no quotes at all.
            yield start, start + 1, lines[start].split("\t") if delimiter == "\t" else None
            return
        yield start, end, row
        start = end
