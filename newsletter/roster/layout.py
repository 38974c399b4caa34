"""How a table of addresses is laid out: what parts its cells, which column holds what, where its rows begin.

Finds it out from the first lines alone. A table without a line of names is one too, if there is an address in
its first line.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsletter import recipients
from newsletter.roster import cells

_DELIMITERS = (",", "\t", ";")
# What a column may be called, in small letters and without anything else, by the field it holds.
_NAMES = {
    "address": ("address", "email", "emailaddress", "mail", "mailaddress", "emailid", "subscriberemail"),
    "list": ("list",),
    "status": ("status", "memberstatus", "subscriberstatus", "subscriptionstatus"),
    "themes": ("themes", "theme"),
    "cadence": ("cadence",),
    "timezone": ("timezone", "tz"),
    "confirmed_at": ("confirmedat", "confirmtime", "confirmed"),
}
_FIELDS = {name: field for field, names in _NAMES.items() for name in names}
# Our own columns that say nothing to an import.
_SILENT = {"createdat", "leftat"}
# Names of columns that a message shows.
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand in a table of addresses.

    columns: of each field that there is, its place in a row. skip: lines above the first row. ignored: names
    of the other columns, the first of them.
    """

    delimiter: str
    columns: Mapping[str, int]
    skip: int
    ignored: tuple[str, ...] = ()


def find(lines: Sequence[str]) -> Layout:
    """The layout of the table that begins with these lines. Raises: ValueError, in an operator's words."""
    at = next((at for at, line in enumerate(lines) if line.strip()), None)
    if at is None:
        raise ValueError("empty; give a table with a column of addresses")
    # Excel's own first line, which says what parts the cells.
    if lines[at].strip().lower().startswith("sep=") and at + 1 < len(lines):
        at += 1
    named = [_named(lines[at], delimiter, at) for delimiter in _DELIMITERS]
    best = max(named, key=lambda layout: len(layout.columns))
    if "address" in best.columns:
        return best
    for delimiter in _DELIMITERS:
        for place, cell in enumerate(_cells(lines[at], delimiter)):
            if _is_address(cell):
                return Layout(delimiter, {"address": place}, at)
    first = ", ".join(_shown(cell) for cell in _cells(lines[at], best.delimiter)[:_SHOWN])
    problem = f"no column of addresses; the first line says: {first}"
    raise ValueError(f"{problem}; name that column address, with commas, tabs or semicolons between columns")


def _named(line: str, delimiter: str, at: int) -> Layout:
    columns: dict[str, int] = {}
    ignored = []
    for place, cell in enumerate(_cells(line, delimiter)):
        word = "".join(filter(str.isalnum, cell.casefold()))
        field = _FIELDS.get(word)
        if field and field not in columns:
            columns[field] = place
        elif cell.strip() and word not in _SILENT:
            ignored.append(_shown(cell))
    if len(ignored) > _SHOWN:
        ignored[_SHOWN:] = [f"and {len(ignored) - _SHOWN:,} more"]
    return Layout(delimiter, columns, at + 1, tuple(ignored))


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _is_address(cell: str) -> bool:
    try:
        recipients.forms(cells.plain(cell))
    except ValueError:
        return False
    return True


def _shown(cell: str) -> str:
    """As much of a cell as a message shows; what may be somebody's address is not shown."""
    text = " ".join(cell.split())
    return "…@…" if "@" in text else text[:30] + "…" * (len(text) > 30)
