"""The process that keeps the schedule: its threads, its signals, and its configuration, read again on a word.

SIGTERM and SIGINT end it well: no new work, mails under way end, requests are answered, within half a minute.
A second one ends it at once. SIGHUP has the configuration read again; one that is wrong changes nothing, and
the mistakes are told. Whatever is cut short goes on with the next process: rows say how far it was.
"""

import logging
import os
import queue
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from newsletter import __version__, app, config
from newsletter.config import Settings
from newsletter.daemon import journal, outlook, rooms
from newsletter.daemon.clockwork import Clockwork
from newsletter.daemon.couriers import Couriers
from newsletter.daemon.keeping import Daemon
from newsletter.errors import NewsletterError
from newsletter.model import Event

# Seconds that deliveries get to end: a run gives what is under way 25.
_ENDING_S = 27.0
# Seconds that a thread gets which is to end at once.
_HURRY_S = 2.0
# Seconds between two looks whether all have ended.
_LOOK_S = 0.05
# Seconds until it is looked whether a signal came unheard.
_WAKE_S = 1.0
_ENDS = (signal.SIGTERM, signal.SIGINT)
# What an old process goes on with until it is started anew.
_FIXED = ("run.web", "run.status_host", "run.status_port", "web.host", "web.port", "database_url")


def run(path: Path | None) -> int:
    """The exit status, once the process was told to end: 0, and 1 where it had to end at once.

    path: of the configuration. Raises: ConfigError for a configuration without a schedule, or a place to
    listen that cannot be had; StoreError where the database cannot be opened at the start.
    """
    with _heard() as words:
        settings = app.load_settings(path)
        rooms.scheduled(settings)
        with (
            journal.opened(settings.run.log, clock=app.utcnow) as log,
            app.open_store(settings, honour=True) as database,
        ):
            clock = app.clock_of(database)
            site = settings.run.web
            daemon = Daemon(
                rooms.opened(settings, database, clock=clock, site=site), clock=clock, tell=log.tell
            )
            return _Process(daemon, log, words, path, clock).run()


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


@contextmanager
def _heard() -> Iterator[Words]:
    """Signals are words while the block runs."""
    words = Words()
    before = {number: signal.signal(number, words.hear) for number in (*_ENDS, signal.SIGHUP)}
    try:
        yield words
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Ending(Protocol):
    """What goes on in threads of its own until it is told to end."""

    def stop(self) -> None:
        """Begin nothing more; this does not wait."""

    def ended(self) -> bool:
        """Whether it has come to its end."""


class _Process:
    def __init__(
        self,
        daemon: Daemon,
        log: journal.Journal,
        words: Words,
        path: Path | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._daemon = daemon
        self._log = log
        self._words = words
        self._path = path
        self._clock = clock
        self._couriers = Couriers(daemon, turned=self._set_right)
        self._clockwork = Clockwork({"step": self._step, "notices": daemon.post}, clock=app.utcnow)

    def run(self) -> int:
        """The exit status, once a signal ended it."""
        with ExitStack() as places:
            site = self._open(places)
            self._say("run.started", version=__version__, pid=os.getpid())
            self._tell_what_comes()
            self._couriers.start()
            self._clockwork.start()
            while (number := self._words.next()) not in _ENDS:
                if number == signal.SIGHUP:
                    self._read_again()
            self._say("run.ending", signal=signal.Signals(number).name)
            self._clockwork.stop()
            self._daemon.stop()
            return self._end([self._couriers, self._clockwork, *site])

    def _open(self, places: ExitStack) -> "list[Ending]":
        """Listen where the settings say. What comes back is told to end, and is to be waited for."""
        settings = self._daemon.rooms.settings
        if settings.run.status_port:
            from newsletter.daemon.status import Status

            status = Status(self._daemon, host=settings.run.status_host, port=settings.run.status_port)
            places.callback(status.stop)
            status.start()
            self._say("status.listening", at=status.address)
        if not settings.run.web:
            return []
        from newsletter.daemon.site import Site

        site = Site(lambda: self._daemon.rooms, host=settings.web.host, port=settings.web.port)
        places.callback(site.close)
        site.start()
        self._say("site.listening", at=site.address, public=settings.base_url)
        if not settings.smtp.host:
            self._say("letters.wait", level="warning", why="smtp.host is not set, so no letter can go")
        return [site]

    def _end(self, parts: "list[Ending]") -> int:
        """The exit status, once all have ended, or the time for it is over."""
        for part in parts:
            part.stop()
        until = time.monotonic() + _ENDING_S
        while not (ended := _have_ended(parts)) and time.monotonic() < until and self._words.ends < 2:
            time.sleep(_LOOK_S)
        self._daemon.hurried = True
        until = time.monotonic() + _HURRY_S
        while not (ended := ended or _have_ended(parts)) and time.monotonic() < until:
            time.sleep(_LOOK_S)
        status = int(self._words.ends > 1)
        self._say("run.ended", status=status)
        if not ended:
            # A step that collects, or a mail without an answer, would keep the process for minutes.
            logging.shutdown()
            sys.stdout.flush()
            os._exit(status)
        return status

    def _step(self) -> None:
        self._daemon.step()
        self._couriers.wake()

    def _set_right(self) -> None:
        if self._clockwork.set_right():
            self._say("clock.put_back", level="warning", now=f"{self._clock():%Y-%m-%dT%H:%M:%SZ}")

    def _read_again(self) -> None:
        """Go on with the configuration as it is now, or with the old one where it is wrong."""
        before = self._daemon.rooms
        try:
            settings = app.load_settings(self._path)
            site = before.site is not None
            found = rooms.opened(settings, before.database, clock=self._clock, site=site)
        except NewsletterError as error:
            self._daemon.vitals.config_refused = True
            for line in str(error).splitlines():
                self._say("config.refused", level="error", why=line)
            return
        self._daemon.vitals.config_refused = False
        self._daemon.rooms = found
        self._log.write_as(settings.run.log)
        self._say("config.read")
        for name in _changed(before.settings, settings):
            self._say("config.needs_restart", level="warning", setting=name)
        self._tell_what_comes()
        self._couriers.wake()

    def _tell_what_comes(self) -> None:
        settings = self._daemon.rooms.settings
        for event in outlook.coming(rooms.scheduled(settings), now=self._clock()):
            self._log.tell(event)
        for slug in settings.lists:
            for why in config.lacking(settings, slug):
                self._say("schedule.lacks", level="warning", list=slug, why=why)

    def _say(self, name: str, *, level: str = "info", **values: str | int) -> None:
        self._log.tell(Event(name, values, level))


def _changed(before: Settings, after: Settings) -> tuple[str, ...]:
    """Those of the settings that hold only for a new process, and differ."""
    return tuple(name for name in _FIXED if _value(before, name) != _value(after, name))


def _value(settings: Settings, name: str) -> object:
    found: object = settings
    for part in name.split("."):
        found = getattr(found, part)
    return found


def _have_ended(parts: Sequence[Ending]) -> bool:
    return all(part.ended() for part in parts)
