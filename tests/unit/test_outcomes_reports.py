"""What a mail that came back tells: of which delivery, of which recipient, and how grave it is."""

import base64
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.model import BounceKind
from newsletter.outcomes import reports
from newsletter.outcomes.reports import Notice, Report, Says
from tests import reports as mails
from tests.reports import BOUNCE, complaint, dsn, worded

KEY = "a-key-for-tests-0123456789-abcdefghijklm"
TOKEN, OTHER = mails.token(1, key=KEY), mails.token(2, key=KEY)
TO = f"bounce+{TOKEN}@news.example.org"
ADA = "ada@example.net"


def read(mail: bytes) -> Report | None:
    return reports.read(mail, bounce_address=BOUNCE)


def told(mail: bytes, address: str = ADA) -> tuple[Says, BounceKind | None] | None:
    """What a mail says of the reader, and how grave it is."""
    report = read(mail)
    notice = reports.about(report, address) if report else None
    return (notice.says, notice.meaning.kind if notice.meaning else None) if notice else None


def failed(kind: str) -> tuple[Says, BounceKind]:
    return Says.FAILED, BounceKind(kind)


def test_a_report_names_its_delivery_its_code_and_its_cause_without_the_address() -> None:
    report = read(
        dsn(TO, status="5.2.2", said=f"552-5.2.2 <{ADA}> ada's mailbox\r\n 552 5.2.2 {TOKEN} is full")
    )

    assert report
    assert report.tokens == (TOKEN,)
    meaning = report.notices[0].meaning
    assert meaning
    assert (meaning.kind, meaning.code, meaning.enhanced) == (BounceKind.SOFT, 552, "5.2.2")
    assert meaning.text == "<…> …'s mailbox … is full"


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        ("5.1.1", "550 5.1.1 User unknown", "hard"),
        ("5.1.1", "", "hard"),
        ("5.1.2", "", "hard"),
        ("5.1.3", "", "hard"),
        ("5.1.6", "", "hard"),
        ("5.1.10", "556 5.1.10 nullMX", "hard"),
        ("5.2.1", "550 5.2.1 disabled", "hard"),
        ("5.2.2", "", "soft"),
        ("5.2.3", "", "soft"),
        ("5.3.4", "", "soft"),
        ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied.", "soft"),
        ("5.4.4", "Host or domain name not found", "soft"),
        ("5.7.1", "550 5.7.1 user unknown", "policy"),
        ("5.7.26", "550-5.7.26 This mail has been blocked", "policy"),
        ("5.7.515", "550 5.7.515 Access denied", "policy"),
        ("5.6.0", "", "policy"),
        ("5.1.8", "", "policy"),
        ("5.0.0", "550-5.1.1 The email account that you tried to reach does not exist.", "hard"),
        ("5.0.0", "550 No such user here", "hard"),
        ("5.0.0", "552 mailbox is full", "soft"),
        ("5.0.0", "554 Message refused as spam, no such user", "policy"),
        ("5.0.0", "550 no", "policy"),
        ("", "550 5.1.1 unknown", "hard"),
        ("", "", "policy"),
        # Two signs that contradict each other: the milder one counts.
        ("5.1.1", "552 5.2.2 mailbox full", "soft"),
        ("5.1.1", "550 5.7.1 refused", "policy"),
        ("5.1.1", "552 no such user", "soft"),
        ("5.0.0", "552 spam", "policy"),
        ("5.0.0", "552 no", "soft"),
        ("5.1.1", "550 5.1.1 blocked using a block list", "policy"),
        ("5.1.1", "450 4.1.1 try later", "soft"),
        ("4.1.1", "450 4.1.1 unverified address", "soft"),
        ("4.4.1", "connect timed out", "soft"),
        ("4.7.28", "421 4.7.28 too much mail", "policy"),
        ("2.1.1", "", "soft"),
        ("5.1.1.2", "", "policy"),
        ("15.1.1", "", "policy"),
    ],
)
def test_a_failure_counts_by_its_status_then_its_code_then_its_words(
    status: str, said: str, kind: str
) -> None:
    assert told(dsn(TO, status=status, said=said)) == failed(kind)


@pytest.mark.parametrize(
    ("action", "says"),
    [
        ("delayed", Says.DELAYED),
        ("delivered", Says.ARRIVED),
        ("Relayed (to non-DSN-aware mailer)", Says.ARRIVED),
        ("expanded", Says.ARRIVED),
    ],
)
def test_only_what_failed_is_a_bounce(action: str, says: Says) -> None:
    assert told(dsn(TO, action=action)) == (says, None)


