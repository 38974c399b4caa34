"""What follows from what comes back, on both databases: who is written to no more, and who still is."""

from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from newsletter import links, store
from newsletter.config import Settings
from newsletter.mailroom import Mailroom
from newsletter.model import (
    BounceKind,
    DeliveryStatus,
    Outcome,
    Phase,
    SubscriptionStatus,
    SuppressionReason,
    Verdict,
)
from newsletter.outcomes import reports
from newsletter.recipients import recipient
from newsletter.store import bounces, consents, subscriptions, suppressions, tables
from newsletter.subscribe import bouncing, erase, lift
from tests.builders import NOW
from tests.readers import KEY, leave_token, reader, settings, subscription
from tests.reports import BOUNCE, add_delivery, complaint, count, delivery, dsn
from tests.stored import dump

ADA = recipient("ada@example.net")


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    return settings(tmp_path, bounce_address=BOUNCE)


def room(database: Engine, chosen: Settings, *, days: float = 1) -> Mailroom:
    return Mailroom(database, chosen, lambda: NOW + timedelta(days=days))


def suppressed(database: Engine, folded: str = ADA.folded) -> SuppressionReason | None:
    with store.reading(database) as tx:
        found = suppressions.of(tx, folded)
        return found.reason if found else None


def status(database: Engine, number: int) -> str:
    with store.reading(database) as tx:
        return tx.scalar(select(tables.deliveries.c.status).where(tables.deliveries.c.id == number)) or ""


def soft_reports(
    database: Engine, chosen: Settings, *days: float, skipped: tuple[int, ...] = ()
) -> list[bytes]:
    """A mail on each of those days, and reports that the mailbox was full; none of those that are skipped."""
    came = []
    for issue, day in enumerate(days, start=1):
        _, to = delivery(database, chosen, issue=issue, at=NOW + timedelta(days=day))
        if issue not in skipped:
            came.append(dsn(to, status="5.2.2", said="552 5.2.2 full", number=str(issue)))
    return came


def test_one_hard_report_and_nothing_more_goes_there(database: Engine, chosen: Settings) -> None:
    _, to = delivery(database, chosen)

    assert room(database, chosen).take(dsn(to, said="550 5.1.1 User unknown"))

    assert suppressed(database) is SuppressionReason.BOUNCE
    with store.reading(database) as tx:
        [came] = bounces.each(tx, since=NOW, most=9)[0]
        assert (came.kind, came.code, came.enhanced, came.issue) == (BounceKind.HARD, 550, "5.1.1", 1)
        found = subscriptions.subscriber(tx, ADA.folded)
        assert found
        assert [(one.act, one.way) for one in consents.of(tx, found.id)][1:] == [("suppressed", "report")]


@pytest.mark.parametrize(
    ("status", "action"),
    [("5.2.2", "failed"), ("5.7.1", "failed"), ("4.4.1", "delayed"), ("2.0.0", "delivered")],
)
def test_no_other_report_alone_suppresses_anybody(
    database: Engine, chosen: Settings, status: str, action: str
) -> None:
    _, to = delivery(database, chosen)

    assert room(database, chosen).take(dsn(to, status=status, action=action))

    assert suppressed(database) is None
    assert count(database, "bounces") == (action == "failed")


def test_refusals_of_many_mails_by_policy_suppress_nobody(database: Engine, chosen: Settings) -> None:
    numbers = [
        add_delivery(database, reader(database, f"r{n}@example.net"), issue=n % 3, status=DeliveryStatus.SENT)
        for n in range(60)
    ]
    opened = room(database, chosen)
    for number, code in zip(numbers, ["5.7.515", "5.7.26", "5.7.1"] * 20, strict=True):
        opened.take(dsn(f"bounce+{links_token(number)}@x.example", status=code, said=f"550 {code} no"))

    assert opened.taken.reports == {"policy": 60}
    assert count(database, "suppressions") == 0


def links_token(number: int, *, key: str = KEY, list: str = "weekly") -> str:
    address = links.reports_to(BOUNCE, number, list=list, keys=links.Keys((key.encode(),)))
    return address.partition("+")[2].partition("@")[0]


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_three_full_mailboxes_in_a_row_suppress_in_whatever_order_they_are_told(
    database: Engine, chosen: Settings, order: tuple[int, ...]
) -> None:
    came = soft_reports(database, chosen, 0, 7, 14)
    opened = room(database, chosen, days=20)

    ends = [opened.take(came[at]) and suppressed(database) for at in order]

    assert ends == [None, None, SuppressionReason.BOUNCE]


