"""Giving every slot that came up its row: one issue for each period of a list, one recap for each month."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from newsletter import notices, schedule, store
from newsletter.fence import Fence
from newsletter.model import Event, Goes, Schedule, Slot, SlotState
from newsletter.store import notices as store_notices
from newsletter.store import periods, sendings

# What stands before the month in the name of a recap's period.
_RECAP = "recap-"
# Periods that may come up are of this time.
_KNOWN = timedelta(days=100)
_NOTHING_RAN = "newsletter did not run in its time"


def begin(fence: Fence, list: str, chosen: Schedule, *, now: datetime) -> Iterator[Event]:
    """What happened: periods that began, and those whose time was over before. Raises: StoreError."""
    words = schedule.words(chosen.rule)
    with store.reading(fence.database) as tx:
        since = periods.since(tx, list, words)
        known = periods.names(tx, list, since=now - _KNOWN)
        is_recap_wanted = sendings.is_recap_wanted(tx, list=list)
    if since is None:
        # A rule that was just written has missed nothing.
        with store.writing(fence.database, durable=True) as tx:
            since = periods.set_rule(tx, list, words, now=now)
    _move(fence, list, chosen, now)
    yield from _begun(fence, list, chosen, since, known, now)
    if is_recap_wanted and chosen.goes is not Goes.WRITE:
        recap = replace(chosen, rule=schedule.recap_rule(chosen.rule), lead=timedelta(0))
        months = {_month_after(month) for month in map(recapped, known) if month}
        yield from _begun(fence, list, recap, since, months, now, named=_recap)


def _move(fence: Fence, list: str, chosen: Schedule, now: datetime) -> None:
    """Have issues that are being prepared go when the rule and its zone say now."""
    with store.reading(fence.database) as tx:
        waiting = [
            one
            for one in periods.under_way(tx, list=list)
            if one.state in (SlotState.OPEN, SlotState.DRAFTED) and not recapped(one.name)
        ]
    for one in waiting:
        at = schedule.moved(chosen.rule, one.name, at=one.slot_at, now=now)
        if at != one.slot_at:
            with store.writing(fence.database, durable=True) as tx:
                periods.move(tx, one, at)


def recapped(period: str) -> str:
    """The month that the issue of a period sums up, "" for an issue of its own."""
    return period.removeprefix(_RECAP) if period.startswith(_RECAP) else ""


def _begun(
    fence: Fence,
    list: str,
    chosen: Schedule,
    since: datetime,
    known: Collection[str],
    now: datetime,
    *,
    named: Callable[[Slot], Slot] = lambda slot: slot,
) -> Iterator[Event]:
    found = schedule.decide(
        chosen.rule, since=since, known=known, lead=chosen.lead, max_lateness=chosen.max_lateness, now=now
    )
    due = found.due and named(found.due)
    missed = [named(slot) for slot in found.missed]
    if not missed and due is None:
        return
    with fence.writing() as tx:
        missed = [
            slot
            for slot in missed
            if periods.begin(tx, list, slot, SlotState.MISSED, note=_NOTHING_RAN, now=now)
        ]
        if missed:
            names = [slot.period for slot in missed]
            at, zone = missed[-1].at, chosen.rule.zone
            store_notices.add(tx, notices.missed(list, names, at=at, zone=zone, why=_NOTHING_RAN), now=now)
        begun = due is not None and periods.begin(tx, list, due, SlotState.OPEN, now=now)
    for slot in missed:
        yield Event("period.missed", {"list": list, "period": slot.period, "why": _NOTHING_RAN}, "warning")
    if due and begun:
        yield Event("period.begun", {"list": list, "period": due.period, "goes": due.at.isoformat()})


def _recap(slot: Slot) -> Slot:
    """The slot of a recap, named by the month that it sums up: the one before."""
    before = slot.local.replace(day=1) - timedelta(days=1)
    return replace(slot, period=f"{_RECAP}{before:%Y-%m}")


def _month_after(month: str) -> str:
    """The month in which a recap of that month goes."""
    year, number = map(int, month.split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02}"
