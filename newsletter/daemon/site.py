"""The site of readers within the process that keeps the schedule.

It is served by the rooms of the moment: what a new configuration changes holds from the next request on.
"""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

import uvicorn
from starlette.types import Receive, Scope, Send

from newsletter import listening
from newsletter.daemon.rooms import Rooms
from newsletter.web import rounds, serving

# How often it is looked whether a round is due, in seconds.
_PAUSE_S = 0.5


class Site:
    """The site on a port of this machine. rooms: those of the moment. port: 0 for any that is free.

    Raises: ConfigError for a place that cannot be had.
    """

    def __init__(self, rooms: Callable[[], Rooms], *, host: str, port: int) -> None:
        self._rooms = rooms
        self._open = ExitStack()
        self._place = self._open.enter_context(
            listening.at(host, port, step="set web.host and web.port, or end what listens there")
        )
        self.address = listening.address(host, self._place)
        self._stopped = threading.Event()
        self._server = uvicorn.Server(serving.config(_Current(rooms)))
        self._threads = (
            threading.Thread(target=self._server.run, args=([self._place],), name="site", daemon=True),
            threading.Thread(target=self._round, name="rounds", daemon=True),
        )

    def start(self) -> None:
        """Begin to answer."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Take no new request; those in flight are answered."""
        self._stopped.set()
        self._server.should_exit = True

    def ended(self) -> bool:
        """Whether requests in flight were answered, once it was told to stop."""
        return not any(thread.is_alive() for thread in self._threads)

    def close(self) -> None:
        """Let the place go."""
        self.stop()
        self._open.close()

    def _round(self) -> None:
        while not self._stopped.wait(_PAUSE_S):
            for job in self._rooms().jobs:
                if not self._stopped.is_set():
                    rounds.turn(job, at=time.monotonic())


class _Current:
    """The site of the rooms of the moment. A class, because uvicorn takes a method for an older interface."""

    def __init__(self, rooms: Callable[[], Rooms]) -> None:
        self._rooms = rooms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request by the site that there is now."""
        site = self._rooms().site
        assert site is not None  # noqa: S101  whoever starts a site has opened its rooms
        await site(scope, receive, send)
