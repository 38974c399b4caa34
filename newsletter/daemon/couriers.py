"""Threads that bring issues to their readers: one for each issue, so that a long one lets others go.

Owns which issues are under way in this process. Where all threads are at work, the next issue waits for the
first of them that ends. They share the rates of the settings through the ledger.
"""

import threading
from collections.abc import Callable

from newsletter.daemon.deliveries import Deliveries
from newsletter.model import Edition

# Issues that go at once; each has as many connections as the settings allow.
MOST = 4
# Seconds until it is looked again though nobody said that something is due: the first after there was work,
# each twice as long as the one before it, and the last.
_FIRST_S, _LAST_S = 1.0, 30.0


class Couriers:
    """Sends what is due in threads. turned: is called at each look, twice a minute or more often."""

    def __init__(self, deliveries: Deliveries, *, turned: Callable[[], object] = lambda: None) -> None:
        self._deliveries = deliveries
        self._turned = turned
        self._woken = threading.Event()
        self._lock = threading.Lock()
        self._under_way: set[int] = set()
        self._look_s = _FIRST_S
        self._looking = threading.Thread(target=self._run, name="couriers", daemon=True)

    def start(self) -> None:
        """Begin to look for what is due."""
        self._looking.start()

    def wake(self) -> None:
        """Look now: something may be due."""
        self._woken.set()

    def stop(self) -> None:
        """See at once that they were told to stop."""
        self.wake()

    def ended(self) -> bool:
        """Whether no issue is under way, and none will be."""
        with self._lock:
            return not self._looking.is_alive() and not self._under_way

    def _run(self) -> None:
        while not self._deliveries.is_stopped():
            self._woken.clear()
            self._deliveries.tried("couriers", self._begin)
            self._deliveries.tried("clock", self._turned)
            self._woken.wait(self._look_s)
            self._look_s = min(2 * self._look_s, _LAST_S)

    def _begin(self) -> None:
        for edition in self._deliveries.due():
            with self._lock:
                if edition.id in self._under_way or len(self._under_way) >= MOST:
                    continue
                self._under_way.add(edition.id)
            self._start(edition)

    def _start(self, edition: Edition) -> None:
        try:
            threading.Thread(target=self._send, args=(edition,), name=edition.name, daemon=True).start()
        except RuntimeError:  # the machine has no more of them
            with self._lock:
                self._under_way.discard(edition.id)
            raise

    def _send(self, edition: Edition) -> None:
        try:
            self._deliveries.send(edition)
        except KeyboardInterrupt:
            return
        finally:
            with self._lock:
                self._under_way.discard(edition.id)
            self._look_s = _FIRST_S
            self.wake()
