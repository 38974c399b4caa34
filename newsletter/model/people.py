"""Readers: who asked for which list, what they chose, and how they said so.

None of them shows an address or a key where it is written into a log.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self


class SubscriptionStatus(StrEnum):
    """How far a subscription is."""

    UNCONFIRMED = "unconfirmed"  # asked for, and nobody has said yes from that mailbox yet
    CONFIRMED = "confirmed"  # its issues go there
    UNSUBSCRIBED = "unsubscribed"  # it was left; asking again begins anew


class Cadence(StrEnum):
    """How often a reader wants to hear of a list."""

    ISSUE = "issue"  # every issue
    MONTHLY = "monthly"  # one recap of each month's issues


class SuppressionReason(StrEnum):
    """Why an address must not be written to."""

    BOUNCE = "bounce"  # mails to it came back: there is no such mailbox, or it was full for long
    COMPLAINT = "complaint"  # its owner called our mail spam
    ERASED = "erased"  # its owner asked to be forgotten


class Act(StrEnum):
    """What happened to a subscription, as the consent log keeps it."""

    ASKED = "asked"  # a letter went that asks for a yes
    CONFIRMED = "confirmed"  # the yes, from that mailbox
    CHOSE = "chose"  # other themes, another cadence or time zone
    LEFT = "left"  # the reader left
    ADDED = "added"  # an operator brought the consent along
    REMOVED = "removed"  # an operator ended it
    SUPPRESSED = "suppressed"  # the address must not be written to any more
    LIFTED = "lifted"  # it may be again


class Way(StrEnum):
    """Through what somebody acted."""

    WEB = "web"  # a button on a page
    ONE_CLICK = "one-click"  # the button of a mail client (RFC 8058)
    MAIL = "mail"  # a mail to the signed address
    OPERATOR = "operator"  # the command line
    IMPORT = "import"  # a file of addresses
    REPORT = "report"  # a bounce or a complaint


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address that can be written to.

    address: as it was written, its domain in ASCII. folded: what tells two addresses apart, in small letters.
    canonical: what tells two mailboxes apart, without what follows a plus.
    """

    address: str = field(repr=False)
    folded: str = field(repr=False)
    canonical: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader wants of a list.

    themes: slugs, () for the whole issue. timezone: an IANA name, "" for the list's own.
    """

    themes: tuple[str, ...] = ()
    cadence: Cadence = Cadence.ISSUE
    timezone: str = ""

    @classmethod
    def among(
        cls,
        offered: Sequence[str],
        wanted: Collection[str],
        cadence: Cadence = Cadence.ISSUE,
        timezone: str = "",
    ) -> Self:
        """What a reader wants of a list that offers those themes: in its order; every one is the whole."""
        chosen = tuple(theme for theme in offered if theme in wanted)
        return cls(() if len(chosen) == len(offered) else chosen, cadence, timezone)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """An address that somebody subscribed, with its row."""

    id: int
    address: str = field(repr=False)
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Subscription:
    """An address on one list. key: sixteen random bytes that stand for it in links, and nowhere else.

    Of the bytes, those who were imported together may share four; twelve are always a subscription's own.
    """

    id: int
    subscriber: Subscriber
    list: str
    status: SubscriptionStatus
    choice: Choice
    created_at: datetime
    confirmed_at: datetime | None
    left_at: datetime | None
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Consent:
    """One line of the consent log. wording: the sentence that was agreed to, or what an operator wrote."""

    list: str
    act: Act
    way: Way
    wording: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why an address must not be written to, and since when. Of the address only a salted hash is kept."""

    reason: SuppressionReason
    at: datetime
