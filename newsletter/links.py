"""Signed links: what makes an address one reader's own, and tells nobody else anything.

A token is a random key of the store and a signature over it, each of 128 bits, in small letters and digits:
it may stand in a web address, and before the @ of a mail address, which some servers fold to small letters.
It names nobody. It is good for one purpose on one list, and can be checked without a database. Decides
nothing about what a link does.
"""

import base64
import binascii
import hmac
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from newsletter.errors import LinkError
from newsletter.model import ReaderLinks

# Bytes of a key, and of a signature: 128 bits each.
KEY_BYTES = 16
# Of these, what stands for the content of a draft.
SEEN_BYTES = 8
_SIGNATURE_BYTES = 16
# Characters of a token: thirty-two bytes in base 32. With "leave+" before it, a local part has at most 64.
TOKEN_LENGTH = 52
# What base 32 fills the last group of eight with; a token goes without.
_PADDING = "===="
# A form that is sent off sooner was filled in by no person, and one this old has been lying around.
FORM_LEAST_AGE = timedelta(seconds=2)
FORM_MOST_AGE = timedelta(hours=24)

# Two letters at once, from the left: 260 bits in pieces of ten.
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_SPARE_BITS = 5 * TOKEN_LENGTH - 8 * (KEY_BYTES + _SIGNATURE_BYTES)
_SHIFTS = tuple(range(5 * TOKEN_LENGTH - 10, -1, -10))

# A token within other text.
_TOKEN = re.compile(rf"[A-Za-z2-7]{{{TOKEN_LENGTH}}}")


