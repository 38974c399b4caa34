"""The mark in a SQLite file that was copied to a server, so that it does not go on beside the copy.

Owns a table that only such a file has, and triggers that refuse every change: whatever opens the file is told
where its rows went, and a process that had it open writes nothing any more, so that it sends nothing either.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from newsletter.store import tables

TABLE = "newsletter_copied"


@dataclass(frozen=True, slots=True)
class Moved:
    """Where the rows of a file are. to: the address without its password. at: a moment, as text in UTC."""

    to: str
    at: str

    def __str__(self) -> str:
        return f"was copied to {self.to} on {self.at[:16]} UTC, and is kept as it was then"


def of(tx: Connection) -> Moved | None:
    """Where the rows of this file are; None where they are here. TABLE has to be known to be there."""
    row = tx.execute(text(f"SELECT target, at FROM {TABLE}")).one_or_none()  # noqa: S608
    return Moved(row.target, row.at) if row else None


def mark(tx: Connection, to: str, *, now: datetime) -> None:
    """Let nobody change the file any more, once `tx` has ended. Doing it again says the later moment."""
    unmark(tx)
    moved = Moved(to, f"{now:%Y-%m-%d %H:%M:%S}")
    tx.execute(text(f"CREATE TABLE {TABLE} (target TEXT NOT NULL, at TEXT NOT NULL)"))
    tx.execute(text(f"INSERT INTO {TABLE} VALUES (:to, :at)"), {"to": moved.to, "at": moved.at})  # noqa: S608
    said = f"it {moved}; set database_url to that".replace("'", "''")
    for name, table, act in _triggers():
        tx.exec_driver_sql(
            f"CREATE TRIGGER {name} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, '{said}'); END"
        )


def unmark(tx: Connection) -> None:
    """Let the file be changed again. Nothing happens to one that has no mark."""
    for name, _, _ in _triggers():
        tx.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
    tx.exec_driver_sql(f"DROP TABLE IF EXISTS {TABLE}")


def _triggers() -> Iterator[tuple[str, str, str]]:
    for table in tables.metadata.tables:
        for act in ("INSERT", "UPDATE", "DELETE"):
            yield f"{TABLE}_{table}_{act.lower()}", table, act
