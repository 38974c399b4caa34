"""One polite GET: the whole answer of an address, or one line that says why there is none.

Goes only where `guard` lets it, also by way of redirects; takes no proxy and no credentials from the
environment; ends in time and within limits; waits where a server asks for it. Writes nothing: an answer that
is cut off leaves nothing behind.
"""

import random
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn

import httpcore
import httpx

from newsletter.errors import FetchError
from newsletter.fetch import Fetched, NotModified, Watch, body, guard, manners
from newsletter.fetch.body import BadBody
from newsletter.fetch.guard import Policy, Resolver
from newsletter.fetch.pinned import BadCertificate, Connect, Deadline, Network, Transport, resolve

REDIRECTS = 3
_REDIRECTING = frozenset((301, 302, 303, 307, 308))
_ACCEPT = "application/atom+xml, application/rss+xml, application/json, text/plain;q=0.9, */*;q=0.5"


def _authorities() -> ssl.SSLContext:
    """Those that the system trusts, and Mozilla's list of httpx: a small container has none of its own."""
    trust = httpx.create_ssl_context(trust_env=False)
    trust.load_default_certs()
    return trust


@dataclass(frozen=True, slots=True)
class World:
    """What a client knows of the world: the time, chance, the DNS and the network, and how long it waits.

    connect_s: until a name is resolved, and again until the server takes the connection. silence_s: without a
    byte. total_s: for one answer, from its name to its last byte.
    """

    utcnow: Callable[[], datetime]
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    resolver: Resolver = resolve
    connect: Connect = socket.create_connection
    trust: ssl.SSLContext = field(default_factory=_authorities)
    connect_s: float = 5.0
    silence_s: float = 10.0
    total_s: float = 20.0


@dataclass(frozen=True, slots=True)
class _Try:
    """One request that gave nothing, but may do so later. asked: what Retry-After says, in seconds."""

    problem: str
    status: int | None = None
    asked: float | None = None


