"""What a mail asks of us: who leaves by it, and why any other is none of our business."""

import base64
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter import incoming
from newsletter.incoming import Ignored, Leave
from tests.incoming_mails import LEAVE, OTHER, SAMPLES, TOKEN, is_understood, mutated

WORD = base64.b64encode(f"leave+{TOKEN}@news.example.org".encode()).decode()


def read(head: str, body: str = "Bye.") -> Leave | Ignored:
    return incoming.read(f"{head}\r\n\r\n{body}\r\n".encode(), leave_address=LEAVE)


@pytest.mark.parametrize(
    "head",
    [
        f"To: leave+{TOKEN}@news.example.org",
        f"to:leave+{TOKEN}@NEWS.example.org",
        f"TO: LEAVE+{TOKEN.upper()}@NEWS.EXAMPLE.ORG",
        f"Cc: Leave+{TOKEN.title()}@news.example.org",
        f"To: <leave+{TOKEN}@news.example.org>",
        f'To: "Leave, please" (or not) <leave+{TOKEN}@news.example.org>',
        f"To: Bo <bo@example.org>, leave+{TOKEN}@news.example.org, cy@example.org",
        f"To: leave+{TOKEN}(the list)@news.example.org",
        f'To: "leave+{TOKEN}"@news.example.org',
        f"To: bo@example.org,\r\n leave+{TOKEN}@news.example.org",
        f"To: leave+{TOKEN[:30]}\r\n {TOKEN[30:]}@news.example.org",
        f"Delivered-To: leave+{TOKEN}@mailbox.internal",
        f"X-Original-To: leave+{TOKEN}@news.example.org",
        f"Envelope-To: leave+{TOKEN}@news.example.org",
        f"Resent-To: leave+{TOKEN}@news.example.org",
        f"Apparently-To: leave+{TOKEN}@news.example.org",
        f"To: undisclosed-recipients:;\r\nDelivered-To: leave+{TOKEN}@news.example.org",
        f"From bo@example.org Tue Jan  6 09:30:15 2026\r\nTo: leave+{TOKEN}@news.example.org",
        f"To: =?utf-8?B?{WORD}?=",
        f"To: =?utf-8?q?leave=2B{TOKEN[:20]}?=\r\n =?utf-8?q?{TOKEN[20:]}=40news.example.org?=",
        f"To: leave@news.example.org\r\nSubject: unsubscribe {TOKEN}",
        f"Subject: Re: UNSUBSCRIBE: {TOKEN.upper()}",
        f"Subject: =?utf-8?q?unsubscribe_{TOKEN}?=",
    ],
)
def test_whoever_writes_to_the_signed_address_leaves(head: str) -> None:
    assert read(head) == Leave((TOKEN,))


@pytest.mark.parametrize(
    "head",
    [
        "From: somebody.else@example.com",
        "From: <>\r\nReturn-Path: <>",
        "Auto-Submitted: auto-generated",
        "Content-Type: multipart/report; report-type=delivery-status",
        "Precedence: bulk\r\nList-Id: <weekly.news.example.org>",
    ],
)
def test_the_token_is_the_proof_whoever_and_whatever_sends_it(head: str) -> None:
    assert read(f"{head}\r\nTo: leave+{TOKEN}@news.example.org") == Leave((TOKEN,))


def test_each_token_counts_once_in_the_order_of_the_mail() -> None:
    head = f"To: leave+{OTHER}@news.example.org, leave+{TOKEN}@news.example.org"

    assert read(f"{head}\r\nDelivered-To: leave+{TOKEN}@news.example.org") == Leave((OTHER, TOKEN))


@pytest.mark.parametrize(
    "head",
    [
        "To: leave@news.example.org\r\nSubject: unsubscribe",
        f"Reply-To: leave+{TOKEN}@news.example.org",
        f"List-Unsubscribe: <mailto:leave+{TOKEN}@news.example.org>",
        f"To: leave+{TOKEN}a@news.example.org",
        f"To: leave+{TOKEN[1:]}@news.example.org",
        f"To: unleave+{TOKEN}@news.example.org",
        f"To: leave-{TOKEN}@news.example.org",
        f"Subject: {TOKEN}",
        f"Subject: hi\r\n\r\nTo: leave+{TOKEN}@news.example.org",
        "",
    ],
)
def test_nobody_leaves_by_a_mail_that_does_not_say_so(head: str) -> None:
    assert isinstance(read(head, f"To: leave+{TOKEN}@news.example.org"), Ignored)


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("Content-Type: multipart/report;\r\n report-type=delivery-status; boundary=b", Ignored.REPORT),
        ("From: MAILER-DAEMON@mx.example.org (Mail Delivery System)", Ignored.REPORT),
        ("Content-Type: multipart/report; report-type=feedback-report", Ignored.COMPLAINT),
        ("Auto-Submitted: auto-replied (vacation)", Ignored.AUTOMATIC),
        ("Precedence: auto_reply", Ignored.AUTOMATIC),
        ("X-Autoreply: yes", Ignored.AUTOMATIC),
        ("List-Id: <talk.example.org>", Ignored.LIST),
        ("Precedence: Bulk", Ignored.LIST),
        ("Auto-Submitted: no\r\nFrom: bo@example.org\r\nSubject: please", Ignored.OTHER),
    ],
)
def test_every_other_mail_has_a_reason_in_a_word(head: str, why: Ignored) -> None:
    assert read(head) is why


def test_without_a_mailbox_to_leave_by_the_subject_still_counts() -> None:
    mail = f"To: leave+{OTHER}@news.example.org\r\nSubject: unsubscribe {TOKEN}\r\n\r\n".encode()

    assert incoming.read(mail, leave_address="") == Leave((TOKEN,))


def test_a_mail_of_a_thousand_tokens_is_good_for_a_few() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    many = ", ".join(f"leave+{one}{two}{TOKEN[2:]}@news.example.org" for one in letters for two in letters)

    found = read(f"To: {many}")

    assert isinstance(found, Leave)
    assert len(found.tokens) == incoming.MOST_TOKENS


@pytest.mark.parametrize(
    "mail",
    [
        b"To: " + b"leave+" * 400_000,
        b"To: " + b"leave+" + TOKEN.encode() + b"a" * 2_000_000,
        b"To: " + b"=?a?q?" * 300_000,
        b"To: " + b"=?utf-8?b?" + b"A" * 2_000_000,
        b"Subject: " + b"unsubscribe " * 200_000,
        b"Subject: unsubscribe" + b" " * 2_000_000,
        b"\n ".join([b"To:a"] * 500_000),
        b"\r\n" * 1_000_000,
        b"\r" * 2_000_000,
        b"a:" * 1_000_000,
        b"To:\n" * 500_000,
        b"(" * 2_000_000,
    ],
    ids=range(12),
)
def test_no_mail_costs_more_than_a_moment(mail: bytes) -> None:
    start = time.process_time()
    is_understood(mail)

    assert time.process_time() - start < 2


@given(st.binary(max_size=400))
@example(b"To: =?utf-8?b?\xff?=\n\n")
@example(b"To\xff: x\n")
def test_any_bytes_are_understood(mail: bytes) -> None:
    assert is_understood(mail)


@given(st.sampled_from(SAMPLES), st.integers(min_value=0))
def test_any_damage_to_a_mail_is_understood(sample: bytes, number: int) -> None:
    assert is_understood(mutated(sample, number))
