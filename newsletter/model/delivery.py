"""Delivery: one issue to one subscriber, what came of each attempt, and what is told about it later."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class DeliveryStatus(StrEnum):
    """How far the delivery of an issue to one reader is."""

    PENDING = "pending"  # it is to go, now or at its time
    SENDING = "sending"  # the end of the mail may be on its way: from here on it may have arrived
    SENT = "sent"  # the server has taken it
    FAILED = "failed"  # it was refused for good
    UNKNOWN = "unknown"  # nobody answered after its end; it is never sent again by itself
    SKIPPED = "skipped"  # it is not to go any more: its reader left, or must not be written to


class Phase(StrEnum):
    """What a server was asked for when an attempt ended, in the order of a session."""

    CONNECT = "connect"  # the greeting of the server
    EHLO = "ehlo"  # what it can do
    STARTTLS = "starttls"  # turning to TLS
    AUTH = "auth"  # the login
    MAIL = "mail"  # the sender
    RCPT = "rcpt"  # the recipient
    DATA = "data"  # the leave to begin
    BODY = "body"  # the mail itself, without its end
    DOT = "dot"  # the end of the mail: the answer to it is the only one that counts


class Verdict(StrEnum):
    """What one attempt meant for its delivery."""

    ACCEPTED = "accepted"  # the server has taken responsibility
    DEFERRED = "deferred"  # not taken, and it may be later
    REJECTED = "rejected"  # not taken, and never will be
    UNKNOWN = "unknown"  # it may have been taken: nothing usable came after its end
    RETURNED = "returned"  # it was not taken, and nothing was said about it: as if it had not been tried


class BounceKind(StrEnum):
    """What a refusal says about an address, at once or in a later mail."""

    HARD = "hard"  # there is no such mailbox
    SOFT = "soft"  # there is one, and it takes nothing now: full, or switched off for a while
    POLICY = (
        "policy"  # it is not wanted there, for what it says or where it comes from: not the reader's fault
    )
    COMPLAINT = "complaint"  # its reader called it spam


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who SMTP says a mail is from and goes to (RFC 5321): bare addresses."""

    sender: str = field(repr=False)
    recipient: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attempt meant.

    code: of SMTP, 0 where there was no answer. enhanced: such as "5.1.1" (RFC 3463), "" without one.
    text: what the server said, or what happened, in one line without addresses. kind: what a refusal says
    about the address, None where it says nothing. of_sender: whether it would meet every reader alike.
    """

    verdict: Verdict
    phase: Phase
    code: int = 0
    enhanced: str = ""
    text: str = ""
    kind: BounceKind | None = None
    of_sender: bool = False


@dataclass(frozen=True, slots=True)
class Bounce:
    """What came back of one mail to one subscriber, at once or in a report.

    token: a digest of what tells it from others; of the same token one counts. subscriber, issue: their rows;
    no issue where it is not known. mailed_at: when the mail went, not when this came back. code: of SMTP, 0
    without one. text: in one line without addresses and tokens.
    """

    token: str
    subscriber: int
    issue: int | None
    kind: BounceKind
    mailed_at: datetime
    code: int = 0
    enhanced: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row of the ledger as a list of them shows it.

    attempts: those that ended, whatever they came to. at: of the last change.
    """

    id: int
    status: DeliveryStatus
    address: str = field(repr=False)
    attempts: int
    at: datetime
    cause: str
