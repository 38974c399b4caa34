"""Running the site until somebody ends it: its port, its connections, and the thread of the rounds.

Nothing writes down who asked for what: an address of a page may be one reader's own. When it is ended it
takes no new request, and finishes those that it has.
"""

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

import h11
import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from newsletter import listening
from newsletter.web import guarding, rounds
from newsletter.web.opening import Opened
from newsletter.web.showing import RETRY_S

# Seconds that requests in flight get once it is ended; a form has as many to arrive.
GRACE_S = 10
# Seconds in which a request has to have begun, line and headers: a visitor who is slower holds a place.
HEAD_S = 10.0
# Seconds for which a connection is kept that asks for nothing more: longer than a server in front keeps it
# (nginx: 60), or that one sends a request into a connection that is being closed.
IDLE_S = 75
# Connections at once; a process has files for about a thousand. Who comes beyond it is told 503.
MOST_CONNECTIONS = 800
# Bytes of the line and the headers of a request.
_MOST_HEAD = 16 * 1024


def serve(opened: Opened, *, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve the site until it is interrupted, and do the jobs meanwhile. port: 0 for any that is free.

    ready: told the address once the site answers there.
    Raises: ConfigError for a host or a port that cannot be had.
    """
    with listening.at(host, port) as place, _ending_well():
        ready(listening.address(host, place))
        serve_at(place, opened.page, opened.jobs)


def serve_at(place: socket.socket, page: ASGIApp, jobs: Sequence[rounds.Job]) -> None:
    """Serve at a place that listens, and do the jobs meanwhile, until SIGTERM or SIGINT."""
    stopped = threading.Event()
    working = threading.Thread(target=rounds.run, args=(jobs, stopped), daemon=True)
    working.start()
    try:
        uvicorn.Server(config(page)).run([place])
    except KeyboardInterrupt:
        # uvicorn raises the signal again once it has ended.
        return
    finally:
        stopped.set()
        working.join(GRACE_S)


def config(app: ASGIApp) -> uvicorn.Config:
    """How the site is served. Which address a request comes from is found out by `visitors`."""
    return uvicorn.Config(
        app,
        http=Punctual,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=GRACE_S,
        h11_max_incomplete_event_size=_MOST_HEAD,
    )


async def _full(scope: Scope, receive: Receive, send: Send) -> None:
    """Says that there are too many at once, and closes."""
    headers = {**guarding.BARE, "retry-after": str(RETRY_S)}
    answer = PlainTextResponse("too many visitors at once; come back in a minute\n", 503, headers)
    await answer(scope, receive, send)


class Punctual(H11Protocol):
    """A connection that is closed where a request does not begin, or an answer is not taken, in time.

    Uvicorn waits for ever for the rest of a header, and its own answers have no headers of ours. Where all
    places are taken, one that nobody answers makes room: a visitor asks as soon as there is a connection.
    Source: CWE-400; slowhttptest, "slow headers" and "slow read".
    """

    _late: asyncio.TimerHandle | None = None
    _since: float = 0.0

    def connection_made(self, transport: Any) -> None:
        """Waits for the first request."""
        super().connection_made(transport)
        self._since = self.loop.time()
        self._wait()
        if len(self.connections) > MOST_CONNECTIONS:
            self._make_room()

    def on_response_complete(self) -> None:
        """Notes since when nothing is asked for."""
        self._since = self.loop.time()
        super().on_response_complete()

    def timeout_keep_alive_handler(self) -> None:
        """Closes, whether or not the visitor has taken the whole answer."""
        super().timeout_keep_alive_handler()
        self.loop.call_later(GRACE_S, self.transport.abort)

    def send_400_response(self, msg: str) -> None:
        """Says that what came is no request, where nothing was said yet, and closes."""
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            # Without a body, which an answer to HEAD may not have.
            headers = [*guarding.BARE.items(), ("content-length", "0")]
            start = h11.Response(status_code=400, headers=headers, reason=b"Bad Request")
            for event in (start, h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        if self.cycle is not None:
            # It was the rest of a request: whoever answers that has nobody to answer any more.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Waits for the rest of a request's head, where this is not all of it."""
        self._wait()
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._wait_no_more()

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _make_room(self) -> None:
        """Close the connection that nobody answers for the longest time."""
        others = [one for one in self.connections if isinstance(one, Punctual) and one is not self]
        unanswered = [one for one in others if one._is_unanswered()]
        if unanswered:
            min(unanswered, key=lambda one: one._since).transport.abort()
        else:
            self.app = _full

    def _is_unanswered(self) -> bool:
        """Whether it is open and there is no whole request that somebody answers."""
        asking = self.cycle is None or self.cycle.response_complete or self.cycle.more_body
        return bool(asking) and not self.transport.is_closing()

    def _wait(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(HEAD_S, self.transport.close)

    def _wait_no_more(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


@contextmanager
def _ending_well() -> Iterator[None]:
    """Lets SIGTERM end the program as Ctrl-C does: with what stands after this block."""

    def interrupt(sig: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
