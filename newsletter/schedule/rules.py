"""Reading a rule as an operator writes it, and saying it in words.

Days have names: whether 0 is a Sunday is something on which cron and APScheduler disagree, so that numbers
of weekdays are refused. So is a line of cron with a day of the month and one of the week: cron means either
of them, APScheduler both.
"""

import difflib
import re
import zoneinfo
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from datetime import date as Date
from functools import lru_cache
from zoneinfo import ZoneInfo

from newsletter.model import Every, Rule

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# More issues in a day than that are a mistake.
MOST_A_DAY = 24
_WHICH = ("first", "second", "third", "fourth", "last")
# The last day that every month has.
_LAST_OF_ALL = 28
_CRON_DAYS = re.compile(r"[*]|[a-z]{3}([-,][a-z]{3})*")
_NUMBER_HINT = "a number means another day to each program"
# Files beside the zones that are none, or count leap seconds.
_NO_ZONES = ("posix", "right/", "localtime", "Factory")
# Within eight years every date of the calendar comes, a 29 February too, for a hundred years from now.
_BEGIN, _END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2033, 1, 1, tzinfo=UTC)


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
    place = time_zone(zone)
    if cron:
        if every or on or at:
            raise ValueError("write either cron, or every, on and at")
        return Rule(Every.CRON, (), (), place, starting, cron_line(cron))
    if every not in [*Every] or every == Every.CRON:
        raise ValueError(f'write "day", "weekday", "week", "two weeks" or "month", not {every!r}')
    chosen = Every(every)
    return Rule(chosen, days(chosen, on), times(at or (time(9),)), place, starting)


def recap_rule(rule: Rule) -> Rule:
    """When readers who want no more than a recap of each month get it: on the first day of the next."""
    return Rule(Every.MONTH, ("1",), rule.at[:1] or (time(9),), rule.zone)


def time_zone(text: str) -> str:
    """The name of a time zone. Raises: ValueError, with the nearest that there is."""
    try:
        if not text.startswith(_NO_ZONES):
            return ZoneInfo(text).key
    # A folder of zones is none, nor is a path out of it.
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        pass
    near = _nearest(text.lower())
    hint = f"did you mean {near!r}?" if near else "write a name such as Europe/Berlin or UTC"
    raise ValueError(f"no time zone {text!r}; {hint}")


def days(every: Every, on: Sequence[str]) -> tuple[str, ...]:
    """The days that were written for such a rule, each once. Raises: ValueError."""
    if every in (Every.DAY, Every.WEEKDAY):
        if on:
            raise ValueError(f'on goes with every = "week", "two weeks" or "month", not with "{every}"')
        return ()
    if not on:
        example = "first tuesday" if every is Every.MONTH else "tuesday"
        raise ValueError(f'say the day, such as on = "{example}"')
    read = _day_in_month if every is Every.MONTH else _weekday
    found = dict.fromkeys(read(" ".join(one.lower().split())) for one in on)
    return tuple(found) if every is Every.MONTH else tuple(sorted(found, key=DAYS.index))


def times(at: Sequence[time]) -> tuple[time, ...]:
    """The times of a day in their order, each once. Raises: ValueError."""
    if not at:
        raise ValueError('say the time, such as at = "09:00"')
    for one in at:
        if one.tzinfo is not None:
            raise ValueError(f"{one} has a zone of its own; write the time alone, and timezone beside it")
        if one.second or one.microsecond:
            raise ValueError(f'{one} is not a whole minute; write a time such as "09:00"')
    if len(set(at)) > MOST_A_DAY:
        raise ValueError(f"{len(set(at))} issues a day; {MOST_A_DAY} are the most")
    return tuple(sorted(set(at)))