class Purpose(StrEnum):
    """What a link is for. A token of one is worth nothing for another."""

    CONFIRM = "confirm"  # saying yes to a subscription
    PREFERENCES = "preferences"  # choosing themes and cadence
    UNSUBSCRIBE = "unsubscribe"  # leaving, by web or by mail
    FORM = "form"  # sending off a form that this site served
    BOUNCE = "bounce"  # telling which delivery a report is about
    APPROVE = "approve"  # approving a draft as it was seen


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets that sign: the first signs, and each of them verifies, so that old links go on working."""

    secrets: Sequence[bytes] = field(repr=False)


def sign(key: bytes, purpose: Purpose, *, list: str, keys: Keys) -> str:
    """The token of a key for that purpose on that list; the same each time."""
    return _text(key + _signature(key, purpose, list, keys.secrets[0]))


def verify(token: str, purpose: Purpose, *, list: str, keys: Keys) -> bytes:
    """The key that the token was made of, whatever key of ours signed it. Raises: LinkError."""
    if len(token) != TOKEN_LENGTH:
        raise LinkError("this link is not whole")
    try:
        whole = base64.b32decode(token.upper() + _PADDING)
    except (binascii.Error, ValueError) as error:
        raise LinkError("this link is not whole") from error
    key, given = whole[:KEY_BYTES], whole[KEY_BYTES:]
    # Every secret is tried, so that the time tells nothing about which.
    found = [hmac.compare_digest(given, _signature(key, purpose, list, secret)) for secret in keys.secrets]
    # Four bits of the last character say nothing: of the sixteen ways to write a token one is ours.
    if not any(found) or _text(whole) != token.lower():
        raise LinkError("this link is not one of ours")
    return key


def form_token(*, list: str, keys: Keys, now: datetime) -> str:
    """What a form carries to show that this site served it, and when."""
    minted = int(now.timestamp()).to_bytes(KEY_BYTES, "big")
    return sign(minted, Purpose.FORM, list=list, keys=keys)


def form_age(token: str, *, list: str, keys: Keys, now: datetime) -> timedelta:
    """How long ago this site served the form, to the second. Raises: LinkError for one that it did not."""
    minted = int.from_bytes(verify(token, Purpose.FORM, list=list, keys=keys), "big")
    return timedelta(seconds=int(now.timestamp()) - minted)


@dataclass(frozen=True, slots=True)
class Approval:
    """What a link that approves is about.

    number: of the issue in its list. seen: what stands for its content, as the link was made. at: when that
    was, to the second.
    """

    number: int
    seen: bytes
    at: datetime


def approval_token(approval: Approval, *, list: str, keys: Keys) -> str:
    """What a link that approves a draft of the list ends with."""
    # The next whole second: what came just before the link was made is nothing new.
    at = math.ceil(approval.at.timestamp()).to_bytes(4, "big")
    key = approval.number.to_bytes(4, "big") + at + approval.seen
    return sign(key, Purpose.APPROVE, list=list, keys=keys)


def approval(token: str, *, list: str, keys: Keys) -> Approval:
    """What the link is about. Raises: LinkError."""
    key = verify(token, Purpose.APPROVE, list=list, keys=keys)
    at = datetime.fromtimestamp(int.from_bytes(key[4:8], "big"), UTC)
    return Approval(int.from_bytes(key[:4], "big"), key[8:], at)


def of_reader(
    key: bytes, *, site: str, list: str, issue: str, keys: Keys, leave_address: str = ""
) -> ReaderLinks:
    """The links of one subscription in one issue.

    site: the public address of the site. issue: what its address calls the issue, "" for a mail about none.
    leave_address: a mailbox whose server takes what follows a plus in its name; "" for none.
    """
    home = f"{site}/{list}"
    leave = sign(key, Purpose.UNSUBSCRIBE, list=list, keys=keys)
    return ReaderLinks(
        web=f"{home}/{issue}/" if issue else f"{home}/",
        archive=f"{home}/",
        preferences=f"{home}/preferences/{sign(key, Purpose.PREFERENCES, list=list, keys=keys)}",
        unsubscribe=f"{home}/unsubscribe/{leave}",
        unsubscribe_mail=leaving_mail(leave_address, leave),
    )


def mark_key(keys: Keys) -> bytes:
    """The key of no subscription: its tokens mark where those of a reader go (`wire`).

    Nobody else can write them, so that no paper's text is taken for a mark.
    """
    return hmac.digest(keys.secrets[0], b"marks", sha256)[:KEY_BYTES]


def leaving_mail(leave_address: str, token: str) -> str:
    """The mailto: address that leaves, "" where no mailbox is set up for it. Source: RFC 6068."""
    if not leave_address:
        return ""
    local, _, domain = leave_address.partition("@")
    return f"mailto:{local}+{token}@{domain}?subject=unsubscribe"


def reports_to(bounce_address: str, delivery: int, *, list: str, keys: Keys) -> str:
    """The address that reports about that delivery come back to; the same each time.

    bounce_address: a mailbox whose server takes what follows a plus in its name.
    """
    local, _, domain = bounce_address.partition("@")
    token = sign(delivery.to_bytes(KEY_BYTES, "big"), Purpose.BOUNCE, list=list, keys=keys)
    return f"{local}+{token}@{domain}"


def reported(token: str, *, list: str, keys: Keys) -> int:
    """The delivery that a report is about, by the token of the address it came to. Raises: LinkError."""
    return int.from_bytes(verify(token, Purpose.BOUNCE, list=list, keys=keys), "big")


def without_tokens(text: str) -> str:
    """The text with a mark in place of each token, for messages and logs."""
    return _TOKEN.sub("…", text)


def _signature(key: bytes, purpose: Purpose, list: str, secret: bytes) -> bytes:
    # A slug holds no NUL, so that no two purposes and lists give the same text.
    signed = b"\0".join((purpose.encode(), list.encode(), key))
    return hmac.digest(secret, signed, sha256)[:_SIGNATURE_BYTES]


def _text(token: bytes) -> str:
    """The token in base 32, in small letters, without padding; in half the time of the standard library."""
    number = int.from_bytes(token, "big") << _SPARE_BITS
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])
