"""What comes next by the schedules, for whoever starts the process."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from newsletter import schedule
from newsletter.model import Event, Rule, Schedule, Slot

# How far it is looked ahead: a list has an issue every week as a rule, and every year at the least.
_AHEAD = (timedelta(days=8), timedelta(days=70), timedelta(days=800))


def coming(schedules: Mapping[str, Schedule], *, now: datetime) -> tuple[Event, ...]:
    """An event for each list: its next slot, on the clock of its place, and its rule."""
    return tuple(_coming(slug, one, now) for slug, one in schedules.items())


def _coming(slug: str, one: Schedule, now: datetime) -> Event:
    found = _next(one.rule, now)
    values: dict[str, str] = {"list": slug}
    if found:
        local = found.at.astimezone(ZoneInfo(one.rule.zone))
        values["period"] = found.period
        values["at"] = f"{local:%a} {local.day} {local:%b %Y %H:%M %Z}"
        values["in"] = _span(found.at - now)
    values["rule"] = schedule.words(one.rule)
    return Event("schedule.next", values, "info" if found else "warning")


def _next(rule: Rule, now: datetime) -> Slot | None:
    for ahead in _AHEAD:
        if found := schedule.slots(rule, after=now, until=now + ahead):
            return found[0]
    return None


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    days, hours = divmod(minutes // 60, 24)
    return f"{days} d {hours} h" if days else f"{hours} h {minutes % 60} min"
