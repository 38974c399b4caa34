"""Issues that come about by a schedule: each period has one, whatever happens to the machine."""

from datetime import timedelta
from pathlib import Path

import pytest

from newsletter.model import SlotState
from tests.newsrooms import HOUR, MINUTE, TUESDAY, WEEK, Office, office

DONE, MISSED, SKIPPED = SlotState.DONE, SlotState.MISSED, SlotState.SKIPPED


@pytest.fixture
def weekly(tmp_path: Path, database_url: str) -> Office:
    made = office(tmp_path / "office", database_url)
    made.step()
    return made


def test_an_issue_goes_in_its_time_and_once(weekly: Office) -> None:
    weekly.until(TUESDAY - MINUTE)
    before = weekly.periods()

    weekly.until(TUESDAY + 2 * HOUR, every=5 * MINUTE)

    assert before == {}
    assert weekly.periods() == {"2026-W02": DONE}
    assert len(weekly.mails()) == 3


def test_each_week_has_its_issue(weekly: Office) -> None:
    for _ in range(4):
        weekly.digest(2)
        weekly.until(weekly.now + WEEK, every=6 * HOUR)

    assert weekly.periods() == {f"2026-W{week:02}": DONE for week in (5, 4, 3, 2)}
    assert len(weekly.mails()) == 12


@pytest.mark.parametrize("late", [timedelta(seconds=3), 5 * MINUTE, 11 * HOUR])
def test_a_machine_that_was_down_makes_up_for_one_issue(weekly: Office, late: timedelta) -> None:
    weekly.step(at=TUESDAY + late)

    assert weekly.periods() == {"2026-W02": DONE}
    assert len(weekly.mails()) == 3


def test_what_is_too_late_is_missed_and_told_once(weekly: Office) -> None:
    for hours in (13, 14, 15):
        weekly.step(at=TUESDAY + hours * HOUR)

    assert weekly.periods() == {"2026-W02": MISSED}
    assert weekly.notices() == ["missed/weekly/2026-W02"]
    assert not (weekly.folder / "outbox").exists()


def test_a_machine_that_was_away_for_weeks_asks_for_a_word(weekly: Office) -> None:
    back = TUESDAY + 3 * WEEK + HOUR
    weekly.step(at=back)
    weekly.step(at=back + HOUR)
    assert (weekly.periods(), weekly.notices()) == ({}, [f"held/{back:%Y-%m-%d}"])
    assert "newsletter schedule resume" in weekly.events[-1].values["why"] if weekly.events else False

    with weekly.newsroom() as newsroom:
        newsroom.resume()
    weekly.step(at=back + 2 * HOUR)

    assert weekly.periods() == {
        "2026-W05": DONE,
        **dict.fromkeys(("2026-W04", "2026-W03", "2026-W02"), MISSED),
    }
    assert weekly.notices()[1:] == ["missed/weekly/2026-W04"]
    assert len(weekly.mails()) == 3


def test_a_clock_that_is_put_back_repeats_nothing(weekly: Office) -> None:
    weekly.step(at=TUESDAY + MINUTE)
    weekly.digest()

    weekly.now = TUESDAY - 2 * HOUR
    weekly.until(TUESDAY + 3 * HOUR, every=30 * MINUTE)

    assert weekly.periods() == {"2026-W02": DONE}
    assert len(weekly.mails()) == 3


def test_a_schedule_that_is_changed_after_its_issue_repeats_it_not_in_that_week(weekly: Office) -> None:
    weekly.step(at=TUESDAY + MINUTE)
    weekly.digest()
    weekly.configure(on="Thursday")

    weekly.until(TUESDAY + 5 * 24 * HOUR, every=4 * HOUR)
    assert weekly.periods() == {"2026-W02": DONE}
    weekly.until(TUESDAY + 10 * 24 * HOUR, every=4 * HOUR)

    assert weekly.periods() == {"2026-W03": DONE, "2026-W02": DONE}


def test_a_rule_that_was_just_written_has_missed_nothing(tmp_path: Path, database_url: str) -> None:
    made = office(tmp_path / "office", database_url)

    made.step(at=TUESDAY + 2 * HOUR)

    assert (made.periods(), made.notices()) == ({}, [])


def test_a_step_that_is_taken_twice_does_nothing_twice(weekly: Office) -> None:
    with weekly.newsroom() as one, weekly.newsroom() as other:
        weekly.now = TUESDAY + MINUTE
        names = [event.name for newsroom in (one, other, one, other) for event in newsroom.step()]

    assert names.count("period.begun") == names.count("issue.drafted") == names.count("issue.approved") == 1
    assert names.count("issue.enqueued") == 1