def group(address: str, action: str = "failed", status: str = "5.1.1") -> str:
    return f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n"


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ((group("bo@example.net"), group(ADA, "delivered", "2.0.0")), (Says.ARRIVED, None)),
        ((group("bo@example.net", "delivered", "2.0.0"), group("<ADA@example.net>")), failed("hard")),
        ((group("bo@example.net"), group("cy@example.net", "relayed")), (Says.ARRIVED, None)),
        ((group("bo@example.net"), group("cy@example.net", status="5.2.2")), failed("soft")),
        ((group("bo@example.net"),), failed("soft")),
        ((group("bo@example.net", status="5.7.1"),), failed("policy")),
        ((f"Original-Recipient: rfc822;{ADA}\r\n{group('bo@example.net', status='5.2.2')}",), failed("soft")),
        (("X-Note: nothing\r\n", group(ADA)), failed("hard")),
    ],
)
def test_of_several_recipients_the_reader_counts_and_else_the_mildest(
    groups: tuple[str, ...], expected: tuple[Says, BounceKind | None]
) -> None:
    assert told(dsn(TO, *groups)) == expected


@pytest.mark.parametrize("name", ["To", "Delivered-To", "X-Original-To", "Envelope-To"])
def test_the_token_stands_in_the_address_that_the_report_came_to(name: str) -> None:
    plain = dsn("digest@news.example.org").replace(b"Subject:", f"{name}: {TO.upper()}\r\nSubject:".encode())

    report = read(plain)

    assert report
    assert report.tokens == (TOKEN,)


@pytest.mark.parametrize(
    "line",
    [
        f"Return-Path: <{TO}>",
        f"Sender: {TO}",
        f"Return-Path: <SRS0=ab1=cd=news.example.org=bounce+{TOKEN}@forwarder.example>",
    ],
)
def test_the_token_stands_in_the_sender_of_the_returned_mail(line: str) -> None:
    mail = dsn("digest@news.example.org").replace(b"Return-Path: <digest@news.example.org>", line.encode())

    report = read(mail)

    assert report
    assert report.tokens == (TOKEN,)


@pytest.mark.parametrize("line", [f"X-Postfix-Sender: rfc822; {TO}", f"Original-Envelope-Id: {TOKEN}"])
def test_the_token_stands_in_the_fields_of_the_report(line: str) -> None:
    mail = dsn("digest@news.example.org").replace(b"Reporting-MTA:", f"{line}\r\nReporting-MTA:".encode())

    report = read(mail)

    assert report
    assert report.tokens == (TOKEN,)


def test_where_it_came_to_is_tried_before_what_it_brings_along() -> None:
    mail = dsn(TO).replace(
        f"Return-Path: <{TO}>".encode(), f"Return-Path: <bounce+{OTHER}@x.example>".encode()
    )

    report = read(mail)

    assert report
    assert report.tokens == (TOKEN, OTHER)


PLAIN = dsn(TO, status="5.2.2")
STATUS = b"Final-Recipient: rfc822; ada@example.net\r\nAction: failed\r\nStatus: 5.2.2\r\n"


@pytest.mark.parametrize(
    "mail",
    [
        PLAIN.replace(b"\r\n", b"\n"),
        PLAIN.replace(b'"=_b/1"', b"b").replace(b"--=_b/1", b"--b"),
        PLAIN.replace(b"Content-Type: message/rfc822", b"Content-Type: text/rfc822-headers"),
        PLAIN.replace(b"--=_b/1--", b""),
        PLAIN[: PLAIN.index(b"Message-ID: <1.ada")],
        PLAIN.replace(b"message/delivery-status", b"Message/Global-Delivery-Status"),
        PLAIN.replace(
            b"message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n" + STATUS,
            b"message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + base64.encodebytes(b"Reporting-MTA: dns; x\n\n" + STATUS),
        ),
        b"To: " + TO.encode() + b"\r\nContent-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\n"
        + PLAIN[PLAIN.index(b"Content-Type") :] + b"\r\n--out\r\n\r\nChecked for viruses.\r\n--out--\r\n",
    ],
    ids=["LF", "bare boundary", "headers", "no end", "cut off", "global", "base64", "wrapped"],
)  # fmt: skip
def test_a_report_is_read_however_it_is_packed(mail: bytes) -> None:
    assert told(mail) == failed("soft")


def test_a_recipient_in_the_report_is_no_token() -> None:
    report = read(dsn("digest@news.example.org", group(TO)))

    assert report
    assert report.tokens == ()


LEAVE = f"<https://news.example.org/weekly/unsubscribe/{TOKEN}>,\r\n <mailto:leave+{TOKEN}@news.example.org>"


@pytest.mark.parametrize("feedback", ["abuse", "Fraud", "opt-out"])
def test_a_complaint_names_its_reader_by_the_mail_it_brings_along(feedback: str) -> None:
    report = read(complaint(TO, leave=LEAVE, feedback=feedback))

    assert report
    assert (report.notices, report.tokens, report.leave_tokens) == (
        (Notice(Says.COMPLAINT),),
        (TOKEN,),
        (TOKEN,),
    )


@pytest.mark.parametrize("feedback", ["not-spam", "auth-failure", "virus", "other", ""])
def test_other_feedback_is_no_complaint(feedback: str) -> None:
    assert read(complaint(TO, leave=LEAVE, feedback=feedback)) is None


