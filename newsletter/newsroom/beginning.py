"""Giving every slot that came up its row: one issue for each period of a list, one recap for each month."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from newsletter import notices, schedule, store
from newsletter.fence import Fence
from newsletter.model import Event, Goes, Period, Schedule, Slot, SlotState
from newsletter.schedule import Decision
from newsletter.store import notices as store_notices
from newsletter.store import periods, sendings

# What stands before the month in the name of a recap's period.
_RECAP = "recap-"
# What stands before the list in the name of its rule of recaps; no list is called so.
_RECAP_OF = "recap/"
# The words of that rule while no reader wants a recap.
_NOBODY = "nobody wants one"
# Periods that may come up are of this time.
_KNOWN = timedelta(days=100)
_NOTHING_RAN = "newsletter did not run in its time"


def begin(fence: Fence, list: str, chosen: Schedule, *, now: datetime) -> Iterator[Event]:
    """What happened: periods that began, and those whose time was over before. Raises: StoreError."""
    since = _since(fence.database, list, schedule.words(chosen.rule), now)
    _move(fence, list, chosen, now)
    with store.reading(fence.database) as tx:
        known = periods.names(tx, list, since=now - _KNOWN)
        busy = any(one.slot_at <= now for one in _preparing(tx, list))
        is_recap_wanted = chosen.goes is not Goes.WRITE and sendings.is_recap_wanted(tx, list=list)
    moments = {at for name, at in known.items() if not recapped(name)}
    found = _decided(chosen, since, known, now, moments=moments, busy=busy)
    yield from _begun(fence, list, chosen, found, now)
    recap = replace(chosen, rule=schedule.recap_rule(chosen.rule), lead=timedelta(0))
    # The first reader who wants recaps has missed none.
    wanted = schedule.words(recap.rule) if is_recap_wanted else _NOBODY
    since = _since(fence.database, f"{_RECAP_OF}{list}", wanted, now)
    if is_recap_wanted:
        months = {_month_after(month) for month in map(recapped, known) if month}
        found = _decided(recap, since, months, now)
        yield from _begun(fence, list, recap, found, now, named=_recap)


def _since(database: store.Engine, list: str, words: str, now: datetime) -> datetime:
    """Since when that rule holds, not from a moment to come. One that was just written has missed nothing."""
    with store.reading(database) as tx:
        since = periods.since(tx, list, words)
    if since is not None and since <= now:
        return since
    with store.writing(database, durable=True) as tx:
        return periods.set_rule(tx, list, words, now=now)


def _preparing(tx: store.Connection, list: str) -> tuple[Period, ...]:
    """The periods of the list whose issues have not set out, without recaps."""
    found = periods.under_way(tx, list=list)
    states = (SlotState.OPEN, SlotState.DRAFTED)
    return tuple(one for one in found if one.state in states and not recapped(one.name))


def _move(fence: Fence, list: str, chosen: Schedule, now: datetime) -> None:
    """Have issues that are being prepared go when the rule and its zone say now."""
    with store.reading(fence.database) as tx:
        waiting = _preparing(tx, list)
    for one in waiting:
        at = schedule.moved(chosen.rule, one.name, at=one.slot_at, now=now)
        if at != one.slot_at:
            with store.writing(fence.database, durable=True) as tx:
                periods.move(tx, one, at)


def _decided(
    chosen: Schedule,
    since: datetime,
    known: Collection[str],
    now: datetime,
    *,
    moments: Collection[datetime] = (),
    busy: bool = False,
) -> Decision:
    return schedule.decide(
        chosen.rule,
        since=since,
        known=known,
        lead=chosen.lead,
        max_lateness=chosen.max_lateness,
        now=now,
        moments=moments,
        busy=busy,
    )


def recapped(period: str) -> str:
    """The month that the issue of a period sums up, "" for an issue of its own."""
    return period.removeprefix(_RECAP) if period.startswith(_RECAP) else ""


def _begun(
    fence: Fence,
    list: str,
    chosen: Schedule,
    found: Decision,
    now: datetime,
    *,
    named: Callable[[Slot], Slot] = lambda slot: slot,
) -> Iterator[Event]:
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
