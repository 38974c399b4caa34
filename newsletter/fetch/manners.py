"""When a server may be asked again: what it says itself, what is polite, and when to give up.

Arithmetic on what it is given; waits for nothing.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# Tries of one request, the first one included.
TRIES = 3
# Seconds; the most that a wait before the second try takes. It doubles with every try.
FIRST_WAIT_S = 1.0
# Seconds; a longer wait that a server asks for is left to the next run.
LONGEST_WAIT_S = 60.0
# Seconds between two requests. Source: info.arxiv.org/help/api/tou.html, one request every three seconds.
ARXIV_PAUSE_S = 3.0
# Statuses after which the same request may do better (RFC 9110 §15.6, RFC 6585 §4).
PASSING = frozenset((429, 500, 502, 503, 504))


def retry_after_s(header: str, *, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for, 0 for a moment in the past; None for no such header.

    Source: RFC 9110 §10.2.3, a number of seconds or an HTTP date.
    """
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def wait_s(tries: int, asked: float | None, *, chance: float, most: int = TRIES) -> float | None:
    """Seconds until the next try, or None to give up. tries: made already. chance: from 0 to 1, at random.

    asked: what the server asks for, in seconds. most: tries after which it is given up.

    What the server asks for is kept to; otherwise the wait is anywhere below a limit that doubles with every
    try, so that many clients do not come back at one moment.
    Source: aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter ("full jitter").
    """
    if tries >= most or (asked or 0.0) > LONGEST_WAIT_S:
        return None
    return asked if asked is not None else chance * FIRST_WAIT_S * 2.0 ** (tries - 1)


def pause_s(host: str) -> float:
    """The least time in seconds between two requests to the host."""
    return ARXIV_PAUSE_S if host == "arxiv.org" or host.endswith(".arxiv.org") else 0.0


def moment_text(seconds: float, *, now: datetime) -> str:
    """When a wait of so many seconds ends, in words for a person."""
    then = now + timedelta(seconds=min(seconds, 366 * 86_400.0))
    return f"{then:%H:%M} UTC" if then.date() == now.date() else f"{then:%Y-%m-%d %H:%M} UTC"
