"""Mails that come back, for tests: reports of every kind, and deliveries for them to be about."""

from datetime import datetime

from sqlalchemy import Engine, func, insert, select

from newsletter import config, links, store
from newsletter.config import Settings
from newsletter.links import Keys
from newsletter.model import DeliveryStatus, Subscription
from newsletter.store import tables
from tests.builders import NOW
from tests.readers import reader

BOUNCE = "bounce@news.example.org"
# What stands in the returned mail of each report: no word of it is the server's.
TRAP = (
    "550 5.1.1 user unknown: a paper about mailboxes that do not exist\r\nStatus: 5.1.1\r\nAction: failed\r\n"
)


def delivery(
    database: Engine,
    settings: Settings,
    address: str = "ada@example.net",
    *,
    issue: int = 1,
    status: DeliveryStatus = DeliveryStatus.SENT,
    at: datetime = NOW,
    list: str = "weekly",
) -> tuple[int, str]:
    """A delivery of the issue of that number to the reader, and the address that reports about it come to."""
    one = reader(database, address, list=list)
    number = add_delivery(database, one, issue=issue, status=status, at=at)
    return number, links.reports_to(BOUNCE, number, list=list, keys=config.link_keys(settings))


def add_delivery(
    database: Engine, to: Subscription, *, issue: int, status: DeliveryStatus, at: datetime = NOW
) -> int:
    """The number of a new row of the ledger; the issue is made where there is none."""
    with store.writing(database) as tx:
        of = tables.issues.c
        known = tx.scalar(select(of.id).where(of.list_slug == to.list, of.number == issue))
        fields = {
            "list_slug": to.list,
            "number": issue,
            "date": at.date(),
            "status": "sent",
            "created_at": at,
        }
        if known is None:
            known = tx.execute(insert(tables.issues).values(**fields)).inserted_primary_key[0]
        row = {
            "issue_id": known,
            "subscription_id": to.id,
            "mailbox": to.subscriber.address,
            "domain": to.subscriber.address.partition("@")[2],
            "status": status,
            "attempts": 1,
            "not_before": at,
            "at": at,
            "code": 250,
            "enhanced": "",
            "cause": "",
        }
        found: int = tx.execute(insert(tables.deliveries).values(**row)).inserted_primary_key[0]
        return found


def count(database: Engine, table: str) -> int:
    with store.reading(database) as tx:
        return tx.scalar(select(func.count()).select_from(tables.metadata.tables[table])) or 0


def token(delivery: int, *, key: str, list: str = "weekly") -> str:
    """The token of a delivery, as the key signs it."""
    address = links.reports_to(BOUNCE, delivery, list=list, keys=Keys((key.encode(),)))
    return address.partition("+")[2].partition("@")[0]


def returned(sender: str, reader: str = "ada@example.net", *, leave: str = "") -> str:
    """The mail that a report brings along. leave: what its List-Unsubscribe says."""
    unsubscribe = f"List-Unsubscribe: {leave}\r\n" * bool(leave)
    return (
        f"Return-Path: <{sender}>\r\nFrom: Weekly <digest@news.example.org>\r\nTo: {reader}\r\n"
        f"Message-ID: <1.{reader}>\r\n{unsubscribe}Subject: user unknown\r\n\r\n{TRAP}"
    )


def dsn(
    to: str,
    *groups: str,
    status: str = "5.1.1",
    said: str = "",
    action: str = "failed",
    reader: str = "ada@example.net",
    number: str = "1",
) -> bytes:
    """A delivery report (RFC 3464). groups: the fields of each recipient, in place of those of the reader.

    said: the Diagnostic-Code. number: of its Message-ID.
    """
    diagnostic = f"Diagnostic-Code: smtp; {said}\r\n" * bool(said)
    own = f"Final-Recipient: rfc822; {reader}\r\nAction: {action}\r\nStatus: {status}\r\n{diagnostic}"
    recipients = "\r\n".join(groups or (own,))
    return (
        f"Return-Path: <>\r\nDelivered-To: {to}\r\nFrom: Mail System <MAILER-DAEMON@mx.example.org>\r\n"
        f"To: {to}\r\nSubject: Undelivered\r\nAuto-Submitted: auto-replied\r\n"
        f"Message-ID: <{number}@mx.example.org>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="=_b/1"\r\n\r\n'
        "--=_b/1\r\nContent-Type: text/plain\r\n\r\nThis is the mail system at host mx.example.org.\r\n\r\n"
        f"--=_b/1\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
        f"{recipients}\r\n--=_b/1\r\nContent-Type: message/rfc822\r\n\r\n"
        f"{returned(to, reader)}\r\n--=_b/1--\r\n"
    ).encode()


def complaint(
    sender: str = "", *, leave: str = "", feedback: str = "abuse", to: str = "fbl@news.example.org"
) -> bytes:
    """A complaint in the format of RFC 5965 about the mail of that sender, its reader's address taken out."""
    return (
        f"From: Feedback <fbl@provider.example>\r\nTo: {to}\r\nMessage-ID: <c1@provider.example>\r\n"
        "Content-Type: multipart/report; report-type=feedback-report; boundary=x\r\n\r\n"
        "--x\r\nContent-Type: text/plain\r\n\r\nThis is an email abuse report.\r\n"
        f"--x\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: {feedback}\r\nVersion: 1\r\n"
        "User-Agent: Provider/1.0\r\n\r\n"
        f"--x\r\nContent-Type: message/rfc822\r\n\r\n{returned(sender, 'redacted', leave=leave)}\r\n--x--\r\n"
    ).encode()


def worded(to: str, text: str, *, sender: str = "MAILER-DAEMON@mx.example.org", head: str = "") -> bytes:
    """A report that is written for people only, with the returned mail behind it."""
    text = text.replace("\n", "\r\n")
    return (
        f"Return-Path: <>\r\nFrom: {sender}\r\nTo: {to}\r\nMessage-ID: <w1@mx.example.org>\r\n{head}\r\n"
        f"{text}\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n{returned(to)}"
    ).encode()


QMAIL = """Hi. This is the qmail-send program at mx.example.org.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{reader}>:
{said}"""
EXIM = """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {reader}
    host mx.example.net [192.0.2.7]
    SMTP error from remote mail server after RCPT TO:<{reader}>:
    {said}"""
EXIM_LATE = """This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue.

  {reader}"""
EXCHANGE = """Delivery has failed to these recipients or groups:

{reader}<mailto:{reader}>
The email address you entered couldn’t be found.

Diagnostic information for administrators:

Generating server: mx.example.net

{reader}
Remote Server returned '{said}'"""
GMAIL = """Delivery to the following recipient failed permanently:

     {reader}

Technical details of permanent failure:
Google tried to deliver your message, but it was rejected by the server for the
recipient domain example.net by mx.example.net. [192.0.2.7].

The error that the other server returned was:
{said}"""
SENDMAIL = """The original message was received at Tue, 6 Jan 2026 09:30:15 GMT

   ----- The following addresses had permanent fatal errors -----
<{reader}>
    (reason: {said})

   ----- Transcript of session follows -----
... while talking to mx.example.net.:
>>> DATA
<<< {said}"""
POSTFIX = """This is the mail system at host mx.example.org.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

<{reader}>: host mx.example.net[192.0.2.7] said: {said}
    (in reply to RCPT TO command)"""
