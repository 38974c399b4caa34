"""Connections that go to a checked address and end in time.

The host's name stays in the Host header and in the TLS handshake; the TCP connection goes to an address that
`guard` has just allowed, so that nobody can answer "public" to the check and "private" to the connection.
The deadline holds for the whole answer, whatever the size of its drops.
"""

import queue
import socket
import ssl
import threading
import typing
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import httpcore
import httpx

from newsletter.errors import FetchError
from newsletter.fetch import guard
from newsletter.fetch.guard import Policy, Resolver

Connect = Callable[[tuple[str, int], float], socket.socket]


def resolve(host: str, port: int) -> list[str]:
    """Every address that the system's resolver knows for the host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[0]) for *_, place in found]


class BadCertificate(Exception):  # noqa: N818  a verdict, turned into a FetchError where the address is known
    """The server is not who it says it is; the text says why. Asking again does not help."""


@dataclass(slots=True)
class Deadline:
    """The moment, by the monotonic clock, at which whatever is under way is cut off."""

    clock: Callable[[], float]
    at: float = field(default=float("inf"))

    def left(self, most: float | None = None) -> float:
        """Seconds left, at most `most`. Raises: httpcore.ReadTimeout where none are left."""
        seconds = self.at - self.clock()
        if seconds <= 0:
            raise httpcore.ReadTimeout("the deadline has passed")
        return seconds if most is None else min(seconds, most)


class Transport(httpx.BaseTransport):
    """Carries requests over pinned connections, one connection for each request."""

    def __init__(self, network: "Network", trust: ssl.SSLContext) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=trust, network_backend=network, max_keepalive_connections=0
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, its body still to be read."""
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                extensions=request.extensions,
            )
        )
        stream = _Body(typing.cast(Iterable[bytes], answer.stream))
        return httpx.Response(answer.status, headers=answer.headers, stream=stream)

    def close(self) -> None:
        """Ends every connection."""
        self._pool.close()


class Network(httpcore.NetworkBackend):
    """Opens a connection to a name by way of the guard."""

    def __init__(self, policy: Policy, deadline: Deadline, *, resolver: Resolver, connect: Connect) -> None:
        self._policy = policy
        self._deadline = deadline
        self._resolver = resolver
        self._connect = connect

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[typing.Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address of `host` that takes one. Raises: FetchError by the guard."""
        addresses = guard.checked(self._resolved(host, port, timeout), host, port, self._policy)
        problem: OSError = OSError("no address")
        for address in addresses:
            try:
                connection = self._connect((address, port), self._deadline.left(timeout))
            except OSError as error:
                problem = error
            else:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return _Stream(connection, self._deadline)
        if isinstance(problem, TimeoutError):
            raise httpcore.ConnectTimeout(str(problem)) from problem
        raise httpcore.ConnectError(problem.strerror or str(problem)) from problem

    def _resolved(self, host: str, port: int, timeout: float | None) -> list[str]:
        """The addresses of the host. No resolver can be told to hurry, so one that is late is left behind."""
        answers: queue.SimpleQueue[list[str] | OSError | UnicodeError] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(list(self._resolver(host, port)))
            except (OSError, UnicodeError) as error:
                answers.put(error)

        threading.Thread(target=ask, daemon=True).start()
        try:
            answer = answers.get(timeout=self._deadline.left(timeout))
        except queue.Empty:
            raise httpcore.ConnectTimeout("the name was not resolved in time") from None
        if isinstance(answer, socket.gaierror) and answer.errno == socket.EAI_AGAIN:
            raise httpcore.ConnectError("the name cannot be resolved now; is this machine online?")
        if isinstance(answer, Exception):
            raise FetchError(
                host, "this name has no address; check its spelling and the connection"
            ) from answer
        return answer


class _Stream(httpcore.NetworkStream):
    """A connection of which every step ends at the deadline, or after the step's own timeout."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._connection.settimeout(self._deadline.left(timeout))
        try:
            return self._connection.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._connection.settimeout(self._deadline.left(timeout))
        try:
            self._connection.sendall(buffer)
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._connection.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self._connection.settimeout(self._deadline.left(timeout))
        try:
            secured = ssl_context.wrap_socket(self._connection, server_hostname=server_hostname)
        except TimeoutError as error:
            self.close()
            raise httpcore.ConnectTimeout(str(error)) from error
        except ssl.SSLCertVerificationError as error:
            self.close()
            raise BadCertificate(error.verify_message) from error
        except OSError as error:
            self.close()
            raise httpcore.ConnectError(str(error)) from error
        return _Stream(secured, self._deadline)

    def get_extra_info(self, info: str) -> typing.Any:
        if info == "ssl_object" and isinstance(self._connection, ssl.SSLSocket):
            return self._connection
        return None


class _Body(httpx.SyncByteStream):
    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        yield from self._parts

    def close(self) -> None:
        if hasattr(self._parts, "close"):
            self._parts.close()
