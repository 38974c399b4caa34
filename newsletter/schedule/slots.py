"""The moments that a rule names, each with the period whose issue it is.

A rule speaks of a clock on a wall. Where that clock is put back, a time that it shows twice counts once, the
first time; where it is put forward, a time that it never shows stands for the moment at which it is put
forward. So every period has its issue, and no period has two. A day that a place skips as a whole is none:
a list of every day has no issue on it, a list of every week has its issue when the next day begins.
"""

import heapq
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from datetime import date as Date
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from newsletter.model import Every, Rule, Slot
from newsletter.schedule import rules

if TYPE_CHECKING:  # a render needs none
    from apscheduler.triggers.cron import CronTrigger

# A Monday, from which weeks are counted where a rule says no other.
_FIRST_MONDAY = Date(2024, 1, 1)
# A clock is at most so far from UTC, and a slot at most so far from its moment.
_MARGIN = timedelta(days=3)
_DAY = timedelta(days=1)


def slots(rule: Rule, *, after: datetime, until: datetime) -> tuple[Slot, ...]:
    """The slots after a moment and up to another, in their order."""
    first = _begin_of_period(rule, (after - _MARGIN).date())
    found = _named(rule, first, (until + _MARGIN).date())
    zone = ZoneInfo(rule.zone)
    named = (
        Slot(period, instant(local, zone), local) for period, local in found if _is_there(rule, local, zone)
    )
    within = (slot for slot in named if after < slot.at <= until)
    return tuple(sorted(within, key=lambda slot: (slot.at, slot.local)))


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which a clock of that zone shows a time, in UTC: the first of two.

    For a time that it never shows, the moment at which it is put forward. local: naive.
    """
    first = local.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == local:
        return first
    early, late = local.replace(tzinfo=zone, fold=1).astimezone(UTC), first
    return _change(zone, early, late)


def _change(zone: ZoneInfo, early: datetime, late: datetime) -> datetime:
    """The moment between two at which the clock of the zone is put forward, to the second."""
    before = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = (early + (late - early) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late


def _is_there(rule: Rule, local: datetime, zone: ZoneInfo) -> bool:
    """Whether the period exists at all: not a day that was skipped."""
    if rule.every not in (Every.DAY, Every.WEEKDAY, Every.CRON):
        return True
    return instant(datetime.combine(local.date(), time(23, 59)), zone).astimezone(zone).date() == local.date()


def _begin_of_period(rule: Rule, day: Date) -> Date:
    """The first day of the period that holds the day: the slots of a period are numbered from there."""
    if rule.every is Every.MONTH:
        return day.replace(day=1)
    if rule.every in (Every.WEEK, Every.TWO_WEEKS):
        return day - timedelta(days=day.weekday())
    return day


def _named(rule: Rule, first: Date, last: Date) -> Iterator[tuple[str, datetime]]:
    """Each time that the rule names from one day to another, with its period."""
    before, number = "", 0
    for local in _times(rule, first, last):
        name = _period(rule, local.date())
        if not name:
            continue
        number = number + 1 if name == before else 1
        before = name
        yield name if number == 1 else f"{name}.{number}", local


@lru_cache(maxsize=256)
def _times(rule: Rule, first: Date, last: Date) -> tuple[datetime, ...]:
    if rule.starting:
        first = max(first, rule.starting)
    fired = (_fired(trigger, first, last) for trigger in rules.triggers(rule))
    return tuple(dict.fromkeys(heapq.merge(*fired)))


def _fired(trigger: "CronTrigger", first: Date, last: Date) -> Iterator[datetime]:
    now = datetime.combine(first, time(), UTC)
    end = datetime.combine(last + _DAY, time(), UTC)
    fired = trigger.get_next_fire_time(None, now)
    while fired is not None and fired < end:
        yield fired.replace(tzinfo=None)
        fired = trigger.get_next_fire_time(fired, fired)


def _period(rule: Rule, day: Date) -> str:
    """What the period is called that the day is in, "" for a week without an issue."""
    match rule.every:
        case Every.MONTH:
            return f"{day:%Y-%m}"
        case Every.WEEK:
            return _week(day)
        case Every.TWO_WEEKS:
            start = rule.starting or _FIRST_MONDAY
            weeks = (day - timedelta(days=day.weekday()) - start + timedelta(days=start.weekday())).days // 7
            return "" if weeks % 2 else _week(day)
        case _:
            return day.isoformat()


def _week(day: Date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
