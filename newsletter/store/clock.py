"""The time of a PostgreSQL server, which is the same for all machines that deliver.

Leases, rates and slots are compared by several machines, whose own clocks may differ by minutes. The server
is not asked each time: between two questions the time goes on by a clock of this machine that nobody sets.
Any transaction may set it right, and one does every few seconds.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, func, select

# Seconds after which a transaction sets the clock right.
_RIGHT_FOR_S = 5.0
# One that also counts while the machine sleeps, where there is one.
_EVEN = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class DatabaseClock:
    """Tells the time of a server, which a transaction asked for before."""

    def __init__(self) -> None:
        self._base: datetime | None = None
        self._base_s = 0.0
        self._lock = Lock()

    def __call__(self) -> datetime:
        """The present moment, aware. Raises: LookupError before it was set right."""
        with self._lock:
            if self._base is None:
                raise LookupError("no transaction has asked for the time yet")
            return self._base + timedelta(seconds=_even_s() - self._base_s)

    def keep_right(self, tx: Connection) -> None:
        """Ask the server, where that is some seconds ago."""
        if self._base is not None and _even_s() - self._base_s < _RIGHT_FOR_S:
            return
        before = _even_s()
        moment: datetime = tx.execute(select(func.clock_timestamp())).scalar_one()
        with self._lock:
            # Half of the way there and back is over when the server looks.
            self._base, self._base_s = moment.astimezone(UTC), (before + _even_s()) / 2


_CLOCKS: WeakKeyDictionary[Engine, DatabaseClock] = WeakKeyDictionary()


def of(database: Engine, otherwise: Callable[[], datetime]) -> Callable[[], datetime]:
    """The clock of a server, set right by a transaction; of a file `otherwise`, this machine's."""
    return _CLOCKS.get(database, otherwise)


def keep(database: Engine) -> None:
    """Let transactions of a server keep its clock."""
    _CLOCKS[database] = DatabaseClock()


def keep_right(database: Engine, tx: Connection) -> None:
    """Set the clock right in passing, where there is one and some seconds have gone by."""
    if clock := _CLOCKS.get(database):
        clock.keep_right(tx)


def _even_s() -> float:
    return time.clock_gettime(_EVEN)
