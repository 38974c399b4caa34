"""One issue in each week, whatever happens to the clock on the wall: in every zone, at every change."""

import os
import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise, product
from zoneinfo import ZoneInfo

import pytest

from newsletter import schedule
from newsletter.model import Every, Rule
from tests.clock_changes import Change, zones

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
QUARTERS = [time(minute // 60, minute % 60) for minute in range(0, 24 * 60, 15)]
# Of the times of all weeks with a change so many are tried; by hand all of them: NEWSLETTER_TEST_RUNS=200.
SHARE = 1.0 if "NEWSLETTER_TEST_RUNS" in os.environ else 0.04
WEEK = timedelta(days=7)


def changes_by_week() -> dict[date, list[tuple[str, Change]]]:
    """Every change of every clock from 2024 to 2034, by the Monday of its week; zones that agree once."""
    found = defaultdict(list)
    for (_, all_changes), names in zones(first=2024, last=2034).items():
        for change in all_changes:
            day = (change.at + change.before).date()
            found[day - timedelta(days=day.weekday())].append((names[0], change))
    return found


def cases() -> Iterator[tuple[date, Change, Rule]]:
    """A change in the week of a Monday, and a rule of its place."""
    rng = random.Random(13)  # noqa: S311  to choose, not to hide
    for monday, found in changes_by_week().items():
        for on, at in product(DAYS, QUARTERS):
            at_all = rng.random() < SHARE
            local = datetime.combine(monday + timedelta(days=DAYS.index(on)), at)
            for name, change in found:
                if at_all or change.touches(local):
                    yield monday, change, Rule(Every.WEEK, (on,), (at,), name)


def wrong(rule: Rule, change: Change, monday: date) -> list[str]:
    """What is not as it should be in the three weeks about a change."""
    begin = datetime.combine(monday - WEEK, time(), UTC) - timedelta(days=1)
    found = schedule.slots(rule, after=begin, until=begin + 3 * WEEK + timedelta(days=2))
    slots = [slot for slot in found if monday - WEEK <= slot.local.date() < monday + 2 * WEEK]
    weeks = [(monday + WEEK * number).isocalendar() for number in (-1, 0, 1)]
    names = [f"{day.year}-W{day.week:02}" for day in weeks]
    problems = [] if [slot.period for slot in slots] == names else ["not one for each week"]
    problems += ["out of order" for before, after in pairwise(slots) if before.at >= after.at]
    day = timedelta(days=DAYS.index(rule.on[0]))
    for number, slot in enumerate(slots):
        written = datetime.combine(monday + WEEK * (number - 1) + day, rule.at[0])
        if (slot.local, slot.at) != (written, change.moment(written)):
            problems.append(f"{written} became {slot}")
    return [f"{rule}, {change}: {problem}" for problem in problems]


def test_every_zone_at_every_change_of_its_clock_has_one_issue_a_week() -> None:
    tried, problems = 0, []

    for monday, change, rule in cases():
        tried += 1
        problems += wrong(rule, change, monday)

    assert not problems
    assert tried > 15_000
    print(f"{tried:,} tried")


# Where and when, what is written, and the moment in UTC at which it goes.
FAMOUS = [
    ("Europe/Berlin", "2026-03-29 02:30", "2026-03-29 01:00"),  # skipped: when the clock says 03:00
    ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25 00:30"),  # twice: the first one
    ("Africa/Cairo", "2026-04-24 00:30", "2026-04-23 22:00"),  # the day begins at 01:00
    ("America/Havana", "2026-03-08 00:30", "2026-03-08 05:00"),
    ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45"),  # half an hour, twice
    ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:30"),  # half an hour, skipped
    ("Pacific/Apia", "2011-12-30 09:00", "2011-12-30 10:00"),  # a Friday that never was
    ("Africa/Casablanca", "2026-02-15 02:30", "2026-02-15 01:30"),  # Ramadan begins
    ("Africa/Casablanca", "2026-03-22 02:30", "2026-03-22 02:00"),
    ("Antarctica/Troll", "2026-03-29 02:30", "2026-03-29 01:00"),  # two hours
    ("Antarctica/Troll", "2026-10-25 01:30", "2026-10-24 23:30"),
    ("America/Nuuk", "2026-03-28 23:30", "2026-03-29 01:00"),  # the last hour of a day
]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def walked(rule: Rule, since: datetime, days: int) -> dict[str, datetime]:
    """Which periods begin, and when, where somebody looks every minute; none is missed."""
    began: dict[str, datetime] = {}
    for minute in range(days * 24 * 60):
        now = since + timedelta(minutes=minute)
        found = schedule.decide(
            rule, since=since, known=began, lead=timedelta(0), max_lateness=timedelta(hours=12), now=now
        )
        assert not found.missed
        if found.due:
            began[found.due.period] = now
    return began


@pytest.mark.parametrize(("zone", "written", "goes"), FAMOUS)
def test_a_list_that_is_looked_at_each_minute_has_one_issue_in_each_week(
    zone: str, written: str, goes: str
) -> None:
    local = datetime.fromisoformat(written)
    rule = Rule(Every.WEEK, (DAYS[local.weekday()],), (local.time(),), zone)
    since = moment(goes) - timedelta(days=8)

    began = walked(rule, since, 17)

    weeks = [(local + WEEK * number).isocalendar() for number in (-1, 0, 1)]
    assert [*began] == [f"{day.year}-W{day.week:02}" for day in weeks]
    assert [*began.values()][1] == moment(goes)


@pytest.mark.parametrize(("zone", "written", "goes"), FAMOUS)
def test_a_list_that_is_looked_at_each_minute_has_one_issue_on_each_day_that_there_is(
    zone: str, written: str, goes: str
) -> None:
    local = datetime.fromisoformat(written)
    since = moment(goes) - timedelta(days=2, hours=12)

    began = walked(Rule(Every.DAY, (), (local.time(),), zone), since, 5)

    dates = [str(date.fromisoformat(next(iter(began))) + timedelta(days=number)) for number in range(6)]
    assert [*began] == [day for day in dates if day != "2011-12-30"][:5]
    assert began.get(str(local.date()), moment(goes)) == moment(goes)


def test_times_that_the_clock_skips_together_are_one_issue() -> None:
    rule = Rule(Every.DAY, (), (time(2), time(2, 30), time(9)), "Europe/Berlin")

    found = schedule.slots(rule, after=moment("2026-03-28 12:00"), until=moment("2026-03-29 12:00"))

    assert [(slot.period, slot.at) for slot in found] == [
        ("2026-03-29", moment("2026-03-29 01:00")),
        ("2026-03-29.3", moment("2026-03-29 07:00")),
    ]


def test_a_time_that_the_clock_skips_up_to_midnight_leaves_the_next_day_its_own() -> None:
    rule = Rule(Every.DAY, (), (time(0), time(23, 30)), "America/Nuuk")

    found = schedule.slots(rule, after=moment("2026-03-28 12:00"), until=moment("2026-03-29 12:00"))

    assert [(slot.period, slot.at) for slot in found] == [("2026-03-29", moment("2026-03-29 01:00"))]


@pytest.mark.parametrize(
    ("written", "shift"),
    [
        ("2026-10-25 02:30", schedule.Shift.REPEATED),
        ("2026-03-29 02:30", schedule.Shift.SKIPPED),
        ("2026-10-25 03:00", schedule.Shift.NONE),
        ("2026-03-29 03:00", schedule.Shift.NONE),
    ],
)
def test_a_slot_tells_what_a_change_of_the_clock_does_to_it(written: str, shift: schedule.Shift) -> None:
    local, zone = datetime.fromisoformat(written), ZoneInfo("Europe/Berlin")
    rule = Rule(Every.DAY, (), (local.time(),), "Europe/Berlin")

    [slot] = schedule.slots(rule, after=moment(written) - timedelta(hours=5), until=moment(written))

    assert schedule.shift(slot, zone) is shift
