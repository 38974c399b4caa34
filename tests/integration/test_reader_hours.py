"""The reader's own hour: a mail goes when the clock of its reader shows the time of the issue."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from newsletter import delivery_report, store
from newsletter.dispatch import Standing
from newsletter.model import Choice, IssueStatus, Outcome, Phase, Verdict
from newsletter.store import deliveries, sendings, tables
from tests.builders import NOW
from tests.delivering import PENDING, SENT, Delivering, closed, names
from tests.fakes import ACCEPTED, ScriptedCarrier
from tests.published import publish
from tests.readers import reader

__all__ = ["closed"]

# Nine in Berlin.
NINE, SLOT = datetime.fromisoformat("2026-01-06 09:00"), datetime(2026, 1, 6, 8, tzinfo=UTC)
ROUND_THE_WORLD = (
    *("Pacific/Kiritimati", "Asia/Tokyo", "Europe/Berlin", "UTC", "America/New_York", "Pacific/Pago_Pago"),
    *("", "Mars/Olympus_Mons", "../../etc/passwd", "europe/berlin' OR 1=1 --"),
)


def among(database: Engine, *zones: str, now: datetime = SLOT) -> Delivering:
    """An approved issue, and a reader of each of those time zones, in their order."""
    for name, zone in zip(names(len(zones)), zones, strict=True):
        reader(database, name, Choice(timezone=zone))
    return Delivering(database, publish(database, status=IssueStatus.APPROVED), now)


def hours(database: Engine) -> Mapping[str, datetime]:
    """When each mail may go, by the time zone of its reader."""
    query = select(tables.subscriptions.c.timezone, tables.deliveries.c.not_before).join_from(
        tables.deliveries, tables.subscriptions
    )
    with store.reading(database) as tx:
        return {row.timezone: row.not_before for row in tx.execute(query)}


def test_each_reader_has_the_moment_at_which_their_clock_shows_the_time(database: Engine) -> None:
    among(database, *ROUND_THE_WORLD).enqueue(local=NINE)

    later = {
        "UTC": SLOT + timedelta(hours=1),
        "America/New_York": SLOT + timedelta(hours=6),
        "Pacific/Pago_Pago": SLOT + timedelta(hours=12),
    }
    # In Kiritimati and Tokyo it is past nine already; the others have no clock that is known.
    assert hours(database) == dict.fromkeys(ROUND_THE_WORLD, SLOT) | later


def test_an_issue_that_is_written_down_early_waits_for_the_first_clock_of_the_world(database: Engine) -> None:
    early = SLOT - timedelta(hours=20)
    among(database, "Pacific/Kiritimati", "Pacific/Pago_Pago", now=early).enqueue(local=NINE)

    first = datetime(2026, 1, 5, 19, tzinfo=UTC)
    assert hours(database) == {"Pacific/Kiritimati": first, "Pacific/Pago_Pago": first + timedelta(hours=25)}


def test_without_a_time_of_the_issue_everybody_gets_it_at_once(database: Engine) -> None:
    among(database, *ROUND_THE_WORLD).enqueue()

    assert set(hours(database).values()) == {SLOT}


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        # Put forward in Berlin at 01:00 UTC, in Havana three weeks before.
        ("2026-03-29 02:30", ["2026-03-29 01:00", "2026-03-29 06:30", "2026-03-28 21:00"]),
        # Put back in Berlin at 01:00 UTC: of two times the first.
        ("2026-10-25 02:30", ["2026-10-25 00:30", "2026-10-25 06:30", "2026-10-24 21:00"]),
        # No midnight in Havana on that day: it is one when that day begins, at 05:00 UTC.
        ("2026-03-08 00:00", ["2026-03-07 23:00", "2026-03-08 05:00", "2026-03-07 18:30"]),
    ],
)
def test_hours_hold_where_clocks_are_changed(database: Engine, local: str, expected: list[str]) -> None:
    zones = ["Europe/Berlin", "America/Havana", "Asia/Kolkata"]
    among(database, *zones, now=datetime(2026, 1, 1, tzinfo=UTC)).enqueue(local=datetime.fromisoformat(local))

    found = hours(database)
    assert [f"{found[zone]:%Y-%m-%d %H:%M}" for zone in zones] == expected


def test_a_run_ends_with_the_next_hour_and_comes_again(database: Engine) -> None:
    issue = among(database, "", "America/New_York", "Pacific/Pago_Pago")
    issue.enqueue(local=NINE)
    went = []
    for hour in (6, 6, 0):
        ended, carrier = issue.run()
        went.append((carrier.addresses, ended.due, ended.state))
        issue.later(hours=hour)

    first, second, third = names(3)
    running, finished = sendings.State.RUNNING, sendings.State.FINISHED
    assert went == [
        ([first], SLOT + timedelta(hours=6), running),
        ([second], SLOT + timedelta(hours=12), running),
        ([third], None, finished),
    ]


def test_one_whose_hour_is_late_has_as_many_tries_as_everybody(database: Engine) -> None:
    issue = among(database, "Pacific/Pago_Pago", now=SLOT - timedelta(hours=20))
    issue.enqueue(local=NINE)
    issue.later(hours=32)

    later = Outcome(Verdict.DEFERRED, Phase.RCPT, 451, "4.7.1", "try later")
    issue.run(ScriptedCarrier(lambda parcel: later))
    assert issue.statuses() == {names(1)[0]: PENDING}
    issue.later(minutes=2)

    issue.run(ScriptedCarrier(lambda parcel: ACCEPTED))
    assert issue.statuses() == {names(1)[0]: SENT}


def test_whoever_goes_on_after_a_crash_keeps_the_hours_that_were_written_down(database: Engine) -> None:
    issue = among(database, "America/New_York")
    issue.enqueue(local=NINE)

    issue.later(hours=2)
    issue.enqueue(local=NINE + timedelta(hours=3))
    issue.enqueue()

    assert hours(database) == {"America/New_York": SLOT + timedelta(hours=6)}


def test_one_who_leaves_before_their_hour_gets_nothing(database: Engine) -> None:
    issue = among(database, "America/New_York")
    issue.enqueue(local=NINE)
    issue.leaves(names(1)[0])
    issue.later(hours=7)

    _, carrier = issue.run()

    assert carrier.addresses == []


@pytest.mark.parametrize(
    ("zone", "says"),
    [
        ("America/New_York", "waits until 14:00 UTC for the hour of its next readers; "),
        ("Pacific/Pago_Pago", "waits until 2026-01-07 20:00 UTC for the hour of its next readers; "),
    ],
)
def test_how_it_stands_says_what_it_waits_for(database: Engine, zone: str, says: str) -> None:
    issue = among(database, zone)
    issue.enqueue(local=NINE if zone == "America/New_York" else NINE + timedelta(days=1))
    with store.reading(database) as tx:
        sending, due = sendings.of(tx, issue.edition.id), deliveries.next_due(tx, issue.edition.id)
    tally = {"recipients": 1, "sent": 0, "pending": 1, "deferred": 0, "sending": 0, "unknown": 0, "failed": 0}

    standing = [Standing(issue.edition, sending, tally, due)]
    shown = delivery_report.standing_table(standing, at_work=False, now=SLOT)

    assert shown.cells[0][-1] == f"{says}then: newsletter send weekly/1"
    assert SLOT.date() == NOW.date()
