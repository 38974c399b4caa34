"""The moments that a rule names, each with the period whose issue it is.

A rule speaks of a clock on a wall. Where that clock is put back, a time that it shows twice counts once, the
first time; where it is put forward, a time that it never shows stands for the moment at which it is put
forward. So every period has its issue, and no period has two. A day that a place skips as a whole is none:
a list of every day has no issue on it, a list of every week has its issue when the next day begins. Several
times that come to one moment in this way are one: nobody gets two issues at once.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from datetime import date as Date
from enum import StrEnum
from functools import lru_cache
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from newsletter.model import Every, Rule, Slot
from newsletter.schedule import rules

# A Monday, from which weeks are counted where a rule says no other.
_FIRST_MONDAY = Date(2024, 1, 1)
# A clock is at most so far from UTC, and a slot at most so far from its moment.
_MARGIN = timedelta(days=3)
_DAY = timedelta(days=1)
# The smallest gap of a rule shows in so many slots, and within five weeks, nine years for months and cron.
_SHOWING = 400
_WEEKS, _YEARS = (Date(2024, 1, 1), Date(2024, 2, 4)), (Date(2024, 1, 1), Date(2032, 12, 31))
# How far ahead the next slots are looked for, in days: first where those of most rules are.
_AHEAD = (12, 80, 400, 3660)


class Shift(StrEnum):
    """What a clock that is changed does to a slot."""

    NONE = ""
    REPEATED = "repeated"  # the clock shows its time twice, and the first one counts
    SKIPPED = "skipped"  # the clock never shows its time, and it is the moment of the change


def slots(rule: Rule, *, after: datetime, until: datetime) -> tuple[Slot, ...]:
    """The slots after a moment and up to another, in their order."""
    first = _begin_of_period(rule, (after - _MARGIN).date())
    found = _found(rule, ZoneInfo(rule.zone), first, (until + _MARGIN).date())
    return tuple(slot for slot in found if after < slot.at <= until)


def coming(rule: Rule, *, after: datetime, most: int) -> tuple[Slot, ...]:
    """The next slots after a moment, at most so many, and those of the next ten years."""
    found: tuple[Slot, ...] = ()
    for days in _AHEAD:
        found = slots(rule, after=after, until=after + timedelta(days=days))
        if len(found) >= most:
            break
    return found[:most]


def gap(rule: Rule) -> timedelta | None:
    """The smallest time between two slots, on a clock that is not changed; None where hardly any comes."""
    window = _YEARS if rule.every in (Every.MONTH, Every.CRON) else _WEEKS
    shown = (local for _, local in _named(replace(rule, starting=None), *window))
    return min((after - before for before, after in pairwise(islice(shown, _SHOWING))), default=None)


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which a clock of that zone shows a time, in UTC: the first of two.

    For a time that it never shows, the moment at which it is put forward. local: naive.
    """
    first = local.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == local:
        return first
    early, late = local.replace(tzinfo=zone, fold=1).astimezone(UTC), first
    return _change(zone, early, late)


def shift(slot: Slot, zone: ZoneInfo) -> Shift:
    """What a change of the clock does to the slot."""
    if slot.at.astimezone(zone).replace(tzinfo=None) != slot.local:
        return Shift.SKIPPED
    again = slot.local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return Shift.NONE if again == slot.at else Shift.REPEATED


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


# The zone is the one that was read, so that another edition of its rules has slots of its own.
@lru_cache(maxsize=256)
def _found(rule: Rule, zone: ZoneInfo, first: Date, last: Date) -> tuple[Slot, ...]:
    found: dict[datetime, tuple[int, Slot]] = {}
    for (name, number), local in _walls(replace(rule, zone="UTC"), first, last):
        if not _is_there(rule, local, zone):
            continue
        slot = Slot(name if number == 1 else f"{name}.{number}", instant(local, zone), local)
        # Of two that come to one moment the first of its period stays, so that each has one.
        before = found.get(slot.at)
        if before is None or number <= before[0]:
            found[slot.at] = number, slot
    return tuple(found[at][1] for at in sorted(found))


def _is_there(rule: Rule, local: datetime, zone: ZoneInfo) -> bool:
    """Whether the period exists at all: not a day that was skipped."""
    if rule.every not in (Every.DAY, Every.WEEKDAY, Every.CRON):
        return True
    # Its first moment, not its last: in Nuuk the clock is put forward an hour before midnight.
    return instant(datetime.combine(local.date(), time()), zone).astimezone(zone).date() == local.date()


def _begin_of_period(rule: Rule, day: Date) -> Date:
    """The first day of the period that holds the day: the slots of a period are numbered from there."""
    if rule.every is Every.MONTH:
        return day.replace(day=1)
    if rule.every in (Every.WEEK, Every.TWO_WEEKS):
        return day - timedelta(days=day.weekday())
    return day


@lru_cache(maxsize=256)
def _walls(rule: Rule, first: Date, last: Date) -> tuple[tuple[tuple[str, int], datetime], ...]:
    return tuple(_named(rule, first, last))


def _named(rule: Rule, first: Date, last: Date) -> Iterator[tuple[tuple[str, int], datetime]]:
    """Each time that the rule names from one day to another, with its period and its number in that."""
    before, number = "", 0
    for local in _times(rule, first, last):
        name = _period(rule, local.date())
        if not name:
            continue
        number = number + 1 if name == before else 1
        before = name
        yield (name, number), local


def _times(rule: Rule, first: Date, last: Date) -> Iterator[datetime]:
    if rule.starting:
        first = max(first, rule.starting)
    if rule.cron:
        yield from _fired(rule.cron, first, last)
        return
    times = sorted(set(rule.at))
    for number in range((last - first).days + 1):
        day = first + number * _DAY
        if rules.names(rule, day):
            yield from (datetime.combine(day, at) for at in times)


def _fired(line: str, first: Date, last: Date) -> Iterator[datetime]:
    """Each time of a line of cron on a clock that is never changed."""
    from apscheduler.triggers.cron import CronTrigger  # a render needs none

    trigger = CronTrigger.from_crontab(line, timezone="UTC")
    trigger.end_date = datetime.combine(last + _DAY, time(), UTC) - timedelta(seconds=1)
    fired = trigger.get_next_fire_time(None, datetime.combine(first, time(), UTC))
    while fired is not None:
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
            start = _first_day(rule)
            weeks = (day - timedelta(days=day.weekday()) - start + timedelta(days=start.weekday())).days // 7
            return "" if weeks % 2 else _week(day)
        case _:
            return day.isoformat()


def _first_day(rule: Rule) -> Date:
    """The first day from the beginning of the rule on that it names."""
    if rule.starting is None:
        return _FIRST_MONDAY
    begin = rule.starting.weekday()
    return rule.starting + timedelta(days=min((rules.DAYS.index(on) - begin) % 7 for on in rule.on))


def _week(day: Date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
