"""What happens before an issue goes: its papers are collected, somebody may approve it, it has enough."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from newsletter import app, store
from newsletter.model import IssueStatus, SlotState
from newsletter.store import periods, sendings
from tests.newsrooms import HOUR, MINUTE, MONDAY, TUESDAY, WEEK, Made, Office, made
from tests.sendable import enrol

__all__ = ["made"]

OPEN, DRAFTED, GOING = SlotState.OPEN, SlotState.DRAFTED, SlotState.GOING
DONE, MISSED, SKIPPED = SlotState.DONE, SlotState.MISSED, SlotState.SKIPPED

DRAFT, REMINDER = (f"{kind}/weekly/1/2026-01-06T08:00" for kind in ("draft", "reminder"))


def test_an_editor_has_the_draft_some_hours_before_it_goes(made: Made) -> None:
    weekly = made(lead_hours=6, editor="ed@example.org")

    weekly.step(at=TUESDAY - 6 * HOUR + MINUTE)
    early = (weekly.periods(), weekly.notices(), weekly.mails())
    weekly.step(at=TUESDAY + MINUTE)

    assert early == ({"2026-W02": DRAFTED}, [DRAFT], [])
    assert weekly.periods() == {"2026-W02": DONE}
    assert weekly.notices() == [DRAFT, "report/weekly/1"]


def test_an_issue_that_needs_a_word_waits_for_it_and_says_so_once(made: Made) -> None:
    weekly = made(lead_hours=6, approval=True, editor="ed@example.org")

    weekly.until(TUESDAY + 3 * HOUR)
    waiting = (weekly.periods(), weekly.notices(), weekly.mails())
    weekly.approve()
    weekly.step(at=TUESDAY + 4 * HOUR)

    assert waiting == ({"2026-W02": DRAFTED}, [DRAFT, REMINDER], [])
    assert weekly.periods() == {"2026-W02": DONE}
    assert len(weekly.mails()) == 3


@pytest.mark.parametrize(("approval", "told"), [(True, [REMINDER]), (False, ["report/weekly/1"])])
def test_a_draft_that_is_made_when_it_is_time_is_told_once(
    made: Made, approval: bool, told: list[str]
) -> None:
    weekly = made(approval=approval, editor="ed@example.org")

    weekly.step(at=TUESDAY + MINUTE)

    assert weekly.notices() == told


@pytest.mark.parametrize(
    ("unapproved", "becomes", "mails"), [("send", DONE, 3), ("skip", SKIPPED, 0), ("remind", SKIPPED, 0)]
)
def test_what_becomes_of_an_issue_that_nobody_approves(
    made: Made, unapproved: str, becomes: SlotState, mails: int
) -> None:
    weekly = made(approval=True, unapproved=unapproved)

    weekly.until(TUESDAY + 13 * HOUR, every=2 * HOUR)

    assert weekly.periods() == {"2026-W02": becomes}
    assert len(weekly.mails()) == mails


def test_what_was_skipped_is_in_the_next_issue(made: Made) -> None:
    weekly = made(approval=True, unapproved="skip")
    weekly.step(at=TUESDAY + MINUTE)
    weekly.digest()

    weekly.configure(approval=False)
    weekly.step(at=TUESDAY + WEEK + MINUTE)

    with weekly.desk() as desk:
        issue = desk.look(desk.find("weekly/1")).issue
    assert weekly.periods() == {"2026-W03": DONE, "2026-W02": SKIPPED}
    assert (sum(len(section.picks) for section in issue.sections), issue.date) == (4, (TUESDAY + WEEK).date())


def test_an_issue_approved_before_its_time_waits_for_that(made: Made) -> None:
    weekly = made(lead_hours=6, approval=True)
    weekly.step(at=TUESDAY - 5 * HOUR)
    weekly.approve()

    weekly.step(at=TUESDAY - HOUR)
    early = weekly.mails()
    weekly.step(at=TUESDAY + MINUTE)

    assert (early, len(weekly.mails())) == ([], 3)


def test_an_issue_that_was_made_by_hand_goes_in_its_time(made: Made) -> None:
    weekly = made()
    with weekly.newsroom() as newsroom:
        newsroom.step()
    ingest(weekly)
    name = weekly.approve()

    weekly.step(at=TUESDAY + MINUTE)

    assert weekly.periods() == {"2026-W02": DONE}
    assert (weekly.statuses(), len(weekly.mails())) == ({name: IssueStatus.SENT}, 3)


def test_an_issue_that_was_cancelled_does_not_go(made: Made) -> None:
    weekly = made(lead_hours=6)
    weekly.step(at=TUESDAY - HOUR)
    with weekly.desk() as desk:
        desk.cancel(desk.find("weekly"))

    weekly.step(at=TUESDAY + MINUTE)

    assert (weekly.periods(), weekly.mails()) == ({"2026-W02": SKIPPED}, [])
    assert "somebody cancelled it" in weekly.rows()[0].note


def test_nothing_new_is_no_issue_and_no_empty_mail(made: Made) -> None:
    weekly = made()
    weekly.step(at=TUESDAY + MINUTE)

    weekly.step(at=TUESDAY + WEEK + MINUTE)

    assert weekly.periods() == {"2026-W03": SKIPPED, "2026-W02": DONE}
    assert "nothing new" in weekly.rows()[0].note
    assert len(weekly.mails()) == 3
    assert not [key for key in weekly.notices() if key.startswith("skipped/")]


def test_who_forgot_to_configure_a_source_hears_of_it(made: Made) -> None:
    weekly = made()
    config = weekly.folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace('[[sources]]\nfile = "digests/*.txt"\n', ""), encoding="utf-8")

    weekly.step(at=TUESDAY + MINUTE)

    assert "no source is configured" in weekly.rows()[0].note
    assert weekly.notices() == ["skipped/weekly/2026-W02"]


@pytest.mark.parametrize(
    ("too_few", "becomes", "papers"), [("skip", SKIPPED, 0), ("send", DONE, 1), ("widen", DONE, 2)]
)
def test_what_becomes_of_an_issue_with_too_few_papers(
    made: Made, too_few: str, becomes: SlotState, papers: int
) -> None:
    weekly = made(least_papers=2, too_few=too_few)
    limit(weekly, 2)
    weekly.step(at=TUESDAY + MINUTE)
    weekly.digest(1)

    weekly.step(at=TUESDAY + WEEK + MINUTE)

    assert weekly.periods() == {"2026-W03": becomes, "2026-W02": DONE}
    with weekly.desk() as desk:
        issue = desk.look(desk.find("weekly/2")).issue
    found = sum(len(section.picks) for section in issue.sections)
    assert (found if becomes is DONE else 0) == papers


def test_a_source_that_is_broken_is_tried_again_until_it_works(made: Made) -> None:
    weekly = made()
    hidden = breaks(weekly)
    for minutes in (1, 2, 10, 30, 60):
        weekly.step(at=TUESDAY + minutes * MINUTE)
    broken = (weekly.periods(), weekly.rows()[0].tries, weekly.rows()[0].note)

    hidden.rename(weekly.folder / "digests")
    weekly.step(at=TUESDAY + 2 * HOUR)

    assert broken[:2] == ({"2026-W02": OPEN}, 5)
    assert "no source could be read" in broken[2]
    assert weekly.periods() == {"2026-W02": DONE}


def test_a_source_that_stays_broken_is_told_apart_from_nothing_new(made: Made) -> None:
    weekly = made()
    breaks(weekly)

    weekly.until(TUESDAY + 13 * HOUR)

    assert weekly.periods() == {"2026-W02": MISSED}
    assert "no source could be read" in weekly.rows()[0].note
    assert weekly.notices() == ["broken/weekly/2026-W02", "missed/weekly/2026-W02"]


def test_an_issue_goes_without_a_source_that_stays_broken_and_names_it(made: Made) -> None:
    weekly = made(editor="ed@example.org")
    weekly.folder.joinpath("digests", "page9.txt").write_bytes(b"\x00\x01nothing")

    weekly.step(at=TUESDAY + MINUTE)
    patient = weekly.periods()
    weekly.step(at=TUESDAY + 16 * MINUTE)

    assert patient == {"2026-W02": OPEN}
    assert weekly.periods() == {"2026-W02": DONE}
    assert "page9.txt" in weekly.rows()[0].note


@pytest.mark.parametrize(
    ("goes", "mails", "files"), [("write", 0, True), ("both", 3, True), ("send", 3, False)]
)
def test_where_an_issue_goes(made: Made, goes: str, mails: int, files: bool) -> None:
    weekly = made(goes=goes, editor="ed@example.org")

    weekly.step(at=TUESDAY + MINUTE)

    assert weekly.periods() == {"2026-W02": DONE}
    assert len(weekly.mails()) == mails
    assert (weekly.folder / "issues" / "weekly-1" / "issue.html").exists() is files


def test_a_process_that_ends_after_any_transaction_leaves_one_that_goes_on(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D16: in each week the process ends one transaction later, until it comes to its end."""
    weekly, weeks = made(), 0
    while ends_after(weeks, weekly, monkeypatch, at=TUESDAY + weeks * WEEK + MINUTE):
        weekly.step(at=weekly.now + MINUTE)
        weekly.digest()
        weeks += 1

    assert weeks > 10
    assert set(weekly.periods().values()) == {DONE}
    assert len(weekly.mails()) == 3 * (weeks + 1)


