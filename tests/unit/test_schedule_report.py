"""What an operator sees of a schedule."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from newsletter import schedule, schedule_report
from newsletter.model import Goes, Period, Schedule, SlotState, Unapproved
from newsletter.report import tab_separated
from newsletter.schedule_report import Timetable

NOW = datetime(2026, 3, 25, 9, 30, tzinfo=UTC)
SUNDAYS = Schedule(schedule.rule(every="week", on=["sun"], at=[time(2, 30)], zone="Europe/Berlin"))
PAST = Period(1, "weekly", "2026-W12", NOW - timedelta(days=3), SlotState.DONE, 7, "sent to 12", 1, NOW, NOW)


def table(chosen: Schedule | None = SUNDAYS, *, now: datetime = NOW, most: int = 2) -> Timetable:
    coming = schedule.coming(chosen.rule, after=now, most=most) if chosen else ()
    return Timetable("weekly", chosen, Path("issues"), coming, (PAST,), {7: "weekly/12"})


def test_a_run_that_the_clock_skips_is_marked_and_told() -> None:
    assert tab_separated(schedule_report.coming_table(table(), now=NOW)).splitlines() == [
        "weekly: every week on sunday at 02:30 (Europe/Berlin)",
        "period\tlocal time\tUTC\tin\tthe clock",
        "2026-W13\tSun 2026-03-29 03:00 CEST\tSun 01:00\t3 d 15 h\tskips 02:30",
        "2026-W14\tSun 2026-04-05 02:30 CEST\tSun 00:30\t10 d 15 h\t",
    ]
    assert schedule_report.notes_text(table()) == "2026-W13: the clock skips 02:30; goes at 03:00"


def test_a_run_that_the_clock_shows_twice_goes_at_the_first() -> None:
    autumn = table(now=NOW.replace(month=10, day=20), most=1)

    assert schedule_report.notes_text(autumn) == "2026-W43: the clock repeats 02:30; goes at the first of two"
    assert autumn.coming[0].at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_what_became_of_the_last_periods_is_shown_with_their_issues() -> None:
    assert tab_separated(schedule_report.past_table(table())).splitlines() == [
        "weekly, so far",
        "period\tshould go\tstate\tissue\tnote",
        "2026-W12\tSun 2026-03-22 10:30 CET\tdone\tweekly/12\tsent to 12",
    ]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, "at its time; nobody has to approve it; it goes to its readers, at most 12 h late."),
        (
            {"lead": timedelta(hours=24), "approval": True, "editor": "ada@example.org"},
            "24 h before; ada@example.org approves it, and without it the issue waits as long as it may be "
            "late; it goes to its readers, at most 12 h late.",
        ),
        (
            {"approval": True, "unapproved": Unapproved.SKIP, "goes": Goes.WRITE},
            "at its time; somebody approves it, and without it there is no issue; it goes into the folder "
            "issues, at most 12 h late.",
        ),
        (
            {"editor": "ada@example.org", "goes": Goes.BOTH, "max_lateness": timedelta(hours=1.5)},
            "at its time; nobody has to approve it; it goes to its readers and into the folder issues, at "
            "most 1.5 h late; ada@example.org is told.",
        ),
    ],
)
def test_how_an_issue_comes_about_is_told_in_a_line(values: dict[str, object], told: str) -> None:
    chosen = replace(SUNDAYS, **values)  # type: ignore[arg-type]

    assert schedule_report.how_text(table(chosen)) == f"The draft is made {told}"


def test_a_list_without_a_schedule_is_told_with_the_next_step() -> None:
    bare = table(None)

    assert schedule_report.how_text(bare).startswith(
        "weekly: no schedule, so that its issues are made by hand;"
    )
    assert "[lists.weekly.schedule] of config.toml" in schedule_report.how_text(bare)
    assert not schedule_report.coming_table(bare, now=NOW).cells
    assert not schedule_report.notes_text(bare)
    assert not schedule_report.past_table(bare).cells


def test_a_program_reads_moments_with_their_zones() -> None:
    said = schedule_report.timetables_json([table(most=1)], held="", now=NOW)

    assert said["lists"][0]["next"] == [
        {
            "period": "2026-W13",
            "local": "2026-03-29T03:00:00+02:00",
            "zone": "CEST",
            "utc": "2026-03-29T01:00:00+00:00",
            "in_s": 315_000,
            "clock": "skipped",
            "note": "the clock skips 02:30; goes at 03:00",
        }
    ]
    assert said["lists"][0]["past"] == [
        {
            "period": "2026-W12",
            "utc": "2026-03-22T09:30:00+00:00",
            "state": "done",
            "issue": "weekly/12",
            "note": "sent to 12",
        }
    ]


@pytest.mark.parametrize(
    ("time", "told"),
    [
        (timedelta(minutes=5, seconds=59), "0 h 5 min"),
        (timedelta(hours=23, minutes=59), "23 h 59 min"),
        (timedelta(days=1), "1 d 0 h"),
        (timedelta(seconds=-5), "0 h 0 min"),
    ],
)
def test_a_time_is_told_in_its_two_largest_units(time: timedelta, told: str) -> None:
    assert schedule_report.span(time) == told


def test_an_issue_that_comes_once_in_four_years_is_found() -> None:
    leap = replace(SUNDAYS, rule=schedule.rule(cron="0 9 29 2 *"))

    assert [slot.period for slot in table(leap, most=10).coming] == ["2028-02-29", "2032-02-29", "2036-02-29"]
