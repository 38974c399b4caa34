"""From the rows of a table to people who can be entered, and lines that cannot, each with the reason.

Decides by the row alone; who is known already, or left, the store knows.
"""

import re
import sys
import zoneinfo
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import NamedTuple

from newsletter import recipients
from newsletter.model import Cadence, Choice
from newsletter.roster import cells
from newsletter.roster.layout import Layout
from newsletter.roster.rows import Part

# Of a column called status, what says that somebody wants mail, in the words of this program and of others.
_WANTED = frozenset({"", "confirmed", "subscribed", "active", "enabled"})
_PARTS_OF_THEMES = str.maketrans(",;|", "   ")
_COLUMNS = ("address", "themes", "cadence", "timezone", "confirmed_at", "status", "list")
_WHOLE = Choice()
# Where a reason of the libraries repeats a part of the address, which is for the report alone.
_QUOTED = re.compile(r"(?<=of )'[^']*'|(?<=in )'[^']*'")
# Characters of a cell that a reason repeats.
_SHOWN = 30


class Entry(NamedTuple):
    """One person of a table. line: where the row begins. confirmed_at: None where the table does not say."""

    line: int
    address: str
    folded: str
    canonical: str
    choice: Choice
    confirmed_at: datetime | None


class LeftOut(NamedTuple):
    """A row that enters nobody. why: in an operator's words. address: as the table has it, "" for none.

    wrong: whether it is the row's own fault, and not who its owner is.
    """

    line: int
    why: str
    address: str
    wrong: bool = True


class Reader:
    """Reads the rows of one table. themes: those of the list, in its order. now: nothing is later."""

    def __init__(self, layout: Layout, *, list: str, themes: Sequence[str], now: datetime) -> None:
        self._layout = layout
        self._list = list
        self._themes = themes
        self._now = now
        self._places = [layout.columns.get(field, sys.maxsize) for field in _COLUMNS]
        # Few are different, in a million rows. What is wrong with one is asked again, which is seldom.
        self._choice = lru_cache(4096)(self._read_choice)

    def read(self, part: Part) -> tuple[list[Entry], list[LeftOut]]:
        """The people of these rows, in their order, and the rows that are none. Blank rows are neither."""
        entries: list[Entry] = []
        left_out: list[LeftOut] = []
        entry = self._alone if self._layout.columns.keys() == {"address"} else self._entry
        place = self._layout.columns["address"]
        for line, row in zip(part.numbers, part.rows, strict=True):
            if isinstance(row, str):
                left_out.append(LeftOut(line, row, ""))
                continue
            try:
                entries.append(entry(line, row))
            except (ValueError, IndexError) as error:
                if any(map(str.strip, row)):
                    address = cells.plain(row[place]) if place < len(row) else ""
                    left_out.append(LeftOut(line, _why(error, address), address))
        return entries, left_out

    def _alone(self, line: int, row: list[str]) -> Entry:
        return Entry(line, *recipients.forms(cells.plain(row[self._places[0]])), _WHOLE, None)

    def _entry(self, line: int, row: list[str]) -> Entry:
        width = len(row)
        place, *others = self._places
        address = recipients.forms(cells.plain(row[place]))
        themes, cadence, timezone, confirmed, status, list = [row[at] if at < width else "" for at in others]
        if status or list:
            self._check(status, list)
        choice = self._choice(themes, cadence, timezone)
        return Entry(line, *address, choice, self._moment(confirmed) if confirmed else None)

    def _check(self, status: str, list: str) -> None:
        if status.strip().lower() not in _WANTED:
            raise ValueError(f"its status is {_shown(status)}, which asks for no mail")
        if list and list.strip() != self._list:
            raise ValueError(f"a row of the list {_shown(list)}")

    def _read_choice(self, themes: str, cadence: str, timezone: str) -> Choice:
        slugs = cells.plain(themes).translate(_PARTS_OF_THEMES).split()
        for slug in slugs:
            if slug not in self._themes:
                raise ValueError(f"no theme {_shown(slug)} in this list; it has {', '.join(self._themes)}")
        often, zone = cadence.strip().lower() or Cadence.ISSUE, cells.plain(timezone).strip()
        if often not in list(Cadence):
            raise ValueError(f"no cadence {_shown(cadence)}; it is issue or monthly")
        if zone and zone not in _zones():
            raise ValueError(f"no time zone {_shown(timezone)}; write one such as Europe/Berlin")
        return Choice.among(self._themes, slugs, Cadence(often), zone)

    def _moment(self, text: str) -> datetime:
        try:
            found = datetime.fromisoformat(text.strip())
            moment = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise ValueError(f"no date {_shown(text)}; write it as 2026-11-24") from error
        if moment > self._now:
            raise ValueError(f"confirmed on {_shown(text)}, which is still to come")
        return moment


def first_of_each(entries: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """The entries with one of each address, in the order of their addresses, and those that come again."""
    first: dict[str, Entry] = {}
    again = [entry for entry in entries if first.setdefault(entry.folded, entry) is not entry]
    return [first[folded] for folded in sorted(first)], again


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _why(error: Exception, address: str) -> str:
    if isinstance(error, IndexError) or not address.strip():
        return "no address"
    return _QUOTED.sub("'…'", str(error))


def _shown(text: str) -> str:
    """A cell as a reason repeats it, in one line; what may be somebody's address is not repeated."""
    flat = " ".join(text.split())
    return "“…@…”" if "@" in flat else f"“{flat[:_SHOWN]}{'…' * (len(flat) > _SHOWN)}”"
