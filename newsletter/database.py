"""The database that the settings name: its tables, how it stands, and how an installation comes into it.

A copy is refused while a process is at work on the file, since what that does meanwhile would be lost.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from newsletter import headway, store
from newsletter.config import Settings
from newsletter.errors import ConfigError, StoreError
from newsletter.store import connection, copying, processes, workers
from newsletter.store.copying import Copied
from newsletter.store.here import Place
from newsletter.store.moved import Moved

_FILE = "name the SQLite file that newsletter made, such as newsletter.db"
# What tells an address from a path.
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def upgrade(settings: Settings) -> tuple[str | None, str]:
    """The revisions of the tables before and after; None for a new store. Raises: StoreError."""
    return store.upgrade(_address(settings))


def health(settings: Settings) -> store.Health:
    """How the store stands; nothing is changed. Raises: StoreError where it cannot be opened."""
    database = store.open_store(_address(settings), create=False)
    try:
        return store.health(database)
    finally:
        database.dispose()


def copy(settings: Settings, source: str, *, anyway: bool, now: datetime) -> Copied:
    """What was copied from that SQLite file into the configured PostgreSQL database.

    source: a path, or sqlite:/// with a path. anyway: whether a process that seems to be at work on the file
    is no hindrance; it can write nothing afterwards, and its mails that wait for an answer become unknown.
    Raises: StoreError, and then nothing was copied; ConfigError where database_url names no server.
    """
    path = _path(source)
    if _address(settings).startswith(connection.SQLITE_PREFIX):
        raise ConfigError("database_url: names a SQLite file; let it be postgresql://USER:PASSWORD@HOST/NAME")

    def check(tx: store.Connection) -> None:
        if not anyway:
            _require_nobody(path, tx, lease=timedelta(seconds=settings.delivery.lease_s), now=now)

    with _opened(path) as old:
        total = copying.rows_of(old)
        new = store.open_store(_address(settings))
        try:
            with headway.of_copying(str(path), total) as told:
                return copying.copy(old, new, check=check, now=now, progress=told)
        finally:
            new.dispose()


def undo_copy(source: str) -> Moved | None:
    """Where that file had been copied to; from now on it is a store again. None where it had not been."""
    with _opened(_path(source)) as old:
        return copying.undo(old)


def _path(source: str) -> Path:
    if not source.startswith(connection.SQLITE_PREFIX) and _SCHEME.match(source):
        raise ConfigError(
            "a copy is made from an SQLite file; from one PostgreSQL database to another: "
            "pg_dump --format=custom NAME | pg_restore --dbname=OTHER"
        )
    path = Path(source.removeprefix(connection.SQLITE_PREFIX))
    if not path.is_file():
        raise StoreError(f"{path}: no such file; {_FILE}")
    return path


@contextmanager
def _opened(path: Path) -> Iterator[store.Engine]:
    database = connection.connect(f"{connection.SQLITE_PREFIX}{path}", create=False)
    try:
        yield database
    finally:
        database.dispose()


def _require_nobody(path: Path, tx: store.Connection, *, lease: timedelta, now: datetime) -> None:
    for one in processes.present(tx, now=now):
        if not one.gone:
            raise _busy(path, f"newsletter {one.role}", one.place, now - one.seen_at)
    for other in workers.present(tx):
        if not workers.is_gone(other, lease=lease, now=now):
            raise _busy(path, "a process that sends", other.place, now - other.seen_at)


def _busy(path: Path, what: str, at: Place, ago: timedelta) -> StoreError:
    who = f"{what} (process {at.pid} on {at.host}, last sign of life {ago.total_seconds():,.0f} s ago)"
    step = "stop it and run this again; where you know that it is gone: --anyway"
    return StoreError(f"{path}: {who} is at work on it; {step}")


def _address(settings: Settings) -> str:
    return settings.database_url.get_secret_value()
