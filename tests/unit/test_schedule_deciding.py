"""What is due at a moment: late issues once, missed ones told, and no issue twice."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

import pytest

from newsletter import schedule
from newsletter.model import Rule
from newsletter.schedule import Decision

WEEKLY = schedule.rule(every="week", on=["tue"], at=[time(9)], zone="Europe/Berlin")
DAILY = schedule.rule(every="day", at=[time(9)])
HOUR = timedelta(hours=1)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# A Tuesday, and long before it; the slot is at 08:00 UTC.
TUESDAY, BEFORE = moment("2026-11-24T08:00"), moment("2026-11-01T00:00")


def decided(
    rule: Rule,
    now: datetime,
    *,
    known: Collection[str] = ("2026-W45", "2026-W46", "2026-W47"),
    since: datetime = BEFORE,
    lead: timedelta = timedelta(0),
    max_lateness: timedelta = 12 * HOUR,
) -> Decision:
    return schedule.decide(rule, since=since, known=known, lead=lead, max_lateness=max_lateness, now=now)


def told(decision: Decision) -> tuple[str, list[str]]:
    return decision.due.period if decision.due else "", [slot.period for slot in decision.missed]


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        (timedelta(seconds=-1), ("", [])),
        (timedelta(0), ("2026-W48", [])),
        (timedelta(seconds=3), ("2026-W48", [])),
        (timedelta(minutes=5), ("2026-W48", [])),
        (11 * HOUR, ("2026-W48", [])),
        (12 * HOUR, ("2026-W48", [])),
        (13 * HOUR, ("", ["2026-W48"])),
        (timedelta(days=6), ("", ["2026-W48"])),
        (timedelta(days=7), ("2026-W49", ["2026-W48"])),
    ],
)
def test_an_issue_is_made_up_for_once_while_it_is_not_too_late(
    late: timedelta, expected: tuple[str, list[str]]
) -> None:
    assert told(decided(WEEKLY, TUESDAY + late)) == expected


def test_after_three_weeks_without_power_one_issue_goes_and_the_others_are_missed() -> None:
    found = decided(WEEKLY, TUESDAY + timedelta(days=21, hours=2))

    assert told(found) == ("2026-W51", ["2026-W48", "2026-W49", "2026-W50"])


def test_after_a_year_without_power_the_last_two_months_are_told() -> None:
    found = decided(WEEKLY, TUESDAY + timedelta(days=364))

    assert found.due is not None
    assert found.due.period == "2027-W47"
    assert len(found.missed) == 8


def test_of_several_that_are_due_at_once_the_last_one_goes() -> None:
    rule = schedule.rule(every="day", at=[time(9), time(10), time(11)])

    found = decided(rule, moment("2026-11-24T11:30"), since=moment("2026-11-24T00:00"))

    assert told(found) == ("2026-11-24.3", ["2026-11-24", "2026-11-24.2"])


def test_an_issue_is_not_late_into_its_successor() -> None:
    noon = moment("2026-11-25T12:00")
    since = moment("2026-11-24T00:00")

    found = decided(DAILY, noon, known=("2026-11-25",), since=since, max_lateness=144 * HOUR)

    assert told(found) == ("", ["2026-11-24"])


@pytest.mark.parametrize(
    ("lateness", "expected"),
    [(12 * HOUR, "2026-11-24T21:00"), (24 * HOUR, "2026-11-25T09:00"), (144 * HOUR, "2026-11-25T09:00")],
)
def test_an_issue_may_go_until_it_is_time_for_the_next_one(lateness: timedelta, expected: str) -> None:
    at = moment("2026-11-24T09:00")

    assert schedule.deadline(DAILY, at, max_lateness=lateness) == moment(expected)


def test_an_issue_begins_before_its_time_by_its_lead() -> None:
    early, now = TUESDAY - timedelta(hours=24, seconds=1), TUESDAY - 24 * HOUR

    assert told(decided(WEEKLY, early, lead=24 * HOUR)) == ("", [])
    assert told(decided(WEEKLY, now, lead=24 * HOUR)) == ("2026-W48", [])


def test_a_late_issue_goes_before_the_next_one_begins() -> None:
    since, now = moment("2026-11-24T00:00"), moment("2026-11-24T10:00")

    first = decided(DAILY, now, since=since, lead=24 * HOUR)
    second = decided(DAILY, now, since=since, lead=24 * HOUR, known=("2026-11-24",))

    assert told(first) == ("2026-11-24", [])
    assert told(second) == ("2026-11-25", [])


def test_no_issue_begins_before_the_time_of_the_one_before_it() -> None:
    known = ("2026-11-24",)
    since = moment("2026-11-24T00:00")

    held = decided(DAILY, moment("2026-11-24T08:59"), since=since, known=known, lead=336 * HOUR)
    gone = decided(DAILY, moment("2026-11-24T09:00"), since=since, known=known, lead=336 * HOUR)

    assert told(held) == ("", [])
    assert told(gone) == ("2026-11-25", [])


def test_a_rule_that_was_just_written_has_missed_nothing() -> None:
    now = TUESDAY + timedelta(seconds=1)

    assert told(decided(WEEKLY, now, known=(), since=now)) == ("", [])
    assert told(decided(WEEKLY, now, known=(), since=now, lead=168 * HOUR)) == ("2026-W49", [])


# What the schedule is now, what the list had before, and what it has in the next ten days.
EDITS = [
    # From Monday to Thursday after Monday's issue: not again in this week.
    ({"every": "week", "on": ["thu"]}, ("2026-W48",), ["2026-W49"]),
    # Before Monday's issue went: on Thursday.
    ({"every": "week", "on": ["thu"]}, (), ["2026-W48", "2026-W49"]),
    # From Monday to Monday and Thursday: Thursday's is the second one of the week.
    ({"every": "week", "on": ["mon", "thu"]}, ("2026-W48",), ["2026-W48.2", "2026-W49", "2026-W49.2"]),
    # From Monday and Thursday to Wednesday, with Monday's gone.
    ({"every": "week", "on": ["wed"]}, ("2026-W48",), ["2026-W49"]),
    # To every second week, of which this is one.
    ({"every": "two weeks", "on": ["thu"], "starting": date(2026, 11, 23)}, ("2026-W48",), []),
    # To a month: another kind of period, which had no issue yet.
    ({"every": "month", "on": ["last friday"]}, ("2026-W48",), ["2026-11"]),
    (
        {"every": "weekday"},
        ("2026-W48",),
        [f"2026-11-{day}" for day in (25, 26, 27, 30)] + [f"2026-12-0{day}" for day in (1, 2, 3, 4)],
    ),
    # The same day at a later time, and in another place.
    ({"every": "week", "on": ["mon"], "at": [time(23)]}, ("2026-W48",), ["2026-W49"]),
    ({"every": "week", "on": ["tue"], "zone": "Pacific/Niue"}, ("2026-W48",), ["2026-W49"]),
]


@pytest.mark.parametrize(("text", "known", "expected"), EDITS)
def test_a_schedule_that_is_edited_in_the_midst_of_a_week_repeats_nothing(
    text: dict[str, object], known: tuple[str, ...], expected: list[str]
) -> None:
    rule = schedule.rule(**text)  # type: ignore[arg-type]
    edited = moment("2026-11-24T12:00")  # the Tuesday after Monday the 23rd
    began = [*known]

    for hour in range(10 * 24):
        found = decided(rule, edited + hour * HOUR, known=began, since=edited)
        assert not found.missed
        began += [found.due.period] if found.due else []

    assert began == [*known, *expected]


@pytest.mark.parametrize("jump", [timedelta(hours=-2), timedelta(days=-30), timedelta(days=365)])
def test_a_clock_that_jumps_and_comes_back_repeats_nothing(jump: timedelta) -> None:
    known = {"2026-W45", "2026-W46", "2026-W47", "2026-W48"}
    now = TUESDAY + HOUR

    elsewhere = decided(WEEKLY, now + jump, known=known)
    known |= {elsewhere.due.period} if elsewhere.due else set()
    known |= {slot.period for slot in elsewhere.missed}

    assert told(decided(WEEKLY, now, known=known)) == ("", [])
    assert told(decided(WEEKLY, now + timedelta(days=7), known=known)) == ("2026-W49", [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ({"every": "week", "on": ["thu"]}, "2026-11-26T09:00"),
        ({"every": "week", "on": ["wed"], "at": [time(17)]}, "2026-11-25T17:00"),
        ({"every": "week", "on": ["mon"]}, "2026-11-25T09:00"),  # which is over: it goes when it should have
        ({"every": "month", "on": ["last day"]}, "2026-11-25T09:00"),  # which has no such period
    ],
)
def test_a_draft_goes_when_an_edited_schedule_says(text: dict[str, object], expected: str) -> None:
    rule = schedule.rule(**text)  # type: ignore[arg-type]

    goes = schedule.moved(rule, "2026-W48", at=moment("2026-11-25T09:00"), now=moment("2026-11-24T12:00"))

    assert goes == moment(expected)


def test_an_issue_that_is_late_stays_at_its_time() -> None:
    at = moment("2026-11-24T08:00")

    assert schedule.moved(WEEKLY, "2026-W48", at=at, now=at + HOUR) == at
    assert schedule.moved(WEEKLY, "2026-W48", at=at, now=at - HOUR) == at
