"""One turn after the other of keeping the schedule: steps, deliveries and notices. Owns no thread or clock.

A turn that was lost is made up for by the next one. Where another process leads the schedule, this one stands
by: it makes no step and tells no notice, and is well.
"""

import time
from collections.abc import Callable
from datetime import datetime

from newsletter.daemon.deliveries import Deliveries
from newsletter.daemon.journal import Tell
from newsletter.daemon.leading import Leading
from newsletter.daemon.rooms import Rooms
from newsletter.errors import BackendUnavailable
from newsletter.model import Event


class Daemon(Deliveries):
    """Keeps the schedule of the rooms, one call after the other; all else as of `Deliveries`.

    leading: whether it leads among several; one of its own where there is none.
    """

    def __init__(
        self,
        rooms: Rooms,
        *,
        clock: Callable[[], datetime],
        tell: Tell = lambda event: None,
        even: Callable[[], float] = time.monotonic,
        ending: Callable[[], bool] = lambda: False,
        alone: bool = False,
        leading: Leading | None = None,
    ) -> None:
        super().__init__(lambda: self.rooms, clock=clock, tell=tell, even=even, ending=ending, alone=alone)
        self.rooms = rooms
        self._leading = leading

    def step(self) -> tuple[Event, ...]:
        """What happened in one step of every list; () where it could not be made, which is told.

        () too where another process leads.
        """
        if self.is_stopped():
            return ()
        began = self.even()
        events = self.tried("step", self._led)
        self.vitals.leads = self._leads()
        if events is None:
            return ()
        self.vitals.stepped(self.even() - began, at=self.even())
        return events

    def post(self) -> None:
        """Let the notices go that are due."""
        if not self.is_stopped() and self._leads():
            self.tried("notices", self._post)

    def _leads(self) -> bool:
        return self._leading is None or self._leading.leads

    def _led(self) -> tuple[Event, ...]:
        if self._leading is None:
            return self._step()
        with self._leading.turn() as leads:
            return self._step() if leads else ()

    def _step(self) -> tuple[Event, ...]:
        self.rooms.honour()
        events = self.rooms.newsroom.step()
        for event in events:
            self.tell(event)
        return events

    def _post(self) -> None:
        posted = self.rooms.post_notices()
        if posted.told:
            self.tell(Event("notices.sent", {"told": posted.told, "waiting": posted.waiting}))
        for note in posted.notes:
            self.tell(Event("note", {"text": note}, "warning"))
        if posted.trouble:
            raise BackendUnavailable(posted.trouble)
