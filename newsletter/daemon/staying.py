"""A process that stays and delivers until a signal ends it: what `newsletter run` and `worker` share.

Owns its threads from their start to their end, what its log says of that, and that the configuration is read
again on a word: one that is wrong changes nothing, and the mistakes are told. Whatever is cut short goes on
with the next process: rows say how far it was.
"""

import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from newsletter import __version__, app, store
from newsletter.config import Settings
from newsletter.daemon import words
from newsletter.daemon.couriers import Couriers
from newsletter.daemon.deliveries import Deliveries
from newsletter.daemon.journal import Journal
from newsletter.daemon.presence import Presence
from newsletter.daemon.waking import Waking
from newsletter.daemon.words import Ending, Words
from newsletter.errors import NewsletterError
from newsletter.model import Event
from newsletter.store.processes import Role


@dataclass(frozen=True, slots=True)
class Ground:
    """What a process stands on. path: of the configuration. clock: what tells the time."""

    database: store.Engine
    log: Journal
    words: Words
    path: Path | None
    clock: Callable[[], datetime]


class Staying:
    """A process that delivers; whoever has more to do than that says so in its own methods.

    fixed: the settings that it goes on with until it is started anew.
    """

    role = Role.WORKER
    fixed: tuple[str, ...] = ("database_url",)

    def __init__(self, deliveries: Deliveries, ground: Ground) -> None:
        self.ground = ground
        self.deliveries = deliveries
        self.couriers = Couriers(deliveries, turned=self.looked)
        self._waking = Waking(ground.database, deliveries, wake=self.wake)
        self._presence = Presence(
            ground.database, deliveries, self.role, clock=ground.clock, leads=self.leads
        )

    def run(self) -> int:
        """The exit status, once a signal ended it: 0, and 1 where it had to end at once."""
        with ExitStack() as places:
            parts = self.open(places)
            self.say(f"{self.role}.started", version=__version__, pid=os.getpid())
            self.tell_what_comes()
            for part in (self._presence, self._waking, self.couriers):
                part.start()
            self.begin()
            ends_by = self.ground.words.until_ended(self._read_again)
            self.say(f"{self.role}.ending", signal=ends_by.name)
            self.deliveries.stop()
            self.stop()
            return self._end([self.couriers, self._waking, *parts])

    def settings(self) -> Settings:
        """Those that it goes on with."""
        raise NotImplementedError

    def take(self, settings: Settings) -> None:
        """Go on with those settings. Raises: NewsletterError, and then nothing has changed."""
        raise NotImplementedError

    def open(self, places: ExitStack) -> Sequence[Ending]:
        """What else goes on in threads of its own. places: what is to be closed at the end."""
        return ()

    def begin(self) -> None:
        """Let that begin which is no delivery."""

    def stop(self) -> None:
        """Begin nothing more of that."""

    def wake(self) -> None:
        """Look for what is due: something may be."""
        self.couriers.wake()

    def looked(self) -> None:
        """Is called at each look for what is due."""

    def leads(self) -> bool:
        """Whether it keeps the schedule."""
        return False

    def tell_what_comes(self) -> None:
        """Say in the log what the settings lead to."""

    def say(self, name: str, *, level: str = "info", **values: str | int) -> None:
        """Write a line of the log."""
        self.ground.log.tell(Event(name, values, level))

    def _end(self, parts: Sequence[Ending]) -> int:
        ended = words.end(parts, self.ground.words, hurry=self._hurry)
        ended = words.end_at_once(self._presence) and ended
        status = int(self.ground.words.ends > 1)
        self.say(f"{self.role}.ended", status=status)
        if not ended:
            # A step that collects, or a mail without an answer, would keep the process for minutes.
            logging.shutdown()
            sys.stdout.flush()
            os._exit(status)
        return status

    def _hurry(self) -> None:
        self.deliveries.hurried = True

    def _read_again(self) -> None:
        """Go on with the configuration as it is now, or with the old one where it is wrong."""
        before = self.settings()
        try:
            settings = app.load_settings(self.ground.path)
            self.take(settings)
        except NewsletterError as error:
            self.deliveries.vitals.config_refused = True
            for line in str(error).splitlines():
                self.say("config.refused", level="error", why=line)
            return
        self.deliveries.vitals.config_refused = False
        self.ground.log.write_as(settings.run.log)
        self.say("config.read")
        for name in _changed(before, settings, self.fixed):
            self.say("config.needs_restart", level="warning", setting=name)
        self.tell_what_comes()
        self.couriers.wake()


def _changed(before: Settings, after: Settings, fixed: Sequence[str]) -> tuple[str, ...]:
    """Those of the settings that hold only for a new process, and differ."""
    return tuple(name for name in fixed if _value(before, name) != _value(after, name))


def _value(settings: Settings, name: str) -> object:
    found: object = settings
    for part in name.split("."):
        found = getattr(found, part)
    return found
