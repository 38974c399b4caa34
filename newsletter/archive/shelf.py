"""What of the store is public, newest first.

Public is an issue of a list that stands on the web, approved or beyond, whose day has come. Anything else is
as if it were not there: drafts, cancelled issues, those of tomorrow, other lists. Reads only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime

from newsletter import frozen, store
from newsletter.archive import outline
from newsletter.archive.outline import Entry
from newsletter.errors import NotFound
from newsletter.model import Edition, Issue, MailingList
from newsletter.store import issues

# Contents that are read at a time: a megabyte or two.
_AT_A_TIME = 25


@dataclass(frozen=True, slots=True)
class Shown:
    """One public issue in full, and those that appeared before and after it, None where there is none."""

    issue: Issue
    entry: Entry
    older: Entry | None
    newer: Entry | None


class Archive:
    """The public issues of an open store. lists: those that stand on the web, by their slugs.

    What an approved issue says never changes, so each is outlined once, whoever asks: for five hundred issues
    of 100 KB that is a second or two in all, and milliseconds from then on (measured).
    """

    def __init__(self, database: store.Engine, lists: Mapping[str, MailingList]) -> None:
        self._database = database
        self._outlines: dict[tuple[int, datetime | None], Entry] = {}
        self.lists = lists

    def list(self, slug: str) -> MailingList:
        """The list of that slug. Raises: NotFound."""
        if slug not in self.lists:
            raise NotFound(f"no list {slug!r}")
        return self.lists[slug]

    def editions(self, slug: str, *, today: Date) -> tuple[Edition, ...]:
        """The public issues of the list as rows, the newest day first. Raises: NotFound; StoreError."""
        chosen = self.list(slug)
        with store.reading(self._database) as tx:
            return issues.public(tx, list=chosen.slug, until=today)

    def entries(self, slug: str, *, today: Date, most: int | None = None) -> tuple[Entry, ...]:
        """The public issues of the list in outline, the newest day first; of these the first so many.

        Raises: NotFound; StoreError.
        """
        return self._outlined(self.editions(slug, today=today)[:most])

    def latest(self, slug: str, *, today: Date) -> Entry | None:
        """The newest public issue of the list, None before the first. A recap is none that is new.

        Raises: NotFound; StoreError.
        """
        found = [one for one in self.editions(slug, today=today) if not one.recap]
        return next(iter(self._outlined(found[:1])), None)

    def shown(self, slug: str, number: int, *, today: Date) -> Shown:
        """The public issue of that number. Raises: NotFound; StoreError."""
        found = self.editions(slug, today=today)
        at = next((at for at, one in enumerate(found) if one.number == number), None)
        if at is None:
            raise NotFound(f"no issue {slug}/{number}")
        (this,) = self._outlined(found[at : at + 1])
        older = next(iter(self._outlined(found[at + 1 : at + 2])), None)
        newer = next(iter(self._outlined(found[at - 1 : at] if at else ())), None)
        return Shown(self.issue(this), this, older, newer)

    def issue(self, entry: Entry) -> Issue:
        """What the issue says, as its readers got it. Raises: NotFound; StoreError."""
        with store.reading(self._database) as tx:
            content = issues.content(tx, entry.edition)
        if content is None:
            raise NotFound(f"no issue {entry.edition.name}")
        return frozen.from_data(content)

    def number_of(self, slug: str, day: Date, *, today: Date) -> int:
        """The number of the public issue of that day, the last where there are several; before any recap.

        Raises: NotFound; StoreError.
        """
        found = sorted(self.editions(slug, today=today), key=lambda one: bool(one.recap))
        number = next((one.number for one in found if one.date == day), None)
        if number is None:
            raise NotFound(f"no issue of {slug} on {day.isoformat()}")
        return number

    def _outlined(self, editions: Sequence[Edition]) -> tuple[Entry, ...]:
        unknown = [one for one in editions if _key(one) not in self._outlines]
        for start in range(0, len(unknown), _AT_A_TIME):
            some = unknown[start : start + _AT_A_TIME]
            with store.reading(self._database) as tx:
                contents = issues.contents(tx, [one.id for one in some])
            self._outlines |= {_key(one): outline.entry(one, contents[one.id]) for one in some}
        return tuple(self._outlines[_key(one)] for one in editions)


def _key(edition: Edition) -> tuple[int, datetime | None]:
    return edition.id, edition.approved_at
