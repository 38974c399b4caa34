"""Deliveries by a process that stays: which issues are due, and sending each. Owns no thread or clock.

Nothing that happens ends the process. What is wrong is told once until it changes, and tried again: the rows
of the store say what is left to do, so that what was lost is made up for. An issue that met trouble rests for
some minutes. A restored database sends nothing before an operator's word.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from newsletter import store
from newsletter.daemon.hearing import Hearing, Stopped, named
from newsletter.daemon.journal import Tell
from newsletter.daemon.outbound import Outbound
from newsletter.daemon.vitals import Vitals
from newsletter.errors import ConfigError, NewsletterError, fault
from newsletter.model import Edition, Event
from newsletter.store import deliveries, sendings
from newsletter.store.sendings import Sending, State

# How long an issue rests of which nothing could go, though it was due.
_PAUSE = timedelta(seconds=20)
# How long an issue rests after trouble, the last for all that comes after.
_RESTS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15))
# For so long an issue whose readers are being written down is left to who began with that: to do a part again
# takes as long as to do it, and two who do the same wait for each other.
_LEFT_ALONE = timedelta(minutes=1)
# In any other state an issue waits for an operator, or has come to its end.
_GOES = (State.FREEZING, State.RUNNING)

_Done = TypeVar("_Done")


@dataclass(slots=True)
class _Rest:
    """An issue that rests after trouble. since: of the clock, which may be put back meanwhile."""

    since: datetime
    until: datetime
    times: int


class Deliveries:
    """Sends what is due, one call after the other. clock: what tells the time.

    outbound: is asked each time, since a configuration may be read anew. tell: is told each event. even:
    seconds of a clock that goes on evenly. ending: whether somebody else told it to stop. alone: whether an
    issue that another process is at is left to it.
    """

    def __init__(
        self,
        outbound: Callable[[], Outbound],
        *,
        clock: Callable[[], datetime],
        tell: Tell = lambda event: None,
        even: Callable[[], float] = time.monotonic,
        ending: Callable[[], bool] = lambda: False,
        alone: bool = False,
    ) -> None:
        self.vitals = Vitals(even())
        self.even = even
        self.tell = tell
        self.hurried = False
        self.clock = clock
        self._outbound = outbound
        self._ending = ending
        self._alone = alone
        self._stopped = threading.Event()
        self._troubles: dict[str, str] = {}
        self._rests: dict[int, _Rest] = {}

    def stop(self) -> None:
        """Begin nothing more; what is under way ends."""
        self._stopped.set()

    def is_stopped(self) -> bool:
        """Whether it was told to begin nothing more."""
        return self._stopped.is_set() or self._ending()

    def stopping(self) -> bool:
        """Whether it is to end. Raises: KeyboardInterrupt where it is to end at once."""
        if self.hurried:
            raise KeyboardInterrupt
        return self.is_stopped()

    def due(self) -> tuple[Edition, ...]:
        """The issues that are to be sent now; () where nothing may go, or the store cannot be asked."""
        if self.is_stopped():
            return ()
        return self.tried("deliveries", self._due) or ()

    def deliver(self) -> tuple[Event, ...]:
        """What came of sending each issue that is due, one after the other."""
        return tuple(event for edition in self.due() for event in self.send(edition))

    def send(self, edition: Edition) -> tuple[Event, ...]:
        """What came of sending one issue, which has come to its end then, rests or waits for its time."""
        # What there is now: an issue keeps what it began with.
        outbound = self._outbound()
        hearing = Hearing(edition, tell=self.tell, vitals=self.vitals, stopping=self.stopping, even=self.even)
        events = self.tried(f"delivery of {edition.name}", lambda: hearing.sent(outbound))
        if events is None:
            self._rest(edition)
            return ()
        if any(event.level != "info" for event in events):
            self._rest(edition)
        elif events:
            self._rests.pop(edition.id, None)
        else:
            self._rests[edition.id] = _Rest(self.clock(), self.clock() + _PAUSE, 0)
        return events

    def tried(self, what: str, do: Callable[[], _Done]) -> _Done | None:
        """What came of it; None where it could not be done, which is told once until it changes.

        what: is named in what is told.
        """
        done: _Done | None = None
        trouble, level = "", "warning"
        try:
            done = do()
        except Stopped:
            return None
        except NewsletterError as error:
            trouble, level = str(error), "error" if isinstance(error, ConfigError) else "warning"
        except Exception as error:
            trouble, level = fault(error), "error"
        self._note(what, trouble, level)
        return done

    def _due(self) -> tuple[Edition, ...]:
        outbound = self._outbound()
        held = outbound.held()
        if held != self.vitals.held:
            resumed = Event("schedule.resumed")
            self.tell(Event("schedule.held", {"why": held}, "warning") if held else resumed)
        self.vitals.held = held
        if held:
            return ()
        return tuple(one for one in outbound.due() if not self._rests_now(one) and self._goes(outbound, one))

    def _goes(self, outbound: Outbound, edition: Edition) -> bool:
        """Whether nobody halted the issue, nor is another process at it that it should be left to."""
        with store.reading(outbound.database) as tx:
            sending = sendings.of(tx, edition.id)
            at_work = self._alone and deliveries.is_claimed(tx, edition.id, now=self.clock())
        if at_work:
            self.tell(Event("delivery.busy", named(edition)))
        if at_work or (sending and sending.state not in _GOES):
            return False
        return not sending or not self._is_being_written_down(outbound, sending)

    def _is_being_written_down(self, outbound: Outbound, sending: Sending) -> bool:
        if sending.state is not State.FREEZING:
            return False
        if timedelta(0) <= self.clock() - sending.started_at < _LEFT_ALONE:
            return True
        with store.writing(outbound.database) as tx:
            return not sendings.is_free(tx, sending.issue)

    def _rests_now(self, edition: Edition) -> bool:
        rest, now = self._rests.get(edition.id), self.clock()
        return rest is not None and rest.since <= now < rest.until

    def _rest(self, edition: Edition) -> None:
        if self.is_stopped():
            return
        before, now = self._rests.get(edition.id), self.clock()
        times = before.times + 1 if before else 1
        self._rests[edition.id] = _Rest(now, now + _RESTS[min(times, len(_RESTS)) - 1], times)

    def _note(self, what: str, trouble: str, level: str) -> None:
        before = self._troubles.pop(what, "")
        if trouble:
            self._troubles[what] = trouble
        if trouble and trouble != before:
            self.tell(Event("trouble", {"what": what, "why": trouble}, level))
        elif before and not trouble:
            self.tell(Event("trouble.over", {"what": what}))
