"""The claims of one worker on an issue, and the times that the rates give to its mails.

Owns how places of the rates are given to rows. A place is taken in the transaction of its claim, so that a
rate holds over all that deliver. Nothing waits here: when a mail begins is up to whoever has claimed it.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from newsletter.pace import Pace, places, ramped, seated
from newsletter.store import Connection, deliveries, paces
from newsletter.store.deliveries import Claimed

# How long a domain with a limit is not looked for once it had nothing due: whoever looks for a few among
# a million goes past all of them. Measured: 0.7 s each time.
_NONE_FOR_S = 2.0
# The name of the rate that all mails share.
_EVERY = "*"
_NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed delivery, and when it may go.

    apart: the time between any two mails at the rate that all share. apart_to_domain: the same for mails to
    its domain. Both are 0 where there is no such rate.
    """

    claimed: Claimed
    go_at: datetime
    apart: timedelta = _NONE
    apart_to_domain: timedelta = _NONE


@dataclass(slots=True)
class Claims:
    """What a worker claims of an issue. since: when the issue began to go; lease: how long a claim holds."""

    issue: int
    worker: int
    since: datetime
    pace: Pace
    lease: timedelta
    # Of the monotonic clock: when a domain had no mail that was due.
    _had_none: dict[str, float] = field(default_factory=dict)

    def claim(self, tx: Connection, most: int, *, now: datetime, without: Sequence[str] = ()) -> list[Due]:
        """Deliveries that are due, at most so many, as far as the rates have places. without: domains."""
        limited = dict(self.pace.domains)
        looked = [one for one in limited if one not in without and self._may_have(one)]
        others = not limited or self._may_have("")
        if not looked and not others:
            return []
        apart = self._apart(self.pace.interval, now)
        begin = paces.free_at(tx, _EVERY, now=now) if apart else now
        seats = [*places(apart, begin, now=now, most=most)]
        first, found = [*seats[:1]], []
        for domain in looked:
            found += self._of_domain(tx, domain, seats, now=now, apart=apart)
        if others:
            rows = self._rows(tx, len(seats), now, without=(*limited, *without))
            found += [Due(row, max(now, at), apart) for row, at in zip(rows, seats, strict=False)]
        if apart and found:
            paces.set_free_at(tx, _EVERY, first[0] + len(found) * apart)
        return found

    def _of_domain(
        self, tx: Connection, domain: str, seats: list[datetime], *, now: datetime, apart: timedelta
    ) -> list[Due]:
        """Rows of one domain; the places that they take of the shared rate are in `seats` no more."""
        own = self._apart(dict(self.pace.domains)[domain], now)
        free_at = paces.free_at(tx, domain, now=now)
        taken = [*seated(own, free_at, seats, now=now, apart=apart)]
        rows = self._rows(tx, len(taken), now, only=domain)
        taken = taken[: len(rows)]
        for number, _ in reversed(taken):
            del seats[number]
        if rows:
            paces.set_free_at(tx, domain, taken[-1][1] + own)
        return [Due(row, at, apart, own) for row, (_, at) in zip(rows, taken, strict=True)]

    def _rows(
        self, tx: Connection, most: int, now: datetime, *, only: str = "", without: Sequence[str] = ()
    ) -> list[Claimed]:
        if not most:
            return []
        found = deliveries.claim(
            tx,
            self.issue,
            worker=self.worker,
            until=now + self.lease,
            most=most,
            now=now,
            only=only,
            without=without,
        )
        if not found:
            self._had_none[only] = time.monotonic()
        return found

    def _apart(self, gap: timedelta | None, now: datetime) -> timedelta:
        """The time between two mails now, 0 for no limit."""
        return ramped(gap, ramp_up=self.pace.ramp_up, since=now - self.since) if gap else _NONE

    def _may_have(self, domain: str) -> bool:
        """Whether to look for mails to the domain, "" for those of no limit."""
        return time.monotonic() - self._had_none.get(domain, -_NONE_FOR_S) >= _NONE_FOR_S
