"""Whether this process keeps the schedule, among several of one PostgreSQL server: one leads, others wait.

Owns how that is told. Whoever leads does so until it ends or loses its connection; then whoever looks next
takes over. That one may be in the midst of a step when it loses the lead does no harm: each period has one
issue by its row. On SQLite everybody leads, and nothing is told of it.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from newsletter import store
from newsletter.daemon.journal import Tell
from newsletter.errors import StoreError
from newsletter.model import Event
from newsletter.store.leading import Lead

# Seconds that one who ends waits until the lead is given away; a step that is under way may take longer.
_MOMENT_S = 1.0


class Leading:
    """The lead of a database. leads: what was found last, which any thread may read.

    lively: whether this process gives signs of life.
    tell: is told when that changes, by the names of events; "" tells nothing.
    """

    def __init__(
        self,
        database: store.Engine,
        tell: Tell,
        *,
        leads: str = "schedule.leads",
        stands_by: str = "schedule.stands_by",
        lively: bool = False,
    ) -> None:
        self._alone = database.dialect.name != "postgresql"
        self.leads = self._alone
        self._tell = tell
        self._names = {True: leads, False: stands_by}
        self._told: bool | None = None
        self._lead = Lead(database, lively=lively)
        self._told_of_silent = ""
        # Held while a step is made: the lead is given away after it.
        self._turn = threading.Lock()
        self._over = threading.Event()

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Whether this process leads, for as long as the block runs. Raises: StoreError."""
        with self._turn:
            yield self._look()

    def end(self) -> None:
        """Let another one lead: at once, or when the step that is under way has ended."""
        self._over.set()
        giving = threading.Thread(target=self._give_away, name="leading", daemon=True)
        giving.start()
        giving.join(_MOMENT_S)

    def _look(self) -> bool:
        if self._over.is_set():
            return False
        try:
            self.leads = self._lead.is_held()
        except StoreError:
            self.leads = False
            raise
        self._tell_of_silent(self._lead.said)
        name = self._names[self.leads]
        if self.leads != self._told and name and not self._alone:
            self._tell(Event(name))
        self._told = self.leads
        return self.leads

    def _tell_of_silent(self, said: str) -> None:
        if said and said != self._told_of_silent:
            self._tell(Event("schedule.leader_silent", {"why": said}, "warning"))
        self._told_of_silent = said

    def _give_away(self) -> None:
        with self._turn:
            self.leads = False
            self._lead.close()
