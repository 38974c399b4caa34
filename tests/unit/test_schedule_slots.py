"""Which moments a rule names, and what their periods are called."""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter import schedule
from newsletter.model import Every, Rule, Slot

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY = timedelta(days=1)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def names(rule: Rule, after: str, until: str) -> list[str]:
    return [slot.period for slot in schedule.slots(rule, after=moment(after), until=moment(until))]


def dates(rule: Rule, after: str, until: str) -> list[str]:
    found = schedule.slots(rule, after=moment(after), until=moment(until))
    return [f"{slot.period} {slot.local:%m-%d}" for slot in found]


def test_slots_begin_after_a_moment_and_reach_up_to_another() -> None:
    rule = schedule.rule(every="day", at=[time(9)])

    assert names(rule, "2026-01-06T09:00", "2026-01-08T09:00") == ["2026-01-07", "2026-01-08"]
    assert names(rule, "2026-01-08T09:00", "2026-01-06T09:00") == []


def test_several_issues_of_a_period_are_numbered_from_its_first_wherever_one_looks_from() -> None:
    rule = schedule.rule(every="week", on=["thu", "mon"], at=[time(9), time(17)])

    assert names(rule, "2026-01-05", "2026-01-12") == ["2026-W02", "2026-W02.2", "2026-W02.3", "2026-W02.4"]
    assert names(rule, "2026-01-08T12:00", "2026-01-12") == ["2026-W02.4"]


def test_issues_of_a_month_are_numbered_from_its_first_day() -> None:
    rule = schedule.rule(every="month", on=["first monday", "15", "last day"])

    assert dates(rule, "2026-03-29", "2026-04-30T12:00") == [
        "2026-03.3 03-31",
        "2026-04 04-06",
        "2026-04.2 04-15",
        "2026-04.3 04-30",
    ]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("last day", ["2026-01 01-31", "2026-02 02-28", "2026-03 03-31"]),
        ("fourth friday", ["2026-01 01-23", "2026-02 02-27", "2026-03 03-27"]),
        ("last friday", ["2026-01 01-30", "2026-02 02-27", "2026-03 03-27"]),
        ("first sunday", ["2026-01 01-04", "2026-02 02-01", "2026-03 03-01"]),
        ("28", ["2026-01 01-28", "2026-02 02-28", "2026-03 03-28"]),
    ],
)
def test_a_month_has_its_day(on: str, expected: list[str]) -> None:
    assert dates(schedule.rule(every="month", on=[on]), "2026-01-01", "2026-04-01") == expected


@pytest.mark.parametrize(
    ("zone", "after", "until"),
    [
        ("Pacific/Kiritimati", "2026-02-28T09:30", "2026-02-28T10:30"),  # fourteen hours ahead of UTC
        ("Pacific/Niue", "2026-03-01T10:30", "2026-03-01T11:30"),  # eleven hours behind
    ],
)
def test_the_edge_of_a_month_is_that_of_the_place(zone: str, after: str, until: str) -> None:
    rule = schedule.rule(every="month", on=["last day", "1"], at=[time(0), time(23, 45)], zone=zone)

    assert dates(rule, after, until) == ["2026-02.4 02-28", "2026-03 03-01"]


def test_two_days_of_a_month_that_are_one_have_one_issue() -> None:
    rule = schedule.rule(every="month", on=["fourth friday", "last friday"])

    assert dates(rule, "2026-02-01", "2026-04-30") == [
        "2026-02 02-27",
        "2026-03 03-27",
        "2026-04 04-24",
    ]


def test_every_second_week_goes_on_over_a_year_of_53_weeks() -> None:
    rule = schedule.rule(every="two weeks", on=["mon"], starting=date(2026, 12, 7))

    assert names(rule, "2026-12-01", "2027-02-01") == ["2026-W50", "2026-W52", "2027-W01", "2027-W03"]
    assert schedule.slots(rule, after=moment("2026-12-21T12:00"), until=moment("2027-01-05"))[0].at == moment(
        "2027-01-04 09:00"
    )