@pytest.mark.parametrize(
    ("days", "skipped"),
    [
        ((0, 7, 14, 21), (2,)),
        ((0, 7, 14, 21), (3,)),
        ((0, 16, 31), ()),
        ((0, 7), ()),
    ],
)
def test_a_mail_that_stayed_or_a_longer_time_between_suppresses_nobody(
    database: Engine, chosen: Settings, days: tuple[float, ...], skipped: tuple[int, ...]
) -> None:
    opened = room(database, chosen, days=40)

    for mail in soft_reports(database, chosen, *days, skipped=skipped):
        opened.take(mail)

    assert suppressed(database) is None


def test_later_mails_whose_fate_is_not_known_yet_do_not_save_a_full_mailbox(
    database: Engine, chosen: Settings
) -> None:
    came = soft_reports(database, chosen, 0, 1, 2, 3, 4, 5, skipped=(4, 5, 6))
    opened = room(database, chosen, days=5)

    assert all(opened.take(mail) for mail in came)

    assert suppressed(database) is SuppressionReason.BOUNCE


def test_the_same_full_mailbox_told_three_times_counts_once(database: Engine, chosen: Settings) -> None:
    [mail] = soft_reports(database, chosen, 0)
    others = (mail, mail.replace(b"<1@mx", b"<2@mx"), mail)

    for days, again in enumerate(others):
        assert room(database, chosen, days=7 * days).take(again)

    assert count(database, "bounces") == 1
    assert suppressed(database) is None


def test_a_report_of_a_mail_from_before_the_address_was_lifted_counts_for_nothing_more(
    database: Engine, chosen: Settings
) -> None:
    _, to = delivery(database, chosen)
    lift_after(database, room(database, chosen), dsn(to))

    assert suppressed(database) is None
    _, late = delivery(database, chosen, issue=2)
    room(database, chosen, days=9).take(dsn(late))
    assert suppressed(database) is None
    _, new = delivery(database, chosen, issue=3, at=NOW + timedelta(days=9))
    room(database, chosen, days=10).take(dsn(new))
    assert suppressed(database) is SuppressionReason.BOUNCE


def lift_after(database: Engine, opened: Mailroom, mail: bytes) -> None:
    opened.take(mail)
    assert lift(database, ADA, now=NOW + timedelta(days=8))
    opened.take(mail)


@pytest.mark.parametrize("action", ["delivered", "relayed", "failed", "delayed"])
def test_any_report_shows_that_a_delivery_was_taken_of_which_that_was_not_known(
    database: Engine, chosen: Settings, action: str
) -> None:
    number, to = delivery(database, chosen, status=DeliveryStatus.UNKNOWN)

    room(database, chosen).take(dsn(to, action=action, status="2.0.0" if action != "failed" else "5.2.2"))

    assert status(database, number) == "sent"


@pytest.mark.parametrize("before", [*DeliveryStatus])
def test_a_report_changes_no_other_delivery_and_is_counted_whatever_its_status_is(
    database: Engine, chosen: Settings, before: DeliveryStatus
) -> None:
    number, to = delivery(database, chosen, status=before)
    other, _ = delivery(database, chosen, "bo@example.net", status=DeliveryStatus.UNKNOWN)

    room(database, chosen).take(dsn(to))

    assert status(database, number) == ("sent" if before is DeliveryStatus.UNKNOWN else before)
    assert (status(database, other), suppressed(database)) == ("unknown", SuppressionReason.BOUNCE)


def test_a_report_about_a_forgotten_reader_brings_nothing_back(database: Engine, chosen: Settings) -> None:
    _, to = delivery(database, chosen)
    erase(database, ADA, now=NOW)
    before = dump(database)
    opened = room(database, chosen)

    assert opened.take(dsn(to))

    assert opened.taken.reports == {"of nobody": 1}
    assert dump(database) == before


