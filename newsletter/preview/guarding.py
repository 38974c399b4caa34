"""Who may ask the desk for anything: the browser that was given its key, on a page of the desk itself.

A web page of somebody else must neither read nor change an issue, though it runs in the same browser: it may
send requests to this machine, under a name of its own too (DNS rebinding). So the name that is asked for, the
page that asks, and a key in a cookie have to be right.
Source: OWASP, Cross-Site Request Forgery Prevention Cheat Sheet; W3C, Fetch Metadata.
"""

import ipaddress
import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# What the page of the desk may load, and from where: from the desk.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; frame-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)
_HEADERS = {
    "content-security-policy": PAGE_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    # Pages on other ports of this machine are of the same site, and so get the cookie sent.
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    # The first address holds the key.
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


class Guard:
    """An application that answers only whom it may. hosts: what the desk is called, with its port."""

    def __init__(self, inner: ASGIApp, *, hosts: frozenset[str], key: str) -> None:
        self._inner = inner
        self._hosts = hosts
        self._key = key
        # Cookies know no ports, and several desks may be open.
        port = next(iter(hosts)).rpartition(":")[2]
        self._cookie = f"desk_{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, with the headers that every answer has."""
        if scope["type"] == "lifespan":
            await self._inner(scope, receive, send)
        if scope["type"] != "http":
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        answer = self._refusal(scope) or self._inner
        await answer(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> Response | None:
        """What is answered instead, None where the request may pass."""
        headers = Headers(scope=scope)
        if headers.get("host", "").lower() not in self._hosts:
            return _refused(
                scope, "this name is not the desk's; open the address that newsletter preview printed"
            )
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in {f"http://{host}" for host in self._hosts}:
            return _refused(scope, "another page may not ask the desk")
        if scope["method"] == "POST" and headers.get("x-desk") != "1":
            return _refused(scope, "a POST needs the header X-Desk: 1")
        if scope["path"] == "/" and (given := parse_qs(scope["query_string"].decode("latin-1")).get("key")):
            return self._opened(scope, given[0])
        if not self._knows(self._given(headers)):
            return _refused(scope, "no key; open the address that newsletter preview printed")
        return None

    def _opened(self, scope: Scope, given: str) -> Response:
        if not self._knows(given):
            return _refused(
                scope, "the key of an earlier desk; open the address that newsletter preview printed last"
            )
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(self._cookie, self._key, httponly=True, samesite="strict")
        return answer

    def _given(self, headers: Headers) -> str:
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(self._cookie)
        except CookieError:
            return ""
        return cookie.value if cookie else ""

    def _knows(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), self._key.encode())


def hosts(host: str, port: int) -> frozenset[str]:
    """What a desk that listens there is called in a request; on this machine by each of its own names."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        names = {"localhost", "127.0.0.1", "[::1]"} if host == "localhost" else {host}
    else:
        local = {"localhost", "127.0.0.1", "[::1]"} if address.is_loopback else set()
        names = {f"[{host}]" if address.version == 6 else host, *local}
    return frozenset(f"{name.lower()}:{port}" for name in names)


def _refused(scope: Scope, why: str) -> Response:
    if scope["method"] == "POST":
        return JSONResponse({"error": why}, 403)
    return PlainTextResponse(f"{why}\n", 403)
