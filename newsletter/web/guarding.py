"""What stands before every page: headers on each answer, bounds on each request, and no fault that shows.

Asks for nothing and stores nothing. A request that is too large or too slow is answered and its connection
closed, before a page sees it. A fault of the program is told in one line, which holds neither the address of
the page nor what was sent: both may be a reader's own.
Source: OWASP, HTTP Headers Cheat Sheet; RFC 9110 §15.5 (408, 413, 414).
"""

import asyncio
import unicodedata
from collections.abc import Callable, Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsletter import headway
from newsletter.errors import fault
from newsletter.web import visitors

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# A year, in seconds.
_HSTS = "max-age=31536000"
# Pages of one person: no cache keeps them, no search engine lists them, no other site hears of them.
_OWN = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
}
# What an answer has that no application gives: of a server that is full, or cannot read what it is asked.
BARE = {
    "content-security-policy": PAGE_POLICY,
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "connection": "close",
}
# The second part of their paths.
OWN_PAGES = ("approve", "confirm", "preferences", "unsubscribe")
# Bytes of a form: the largest has some hundred. Bytes of an address: a token has 52.
MOST_BODY = 64 * 1024
MOST_URL = 4 * 1024
# Seconds in which a form has to be there.
BODY_S = 10.0


class _Gone(Exception):  # noqa: N818  what the visitor is
    """The visitor went away before the request was whole."""


class Guard:
    """An application before which this stands.

    prefix: the path of the public address. names: what a path may begin with, after it. https: whether
    readers come by https. refusal: the page that says so, by its status.
    """

    def __init__(
        self,
        inner: ASGIApp,
        *,
        prefix: str,
        names: Collection[str],
        https: bool,
        refusal: Callable[[int], Response],
    ) -> None:
        self._inner = inner
        self._prefix = prefix
        self._names = frozenset(names)
        self._https = https
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, with the headers that every answer has."""
        if scope["type"] != "http":
            return
        path = visitors.place(_path(scope), prefix=self._prefix, names=self._names)
        scope = {**scope, "path": path, "root_path": ""}
        closing = not _is_read(scope)
        begun = False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                self._add_headers(path, MutableHeaders(scope=message), closing=closing)
            await send(message)

        try:
            body = await _admitted(scope, receive)
            if isinstance(body, int):
                closing = True
                await self._refusal(body)(scope, receive, guarded)
            else:
                await self._inner(scope, _given(body, receive), guarded)
        except _Gone:
            return
        except Exception as error:
            headway.warn(f"{scope['method']}: {fault(error)}")
            if not begun:
                await self._refusal(500)(scope, receive, guarded)

    def _add_headers(self, path: str, headers: MutableHeaders, *, closing: bool) -> None:
        parts = path.split("/")
        for name, value in _OWN.items() if len(parts) > 2 and parts[2] in OWN_PAGES else ():
            headers[name] = value
        headers["content-security-policy"] = PAGE_POLICY
        headers["x-content-type-options"] = "nosniff"
        headers.setdefault("referrer-policy", "same-origin")
        if self._https:
            headers["strict-transport-security"] = _HSTS
        if closing:
            # What is left of the request is not read, so nothing else can come over this connection.
            headers["connection"] = "close"


def _path(scope: Scope) -> str:
    """The path that is asked for, of whatever host: a server takes whole addresses too (RFC 9112 §3.2.2)."""
    path = str(scope["path"])
    if path.startswith(("http://", "https://")):
        return "/" + path.partition("://")[2].partition("/")[2]
    return path


def _is_read(scope: Scope) -> bool:
    """Whether nothing of the request is left unread: it has no body, or is a form."""
    headers = Headers(scope=scope)
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    return scope["method"] == "POST" or not has_body


async def _admitted(scope: Scope, receive: Receive) -> bytes | int:
    """The body of a request that may pass, whole; else the status that it is refused with."""
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MOST_URL:
        return 414
    # A line end behind a path would count as its end.
    if any(unicodedata.category(letter) == "Cc" for letter in scope["path"]):
        return 404
    if scope["method"] != "POST":
        return b""
    length = Headers(scope=scope).get("content-length", "0")
    if not length.isdecimal() or int(length) > MOST_BODY:
        return 413
    try:
        async with asyncio.timeout(BODY_S):
            return await _body(receive)
    except TimeoutError:
        return 408


async def _body(receive: Receive) -> bytes | int:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        body += message.get("body", b"")
        if len(body) > MOST_BODY:
            return 413
        if not message.get("more_body"):
            return bytes(body)


def _given(body: bytes, receive: Receive) -> Receive:
    """What hands a body over that was read already, and then what else comes."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def give() -> Message:
        return waiting.pop() if waiting else await receive()

    return give