@pytest.mark.parametrize("by", ["sender", "page", "mail"])
def test_a_complaint_takes_its_reader_off_and_nothing_more_goes_there_where_a_delivery_proves_it(
    database: Engine, chosen: Settings, by: str
) -> None:
    _, to = delivery(database, chosen)
    other = reader(database, list="daily")
    token = leave_token(reader(database), chosen)
    mail = {
        "sender": complaint(to),
        # Whoever the mail was forwarded to has these.
        "page": complaint(leave=f"<https://news.example.org/weekly/unsubscribe/{token}>"),
        "mail": complaint(leave=f"<mailto:leave+{token}@news.example.org?subject=unsubscribe>"),
    }[by]
    opened = room(database, chosen)

    assert opened.take(mail)
    assert opened.take(mail)

    assert opened.taken.reports == {"complaint": 1, "known already": 1}
    assert suppressed(database) is (SuppressionReason.COMPLAINT if by == "sender" else None)
    left = subscription(database, ADA.address)
    assert left
    assert left.status is SubscriptionStatus.UNSUBSCRIBED
    assert subscription(database, ADA.address, list="daily") == other
    assert count(database, "bounces") == 1


def test_a_thousand_forged_reports_and_complaints_change_nothing(database: Engine, chosen: Settings) -> None:
    number, _ = delivery(database, chosen)
    stranger, before = "another-key-0123456789-abcdefghijklmnop", dump(database)
    opened = room(database, chosen)
    for at in range(250):
        token = links_token(number + at, key=stranger)
        mine = links_token(number)
        broken = mine[: at % 52] + ("a" if mine[at % 52] != "a" else "b") + mine[at % 52 + 1 :]
        for mail in (
            dsn(f"bounce+{token}@news.example.org"),
            dsn(f"bounce+{broken}@news.example.org"),
            complaint(f"bounce+{token}@news.example.org"),
            complaint(leave=f"<https://news.example.org/weekly/unsubscribe/{mine}>"),
        ):
            assert not opened.take(mail)

    assert opened.taken.not_ours == 1000
    assert dump(database) == before


def test_a_report_without_a_token_is_counted_and_changes_nothing(database: Engine, chosen: Settings) -> None:
    delivery(database, chosen)
    before = dump(database)
    opened = room(database, chosen)

    assert not opened.take(dsn("digest@news.example.org"))

    assert opened.taken.ignored == {"delivery report": 1}
    assert dump(database) == before


def test_an_automatic_reply_to_a_mail_changes_nothing_and_is_done_with(
    database: Engine, chosen: Settings
) -> None:
    _, to = delivery(database, chosen)
    before = dump(database)

    assert room(database, chosen).take(
        f"To: {to}\r\nAuto-Submitted: auto-replied\r\n\r\n550 5.1.1\r\n".encode()
    )

    assert dump(database) == before


def test_a_refusal_during_the_session_counts_as_a_report_does_and_once(
    database: Engine, chosen: Settings
) -> None:
    number, to = delivery(database, chosen, status=DeliveryStatus.FAILED)
    outcome = Outcome(Verdict.REJECTED, Phase.RCPT, 550, "5.1.1", "User unknown", BounceKind.HARD)
    with store.writing(database) as tx:
        about = bounces.mailed(tx, number)
        assert about
        one = bouncing.of_outcome(
            outcome,
            BounceKind.HARD,
            delivery=number,
            subscriber=about.subscriber,
            issue=about.issue,
            now=NOW,
        )
        assert bouncing.record(tx, [one, one], now=NOW) == {one.token}

    opened = room(database, chosen)
    assert opened.take(dsn(to))

    assert opened.taken.reports == {"known already": 1}
    assert (suppressed(database), count(database, "bounces")) == (SuppressionReason.BOUNCE, 1)


def test_what_came_back_goes_with_its_reader(database: Engine, chosen: Settings) -> None:
    _, to = delivery(database, chosen)
    room(database, chosen).take(dsn(to))

    erase(database, ADA, now=NOW)

    assert (count(database, "bounces"), count(database, "deliveries")) == (0, 0)


def test_a_report_is_about_the_list_that_its_token_names(database: Engine, chosen: Settings) -> None:
    number, _ = delivery(database, chosen)
    opened = room(database, chosen)

    assert not opened.take(dsn(f"bounce+{links_token(number, list='other')}@news.example.org"))

    report = reports.read(dsn(f"bounce+{links_token(number)}@x.example"), bounce_address=BOUNCE)
    assert report
    assert suppressed(database) is None