def ends_after(transactions: int, weekly: Office, monkeypatch: pytest.MonkeyPatch, *, at: datetime) -> bool:
    """Whether a step of the office ended because its process did, after so many transactions."""
    left, kept = [transactions], store.writing

    def writing(*args: Any, **given: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return kept(*args, **given)

    monkeypatch.setattr(store, "writing", writing)
    try:
        weekly.step(at=at)
    except KeyboardInterrupt:
        return True
    finally:
        monkeypatch.setattr(store, "writing", kept)
    return False


def ingest(weekly: Office) -> None:
    settings = app.load_settings(weekly.folder / "config.toml")
    with app.open_store(settings) as database:
        for digest in app.read_digests([], settings):
            app.ingest(database, digest, progress=lambda _: None)


def breaks(weekly: Office) -> Path:
    hidden = weekly.folder / "hidden"
    return weekly.folder.joinpath("digests").rename(hidden)


def limit(weekly: Office, papers: int) -> None:
    """Have issues carry no more papers than that."""
    config = weekly.folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace('look = "plain"', f'look = "plain"\nlimit = {papers}'), encoding="utf-8")


def test_an_issue_that_was_approved_long_before_is_not_meant(made: Made) -> None:
    weekly = made()
    ingest(weekly)
    weekly.approve()
    weekly.configure(starting="2026-01-20")
    weekly.until(TUESDAY + 2 * WEEK + MINUTE, every=24 * HOUR)

    assert weekly.statuses() == {"weekly/1": IssueStatus.APPROVED}
    assert weekly.periods() == {"2026-W04": SKIPPED}