def test_week_53_and_the_week_after_it_are_two() -> None:
    rule = schedule.rule(every="week", on=["sat"])

    assert dates(rule, "2026-12-20", "2027-01-10") == [
        "2026-W52 12-26",
        "2026-W53 01-02",
        "2027-W01 01-09",
    ]


def test_a_leap_day_is_a_day() -> None:
    daily, cron = schedule.rule(every="day"), schedule.rule(cron="0 9 29 2 *")

    assert names(daily, "2028-02-28", "2028-03-01T12:00") == ["2028-02-28", "2028-02-29", "2028-03-01"]
    assert names(cron, "2024-03-01", "2033-01-01") == ["2028-02-29", "2032-02-29"]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (["mon"], ["2026-W03 01-12", "2026-W05 01-26"]),
        (["wed"], ["2026-W02 01-07", "2026-W04 01-21"]),
        (["mon", "thu"], ["2026-W02 01-08", "2026-W04 01-19", "2026-W04.2 01-22"]),
    ],
)
def test_of_two_weeks_the_first_such_day_from_the_beginning_on_has_one(
    on: list[str], expected: list[str]
) -> None:
    rule = schedule.rule(every="two weeks", on=on, starting=date(2026, 1, 7))

    assert dates(rule, "2025-12-01", "2026-02-01") == expected


def test_no_issue_comes_before_the_day_on_which_a_list_starts() -> None:
    rule = schedule.rule(every="day", starting=date(2026, 1, 7))

    assert names(rule, "2025-12-01", "2026-01-08T12:00") == ["2026-01-07", "2026-01-08"]


def test_an_issue_of_weekdays_leaves_out_the_weekend() -> None:
    rule = schedule.rule(every="weekday")

    assert names(rule, "2026-01-09", "2026-01-13") == ["2026-01-09", "2026-01-12"]


@pytest.mark.parametrize(
    ("rule", "hours"),
    [
        (schedule.rule(every="day"), 24),
        (schedule.rule(every="day", at=[time(9), time(17)]), 8),
        (schedule.rule(every="weekday"), 24),
        (schedule.rule(every="week", on=["mon", "sun"]), 24),
        (schedule.rule(every="week", on=["mon"], starting=date(2030, 1, 1)), 168),
        (schedule.rule(every="two weeks", on=["mon", "thu"]), 72),
        (schedule.rule(every="month", on=["last friday", "first monday"]), 72),
        (schedule.rule(cron="0 9 1,2 1 *"), 24),
    ],
)
def test_the_smallest_gap_of_a_rule_is_known(rule: Rule, hours: int) -> None:
    assert schedule.gap(rule) == timedelta(hours=hours)


def test_lists_with_one_rule_have_periods_of_their_own_only_by_their_lists() -> None:
    weekly = schedule.rule(every="week", on=["tue"])
    again = schedule.rule(every="week", on=["tue"], zone="Asia/Tokyo")

    assert names(weekly, "2026-01-05", "2026-01-12") == names(again, "2026-01-05", "2026-01-12")


@pytest.fixture
def old_zones(tmp_path: Path) -> Iterator[Path]:
    """A folder of zones in which Berlin has the rules of Moscow: another edition of the database."""
    yield tmp_path
    zoneinfo.reset_tzpath()
    ZoneInfo.clear_cache()


def test_a_zone_whose_rules_were_changed_moves_the_slot_and_not_its_period(old_zones: Path) -> None:
    rule = schedule.rule(every="week", on=["tue"], zone="Europe/Berlin")
    before = schedule.slots(rule, after=moment("2026-01-05"), until=moment("2026-01-12"))
    moscow = next(path for root in zoneinfo.TZPATH if (path := Path(root, "Europe/Moscow")).exists())
    old_zones.joinpath("Europe").mkdir()
    old_zones.joinpath("Europe/Berlin").write_bytes(moscow.read_bytes())

    zoneinfo.reset_tzpath([str(old_zones)])
    ZoneInfo.clear_cache()
    after = schedule.slots(rule, after=moment("2026-01-05"), until=moment("2026-01-12"))

    local = datetime.fromisoformat("2026-01-06 09:00")
    assert before == (Slot("2026-W02", moment("2026-01-06 08:00"), local),)
    assert after == (Slot("2026-W02", moment("2026-01-06 06:00"), local),)
    now = moment("2026-01-05 20:00")
    assert schedule.moved(rule, "2026-W02", at=before[0].at, now=now) == after[0].at