class Client:
    """Asks for addresses one after the other; `agent` is what it calls itself."""

    def __init__(self, agent: str, *, world: World, policy: Policy = guard.STRICT) -> None:
        self._world = world
        self._policy = policy
        self._deadline = Deadline(world.clock)
        self._last: dict[str, float] = {}
        self._failing: set[str] = set()
        network = Network(policy, self._deadline, resolver=world.resolver, connect=world.connect)
        # Without httpx's own client, which reads proxies and netrc, keeps cookies, and takes apart the target
        # of a redirect before anybody has looked at it.
        self._transport = Transport(network, world.trust)
        self._headers = {"User-Agent": agent, "Accept": _ACCEPT, "Accept-Encoding": body.ACCEPTED}

    def get(self, address: str, *, etag: str = "", modified: str = "", watch: Watch) -> Fetched | NotModified:
        """What the address gives, or the word that the copy known by `etag` or `modified` is still good.

        Raises: FetchError; its `retry` says whether later may help, `status` what the server answered.
        """
        known = {"If-None-Match": etag, "If-Modified-Since": modified}
        headers = {name: value for name, value in known.items() if value}
        # A week of pages is not waited for page by page: a host that failed is asked once more, and no more.
        host = address.partition("://")[2].partition("/")[0]
        most = 1 if host in self._failing else manners.TRIES
        tries = 0
        while True:
            tries += 1
            answer = self._followed(address, headers, watch)
            if not isinstance(answer, _Try):
                self._failing.discard(host)
                return answer
            wait = manners.wait_s(tries, answer.asked, chance=self._world.chance(), most=most)
            if wait is None:
                self._failing.add(host)
                self._give_up(address, answer, tries)
            self._world.sleep(wait)

    def _give_up(self, address: str, last: _Try, tries: int) -> NoReturn:
        when = "try again later"
        if last.asked is not None:
            when = f"try again after {manners.moment_text(last.asked, now=self._world.utcnow())}"
        times = "" if tries == 1 else f", {tries} times"
        problem = f"{last.problem}{times}; {when}"
        raise FetchError(guard.shown(address), problem, retry=True, status=last.status)

    def _followed(self, address: str, headers: dict[str, str], watch: Watch) -> Fetched | NotModified | _Try:
        """The answer at the end of the redirects."""
        here = address
        for _ in range(REDIRECTS + 1):
            try:
                answer = self._asked(here, headers, watch)
            except FetchError as error:
                if here == address:
                    raise
                problem = f"redirects to {error}"
                raise FetchError(
                    guard.shown(address), problem, retry=error.retry, status=error.status
                ) from error
            if not isinstance(answer, str):
                return answer
            if here.lower().startswith("https:") and not answer.lower().startswith("https:"):
                problem = (
                    f"redirects from https to {guard.shown(answer)}; ask its publisher for an https address"
                )
                raise FetchError(guard.shown(address), problem)
            here = answer
        problem = f"redirects more than {REDIRECTS} times; use the address of the digest itself"
        raise FetchError(guard.shown(address), problem)

    def _asked(
        self, address: str, headers: dict[str, str], watch: Watch
    ) -> Fetched | NotModified | str | _Try:
        """What one request gives; where the server sends it elsewhere, that address."""
        guard.check(address, self._policy)
        silence = dict.fromkeys(("read", "write", "pool"), self._world.silence_s)
        try:
            request = httpx.Request(
                "GET",
                address,
                headers=self._headers | headers,
                extensions={"timeout": silence | {"connect": self._world.connect_s}},
            )
        except (httpx.InvalidURL, UnicodeError) as error:
            raise FetchError(guard.shown(address), "this is not an address; correct it") from error
        self._pause(request.url.host)
        self._deadline.at = self._world.clock() + self._world.total_s
        try:
            answer = self._transport.handle_request(request)
            try:
                return self._read(answer, request, watch)
            finally:
                answer.close()
        except BadCertificate as error:
            problem = f"its certificate is not valid: {error}; tell its publisher, and do not trust it"
            raise FetchError(guard.shown(address), problem) from error
        except BadBody as error:
            raise FetchError(guard.shown(address), f"{error}; check the address") from error
        except httpcore.TimeoutException as error:
            return self._timed_out(address, error)
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            return _failed(error)
        finally:
            self._last[request.url.host] = self._world.clock()

    def _pause(self, host: str) -> None:
        wait = self._last.get(host, float("-inf")) + manners.pause_s(host) - self._world.clock()
        if wait > 0:
            self._world.sleep(wait)

    def _read(
        self, answer: httpx.Response, request: httpx.Request, watch: Watch
    ) -> Fetched | NotModified | str | _Try:
        address = str(request.url)
        header = answer.headers.get
        if answer.status_code == 304 and {"if-none-match", "if-modified-since"} & set(request.headers):
            return NotModified(address)
        if answer.status_code in _REDIRECTING and header("location"):
            return _target(request.url, answer.headers["location"])
        if answer.status_code in manners.PASSING:
            asked = manners.retry_after_s(header("retry-after", ""), now=self._world.utcnow())
            return _Try(_status_text(answer.status_code), answer.status_code, asked)
        if answer.status_code != 200:
            problem = f"{_status_text(answer.status_code)}; check the address"
            raise FetchError(guard.shown(address), problem, status=answer.status_code)
        whole = body.read(
            answer.iter_raw(),
            encoding=header("content-encoding", ""),
            length=header("content-length", ""),
            watch=watch,
        )
        return Fetched(
            whole, address, header("etag", ""), header("last-modified", ""), header("content-type", "")
        )

    def _timed_out(self, address: str, error: Exception) -> _Try:
        """A server that is silent may answer next time; one that drips would only take the time again."""
        if self._world.clock() >= self._deadline.at:
            problem = f"its answer takes longer than {self._world.total_s:.0f} s; try again later"
            raise FetchError(guard.shown(address), problem, retry=True) from error
        return _Try("it does not answer in time")


def _target(here: httpx.URL, location: str) -> str:
    """The address that a redirect leads to, put together from where it stands."""
    try:
        return str(here.join(location))
    except (httpx.InvalidURL, UnicodeError, ValueError):
        return location


def _failed(error: Exception) -> _Try:
    """What went wrong below HTTP, in words."""
    if isinstance(error, httpcore.ConnectError):
        return _Try(f"it cannot be reached: {error}")
    if isinstance(error, httpcore.RemoteProtocolError) and "complete" in str(error):
        return _Try("its answer ends before it is whole")
    return _Try(f"it breaks off or does not speak HTTP: {error}")


def _status_text(status: int) -> str:
    known = {
        401: "asks for a login (401)",
        403: "refuses the request (403)",
        304: "says that nothing has changed (304), which it was not asked",
        404: "has no such page (404)",
        410: "is gone (410)",
        429: "asks to be left alone for a while (429)",
    }
    return known.get(
        status, f"the server fails ({status})" if status >= 500 else f"answers with status {status}"
    )