@lru_cache(maxsize=64)
def cron_line(text: str) -> str:
    """The five fields of a line of cron. Raises: ValueError."""
    fields = text.lower().split()
    if len(fields) != 5:
        problem = "a line of cron has five fields: minute, hour, day, month, day of the week"
        raise ValueError(f'{problem}; write such as "0 9 * * tue", not {text!r}')
    if not _CRON_DAYS.fullmatch(fields[4]):
        problem = f"days of the week by names, such as tue or mon-fri, not {fields[4]!r}"
        raise ValueError(f"{problem}: {_NUMBER_HINT}" if re.search(r"\d", fields[4]) else problem)
    if fields[2] != "*" and fields[4] != "*":
        problem = "a day of the month and one of the week: programs disagree whether one or both have to fit"
        raise ValueError(f'{problem}; write such as every = "month" and on = "first tuesday"')
    line = " ".join(fields)
    _fires(line)
    return line


def words(rule: Rule) -> str:
    """The rule as a person would say it, and another one for another rule."""
    starting = f", from {rule.starting} on" if rule.starting else ""
    if rule.cron:
        return f"cron {rule.cron}{starting} ({rule.zone})"
    on = f" on {_and(rule.on)}" if rule.on else ""
    at = _and([f"{one:%H:%M}" for one in rule.at])
    return f"every {rule.every}{on} at {at}{starting} ({rule.zone})"


def names(rule: Rule, day: Date) -> bool:
    """Whether a rule without a line of cron names such a day, in either of two weeks."""
    match rule.every:
        case Every.DAY:
            return True
        case Every.WEEKDAY:
            return day.weekday() < DAYS.index("saturday")
        case Every.MONTH:
            return any(_is(on, day) for on in rule.on)
        case _:
            return DAYS[day.weekday()] in rule.on


def _nearest(text: str) -> str:
    """The name of a zone that is meant by its town, or written with a slip; "" for none."""
    # Not those that name no place: Etc/GMT+1 is an hour behind GMT, and nobody who writes GMT+1 means that.
    places = (name for name in sorted(zoneinfo.available_timezones()) if not name.startswith("Etc/"))
    names = {name.lower(): name for name in places if "/" in name}
    of_town = [name for name in names if name.endswith(f"/{text}")]
    near = of_town or difflib.get_close_matches(text, [*names], n=1, cutoff=0.8)
    return names[near[0]] if near else ""


def _fires(line: str) -> None:
    """Nothing for a line that names a moment now and then. Raises: ValueError."""
    from apscheduler.triggers.cron import CronTrigger  # a render needs none

    try:
        trigger = CronTrigger.from_crontab(line, timezone="UTC")
    except ValueError as error:
        raise ValueError(f"not a line of cron: {error}") from error
    # Without an end it would be looked for up to the year 9999.
    trigger.end_date = _END
    first = fired = trigger.get_next_fire_time(None, _BEGIN)
    if first is None:
        raise ValueError(f"{line!r} never comes: no month has that day")
    number = 0
    while fired and fired.date() == first.date():
        number += 1
        if number > MOST_A_DAY:
            raise ValueError(f"{line!r} is more than {MOST_A_DAY} issues a day")
        fired = trigger.get_next_fire_time(fired, fired)


def _is(on: str, day: Date) -> bool:
    """Whether that is the day of its month that was written."""
    if on.isdigit():
        return day.day == int(on)
    which, _, name = on.partition(" ")
    week = timedelta(days=1 if name == "day" else 7)
    if name not in ("day", DAYS[day.weekday()]):
        return False
    return (day + week).month != day.month if which == "last" else (day.day - 1) // 7 == _WHICH.index(which)


def _day_in_month(text: str) -> str:
    if text.isdecimal() and 1 <= int(text) <= _LAST_OF_ALL:
        return str(int(text))
    which, _, day = text.partition(" ")
    found = [one for one in DAYS if day in (one, one[:3])]
    if which in _WHICH and found:
        return f"{which} {found[0]}"
    if text == "last day":
        return text
    examples = '"first tuesday", "last friday", "15" (up to 28) or "last day"'
    raise ValueError(f"no day of a month: {text!r}; write such as {examples}")


def _weekday(text: str) -> str:
    found = [day for day in DAYS if text in (day, day[:3])]
    if not found:
        hint = f"; {_NUMBER_HINT}" if text.isdigit() else ""
        raise ValueError(f"no day of the week: {text!r}; write such as tuesday{hint}")
    return found[0]


def _and(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