@pytest.mark.parametrize("frozen_in_part", [False, True])
def test_an_approved_issue_that_did_not_begin_in_its_time_does_not_go(
    made: Made, frozen_in_part: bool
) -> None:
    weekly = made(lead_hours=6)
    weekly.step(at=TUESDAY - HOUR)
    weekly.approve()
    with weekly.database() as database, store.writing(database) as tx:
        [period] = periods.under_way(tx)
        periods.turn(tx, period, GOING, now=weekly.now)
        if frozen_in_part:
            sendings.begin(tx, period.issue or 0, sender="digest@news.example.org", now=TUESDAY)

    weekly.step(at=TUESDAY + 13 * HOUR)

    assert (weekly.periods(), weekly.mails()) == ({"2026-W02": MISSED}, [])
    assert "its time was over before it began to go" in weekly.rows()[0].note


def test_what_stops_one_list_holds_up_no_other(made: Made) -> None:
    weekly = made()
    text = weekly.folder.joinpath("config.toml").read_text(encoding="utf-8")
    other = text[text.index("[lists.weekly]") : text.index("[delivery]")].replace("weekly", "another")
    other = other.replace('look = "plain"', 'look = "missing"')
    weekly.folder.joinpath("config.toml").write_text(f"{text}\n{other}", encoding="utf-8")
    with weekly.database() as database:
        enrol(database, ["joe@example.org"], list="another")
    weekly.step(at=MONDAY + HOUR)

    weekly.step(at=TUESDAY + MINUTE)
    weekly.step(at=TUESDAY + 2 * MINUTE)

    assert weekly.periods() == {"2026-W02": DONE}
    stuck = [event for event in weekly.events if event.name == "period.stuck"]
    assert [event.values["list"] for event in stuck] == ["another"]
    assert "no look 'missing'" in str(stuck[0].values["why"])
    assert f"stuck/another/1/{TUESDAY:%Y-%m-%d}" in weekly.notices()
