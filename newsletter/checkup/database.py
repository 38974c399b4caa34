"""The database, opened and looked through; nothing in it is changed, and none is made."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from newsletter import store
from newsletter.checkup import machine as places
from newsletter.config import Settings
from newsletter.diagnosis import Check, complaints, machine
from newsletter.errors import StoreError
from newsletter.model import BounceKind, SubscriptionStatus
from newsletter.store import bounces, census, deliveries, files, sendings

# Seconds to wait for another process that writes.
_PATIENCE_S = 5


@dataclass(frozen=True, slots=True)
class Found:
    """How the database stands.

    readers: those who said yes, None where it does not tell. largest: bytes of the largest mail of the last
    issue. sent, complaints: mails of the last days that servers took, and reports that call one spam.
    """

    store: machine.Store
    readers: int | None = None
    largest: int = 0
    sent: int = 0
    complaints: int = 0


def look(
    settings: Settings,
    list: str | None,
    *,
    clock: Callable[[], datetime],
    patience_s: float = _PATIENCE_S,
) -> Found:
    """How the database of the settings stands. list: whose readers are counted, None for those of all.

    patience_s: how long to wait for another process that writes.
    """
    path = places.database_file(settings)
    if path and not path.exists() and path.parent.is_dir():
        return Found(machine.Store(str(path), missing=True), readers=0)
    try:
        opened = store.open_store(settings.database_url.get_secret_value(), create=False)
    except StoreError as error:
        return Found(machine.Store("", trouble=str(error)))
    try:
        refuses = _refusal(opened, patience_s)
        return _looked(opened, path, list, refuses, clock)
    except StoreError as error:
        return Found(machine.Store("", trouble=str(error)))
    finally:
        opened.dispose()


def checks(found: Found) -> Iterator[Check]:
    """How it stands."""
    yield from machine.store_checks(found.store)
    yield complaints.check(found.sent, found.complaints)


def _looked(
    database: store.Engine,
    path: Path | None,
    list: str | None,
    refuses: str,
    clock: Callable[[], datetime],
) -> Found:
    health = store.health(database)
    seen = machine.Store(
        health.database,
        revision=health.revision,
        damage=health.problems,
        remedy=health.remedy,
        refuses=refuses,
    )
    with store.reading(database) as tx:
        counted = census.statuses(tx, list)
        largest = sendings.largest(tx)
        since = clock() - timedelta(days=complaints.DAYS)
        sent = deliveries.sent(tx, since=since)
        reported = bounces.kinds(tx, since=since).get(BounceKind.COMPLAINT, 0)
        if path is None:
            seen = replace(seen, clock=tx.scalar(text("SELECT clock_timestamp()")), asked_at=clock())
    if path is not None:
        seen = replace(seen, kind=files.file_system(path)[0], log_bytes=_size(f"{path}-wal"))
    confirmed = (number for (_, how), number in counted.items() if how is SubscriptionStatus.CONFIRMED)
    return Found(seen, sum(confirmed), largest, sent, reported)


def _refusal(database: store.Engine, patience_s: float) -> str:
    """Why nothing can be written, "" where it can."""
    try:
        with store.writing(database, patience_s=patience_s) as tx:
            if tx.dialect.name == "postgresql" and tx.scalar(text("SHOW transaction_read_only")) == "on":
                return "the server takes no writes: it is a standby, or set to be read only"
    except StoreError as error:
        return str(error)
    return ""


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0
