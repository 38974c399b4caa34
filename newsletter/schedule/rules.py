"""Reading a rule as an operator writes it, and saying it in words.

Days have names: whether 0 is a Sunday is something on which cron and APScheduler disagree, so that numbers
of weekdays are refused.
"""

import re
import zoneinfo
from collections.abc import Sequence
from datetime import date as Date
from datetime import time
from typing import TYPE_CHECKING

from newsletter.model import Every, Rule

if TYPE_CHECKING:  # a render needs none
    from apscheduler.triggers.cron import CronTrigger

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WHICH = ("first", "second", "third", "fourth", "last")
# The last day that every month has.
_LAST_OF_ALL = 28
_CRON_DAYS = re.compile(r"[*]|[a-z]{3}([-,][a-z]{3})*")


def rule(
    *,
    every: str = "",
    on: Sequence[str] = (),
    at: Sequence[time] = (),
    zone: str = "UTC",
    starting: Date | None = None,
    cron: str = "",
) -> Rule:
    """The rule that was written. Raises: ValueError, in the words of whoever wrote it."""
    if zone not in zoneinfo.available_timezones():
        raise ValueError(f"no time zone {zone!r}; write a name such as Europe/Berlin or UTC")
    if cron:
        if every or on or at:
            raise ValueError("write either cron, or every, on and at")
        return Rule(Every.CRON, (), (), zone, starting, _cron(cron))
    chosen = Every(every)
    days = tuple(_day(chosen, one.strip().lower()) for one in on)
    if chosen in (Every.DAY, Every.WEEKDAY) and days:
        raise ValueError(f'on goes with every = "week", "two weeks" or "month", not with "{chosen}"')
    if chosen not in (Every.DAY, Every.WEEKDAY) and not days:
        example = "first tuesday" if chosen is Every.MONTH else "tuesday"
        raise ValueError(f'say the day, such as on = "{example}"')
    times = tuple(sorted(set(at or (time(9),))))
    return Rule(chosen, tuple(dict.fromkeys(days)), times, zone, starting)


def recap_rule(rule: Rule) -> Rule:
    """When readers who want no more than a recap of each month get it: on the first day of the next."""
    return Rule(Every.MONTH, ("1",), rule.at[:1] or (time(9),), rule.zone)


def words(rule: Rule) -> str:
    """The rule as a person would say it, and another one for another rule."""
    starting = f", from {rule.starting} on" if rule.starting else ""
    if rule.cron:
        return f"cron {rule.cron}{starting} ({rule.zone})"
    on = f" on {_and(rule.on)}" if rule.on else ""
    at = _and([f"{one:%H:%M}" for one in rule.at])
    return f"every {rule.every}{on} at {at}{starting} ({rule.zone})"


def triggers(rule: Rule) -> tuple["CronTrigger", ...]:
    """What names the rule's moments on a clock that is never changed, one for each day and time."""
    from apscheduler.triggers.cron import CronTrigger

    if rule.cron:
        return (CronTrigger.from_crontab(rule.cron, timezone="UTC"),)
    return tuple(
        CronTrigger(hour=at.hour, minute=at.minute, timezone="UTC", **_fields(rule.every, on))
        for at in rule.at
        for on in rule.on or ("",)
    )


def _fields(every: Every, on: str) -> dict[str, str]:
    match every:
        case Every.DAY:
            return {}
        case Every.WEEKDAY:
            return {"day_of_week": "mon-fri"}
        case Every.MONTH:
            return {"day": _day_of_month(on)}
        case _:
            return {"day_of_week": on[:3]}


def _day_of_month(on: str) -> str:
    if on.isdigit():
        return on
    which, _, day = on.partition(" ")
    if day == "day":
        return "last"
    number = "last" if which == "last" else ("1st", "2nd", "3rd", "4th")[_WHICH.index(which)]
    return f"{number} {day[:3]}"


def _day(every: Every, text: str) -> str:
    if every is Every.MONTH:
        which, _, day = text.partition(" ")
        if text.isdigit() and 1 <= int(text) <= _LAST_OF_ALL:
            return str(int(text))
        if (which in _WHICH and day in DAYS) or text == "last day":
            return text
        examples = '"first tuesday", "last friday", "15" (up to 28) or "last day"'
        raise ValueError(f"no day of a month: {text!r}; write such as {examples}")
    found = [day for day in DAYS if text in (day, day[:3])]
    if not found:
        hint = "; a number means another day to each program" if text.isdigit() else ""
        raise ValueError(f"no day of the week: {text!r}; write such as tuesday{hint}")
    return found[0]


def _cron(text: str) -> str:
    from apscheduler.triggers.cron import CronTrigger

    fields = text.lower().split()
    if len(fields) != 5:
        raise ValueError("a line of cron has five fields: minute, hour, day, month, day of the week")
    if not _CRON_DAYS.fullmatch(fields[4]):
        hint = "a number means another day to each program"
        raise ValueError(f"days of the week by names, such as tue or mon-fri, not {fields[4]!r}: {hint}")
    try:
        CronTrigger.from_crontab(" ".join(fields), timezone="UTC")
    except ValueError as error:
        raise ValueError(f"not a line of cron: {error}") from error
    return " ".join(fields)


def _and(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
