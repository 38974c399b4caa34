"""What wakes this process when something is due that another one wrote: the bell of PostgreSQL, in a thread.

Nobody relies on it. Where the server cannot be reached it tries again, and couriers look now and then anyway.
"""

import threading
from collections.abc import Callable

from newsletter import store
from newsletter.daemon.deliveries import Deliveries
from newsletter.store.bell import Bell

# Seconds that it listens at a time: a process that is to end waits for it no longer. Listening asks nothing.
_LISTEN_S = 1.0
# Seconds until it tries again where the server cannot be reached, the last for all that comes after.
_RESTS_S = (1.0, 2.0, 5.0, 15.0)


class Waking:
    """Calls `wake` when the bell rang, or may have. On SQLite, which has none, it has nothing to do."""

    def __init__(self, database: store.Engine, deliveries: Deliveries, *, wake: Callable[[], object]) -> None:
        self._bell = Bell(database)
        self._deliveries = deliveries
        self._wake = wake
        self._has_bell = database.dialect.name == "postgresql"
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="waking", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        if self._has_bell:
            self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        self._stopped.set()

    def ended(self) -> bool:
        """Whether it does not listen any more."""
        return not self._thread.is_alive()

    def _run(self) -> None:
        failed = 0
        while not self._stopped.is_set():
            heard = self._deliveries.tried("bell", self._listen)
            failed = failed + 1 if heard is None else 0
            if failed:
                self._stopped.wait(_RESTS_S[min(failed, len(_RESTS_S)) - 1])
        self._bell.close()

    def _listen(self) -> bool:
        heard = self._bell.heard(within_s=_LISTEN_S)
        if heard:
            self._wake()
        return heard
