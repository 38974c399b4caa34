"""The bytes of a mail → what it asks of us.

Owns how a mail says that its reader leaves: by whom it is addressed to. Its sender may be anybody, and it may
be a machine: the token is the proof, and a mail program that leaves for its owner is one, too. Never decides
whether a token is ours, and never answers (RFC 3834 §2).

A report or a complaint asks for something too; what, `outcomes.reports` reads.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from newsletter import mail_header
from newsletter.mail_header import ADDRESSED, TOKEN, Fields

# Bytes of a mail that are looked at: its header stands first, and servers take none of a tenth of this.
MOST_BYTES = 1_000_000
# Tokens of one mail: nobody is on more lists than that, and each costs a few signatures.
MOST_TOKENS = 20

_ASKED = re.compile(rf"(?<![a-z0-9])unsubscribe[\s:]{{1,20}}{TOKEN}", re.IGNORECASE)
# Who sends delivery reports, where it is not said that a mail is one.
_REPORTER = re.compile(r"mailer-daemon@", re.IGNORECASE)


class Ignored(StrEnum):
    """Why a mail asks nothing of us."""

    REPORT = "delivery report"  # a server could not deliver something, or tells that it did
    COMPLAINT = "complaint"  # a provider tells that somebody called our mail spam
    AUTOMATIC = "automatic reply"  # somebody is on holiday, or has read something (RFC 8098)
    LIST = "list mail"  # a mailing list or a bulk mail of others
    OTHER = "other mail"  # nothing that is known; perhaps a person wrote it


@dataclass(frozen=True, slots=True)
class Leave:
    """The readers whose tokens these are leave, where they are ours. In the order of the mail, each once."""

    tokens: tuple[str, ...]


def read(mail: bytes, *, leave_address: str) -> Leave | Ignored:
    """What the mail asks. leave_address: the mailbox that readers leave by, "" where there is none.

    A token counts in whatever mail it stands, be it a report or an automatic reply.
    """
    fields = mail_header.fields(mail[:MOST_BYTES])
    tokens = dict.fromkeys(_tokens(fields, leave_address))
    return Leave(tuple(tokens)[:MOST_TOKENS]) if tokens else _ignored(fields)


def _tokens(fields: Fields, leave_address: str) -> Iterator[str]:
    yield from mail_header.tokens(fields, ADDRESSED, leave_address)
    for value in fields.get("subject", ()):
        yield from (match[1].lower() for match in _ASKED.finditer(value))


def _ignored(fields: Fields) -> Ignored:
    content = " ".join(fields.get("content-type", ())).lower()
    automatic = (value.strip().lower() for value in fields.get("auto-submitted", ()))
    precedence = {value.strip().lower() for value in fields.get("precedence", ())}
    if "feedback-report" in content:
        return Ignored.COMPLAINT
    if "disposition-notification" in content:
        return Ignored.AUTOMATIC
    if "multipart/report" in content:
        return Ignored.REPORT
    if fields.keys() & {"list-id", "list-unsubscribe"} or precedence & {"list", "bulk", "junk"}:
        return Ignored.LIST
    if _REPORTER.search(" ".join((*fields.get("from", ()), *fields.get("return-path", ())))):
        return Ignored.REPORT
    if any(value != "no" for value in automatic) or fields.keys() & {"x-autoreply", "x-autorespond"}:
        return Ignored.AUTOMATIC
    return Ignored.AUTOMATIC if "auto_reply" in precedence else Ignored.OTHER
