"""Which issue of a list is due: one at a time, made up for once where it is late, and never a burst."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.model import Rule, Slot
from newsletter.schedule.slots import slots

# What passed longer ago than this is told as missed no more: a look into the past has an end. It is longer
# than any month, so that an issue of every month that was missed is told.
_PAST = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is due at a moment. due: the slot to begin now, None for none. missed: those that go no more."""

    due: Slot | None
    missed: tuple[Slot, ...]


def decide(
    rule: Rule,
    *,
    since: datetime,
    known: Collection[str],
    lead: timedelta,
    max_lateness: timedelta,
    now: datetime,
    moments: Collection[datetime] = (),
    busy: bool = False,
) -> Decision:
    """What is due at that moment.

    since: when the rule began to hold. known: the periods that came up before; moments: when their issues go,
    at which no other does, whatever another rule calls it. lead: how long before its time an issue begins,
    but not before the time of the one before it. busy: whether one whose time has come has not set out yet:
    then none begins ahead of its time. Of several whose time has come only the last one goes, and only within
    its lateness; the others are missed. One that is late goes before one that is to be begun ahead.
    """
    found = slots(rule, after=max(since, now - _PAST), until=now + max(lead, timedelta(0)))
    passed = [slot for slot in found if slot.at <= now]
    coming = [slot for slot in found if slot.at > now][:1]
    last = passed[-1:] if passed and now <= passed[-1].at + max_lateness else []
    new = [slot for slot in found if slot.period not in known and slot.at not in moments]
    due = next((slot for slot in (last if busy else [*last, *coming]) if slot in new), None)
    return Decision(due, tuple(slot for slot in passed if slot is not due and slot in new))


def deadline(rule: Rule, at: datetime, *, max_lateness: timedelta) -> datetime:
    """Until when an issue whose time is `at` may go: until its lateness ends, or the next one's time."""
    following = slots(rule, after=at, until=at + max_lateness)
    return following[0].at if following else at + max_lateness


def moved(rule: Rule, period: str, *, at: datetime, now: datetime) -> datetime:
    """When the issue of a period goes that is being prepared for `at`, as the rule and the zone say now.

    A rule that was changed, or a country that changed its clocks, moves it. It stays at its time where the
    rule has no such period, or where the new time is over.
    """
    near = slots(rule, after=max(now, at - _PAST), until=at + _PAST)
    return next((slot.at for slot in near if slot.period == period), at)
