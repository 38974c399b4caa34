"""Which issue of a list is due: one at a time, made up for once where it is late, and never a burst."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.model import Rule, Slot
from newsletter.schedule.slots import slots

# What passed longer ago than this is told as missed no more: a look into the past has an end.
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
) -> Decision:
    """What is due at that moment.

    since: when the rule began to hold. known: the periods that came up before. lead: how long before its time
    an issue begins. Of several that are late only the last one goes, and only within its lateness.
    """
    found = slots(rule, after=max(since, now - _PAST), until=now + lead)
    open_slots = [slot for slot in found if slot.period not in known]
    due = open_slots[-1] if open_slots and open_slots[-1].at + max_lateness >= now else None
    return Decision(due, tuple(slot for slot in open_slots if slot is not due))