FORMS = {name: getattr(mails, name) for name in ("QMAIL", "EXIM", "EXCHANGE", "GMAIL", "SENDMAIL", "POSTFIX")}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("550 5.1.1 User unknown", "hard"),
        ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "hard"),
        ("552 5.2.2 Mailbox full", "soft"),
        ("550 5.7.1 Message blocked", "policy"),
    ],
)
def test_reports_in_words_are_read(form: str, said: str, kind: str) -> None:
    assert told(worded(TO, form.format(reader=ADA, said=said))) == failed(kind)


def test_words_without_a_code_are_read_too() -> None:
    said = "Sorry, no mailbox here by that name. (#5.1.1)"

    assert told(worded(TO, mails.QMAIL.format(reader=ADA, said=said))) == failed("hard")
    assert told(worded(TO, mails.QMAIL.format(reader=ADA, said="no such user"))) == failed("soft")
    assert told(worded(TO, mails.QMAIL.format(reader=ADA, said="5.2.77 no such user"))) == failed("soft")
    assert told(worded(TO, mails.QMAIL.format(reader=ADA, said="No luck."))) == failed("policy")


def test_words_say_that_a_mail_is_only_late() -> None:
    assert told(worded(TO, mails.EXIM_LATE.format(reader=ADA))) == (Says.DELAYED, None)


def test_words_count_only_for_the_reader_they_name() -> None:
    mail = worded(TO, mails.QMAIL.format(reader="bo@example.net", said="550 5.1.1 User unknown"))

    assert told(mail) is None


@pytest.mark.parametrize(
    "mail",
    [
        worded(TO, "I am away. 550 5.1.1 User unknown", sender=ADA, head="Auto-Submitted: auto-replied\r\n"),
        worded(TO, mails.QMAIL.format(reader=ADA, said="550 5.1.1 User unknown"), sender=ADA),
        worded(TO, "Something went wrong. 550 5.1.1 User unknown"),
        worded(TO, f"Please confirm that you are no robot: https://example.net/?{TOKEN}", sender=ADA),
        dsn(TO).replace(b"report-type=delivery-status", b"report-type=disposition-notification").replace(
            b"message/delivery-status", b"message/disposition-notification"
        ),
        b"To: " + TO.encode() + b"\r\nContent-Type: multipart/mixed; boundary=z\r\n\r\n--z\r\n"
        b"Content-Type: message/rfc822\r\n\r\n" + dsn(TO) + b"\r\n--z--\r\n",
        dsn(TO).replace(b'boundary="=_b/1"', b'boundary="another"'),
        dsn(TO).replace(b"Action: failed\r\nStatus", b"Action: pondered\r\nStatus"),
        b"",
    ],
    ids=["holiday", "person", "no form", "challenge", "receipt", "forwarded", "boundary", "action", "-"],
)  # fmt: skip
def test_what_is_no_report_for_certain_is_none(mail: bytes) -> None:
    assert read(mail) is None


REAL = Path(os.environ.get("NEWSLETTER_REAL_INPUTS", "nowhere")) / "bounces"


@pytest.mark.skipif(not REAL.is_dir(), reason="set NEWSLETTER_REAL_INPUTS to a folder with bounces/*.eml")
@pytest.mark.parametrize(("name", "kind"), [("dsn_1", "hard"), ("dsn_2", "soft"), ("dsn_3", "policy")])
def test_reports_of_a_real_postfix_are_read(name: str, kind: str) -> None:
    mail = (REAL / f"{name}.eml").read_bytes().replace(b"bounce+42.tok@rel.test", TO.encode())

    report = read(mail)

    assert report
    assert report.tokens == (TOKEN,)
    [notice] = report.notices
    assert notice.meaning
    assert notice.meaning.kind == kind
    assert "@" not in notice.meaning.text


HEAD = b"Content-Type: multipart/report; boundary=b\r\n\r\n"


@pytest.mark.parametrize(
    "mail",
    [
        HEAD + b"--b\r\nContent-Type: message/delivery-status\r\n\r\n" + b"Action: failed\r\n\r\n" * 60_000,
        HEAD + b"--b\r\n\r\nx\r\n" * 100_000,
        b"".join(b"Content-Type: message/rfc822\r\n\r\n" for _ in range(30_000)),
        b"".join(
            b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(15_000)
        ),
        HEAD + b"--b" + b"-" * 900_000,
        b"Content-Type: multipart/report; boundary=" + b"b" * 900_000,
        b"Content-Type: multipart/report;" + b" boundary=" * 90_000,
        b"\n" * 1_000_000,
        HEAD + b"--\r\n" * 250_000,
        worded(TO, "Hi. This is the qmail-send program at x.\r\n" + "a@" * 400_000),
        worded(TO, "Hi. This is the qmail-send program at x.\r\n" + "mailbox " * 100_000),
        dsn(TO, said="5.1." * 200_000),
        dsn(TO, said="mailbox" + " " * 800_000),
    ],
    ids=range(13),
)
def test_no_mail_costs_more_than_a_moment(mail: bytes) -> None:
    start = time.process_time()
    told(mail)

    assert time.process_time() - start < 2


@given(st.binary(max_size=400))
def test_any_bytes_are_a_report_or_none(mail: bytes) -> None:
    assert read(mail) is None
