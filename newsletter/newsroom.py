"""Where the issues of all lists come about by their schedules, one step after the other.

Owns the order of effects from a slot of the schedule to an issue on its way. A step looks at what is there
and does what is next; a process that dies in the midst of one leaves rows from which the next step goes on,
whoever takes it. Sends nothing itself: it says which issues have mails to go.
"""

from collections.abc import Callable
from datetime import datetime

from newsletter import store
from newsletter.config import Settings
from newsletter.desk import Desk
from newsletter.dispatch import Dispatch
from newsletter.gather import Outside
from newsletter.model import Edition, Event


class Newsroom:
    """The issues of an open store on their way from a slot to their readers. clock: what tells the time.

    outside: what stands for the network, in tests.
    """

    def __init__(
        self,
        database: store.Engine,
        settings: Settings,
        clock: Callable[[], datetime],
        *,
        desk: Desk,
        dispatch: Dispatch,
        outside: Outside | None = None,
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._desk = desk
        self._dispatch = dispatch
        self._outside = outside

    def step(self) -> tuple[Event, ...]:
        """What happened in one step of every list that has a schedule. Raises: StoreError."""
        return ()

    def due(self) -> tuple[Edition, ...]:
        """The issues that have mails to go now, the oldest first: begun by a schedule, or left half sent."""
        return ()

    def held(self) -> str:
        """Why nothing goes before somebody says a word, with the next step; "" where it goes on."""
        return ""

    def resume(self) -> None:
        """Let the schedule go on after what held it; what was due meanwhile is not made up for."""
