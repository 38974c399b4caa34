"""The bytes of a mail that came back → what it tells of a delivery.

Owns how delivery reports (RFC 3464), complaints (RFC 5965) and the texts of programs that know neither are
read, and where the token stands that shows which delivery they are about. Whether a token is ours is not
known here, nor what follows. A report that cannot be read for certain is none: nothing here guesses that
a mailbox is gone, and nothing raises, whatever the bytes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256

from newsletter import mail_header
from newsletter.mail_header import ADDRESSED, TOKEN, Fields
from newsletter.model import BounceKind
from newsletter.outcomes import codes, meanings, parts, worded
from newsletter.outcomes.meanings import Meaning
from newsletter.outcomes.parts import Part

# Recipients of one report. Ours goes to one; a list behind it may have more.
MOST_NOTICES = 50
# Tokens of one mail that are worth a signature.
MOST_TOKENS = 10
# Who sent the mail, as a server wrote it down.
_SENDERS = (
    "return-path",
    "sender",
    "x-envelope-from",
    "envelope-from",
    "x-postfix-sender",
    "original-mail-from",
)
_ENVELOPE_ID = "original-envelope-id"
# Where a mail says how to leave, by mail or on the web.
_LEAVE = re.compile(rf"(?:/unsubscribe/|\+){TOKEN}", re.IGNORECASE)
_BOUNDARY = re.compile(rb"^--", re.MULTILINE)
# What a mailbox may be called in a report: "rfc822;ada@example.net" or "rfc822; <ada@example.net>".
_RECIPIENT = re.compile(r"[\w.-]{1,20}\s*;\s*<?([^\s<>;]{1,320}@[^\s<>;@]{1,255})>?(?:\s*\([^()]*\))?")
_TYPED = re.compile(r"^[\w-]{1,20};\s*")
# Fields of a mail, which no group of a report has.
_FOREIGN = frozenset(("from", "to", "subject", "message-id", "received", "return-path"))
# Feedback types that say a reader called a mail spam (RFC 5965 §7.3). Others tell of a virus, of a failed
# signature (RFC 6591), or that it is no spam (RFC 6430).
_COMPLAINTS = frozenset(("abuse", "fraud", "opt-out"))


class Says(StrEnum):
    """What a report says of one recipient."""

    FAILED = "failed"  # it will not arrive
    DELAYED = "delayed"  # it has not arrived yet; nothing follows from it
    ARRIVED = "delivered"  # it has arrived, or went on to where no report comes from
    COMPLAINT = "complaint"  # its reader called it spam


# RFC 3464 §2.3.3. What was relayed or expanded was taken by a server that answers for it from there on.
_ACTIONS = {
    "failed": Says.FAILED,
    "delayed": Says.DELAYED,
    "delivered": Says.ARRIVED,
    "relayed": Says.ARRIVED,
    "expanded": Says.ARRIVED,
}


@dataclass(frozen=True, slots=True)
class Notice:
    """What a report says of one recipient. meaning: of what FAILED. addresses: in small letters."""

    says: Says
    meaning: Meaning | None = None
    addresses: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Report:
    """What a mail tells.

    tokens: of deliveries, those by which it came first; leave_tokens: of readers, in a complaint. number:
    what tells it from others. guessed: whether it was read out of words.
    """

    notices: tuple[Notice, ...]
    tokens: tuple[str, ...] = field(repr=False)
    leave_tokens: tuple[str, ...] = field(default=(), repr=False)
    number: str = ""
    guessed: bool = False


def read(mail: bytes, *, bounce_address: str) -> Report | None:
    """What the mail tells; None where it is no report. bounce_address: the mailbox they come to, or ""."""
    found = parts.split(mail)
    fields = mail_header.fields(mail)
    for told in (_complaint(found), _delivery_report(found), _in_words(fields, found)):
        if told:
            notices, own = told
            return Report(
                notices,
                tuple(dict.fromkeys(_tokens(fields, own, found, bounce_address)))[:MOST_TOKENS],
                tuple(dict.fromkeys(_leave_tokens(notices, found)))[:MOST_TOKENS],
                _number(mail, fields, found),
                guessed=not own,
            )
    return None


def about(report: Report, address: str) -> Notice | None:
    """What the report says of the reader at that address, in small letters; None where that is not certain.

    The token says which mail it is, not which recipient: behind the reader's address there may be others,
    to whom it goes on. Where the report names the reader, only that counts. Else one that arrived outweighs
    those that failed, of those the mildest counts, and none is HARD: of a team, one may be gone.
    """
    named = [notice for notice in report.notices if address in notice.addresses]
    if report.guessed and not named:
        return None
    order = (Says.COMPLAINT, Says.ARRIVED, Says.DELAYED, Says.FAILED)
    found = min(named or report.notices, key=lambda notice: (order.index(notice.says), _grave(notice)))
    if found.meaning is None or found.meaning.kind is not BounceKind.HARD or named:
        return found
    return replace(found, meaning=replace(found.meaning, kind=BounceKind.SOFT))


def _grave(notice: Notice) -> int:
    order = (BounceKind.POLICY, BounceKind.SOFT, BounceKind.HARD)
    return order.index(notice.meaning.kind) if notice.meaning else 0


# What was read, and the fields of the report itself that may hold a token.
_Told = tuple[tuple[Notice, ...], tuple[Fields, ...]]


def _complaint(found: Sequence[Part]) -> _Told | None:
    for part in found:
        if part.kind == "message/feedback-report" and not part.returned:
            fields = next(mail_header.groups(part.body, most=1), {})
            if mail_header.first(fields, "feedback-type").lower() in _COMPLAINTS:
                return (Notice(Says.COMPLAINT),), (fields,)
    return None


def _delivery_report(found: Sequence[Part]) -> _Told | None:
    for part in found:
        if part.kind in ("message/delivery-status", "message/global-delivery-status") and not part.returned:
            # A boundary that nobody announced ends it: behind it there is the reader's mail.
            own = _BOUNDARY.split(part.body, maxsplit=1)[0]
            groups = tuple(mail_header.groups(own, most=MOST_NOTICES + 1))
            notices = tuple(notice for group in groups if (notice := _notice(group)))
            if notices:
                return notices, groups
    return None


def _notice(group: Fields) -> Notice | None:
    """What a group of fields says of its recipient; None for the one about the whole mail.

    One that names nobody says nothing, since its recipient is required (RFC 3464 §2.3), nor does one that
    runs into the returned mail.
    """
    says = _ACTIONS.get(mail_header.first(group, "action").split("(")[0].strip().lower())
    named = (mail_header.first(group, name) for name in ("original-recipient", "final-recipient"))
    addresses = tuple(dict.fromkeys(filter(None, map(_address, named))))
    if says is None or not addresses or group.keys() & _FOREIGN:
        return None
    if says is not Says.FAILED:
        return Notice(says, None, addresses)
    status = mail_header.first(group, "status").split("(")[0]
    said = _TYPED.sub("", mail_header.first(group, "diagnostic-code"))
    return Notice(says, meanings.of_refusal(status, said, recipients=addresses), addresses)


def _address(value: str) -> str:
    match = _RECIPIENT.fullmatch(value)
    return match[1].lower() if match else ""


def _in_words(fields: Fields, found: Sequence[Part]) -> _Told | None:
    """What the words say, of a mail that does not claim to say it in fields: those could not be read."""
    if "report" in mail_header.first(fields, "content-type").partition("boundary")[0].lower():
        return None
    text = next((part for part in found if part.kind == "text/plain" and not part.returned), None)
    told = worded.read(fields, text.body) if text else None
    if told is None:
        return None
    if told.delayed:
        return (Notice(Says.DELAYED, None, told.addresses),), ()
    meaning = meanings.of_refusal("", told.said, recipients=told.addresses)
    if meaning.kind is BounceKind.HARD and codes.kind(meaning.enhanced) is not BounceKind.HARD:
        # Words alone are no certainty.
        meaning = replace(meaning, kind=BounceKind.SOFT)
    return (Notice(Says.FAILED, meaning, told.addresses),), ()


def _tokens(
    fields: Fields, own: Sequence[Fields], found: Sequence[Part], bounce_address: str
) -> Iterator[str]:
    """The tokens of deliveries: of the address it came to, of the report, and of the mail it brings along."""
    yield from mail_header.tokens(fields, ADDRESSED, bounce_address)
    returned = [part.fields for part in found if part.returned]
    for group in (*own, *returned[:1]):
        yield from mail_header.tokens(group, _SENDERS, bounce_address)
        for value in group.get(_ENVELOPE_ID, ()):
            yield from (match[1].lower() for match in re.finditer(TOKEN, value, re.IGNORECASE))


def _leave_tokens(notices: Sequence[Notice], found: Sequence[Part]) -> Iterator[str]:
    if all(notice.says is not Says.COMPLAINT for notice in notices):
        return
    for part in [part for part in found if part.returned][:1]:
        for value in part.fields.get("list-unsubscribe", ()):
            yield from (match[1].lower() for match in _LEAVE.finditer(re.sub(r"\s", "", value)))


def _number(mail: bytes, fields: Fields, found: Sequence[Part]) -> str:
    """The Message-ID of the mail that is returned, else of the report, else a digest of its bytes."""
    returned = [part.fields for part in found if part.returned][:1]
    named = (mail_header.first(one, "message-id") for one in (*returned, fields))
    return next(filter(None, named), "") or sha256(mail).hexdigest()
