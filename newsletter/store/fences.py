"""The number that a restored backup cannot know: it rises whenever mails go. And which server it rose on.

Owns the one row of `fences`. What the number is compared with is kept elsewhere (`fence`). A server of
PostgreSQL has a number of its own, and counts how often a standby took over, or a backup was restored, on its
way: its timeline. Where a server does not say so, it counts as the same one.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, text, update
from sqlalchemy.exc import NotSupportedError, ProgrammingError

from newsletter.store.tables import fences

# Of those who find no row: any number, and no other lock has it.
_FIRST_LOCK = 7_639_774_376
# The database, its timeline, and whether what is committed is on a second server before anybody is told.
_ASK = text("""
    SELECT (SELECT system_identifier FROM pg_control_system())::text || '/' || d.oid AS database,
        CASE WHEN pg_is_in_recovery() THEN 0
        ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint END AS timeline,
        current_setting('synchronous_standby_names') <> ''
            AND current_setting('synchronous_commit') IN ('on', 'remote_apply') AS doubled
    FROM pg_database AS d WHERE d.datname = current_database()
""")


@dataclass(frozen=True, slots=True)
class Place:
    """A server. database: "" where it does not say. doubled: whether a second one has what it commits."""

    database: str = ""
    timeline: int = 0
    doubled: bool = False


_UNSAID = Place()


@dataclass(frozen=True, slots=True)
class Fence:
    """The number. known: the highest that any machine knew; rose: where it last did; here: where this is."""

    number: int
    known: int
    rose: Place
    here: Place

    @property
    def is_elsewhere(self) -> bool:
        """Whether this server may have forgotten something that the other one wrote."""
        if not (self.rose.database and self.here.database and self.here.timeline):
            return False
        if self.rose.database != self.here.database or self.here.timeline < self.rose.timeline:
            return True
        return self.here.timeline > self.rose.timeline and not self.rose.doubled


def read(tx: Connection) -> Fence:
    """The number as it is; 0 where it never rose."""
    row = tx.execute(select(fences)).one_or_none()
    return _fence(row, _here(tx))


def rise(tx: Connection) -> Fence:
    """The number after it has risen by one, and where it rose before.

    On PostgreSQL nobody else lets it rise before `tx` ends: it is the last thing that a transaction does.
    """
    found = _fence(_risen(tx), _here(tx))
    # One whose role is not told keeps what those know that are.
    if found.here.database and found.here != found.rose and not found.is_elsewhere:
        _settle(tx, found.here)
    return found


def accept(tx: Connection, *, past: int) -> int:
    """The number, one beyond `past` where that is more, and nothing is known that is against it."""
    found = _fence(_risen(tx), _here(tx))
    _settle(tx, found.here)
    number = max(found.number, found.known + 1, past + 1)
    tx.execute(update(fences).values(number=number))
    return number


def tell(tx: Connection, known: int) -> None:
    """Let all machines know that one of them knew that number."""
    if tx.scalar(select(fences.c.number)) is None:
        _risen(tx)
    tx.execute(update(fences).where(fences.c.known < known).values(known=known))


def _settle(tx: Connection, at: Place) -> None:
    row = {"origin": at.database, "timeline": at.timeline, "doubled": at.doubled}
    tx.execute(update(fences).values(**row))


def _risen(tx: Connection) -> Row[Any]:
    query = update(fences).values(number=fences.c.number + 1).returning(*fences.c)
    found = tx.execute(query).one_or_none()
    if found is None:
        if tx.dialect.name == "postgresql":
            # Two that find no row would else insert one each. A lock on the table would have them wait for
            # each other: both hold a weaker one by now.
            tx.execute(select(func.pg_advisory_xact_lock(_FIRST_LOCK)))
        found = tx.execute(query).one_or_none()
    return found or tx.execute(insert(fences).values(number=1).returning(*fences.c)).one()


def _fence(row: Row[Any] | None, here: Place) -> Fence:
    if row is None:
        return Fence(0, 0, _UNSAID, here)
    return Fence(row.number, row.known, Place(row.origin, row.timeline, row.doubled), here)


def _here(tx: Connection) -> Place:
    """Which server this is. One that does not tell this user, or has no such functions, does not say."""
    if tx.dialect.name == "postgresql":
        with suppress(NotSupportedError, ProgrammingError), tx.begin_nested():
            return Place(*tx.execute(_ASK).one())
    return _UNSAID
