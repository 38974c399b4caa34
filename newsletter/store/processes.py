"""The processes that are there to deliver or to lead, whether or not they have anything to do.

Owns their rows, which are for people to look at. One thing is decided by them: a leader that gave no sign of
life for long is one that stands still (`leading`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select, update

from newsletter.store import here
from newsletter.store.here import Place
from newsletter.store.tables import processes

# A sign of life is given as often.
BEAT = timedelta(seconds=10)
# After so long without a sign of life it is gone.
_SILENT = 3 * BEAT
# What ended so long ago nobody asks for any more.
_KEPT = timedelta(days=7)


class Role(StrEnum):
    """What a process is there for."""

    RUN = "run"  # cadence, deliveries and what else the settings say
    WORKER = "worker"  # deliveries


@dataclass(frozen=True, slots=True)
class Process:
    """A process. leads: whether it said that it leads the schedule. gone: whether it seems to run no more."""

    id: int
    role: Role
    place: Place
    version: str
    started_at: datetime
    seen_at: datetime
    leads: bool
    gone: bool


def join(tx: Connection, role: Role, *, version: str, now: datetime) -> int:
    """The number of this process; what is long over is forgotten.

    It takes the place of one that is gone from the same host: a restart leaves no trace.
    """
    at = here.place()
    tx.execute(delete(processes).where(processes.c.seen_at < now - _KEPT))
    for one in present(tx, now=now):
        if one.gone and (one.role, one.place.host) == (role, at.host):
            leave(tx, one.id)
            break
    its = {"role": role, "host": at.host, "pid": at.pid, "machine": at.machine, "version": version}
    new = insert(processes).values(**its, started_at=now, seen_at=now, leads=False)
    number: int = tx.execute(new.returning(processes.c.id)).scalar_one()
    return number


def seen(tx: Connection, number: int, *, leads: bool, now: datetime) -> bool:
    """Whether it is known still: others may have forgotten one that slept for long."""
    query = update(processes).where(processes.c.id == number)
    return tx.execute(query.values(seen_at=now, leads=leads)).rowcount == 1


def leave(tx: Connection, number: int) -> None:
    """Forget a process that ends well."""
    tx.execute(delete(processes).where(processes.c.id == number))


def present(tx: Connection, *, now: datetime) -> tuple[Process, ...]:
    """The processes that did not say that they ended, by number."""
    found = []
    for row in tx.execute(select(processes).order_by(processes.c.id)):
        at = Place(row.host, row.pid, row.machine)
        gone = row.seen_at < now - _SILENT or here.is_known_to_be_gone(at)
        found.append(
            Process(row.id, Role(row.role), at, row.version, row.started_at, row.seen_at, row.leads, gone)
        )
    return tuple(found)
