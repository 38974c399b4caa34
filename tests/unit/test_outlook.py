"""What comes next, in the words of the log."""

from datetime import UTC, datetime, time

import pytest

from newsletter import schedule
from newsletter.daemon import outlook
from newsletter.model import Event, Schedule

NOW = datetime(2026, 11, 30, 2, 30, tzinfo=UTC)


def coming(**rule: object) -> Event:
    chosen = schedule.rule(at=[time(9)], **rule)  # type: ignore[arg-type]
    [event] = outlook.coming({"weekly": Schedule(chosen)}, now=NOW)
    return event


def test_the_next_slot_is_told_on_the_clock_of_its_place() -> None:
    event = coming(every="week", on=["tuesday"], zone="Europe/Berlin")

    at = {"at": "Tue 1 Dec 2026 09:00 CET", "in": "1 d 5 h"}
    rule = "every week on tuesday at 09:00 (Europe/Berlin)"
    assert event == Event("schedule.next", {"list": "weekly", "period": "2026-W49", **at, "rule": rule})


@pytest.mark.parametrize(
    ("every", "on", "period", "span"),
    [("day", [], "2026-11-30", "6 h 30 min"), ("month", ["28"], "2026-12", "28 d 6 h")],
)
def test_a_slot_is_found_near_and_far(every: str, on: list[str], period: str, span: str) -> None:
    values = coming(every=every, on=on).values

    assert (values["period"], values["in"]) == (period, span)


def test_a_rule_whose_next_slot_is_years_away_says_none_and_warns() -> None:
    event = coming(every="day", starting=datetime(2099, 1, 5).date())  # noqa: DTZ001  a day

    assert event.level == "warning"
    assert event.values.keys() == {"list", "rule"}
