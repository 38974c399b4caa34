"""How fast mails may go, and when one that was put off may be tried again: arithmetic on `now`.

A rate is kept by one moment, the time from which the next mail is free to go (GCRA): each mail moves it on by
the interval of the rate. Mails are counted before they go, and there is no burst.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_SECONDS = {"s": 1, "second": 1, "min": 60, "minute": 60, "hour": 3600, "day": 86400}
# How far ahead places are taken: another process waits no longer for its share of a rate.
AHEAD = timedelta(seconds=1)
# A moment that is further ahead than it can be, by more than that, was set before the clock was put back. By
# less it may be: whoever waited for others to take theirs looks with a `now` from before. Measured: without
# it, four processes on a busy machine sent 1.8 times a rate of 50 a second.
PUT_BACK = timedelta(minutes=1)
# A rate that grows begins at this part of it.
_LEAST_PART = 0.05
# A wait is this part longer at the most, by chance, so that a thousand mails are not tried again at once.
JITTER = 0.25


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the mails of an issue may go.

    interval: between two mails, None for no limit. domains: the same for single domains. ramp_up: how long it
    takes until the whole rate is reached.
    """

    interval: timedelta | None = None
    domains: tuple[tuple[str, timedelta], ...] = ()
    ramp_up: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Retry:
    """When a mail that was put off is tried again.

    waits: after the first time, the second, …; the last is repeated. give_up: a mail that has waited for so
    long is too late; it counts from its own first time, however late in the issue that was.
    """

    waits: Sequence[timedelta]
    give_up: timedelta


def interval(rate: str) -> timedelta | None:
    """The time between two mails at a rate such as "14/s"; None for ""."""
    if not rate:
        return None
    number, _, unit = rate.partition("/")
    return timedelta(seconds=_SECONDS[unit] / int(number))


def ramped(between: timedelta, *, ramp_up: timedelta, since: timedelta) -> timedelta:
    """The time between two mails while the rate still grows. since: how long the issue has been going."""
    part = max(_LEAST_PART, min(1.0, since / ramp_up)) if ramp_up else 1.0
    return between / part


def places(between: timedelta, free_at: datetime, *, now: datetime, most: int) -> Iterator[datetime]:
    """When the next mails may go, at most so many, as far as their places may be taken now.

    free_at: as far as it is not further ahead than any place can be: then the clock was put back meanwhile.
    """
    at = _first(between, free_at, now)
    for _ in range(most):
        if at > now + AHEAD:
            return
        yield at
        at += between


def seated(
    between: timedelta, free_at: datetime, seats: Sequence[datetime], *, now: datetime, apart: timedelta
) -> Iterator[tuple[int, datetime]]:
    """Which of the places of a rate mails of another one take that has to be kept too, and when each goes.

    A mail takes the place within whose time it goes, so that those before it are left to others. between,
    free_at: of the rate that these mails have of their own; apart: of the one whose places are `seats`.
    """
    at = _first(between, free_at, now)
    for number, seat in enumerate(seats):
        if apart and seat + apart <= at:
            continue
        at = max(at, seat)
        if at > now + AHEAD:
            return
        yield number, at
        at += between


def _first(between: timedelta, free_at: datetime, now: datetime) -> datetime:
    return free_at if now < free_at <= now + AHEAD + between + PUT_BACK else now


def retry_at(retry: Retry, *, attempts: int, now: datetime, chance: float) -> datetime | None:
    """When a mail that was put off may be tried again; None where it has waited for too long by then.

    attempts: those that ended, this one included (1 or more). chance: from 0 to 1, of this mail.
    Source: RFC 5321 §4.5.4.1 for the kind of schedule; an issue is stale within a day.
    """
    known = [*retry.waits[:attempts]]
    waits = known + [retry.waits[-1]] * (attempts - len(known))
    if sum(waits, timedelta(0)) > retry.give_up:
        return None
    return now + waits[-1] * (1 + JITTER * chance)
