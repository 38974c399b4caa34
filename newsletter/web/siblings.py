"""The site in several processes at one port of this machine, for a machine with several processors.

The first process listens, and serves nobody; its children share the place, and each opens the store for
itself, since no connection outlives a fork. It has neither a store nor a thread. A child that dies is started
anew, and visitors wait until one is there: the place is open all the time. The rounds are done by one child,
that trouble is told once. Told to end, it tells all of them, and waits; where it dies itself, they end.
Uvicorn's own supervisor ends all of the site where one child cannot start, as while a database is away.
"""

import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import connection
from multiprocessing.context import ForkProcess
from types import FrameType

from newsletter import headway, listening
from newsletter.errors import NewsletterError, fault
from newsletter.web import serving
from newsletter.web.opening import Opened

Open = Callable[[], AbstractContextManager[Opened]]

# Seconds that children get once they are told to end: for what is in flight, then for what the rounds do.
_ENDING_S = 2 * serving.GRACE_S + 2.0
# A child that ended sooner is started anew after a pause, which doubles up to the most: a database that is
# away for long is not asked all the time.
_STEADY_S = 10.0
_PAUSES_S = (0.5, 30.0)
# How often it is looked whether one is due, or a signal came.
_LOOK_S = 0.25
_ENDS = (signal.SIGTERM, signal.SIGINT)


def serve_in_several(opened: Open, *, count: int, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve the site in so many processes until SIGTERM or SIGINT. port: 0 for any that is free.

    opened: opens the site, in each process for itself. ready: told the address once visitors are let in.
    Raises: ConfigError for a host or a port that cannot be had, and whatever opening it raises at the start.
    """
    # Here too, and closed again: what is wrong from the first is told once, and ends the program.
    with opened():
        pass
    with listening.at(host, port) as place, _told_to_end() as words:
        _Siblings(opened, place, words).serve(count, lambda: ready(listening.address(host, place)))


@dataclass(slots=True)
class _Words:
    """How often a signal said that it is to end."""

    ends: int = 0

    def hear(self, number: int, _: FrameType | None) -> None:
        self.ends += 1


@contextmanager
def _told_to_end() -> Iterator[_Words]:
    words = _Words()
    before = {number: signal.signal(number, words.hear) for number in _ENDS}
    try:
        yield words
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@dataclass(slots=True)
class _Sibling:
    """A child's place. pause_s: how long until another takes it. due_at: from when on."""

    number: int
    process: ForkProcess | None = None
    since: float = 0.0
    pause_s: float = 0.0
    due_at: float = field(default=0.0)


class _Siblings:
    def __init__(self, opened: Open, place: socket.socket, words: _Words) -> None:
        self._opened = opened
        self._place = place
        self._words = words
        # Children hold the end that is read, which says that it is over once nobody has the other one.
        self._gone, self._here = os.pipe()

    def serve(self, count: int, ready: Callable[[], None]) -> None:
        every = [_Sibling(number) for number in range(count)]
        try:
            for one in every:
                self._start(one)
            ready()
            while not self._words.ends:
                connection.wait([one.process.sentinel for one in every if one.process], timeout=_LOOK_S)
                for one in every:
                    self._see_to(one)
        finally:
            self._place.close()
            self._end([one.process for one in every if one.process])
            os.close(self._gone)
            os.close(self._here)

    def _see_to(self, one: _Sibling) -> None:
        """Start the child anew, where it ended and its pause is over."""
        now = time.monotonic()
        if one.process and one.process.exitcode is not None and not self._words.ends:
            least, most = _PAUSES_S
            steady = now - one.since > _STEADY_S
            one.pause_s = least if steady else min(most, 2 * one.pause_s or least)
            one.due_at = now + one.pause_s
            headway.warn(
                f"process {one.process.pid} of the site ended ({_how(one.process.exitcode)}); "
                f"another one takes its place in {one.pause_s:g} s"
            )
            one.process.close()
            one.process = None
        if one.process is None and now >= one.due_at and not self._words.ends:
            self._start(one)

    def _start(self, one: _Sibling) -> None:
        # A signal that comes before the child can hear it waits until it can.
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
        try:
            child = multiprocessing.get_context("fork").Process(target=self._child, args=(one.number,))
            child.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
        one.process, one.since = child, time.monotonic()

    def _child(self, number: int) -> None:
        """Serve, as one of them; it never comes back."""
        for end in _ENDS:
            signal.signal(end, _end_once)
        os.close(self._here)
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
            threading.Thread(target=_end_when_alone, args=(self._gone,), daemon=True).start()
            with self._opened() as site:
                serving.serve_at(self._place, site.page, site.jobs if number == 0 else ())
        except KeyboardInterrupt:
            sys.exit(0)
        except NewsletterError as error:
            headway.warn(str(error))
            sys.exit(1)
        except Exception as error:
            headway.warn(fault(error))
            sys.exit(1)

    def _end(self, children: list[ForkProcess]) -> None:
        """Return once they have ended; at a second word, or after their time, they end at once."""
        for child in children:
            child.terminate()
        until = time.monotonic() + _ENDING_S
        while any(child.is_alive() for child in children):
            if time.monotonic() > until or self._words.ends > 1:
                for child in children:
                    child.kill()
            connection.wait([child.sentinel for child in children if child.is_alive()], timeout=_LOOK_S)


def _end_once(number: int, frame: FrameType | None) -> None:
    """Ends the program with what stands after it; a second signal, from whomever, changes nothing."""
    for end in _ENDS:
        signal.signal(end, signal.SIG_IGN)
    raise KeyboardInterrupt


def _end_when_alone(gone: int) -> None:
    with suppress(OSError):
        os.read(gone, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"status {code}"
