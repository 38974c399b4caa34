"""What an operator, an editor and a clock do to a schedule at the worst moment."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from newsletter import store
from newsletter.model import Cadence, Choice, IssueStatus, Slot, SlotState
from newsletter.store import issues, periods, tables
from tests.newsrooms import HOUR, MINUTE, MONDAY, TUESDAY, WEEK, Made, Office, made, office
from tests.readers import reader

__all__ = ["made"]

DRAFTED = SlotState.DRAFTED
DONE, MISSED, SKIPPED = SlotState.DONE, SlotState.MISSED, SlotState.SKIPPED
DAY = timedelta(days=1)
DAILY: dict[str, Any] = {"every": "day", "on": ()}


def test_an_issue_whose_draft_is_there_as_the_one_before_goes_is_late_for_none(made: Made) -> None:
    daily = made(**DAILY, lead_hours=24)

    for day in range(2):
        daily.step(at=TUESDAY + day * DAY)
        daily.digest()
        daily.step(at=TUESDAY + day * DAY + MINUTE)

    assert daily.periods() == {
        "2026-01-08": DRAFTED,
        **dict.fromkeys(("2026-01-07", "2026-01-06"), DONE),
    }


def test_a_draft_that_waits_for_a_word_is_not_pushed_aside_by_the_next_one(made: Made) -> None:
    daily = made(**DAILY, lead_hours=20, approval=True)
    daily.until(TUESDAY + 8 * HOUR, every=4 * HOUR)
    waiting = daily.periods()

    daily.approve()
    daily.step(at=TUESDAY + 9 * HOUR)
    daily.digest()
    daily.step(at=TUESDAY + 10 * HOUR)

    assert waiting == {"2026-01-06": DRAFTED}
    assert daily.periods() == {"2026-01-07": DRAFTED, "2026-01-06": DONE}


def test_a_draft_that_an_edited_rule_counts_anew_stays_the_one_issue_of_its_moment(made: Made) -> None:
    weekly = made(on=["Monday", "Thursday"], lead_hours=24)
    weekly.step(at=TUESDAY + DAY + MINUTE)
    weekly.configure(on=["Monday", "Tuesday", "Thursday"], lead_hours=24)
    weekly.until(TUESDAY + 2 * DAY, every=12 * HOUR)
    weekly.digest()

    weekly.step(at=TUESDAY + 2 * DAY + MINUTE)

    assert weekly.periods() == {"2026-W02.2": DONE}
    assert len(weekly.mails()) == 3


def test_what_is_approved_after_its_time_goes_in_the_time_of_the_next(made: Made) -> None:
    weekly = made(approval=True)
    weekly.step(at=TUESDAY)
    weekly.step(at=TUESDAY + 13 * HOUR)
    weekly.now += HOUR
    weekly.approve()

    weekly.step(at=TUESDAY + WEEK)

    assert weekly.periods() == {"2026-W03": DONE, "2026-W02": SKIPPED}
    assert weekly.statuses() == {"weekly/1": IssueStatus.SENT}


def test_a_draft_that_was_skipped_is_told_again_as_that_of_the_next_issue(made: Made) -> None:
    weekly = made(lead_hours=6, approval=True, unapproved="skip", editor="ed@example.org")
    for at in (TUESDAY - HOUR, TUESDAY, TUESDAY + WEEK - HOUR):
        weekly.step(at=at)

    told = [key for key in weekly.notices() if key.startswith("draft/weekly/1/")]
    assert told == ["draft/weekly/1/2026-01-06T08:00", "draft/weekly/1/2026-01-13T08:00"]


def test_a_rule_that_was_written_by_a_clock_of_next_year_holds_once_that_is_right(
    tmp_path: Path,
) -> None:
    weekly = office(tmp_path / "office", f"sqlite:///{tmp_path}/newsletter.db")
    weekly.step(at=MONDAY + 52 * WEEK)

    weekly.step(at=MONDAY)
    weekly.step(at=TUESDAY)

    assert weekly.periods() == {"2026-W02": DONE}
    weekly.now = TUESDAY + 8 * DAY
    with weekly.newsroom() as newsroom:
        assert "nobody looked at the schedule from 2026-01-06" in newsroom.held()


def test_a_source_that_takes_its_time_holds_up_no_issue_that_is_ready(made: Made) -> None:
    weekly = made(lead_hours=6)
    weekly.step(at=TUESDAY - HOUR)
    weekly.configure(lead_hours=0, at="08:59")
    lab = list_table(weekly, "lab")
    weekly.configure(lead_hours=6)
    add(weekly, lab)
    weekly.step(at=TUESDAY - 30 * MINUTE)
    weekly.digest()

    weekly.step(at=TUESDAY)

    happened = [(event.name, event.values.get("list")) for event in weekly.events]
    assert happened.index(("issue.going", "weekly")) < happened.index(("sources.read", "lab"))


def test_the_first_reader_of_recaps_has_missed_none(made: Made) -> None:
    weekly = made(every="month", on="28")
    weekly.until(MONDAY + 4 * WEEK, every=7 * DAY)
    with weekly.database() as database:
        reader(database, "may@example.org", Choice(cadence=Cadence.MONTHLY))
    weekly.step(at=weekly.now + HOUR)
    early = weekly.periods()

    weekly.until(MONDAY + 8 * WEEK, every=7 * DAY)

    assert early == {"2026-01": MISSED}
    assert "recap-2026-02" in weekly.periods()
    assert not [key for key in weekly.notices() if "recap-2026-01" in key]


@pytest.mark.parametrize("approved", [True, False])
def test_an_issue_that_was_ready_in_a_restored_backup_goes_to_nobody_twice(
    made: Made, approved: bool
) -> None:
    weekly = made(lead_hours=6)
    weekly.step(at=TUESDAY - HOUR)
    if approved:
        weekly.approve()
    copy(weekly.folder.parent / "newsletter.db", weekly.folder.parent / "backup.db")
    weekly.step(at=TUESDAY)
    copy(weekly.folder.parent / "backup.db", weekly.folder.parent / "newsletter.db")
    weekly.step(at=TUESDAY + HOUR)
    with weekly.newsroom() as newsroom:
        unknown = newsroom.resume()

    weekly.step(at=TUESDAY + 2 * HOUR)
    weekly.step(at=TUESDAY + 3 * HOUR)

    assert len(weekly.mails()) == 3
    assert unknown == ({"weekly/1": 3} if approved else {})
    assert weekly.statuses() == {"weekly/1": IssueStatus.SENT if approved else IssueStatus.CANCELLED}


def copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


def test_content_that_cannot_be_read_holds_up_no_other_list(made: Made) -> None:
    weekly = made(lead_hours=6)
    weekly.step(at=TUESDAY - HOUR)
    with weekly.database() as database, store.writing(database) as tx:
        odd = issues.add(tx, list="lab", on=TUESDAY.date(), since=None, now=weekly.now)
        issues.freeze(tx, odd, content={"form": 99}, theme_counts={}, places={}, now=weekly.now)
        slot = Slot("2026-W02", TUESDAY - HOUR, TUESDAY - HOUR)
        periods.begin(tx, "lab", slot, SlotState.GOING, now=weekly.now)
        [lab] = periods.under_way(tx, list="lab")
        periods.turn(tx, lab, SlotState.GOING, issue=odd.id, now=weekly.now)
    add(weekly, list_table(weekly, "lab").replace("lead_hours", 'goes = "both"\nlead_hours'))
    with weekly.database() as database:
        reader(database, "may@example.org", list="lab")

    weekly.step(at=TUESDAY)

    assert weekly.periods() == {"2026-W02": DONE}
    assert "stuck/lab/1/2026-01-06" in weekly.notices()


def test_a_source_that_was_tried_by_a_clock_ahead_is_tried_again_once_that_is_right(made: Made) -> None:
    weekly = made()
    digests = weekly.folder / "digests"
    digests.rename(weekly.folder / "hidden")
    weekly.step(at=TUESDAY + 5 * HOUR)
    weekly.folder.joinpath("hidden").rename(digests)

    weekly.step(at=TUESDAY)

    assert weekly.periods() == {"2026-W02": DONE}


@pytest.mark.parametrize("put_off", [False, True])
def test_an_issue_is_stuck_whose_mails_could_go_and_not_one_whose_readers_put_them_off(
    made: Made, put_off: bool
) -> None:
    weekly = made()
    weekly.now = TUESDAY
    with weekly.newsroom() as newsroom:
        newsroom.step()
        weekly.now = TUESDAY + 25 * HOUR
        with weekly.database() as database, store.writing(database) as tx:
            tx.execute(update(tables.deliveries).values(not_before=weekly.now + HOUR if put_off else TUESDAY))
        newsroom.step()

    assert weekly.notices() == ([] if put_off else ["stuck/weekly/1/2026-01-07"])


def list_table(weekly: Office, slug: str) -> str:
    """What the configuration says of the list, as of another one."""
    text = weekly.folder.joinpath("config.toml").read_text(encoding="utf-8")
    return text[text.index("[lists.weekly]") : text.index("[delivery]")].replace("weekly", slug)


def add(weekly: Office, table: str) -> None:
    with weekly.folder.joinpath("config.toml").open("a", encoding="utf-8") as config:
        config.write(f"\n{table}")
