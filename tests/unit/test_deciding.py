"""What an attempt means for its row, and what halts an issue."""

from datetime import timedelta

import pytest

from newsletter.deliver.deciding import Brakes, Hush, recorded
from newsletter.model import BounceKind, DeliveryStatus, Outcome, Phase, Verdict
from newsletter.store.deliveries import Claimed, Recorded
from tests.builders import NOW
from tests.delivering import RETRY

TAKEN = Outcome(Verdict.ACCEPTED, Phase.DOT, 250, "2.0.0", "Ok: queued as ABC")
HARD = Outcome(Verdict.REJECTED, Phase.RCPT, 550, "5.1.1", "nobody", BounceKind.HARD)
POLICY = Outcome(Verdict.REJECTED, Phase.DOT, 550, "5.7.1", "no", BounceKind.POLICY, of_sender=True)
LOST = Outcome(Verdict.RETURNED, Phase.BODY, text="ended the connection")


def after(outcome: Outcome, *, tried: int = 0) -> Recorded:
    row = Claimed(7, 1, 1, tried, "example.org", "ada@example.org", "ada@example.org", bytes(16))
    return recorded(row, outcome, retry=RETRY, now=NOW)


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (TAKEN, DeliveryStatus.SENT),
        (HARD, DeliveryStatus.FAILED),
        (Outcome(Verdict.UNKNOWN, Phase.DOT, text="no answer"), DeliveryStatus.UNKNOWN),
    ],
)
def test_what_is_settled_keeps_the_answer(outcome: Outcome, status: DeliveryStatus) -> None:
    row = after(outcome)

    assert row == Recorded(7, status, NOW, NOW, 1, outcome.code, outcome.enhanced, outcome.text)


def test_what_is_put_off_waits() -> None:
    row = after(Outcome(Verdict.DEFERRED, Phase.RCPT, 451, "4.7.1", "later"))

    assert (row.status, row.attempts) == (DeliveryStatus.PENDING, 1)
    assert timedelta(minutes=1) <= row.not_before - NOW <= timedelta(minutes=1.25)


@pytest.mark.parametrize("phase", [Phase.CONNECT, Phase.EHLO, Phase.MAIL])
def test_a_connection_that_ended_before_a_mail_costs_it_nothing(phase: Phase) -> None:
    row = after(Outcome(Verdict.RETURNED, phase, text="ended"), tried=2)

    assert (row.status, row.attempts, row.not_before) == (DeliveryStatus.PENDING, 2, NOW)


def test_a_refused_sender_costs_no_reader_a_try() -> None:
    refused = Outcome(Verdict.RETURNED, Phase.DATA, 554, "5.7.1", "no", of_sender=True)

    assert (after(refused).status, after(refused).attempts) == (DeliveryStatus.PENDING, 0)


def test_a_mail_that_ends_connections_waits_longer_each_time_and_is_given_up() -> None:
    waits = [(after(LOST, tried=tried).not_before - NOW).total_seconds() for tried in range(9)]

    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 300]
    last = after(LOST, tried=9)
    assert (last.status, last.cause) == (DeliveryStatus.FAILED, "given up: ended the connection")


def test_three_refusals_of_the_sender_in_a_row_halt_an_issue() -> None:
    brakes = Brakes()

    told = [brakes.told(outcome) for outcome in [POLICY, POLICY, TAKEN, POLICY, HARD, POLICY, POLICY]]

    assert told[:-1] == [""] * 6
    assert told[-1] == ("the server refuses what we send, whoever it is for: 550 no; run: newsletter doctor")


def test_mailboxes_that_are_not_there_halt_an_issue_where_they_are_many() -> None:
    few, many = Brakes(), Brakes()
    for number in range(1000):
        assert few.told(HARD if number % 20 == 19 else TAKEN) == ""
    told = [many.told(HARD if number % 18 == 0 else TAKEN) for number in range(1000)]

    assert next(number for number, reason in enumerate(told) if reason) == 199
    assert told[199].startswith("12 of 200 mails went to mailboxes that are not there")


def test_a_domain_that_is_pressed_too_hard_is_left_alone_for_longer_each_time() -> None:
    row = Claimed(7, 1, 1, 0, "example.org", "ada@example.org", "ada@example.org", bytes(16))
    hush, fast = Hush(), Outcome(Verdict.DEFERRED, Phase.RCPT, 450, "4.7.28", "too fast")
    quiet = []
    for _ in range(12):
        hush.told(row, fast, now=NOW)
        quiet.append(hush.until.get("example.org", NOW) - NOW)

    assert quiet[:9] == [timedelta(0)] * 9
    assert timedelta(seconds=15) <= quiet[9] <= timedelta(seconds=30)
    assert [round(one / quiet[9]) for one in quiet[9:]] == [1, 2, 4]
    assert hush.domains(now=NOW) == ("example.org",)
    hush.told(row, TAKEN, now=NOW)
    assert (hush.in_a_row, hush.domains(now=NOW + timedelta(hours=1))) == ({}, ())
