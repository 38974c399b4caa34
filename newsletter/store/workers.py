"""The processes that deliver.

Owns their rows. A worker is gone when it said so, when this machine knows no process of its number, or when
it gave no sign of life for the time of a lease. A worker that is wrongly taken for gone does no harm: its
number is the fence of what it had claimed.
"""

import os
import platform
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from newsletter.store.tables import workers


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that delivers. id: never given twice."""

    id: int
    host: str
    pid: int
    started_at: datetime
    seen_at: datetime


def join(tx: Connection, *, now: datetime) -> int:
    """The number of this process as a worker, a new one each time."""
    row = {"host": platform.node(), "pid": os.getpid(), "started_at": now, "seen_at": now}
    number: int = tx.execute(insert(workers).values(**row).returning(workers.c.id)).scalar_one()
    return number


def hold(tx: Connection, worker: int, *, others: bool) -> None:
    """Return once nobody else changes what that worker has claimed, until `tx` ends.

    others: nor what any present worker has. Whoever holds several takes them by number, so that no two wait
    for each other. SQLite has one writer in any case.
    """
    if tx.dialect.name == "postgresql":
        which = workers.c.id == worker
        if others:
            which |= workers.c.ended_at.is_(None)
        tx.execute(select(workers.c.id).where(which).order_by(workers.c.id).with_for_update())


def seen(tx: Connection, worker: int, *, now: datetime) -> None:
    """Let others know that the worker lives, one that was taken for gone too."""
    tx.execute(update(workers).where(workers.c.id == worker).values(seen_at=now, ended_at=None))


def end(tx: Connection, numbers: Collection[int], *, now: datetime) -> None:
    """Those workers deliver nothing any more."""
    tx.execute(update(workers).where(workers.c.id.in_(numbers)).values(ended_at=now))


def present(tx: Connection) -> tuple[Worker, ...]:
    """The workers that did not say that they ended, by number; some may be gone all the same."""
    columns = (workers.c.id, workers.c.host, workers.c.pid, workers.c.started_at, workers.c.seen_at)
    query = select(*columns).where(workers.c.ended_at.is_(None)).order_by(workers.c.id)
    return tuple(Worker(*row) for row in tx.execute(query))


def is_gone(worker: Worker, *, lease: timedelta, now: datetime) -> bool:
    """Whether nothing more is to be expected of the worker."""
    if worker.seen_at < now - lease:
        return True
    return worker.host == platform.node() and not _runs(worker.pid)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
