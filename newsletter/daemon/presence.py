"""The row by which others see that this process is there, and that one which leads does not stand still."""

import threading
import time
from collections.abc import Callable
from datetime import datetime

from newsletter import __version__, store
from newsletter.daemon.deliveries import Deliveries
from newsletter.store import processes
from newsletter.store.processes import Role

# Seconds that a sign of life waits for others that write; the next one comes soon.
_PATIENCE_S = 3.0
# Seconds between two looks whether the lead went over.
_LOOK_S = 0.5


class Presence:
    """Gives signs of life, in a thread of its own. leads: whether the process keeps the schedule."""

    def __init__(
        self,
        database: store.Engine,
        deliveries: Deliveries,
        role: Role,
        *,
        clock: Callable[[], datetime],
        leads: Callable[[], bool] = lambda: False,
    ) -> None:
        self._database = database
        self._deliveries = deliveries
        self._role = role
        self._clock = clock
        self._leads = leads
        self._number = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="presence", daemon=True)

    def start(self) -> None:
        """Be there."""
        self._thread.start()

    def stop(self) -> None:
        """Be there no more."""
        self._stopped.set()

    def ended(self) -> bool:
        """Whether its row is gone, or could not be taken away."""
        return not self._thread.is_alive()

    def beat(self) -> None:
        """Give a sign of life; whom others took for long gone is there anew. Raises: StoreError."""
        with store.writing(self._database, patience_s=_PATIENCE_S) as tx:
            now = self._clock()
            if not self._number or not processes.seen(tx, self._number, leads=self._leads(), now=now):
                self._number = processes.join(tx, self._role, version=__version__, now=now)
                processes.seen(tx, self._number, leads=self._leads(), now=now)

    def leave(self) -> None:
        """Take the row away. Raises: StoreError."""
        with store.writing(self._database, patience_s=_PATIENCE_S) as tx:
            processes.leave(tx, self._number)

    def _rest(self, led: bool) -> None:
        """Return when the next sign of life is due: in its time, or soon after the lead went over."""
        until = time.monotonic() + processes.BEAT.total_seconds()
        while time.monotonic() < until and self._leads() == led:
            if self._stopped.wait(_LOOK_S):
                return

    def _run(self) -> None:
        while not self._stopped.is_set():
            led = self._leads()
            self._deliveries.tried("sign of life", self.beat)
            self._rest(led)
        if self._number:
            self._deliveries.tried("sign of life", self.leave)