moments = st.datetimes(*map(datetime.fromisoformat, ("2008-01-01", "2034-01-01")), timezones=st.just(UTC))
times = st.lists(
    st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59])), min_size=1, max_size=3
)
months = st.sampled_from(
    ["first monday", "second sunday", "fourth friday", "last friday", "last day", "1", "28"]
)
written = st.one_of(
    st.fixed_dictionaries({"every": st.sampled_from(["day", "weekday"]), "at": times}),
    st.fixed_dictionaries(
        {
            "every": st.sampled_from(["week", "two weeks"]),
            "on": st.lists(st.sampled_from(DAYS), min_size=1, max_size=3),
            "at": times,
        }
    ),
    st.fixed_dictionaries(
        {"every": st.just("month"), "on": st.lists(months, min_size=1, max_size=3), "at": times}
    ),
    st.fixed_dictionaries({"cron": st.sampled_from(["0 9 * * tue", "30 2 * * *", "0 */6 1,15 * *"])}),
)
places = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "Africa/Cairo",
        "Pacific/Apia",
        "Africa/Casablanca",
        "America/Nuuk",
        "Antarctica/Troll",
    ]
)
starts = st.none() | st.dates(date(2008, 1, 1), date(2034, 1, 1))


@given(written, places, starts, moments, st.integers(0, 40), st.integers(0, 40))
@example({"every": "day", "at": [time(0), time(23, 30)]}, "America/Nuuk", None, moment("2026-03-27"), 1, 5)
def test_a_stretch_of_time_has_the_slots_of_its_parts(
    text: dict[str, object], zone: str, starting: date | None, begin: datetime, first: int, second: int
) -> None:
    rule = schedule.rule(**text, zone=zone, starting=starting)  # type: ignore[arg-type]
    middle, end = begin + first * DAY, begin + (first + second) * DAY

    whole = schedule.slots(rule, after=begin, until=end)

    parts = schedule.slots(rule, after=begin, until=middle) + schedule.slots(rule, after=middle, until=end)
    assert whole == parts
    assert len({slot.period for slot in whole}) == len(whole)
    assert [slot.at for slot in whole] == sorted({slot.at for slot in whole})
    assert all(slot.local.date() >= starting for slot in whole if starting)


@given(written, places, moments)
def test_no_period_is_left_out(text: dict[str, object], zone: str, begin: datetime) -> None:
    rule = schedule.rule(**text, zone=zone)  # type: ignore[arg-type]
    where = ZoneInfo(zone)

    found = {slot.period for slot in schedule.slots(rule, after=begin, until=begin + 70 * DAY)}

    first, last = (begin + DAY).astimezone(where).date(), (begin + 69 * DAY).astimezone(where).date()
    days = [first + number * DAY for number in range((last - first).days)]
    skipped = date(2011, 12, 30) if zone == "Pacific/Apia" else None
    match rule.every:
        case Every.DAY:
            assert found >= {str(day) for day in days if day != skipped}
        case Every.WEEKDAY:
            assert found >= {str(day) for day in days if day.weekday() < 5 and day != skipped}
        case Every.WEEK:
            assert found >= {f"{day:%G-W%V}" for day in days[7:-7]}
        case Every.TWO_WEEKS:
            assert len({f"{day:%G-W%V}" for day in days[7:-7]} & found) in (4, 5)
        case Every.MONTH:
            assert found >= {f"{day:%Y-%m}" for day in days if days[0] <= day.replace(day=1)} - {
                f"{last:%Y-%m}"
            }
