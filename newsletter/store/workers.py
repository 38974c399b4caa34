"""The processes that deliver.

Owns their rows. A worker is gone when it said so, when its own machine knows no process of its number, or
when it gave no sign of life for the time of a lease. A worker that is wrongly taken for gone does no harm:
its number is the fence of what it had claimed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, or_, select, update

from newsletter.model import DeliveryStatus
from newsletter.store import connection, here
from newsletter.store.connection import Asked
from newsletter.store.here import Place
from newsletter.store.tables import deliveries, workers

_COLUMNS = [workers.c[name] for name in ("id", "host", "pid", "machine", "started_at", "seen_at", "ended_at")]

_HOLD = "SELECT id FROM workers WHERE id = ? FOR UPDATE"


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that delivers. id: never given twice. ended: whether it said so, or was taken for gone."""

    id: int
    place: Place
    started_at: datetime
    seen_at: datetime
    ended: bool = False


def join(tx: Connection, *, now: datetime) -> int:
    """The number of this process as a worker, a new one each time."""
    at = here.place()
    row = {"host": at.host, "pid": at.pid, "machine": at.machine, "started_at": now, "seen_at": now}
    number: int = tx.execute(insert(workers).values(**row).returning(workers.c.id)).scalar_one()
    return number


def hold(tx: Connection, worker: int) -> None:
    """Return once nobody else changes what that worker has claimed, until `tx` ends.

    SQLite has one writer in any case.
    """
    connection.ask_all(tx, holding(tx, worker))


def holding(tx: Connection, worker: int) -> list[Asked]:
    """What to ask, for the same as by `hold`."""
    return [(_HOLD, (worker,))] if tx.dialect.name == "postgresql" else []


def hold_all(tx: Connection, worker: int = 0) -> tuple[Worker, ...]:
    """That worker, those present, and those that ended with a mail at its end, by number; all held.

    Whoever holds several takes them in this order, and changes rows of no other: so no two wait for each
    other. worker: 0 for none.
    """
    return tuple(map(_worker, tx.execute(_among(worker).with_for_update(of=workers))))


def around(tx: Connection, worker: int) -> tuple[Worker, ...]:
    """The same, held by nobody: whoever looks often lets others go on."""
    return tuple(map(_worker, tx.execute(_among(worker))))


def _among(worker: int) -> Select[Any]:
    at_an_end = select(deliveries.c.worker_id).where(deliveries.c.status == DeliveryStatus.SENDING)
    which = or_(workers.c.id == worker, workers.c.ended_at.is_(None), workers.c.id.in_(at_an_end))
    return select(*_COLUMNS).where(which).order_by(workers.c.id)


def seen(tx: Connection, worker: int, *, now: datetime) -> None:
    """Let others know that the worker lives, one that was taken for gone too."""
    tx.execute(update(workers).where(workers.c.id == worker).values(seen_at=now, ended_at=None))


def end(tx: Connection, numbers: Collection[int], *, now: datetime) -> None:
    """Those workers deliver nothing any more."""
    tx.execute(update(workers).where(workers.c.id.in_(numbers)).values(ended_at=now))


def present(tx: Connection) -> tuple[Worker, ...]:
    """The workers that did not say that they ended, by number; some may be gone all the same."""
    query = select(*_COLUMNS).where(workers.c.ended_at.is_(None)).order_by(workers.c.id)
    return tuple(map(_worker, tx.execute(query)))


def is_gone(worker: Worker, *, lease: timedelta, now: datetime) -> bool:
    """Whether nothing more is to be expected of the worker."""
    return worker.ended or worker.seen_at < now - lease or here.is_known_to_be_gone(worker.place)


def _worker(row: Row[Any]) -> Worker:
    ended = row.ended_at is not None
    place = Place(row.host, row.pid, row.machine)
    return Worker(row.id, place, row.started_at, row.seen_at, ended)
