"""Sessions that are opened in the background: reaching a server and logging in can take seconds.

Each is opened in a thread of its own and handed over by a queue; a byte on `woken` says that one lies there.
A thread that outlives `close` closes what it opened.
"""

import queue
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from newsletter.backends.smtp.session import Server, detached, farewell, opened, tls_for
from newsletter.errors import BackendUnavailable


@dataclass(frozen=True, slots=True)
class Session:
    """A bare connection that is ready for mails, and what its server can do."""

    sock: socket.socket
    features: Mapping[str, str]


class Opener:
    """Opens sessions of one server. under_way: how many have been asked for and not been collected."""

    def __init__(self, server: Server, name: str, *, timeout_s: float) -> None:
        self.under_way = 0
        self.woken, self._waker = socket.socketpair()
        self.woken.setblocking(False)
        self._waker.setblocking(False)
        self._server = server
        self._name = name
        self._timeout_s = timeout_s
        self._tls = None if server.security == "none" else tls_for(server)
        self._results: queue.SimpleQueue[Session | BackendUnavailable] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False

    def open(self) -> None:
        """Begin with one more session."""
        self.under_way += 1
        threading.Thread(target=self._run, name="smtp session", daemon=True).start()

    def collected(self) -> list[Session | BackendUnavailable]:
        """What has come of those asked for since the last time."""
        with suppress(BlockingIOError):
            self.woken.recv(4096)
        results: list[Session | BackendUnavailable] = []
        with suppress(queue.Empty):
            while True:
                results.append(self._results.get_nowait())
        self.under_way -= len(results)
        return results

    def wake(self) -> None:
        """Make `woken` readable, though nothing may lie there; after `close` it does nothing."""
        with self._lock, suppress(BlockingIOError):
            if not self._closed:
                self._waker.send(b"1")

    def close(self) -> None:
        """Forget those that are not collected."""
        with self._lock:
            self._closed = True
        for result in self.collected():
            if isinstance(result, Session):
                result.sock.close()
        self.woken.close()
        self._waker.close()

    def _run(self) -> None:
        result: Session | BackendUnavailable = BackendUnavailable(f"{self._server.name} cannot be used")
        try:
            client = opened(self._server, self._name, timeout_s=self._timeout_s, tls=self._tls)
            if self._closed:
                farewell(client)
                return
            result = Session(*detached(client))
        except BackendUnavailable as error:
            result = error
        finally:
            self._hand_over(result)

    def _hand_over(self, result: Session | BackendUnavailable) -> None:
        with self._lock:
            if not self._closed:
                self._results.put(result)
                with suppress(BlockingIOError):
                    self._waker.send(b"1")
            elif isinstance(result, Session):
                result.sock.close()
