"""The claimed deliveries of a run that wait for their times, and the distance that its mails keep.

Owns their order. Each has the place that the rates gave it; a process that was late has many whose places
are over. They do not go at once: the mails of one process keep the distance of each rate, but for the little
by which any of them may be late. Decides with `now` alone; changes no row.
"""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from newsletter.deliver.claiming import Due
from newsletter.pace import AHEAD, PUT_BACK
from newsletter.store.deliveries import Claimed

# How late a mail may be so that those after it make up for it: about what writing down a round takes. Without
# it each round would cost a part of the rate.
_MAKES_UP = timedelta(milliseconds=100)
# A process that is later than that takes no more places: others do, until it has caught up.
_LATE = 3 * _MAKES_UP
# The name of the rate that all mails share; no domain has it.
_EVERY = ""


@dataclass(slots=True)
class Waiting:
    """Claimed deliveries by the time at which they may go."""

    _rows: deque[Due] = field(default_factory=deque)
    # From when on the next mail keeps its distance, by domain.
    _free_at: dict[str, datetime] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._rows)

    def numbers(self) -> set[int]:
        """The numbers of the rows that wait."""
        return {due.claimed.id for due in self._rows}

    def add(self, found: Iterable[Due]) -> None:
        """Let these wait too; by time, so that those of a slow domain hold up nobody else."""
        self._rows = deque(sorted([*self._rows, *found], key=lambda due: due.go_at))

    def take(self, most: int, *, now: datetime) -> list[Claimed]:
        """Those that begin now, at most so many; they wait no more."""
        begins: list[Claimed] = []
        held: list[Due] = []
        while self._rows and len(begins) < most:
            first = self._rows[0]
            if _until(first.go_at, now) > 0 or self._rests_s(_EVERY, first.apart, now) > 0:
                break
            self._rows.popleft()
            if self._rests_s(first.claimed.domain, first.apart_to_domain, now) > 0:
                held.append(first)
                continue
            self._keep_apart(first, now)
            begins.append(first.claimed)
        self._rows.extendleft(reversed(held))
        return begins

    def is_late(self, now: datetime) -> bool:
        """Whether it has places of a rate that were over for long: no more should be taken before."""
        first = next((due for due in self._rows if due.apart and not due.apart_to_domain), None)
        return first is not None and now - first.go_at > _LATE

    def wait_s(self, now: datetime) -> float:
        """Seconds until the next of them may begin; without any, for ever."""
        least = math.inf
        for due in self._rows:
            at_once = max(_until(due.go_at, now), self._rests_s(_EVERY, due.apart, now))
            if at_once >= least:
                break
            least = min(least, max(at_once, self._rests_s(due.claimed.domain, due.apart_to_domain, now)))
            if least <= 0:
                break
        return max(0.0, least)

    def clear(self) -> list[Claimed]:
        """Those that waited; none does any more."""
        rows, self._rows = self._rows, deque()
        return [due.claimed for due in rows]

    def _rests_s(self, name: str, apart: timedelta, now: datetime) -> float:
        """Seconds until the distance is kept; none where the clock was put back since."""
        free_at = self._free_at.get(name) if apart else None
        return (free_at - now).total_seconds() if free_at and free_at <= now + apart + PUT_BACK else 0.0

    def _keep_apart(self, due: Due, now: datetime) -> None:
        for name, apart in ((_EVERY, due.apart), (due.claimed.domain, due.apart_to_domain)):
            if apart:
                before = self._free_at.get(name, now)
                at = before if now - _MAKES_UP <= before <= now else now - _MAKES_UP
                self._free_at[name] = at + apart


def _until(moment: datetime, now: datetime) -> float:
    """Seconds; none where the clock was put back since."""
    wait = moment - now
    return wait.total_seconds() if wait <= AHEAD + PUT_BACK else 0.0
