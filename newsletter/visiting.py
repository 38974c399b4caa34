"""One look at a web site, as its readers reach it.

Asks once, follows no redirect, and reads no more than the start of the answer. What went wrong is told in
words, never raised.
"""

import socket
import ssl
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx

from newsletter.diagnosis.site import Visit

# Bytes of an answer that are read: the one that is looked for has three.
_MOST = 1000


def visit(base_url: str, *, timeout_s: float, clock: Callable[[], datetime]) -> Visit:
    """What the site says of itself. clock: what tells the time."""
    url = f"{base_url}/healthz"
    try:
        plain = {"accept-encoding": "identity"}
        with httpx.stream("GET", url, timeout=timeout_s, headers=plain) as answer:
            asked_at = clock()
            said = next(answer.iter_raw(), b"")[:_MOST].decode("utf-8", "replace")
            return Visit(url, answer.status_code, said, clock=_clock(answer), asked_at=asked_at)
    except httpx.TimeoutException:
        return Visit(url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Visit(url, trouble=_trouble(error))


def _clock(answer: httpx.Response) -> datetime | None:
    try:
        found = parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return None
    # A date without a zone is none of HTTP (RFC 9110 §5.6.7).
    return found if found.tzinfo else None


def _trouble(error: Exception) -> str:
    causes = [error]
    while cause := causes[-1].__cause__ or causes[-1].__context__:
        causes.append(cause)  # type: ignore[arg-type]
    for one in causes:
        if isinstance(one, ssl.SSLCertVerificationError):
            return f"shows a certificate that is not trusted ({one.verify_message})"
        if isinstance(one, socket.gaierror):
            return "has a name that nobody knows"
    return "refuses the connection" if isinstance(error, httpx.ConnectError) else "does not speak HTTP"
