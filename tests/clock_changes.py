"""The changes of clocks all over the world, as the time zones that Python reads say them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

# No clock is changed and changed back within so long.
_STEP = timedelta(days=7)


@dataclass(frozen=True)
class Change:
    """One change of a clock: at a moment in UTC, from one distance to UTC to another."""

    at: datetime
    before: timedelta
    after: timedelta

    def moment(self, local: datetime) -> datetime:
        """When a clock that is changed so shows a time first, else the change: by arithmetic of its own."""
        shown = [
            *[at for at in [local.replace(tzinfo=UTC) - self.before] if at < self.at],
            *[at for at in [local.replace(tzinfo=UTC) - self.after] if at >= self.at],
        ]
        return min(shown, default=self.at)

    def touches(self, local: datetime) -> bool:
        """Whether the clock shows that time twice, never, or within an hour of it."""
        edges = sorted([self.at + self.before, self.at + self.after])
        hour = timedelta(hours=1)
        return edges[0] - hour <= local.replace(tzinfo=UTC) <= edges[1] + hour


def changes(zone: ZoneInfo, *, first: int, last: int) -> tuple[Change, ...]:
    """What happens to the clock of a zone in those years, the first one and the last one too."""
    return tuple(_changes(zone, datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)))


def zones(*, first: int, last: int) -> dict[tuple[timedelta, tuple[Change, ...]], list[str]]:
    """All zones that there are, those together whose clocks show the same in those years."""
    found: dict[tuple[timedelta, tuple[Change, ...]], list[str]] = {}
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        begin = _offset(zone, datetime(first, 1, 1, tzinfo=UTC))
        found.setdefault((begin, changes(zone, first=first, last=last)), []).append(name)
    return found


def _changes(zone: ZoneInfo, day: datetime, end: datetime) -> Iterator[Change]:
    while day < end:
        before, after = _offset(zone, day), _offset(zone, day + _STEP)
        if before != after:
            early, late = day, day + _STEP
            while late - early > timedelta(seconds=1):
                middle = (early + (late - early) / 2).replace(microsecond=0)
                early, late = (middle, late) if _offset(zone, middle) == before else (early, middle)
            yield Change(late, before, after)
        day += _STEP


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None
    return offset
