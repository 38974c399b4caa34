"""What became of an issue: what is counted of the ledger, of what came back, and of who left."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, insert

from newsletter import deliver, recipients, store, subscribe
from newsletter.backends.carrier import Parcel
from newsletter.errors import NotFound
from newsletter.model import (
    Bounce,
    BounceKind,
    Cadence,
    Choice,
    DeliveryStatus,
    IssueReport,
    IssueStatus,
    Outcome,
    Phase,
    Share,
    Slot,
    SlotState,
    Verdict,
    Way,
)
from newsletter.store import deliveries, issues, periods, tables
from newsletter.subscribe import bouncing
from tests.builders import NOW
from tests.delivering import Delivering, closed, delivering, names
from tests.fakes import ACCEPTED, ScriptedCarrier
from tests.published import publish
from tests.readers import reader, subscription
from tests.reports import add_delivery

LATER = Outcome(Verdict.DEFERRED, Phase.RCPT, 451, "4.7.1", "try later")
FULL = Outcome(Verdict.DEFERRED, Phase.RCPT, 452, "4.2.2", "mailbox full", BounceKind.SOFT)
NOBODY = Outcome(Verdict.REJECTED, Phase.RCPT, 550, "5.1.1", "no such user", BounceKind.HARD)
LOST = Outcome(Verdict.UNKNOWN, Phase.DOT, text="no answer came")
ONE, TWO, THREE, FOUR = names(4)

__all__ = ["closed"]


def answering(outcomes: dict[str, Outcome]) -> ScriptedCarrier:
    def answer(parcel: Parcel) -> Outcome:
        return outcomes.get(parcel.envelope.recipient, ACCEPTED)

    return ScriptedCarrier(answer)


def gone(database: Engine, *addresses: str, number: int = 10, **outcomes: Outcome) -> Delivering:
    """An issue that went to readers; outcomes: of those who did not just get it, by the first of `names`."""
    issue = delivering(database, addresses or names(number))
    issue.enqueue()
    by_address = dict(zip(names(4), (outcomes.get(name) for name in ("a", "b", "c", "d")), strict=True))
    issue.run(answering({address: one for address, one in by_address.items() if one}))
    return issue


def reported(issue: Delivering) -> IssueReport:
    return deliver.report(issue.database, issue.edition)


def comes_back(issue: Delivering, address: str, kind: BounceKind) -> None:
    one = subscription(issue.database, address)
    assert one
    bounce = Bounce(f"{address}{kind}", one.subscriber.id, issue.edition.id, kind, NOW, 550, "5.1.1", "gone")
    with store.writing(issue.database) as tx:
        bouncing.record(tx, [bounce], now=issue.now)


def next_issue(issue: Delivering) -> Delivering:
    later = Delivering(issue.database, publish(issue.database, status=IssueStatus.APPROVED), issue.now)
    later.enqueue()
    return later


def test_every_reader_of_an_issue_is_counted_once(database: Engine) -> None:
    found = reported(gone(database, a=NOBODY, b=LATER, c=LOST))

    assert (found.name, found.title, found.recipients) == ("weekly/1", "Paper Weekly", 10)
    assert (found.sent, found.deferred, found.waiting, found.unknown) == (7, 1, 0, 1)
    assert (found.failed, found.skipped) == ({"no such mailbox": 1}, {})
    assert (found.ended_at, found.took, found.until) == (None, None, None)


def test_causes_are_words_of_ours_and_no_address(database: Engine) -> None:
    said = Outcome(Verdict.REJECTED, Phase.RCPT, 550, "", "reader000@example.org (#17) is not here")
    also = Outcome(Verdict.REJECTED, Phase.RCPT, 550, "5.1.1", "User unknown in local table")
    found = reported(gone(database, a=said, b=also, c=NOBODY))

    assert found.failed == {"no such mailbox": 2, "… (#17) is not here": 1}


def test_many_causes_are_told_as_the_most_frequent_and_others(database: Engine) -> None:
    issue = delivering(database, names(12))
    issue.enqueue()

    def answer(parcel: Parcel) -> Outcome:
        return Outcome(Verdict.REJECTED, Phase.RCPT, 550, "", f"refused by rule {parcel.number}")

    issue.run(ScriptedCarrier(answer))

    assert sorted(reported(issue).failed.values()) == [1, 1, 1, 1, 1, 1, 6]
    assert reported(issue).failed["other causes"] == 6


def test_what_was_skipped_has_its_cause(database: Engine) -> None:
    issue = delivering(database, names(3))
    issue.enqueue()
    issue.leaves(ONE)
    issue.run()

    assert reported(issue).skipped == {"the reader had left": 1}


def test_only_what_came_back_later_is_told_as_that(database: Engine) -> None:
    issue = gone(database, a=NOBODY, b=FULL)
    issue.later(minutes=2)
    issue.run()
    issue.later(hours=1)
    for address, kind in ((THREE, BounceKind.HARD), (FOUR, BounceKind.COMPLAINT)):
        comes_back(issue, address, kind)

    found = reported(issue)

    assert (found.sent, found.bounced, found.complaints) == (9, {"hard": 1}, 1)


def test_who_left_is_counted_by_theme_until_the_next_issue(database: Engine) -> None:
    caches, whole = Choice(("kv-cache", "parallelism")), Choice()
    for address, choice in zip(names(4), (caches, caches, whole, whole), strict=True):
        reader(database, address, choice)
    issue = gone(database, "last@example.org")
    issue.later(hours=1)
    issue.leaves(ONE)
    issue.leaves(THREE)
    issue.later(days=7)
    later = next_issue(issue)
    issue.later(days=8)
    issue.leaves(FOUR)

    found = reported(issue)

    each = {"kv-cache": Share(1, 2), "parallelism": Share(1, 2), "": Share(1, 3)}
    assert (found.unsubscribed, found.left, found.until) == (each, Share(2, 5), later.now)


def test_who_gets_another_kind_of_issue_is_not_counted_as_leaving_this(database: Engine) -> None:
    reader(database, "monthly@example.org", Choice(cadence=Cadence.MONTHLY))
    issue = gone(database)
    issue.later(hours=1)
    issue.leaves("monthly@example.org")

    assert reported(issue).left == Share(0, 10)


def test_a_recap_between_two_issues_ends_nothing(database: Engine) -> None:
    issue = gone(database)
    issue.later(days=1)
    recap = publish(database, status=IssueStatus.APPROVED)
    with store.writing(database) as tx:
        issues.change(tx, recap, recap="2025-12")
        row = {"issue_id": recap.id, "state": "finished", "reason": "", "sender": "a@example.org"}
        tx.execute(insert(tables.sendings).values(**row, started_at=issue.now))
    issue.later(days=1)
    issue.leaves(ONE)

    assert reported(issue).left == Share(1, 10)
    assert reported(Delivering(database, recap, issue.now)).left == Share(0, 0)


def test_who_called_it_spam_did_not_leave_by_themselves(database: Engine) -> None:
    issue = gone(database)
    issue.later(hours=1)
    one = subscription(database, ONE)
    assert one
    bouncing.complain(database, one.key, number="1", now=issue.now)

    assert reported(issue).left == Share(0, 10)


def test_who_joined_since_the_issue_before_is_counted(database: Engine) -> None:
    issue = gone(database)
    issue.later(days=1)
    for address in ("new@example.org", "newer@example.org"):
        whom = recipients.recipient(address)
        given = {"list": "weekly", "wording": "Yes.", "way": Way.OPERATOR}
        subscribe.add(database, whom, Choice(), now=issue.now, **given)  # type: ignore[arg-type]
    issue.later(days=6)

    assert (reported(issue).joined, reported(next_issue(issue)).joined) == (10, 2)


def test_the_pace_is_that_of_the_first_try(database: Engine) -> None:
    issue = delivering(database, names(10))
    issue.enqueue()
    issue.later(seconds=4)
    issue.run(answering({ONE: LATER, TWO: LATER}))
    issue.later(hours=1)
    issue.run()

    found = reported(issue)

    assert (found.sent, found.rate, found.took) == (10, 2.0, timedelta(hours=1, seconds=4))


def test_what_an_operator_settles_later_does_not_count_for_the_pace(database: Engine) -> None:
    issue = delivering(database, names(10))
    issue.enqueue()
    issue.later(seconds=3)
    issue.run(answering({ONE: LOST}))
    issue.later(days=2)
    deliver.settle(database, issue.edition, resend=False, now=issue.now)

    found = reported(issue)

    assert (found.sent, found.unknown, found.rate) == (10, 0, 3.0)


def test_the_period_and_how_late_it_went_are_told(database: Engine) -> None:
    issue = delivering(database, names(2))
    slot = Slot("2026-W02", NOW - timedelta(hours=3), datetime(2026, 1, 6, 7))  # noqa: DTZ001 - local
    with store.writing(database) as tx:
        periods.begin(tx, "weekly", slot, SlotState.OPEN, now=NOW)
        [period] = periods.under_way(tx)
        periods.turn(tx, period, SlotState.GOING, issue=issue.edition.id, now=NOW)
    issue.enqueue()

    found = reported(issue)

    assert (found.period, found.late) == ("2026-W02", timedelta(hours=3))


def test_an_issue_that_was_never_sent_has_no_report(database: Engine) -> None:
    issue = delivering(database, names(1))

    with pytest.raises(NotFound, match="weekly/1 was never sent; send it with: newsletter send weekly/1"):
        reported(issue)


def test_an_overview_says_of_each_issue_what_its_report_says(database: Engine) -> None:
    issue = gone(database, a=NOBODY, c=LOST)
    issue.later(hours=1)
    comes_back(issue, FOUR, BounceKind.SOFT)
    issue.leaves(TWO)
    issue.later(days=7)
    next_issue(issue)

    first, second = deliver.overview(database, list="weekly", weeks=4, now=issue.now).issues

    found = reported(issue)
    assert (first.name, first.sent, first.failed, first.unknown) == ("weekly/1", found.sent, 1, 1)
    assert (first.bounced, first.complaints, first.left) == (1, 0, found.left)
    assert (second.name, second.recipients, second.sent, second.left) == ("weekly/2", 9, 0, Share(0, 0))


def test_an_overview_has_no_issue_from_before_its_weeks(database: Engine) -> None:
    issue = gone(database)
    issue.later(weeks=3)

    assert deliver.overview(database, list=None, weeks=3, now=issue.now).issues == ()
    assert len(deliver.overview(database, list=None, weeks=4, now=issue.now).issues) == 1


def test_papers_of_each_theme_come_from_approved_issues(database: Engine) -> None:
    publish(database, status=IssueStatus.DRAFT)
    later = publish(database, list="daily")
    with store.writing(database) as tx:
        issues.change(tx, later, theme_counts={"kv-cache": 7})

    now = datetime(2026, 1, 6, tzinfo=UTC)
    [found] = deliver.overview(database, list=None, weeks=26, now=now).papers

    assert (found.list, found.issue, found.themes) == ("daily", "daily/1", {"kv-cache": 7})
    assert deliver.overview(database, list="weekly", weeks=26, now=now).papers == []


def test_rows_of_each_status_are_counted_by_issue(database: Engine) -> None:
    for number, status in enumerate(DeliveryStatus, start=1):
        one = reader(database, f"{status}@example.org")
        for issue in range(1, number + 1):
            add_delivery(database, one, issue=issue, status=status)
    with store.reading(database) as tx:
        ids = [one.id for one in issues.every(tx)]
        found = deliveries.tallies(tx, ids[:3])

    assert set(found) == set(ids[:3])
    assert found[ids[0]] == dict.fromkeys(DeliveryStatus, 1)
    assert found[ids[2]] == dict.fromkeys(DeliveryStatus, 1) | dict.fromkeys([*DeliveryStatus][:2], 0)


def test_counting_a_large_issue_reads_no_row_of_it(tmp_path: Path) -> None:
    opened = store.open_store(f"sqlite:///{tmp_path}/newsletter.db")
    plans: list[str] = []

    @event.listens_for(opened, "before_cursor_execute")
    def explain(tx: Connection, cursor: Any, statement: str, values: Any, *rest: object) -> None:
        plans.extend(row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", values))

    with store.reading(opened) as tx:
        deliveries.tallies(tx, [1, 2])
    opened.dispose()

    steps = [plan for plan in plans if "deliveries" in plan]
    assert len(steps) == 4
    assert all("COVERING INDEX" in plan or "ix_deliveries_" in plan for plan in steps)
