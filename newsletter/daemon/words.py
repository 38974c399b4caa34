"""What signals say to a process that stays, and how it comes to its end.

SIGTERM and SIGINT end it well: no new work, what is under way ends, within half a minute. A second one ends
it at once. SIGHUP has the configuration read again.
"""

import queue
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol

# Seconds that deliveries get to end: a run gives what is under way 25.
_ENDING_S = 27.0
# Seconds that a thread gets which is to end at once.
_HURRY_S = 2.0
# Seconds between two looks whether all have ended.
_LOOK_S = 0.05
# Seconds until it is looked whether a signal came unheard.
_WAKE_S = 1.0
_ENDS = (signal.SIGTERM, signal.SIGINT)


@dataclass(slots=True)
class Words:
    """What signals said. A queue that a handler may put into, wherever it interrupts the program."""

    said: "queue.SimpleQueue[int]" = field(default_factory=queue.SimpleQueue)
    ends: int = 0

    def hear(self, number: int, _: object) -> None:
        """Take note of a signal."""
        self.ends += number in _ENDS
        self.said.put(number)

    def next(self) -> int:
        """What a signal said, once there is one."""
        while True:
            # One that comes just before this waits, or to another thread, interrupts no waiting.
            with suppress(queue.Empty):
                return self.said.get(timeout=_WAKE_S)

    def until_ended(self, again: Callable[[], None]) -> signal.Signals:
        """The signal that ends the process, once it came. again: is called for each SIGHUP until then."""
        while (number := self.next()) not in _ENDS:
            if number == signal.SIGHUP:
                again()
        return signal.Signals(number)


class Ending(Protocol):
    """What goes on in threads of its own until it is told to end."""

    def stop(self) -> None:
        """Begin nothing more; this does not wait."""

    def ended(self) -> bool:
        """Whether it has come to its end."""


@contextmanager
def heard() -> Iterator[Words]:
    """Signals are words while the block runs."""
    words = Words()
    before = {number: signal.signal(number, words.hear) for number in (*_ENDS, signal.SIGHUP)}
    try:
        yield words
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end(parts: Sequence[Ending], words: Words, *, hurry: Callable[[], None]) -> bool:
    """Whether all have ended; some have not where the time for it is over, or a second word came.

    hurry: is called when what is under way is to end at once.
    """
    for part in parts:
        part.stop()
    if _waited(parts, _ENDING_S, lambda: words.ends > 1):
        hurry()
        return True
    hurry()
    return _waited(parts, _HURRY_S)


def end_at_once(part: Ending) -> bool:
    """Whether a part has ended within the time of one that is to end at once."""
    part.stop()
    return _waited([part], _HURRY_S)


def _waited(parts: Sequence[Ending], most_s: float, told: Callable[[], bool] = lambda: False) -> bool:
    until = time.monotonic() + most_s
    while not (ended := all(part.ended() for part in parts)) and time.monotonic() < until and not told():
        time.sleep(_LOOK_S)
    return ended
