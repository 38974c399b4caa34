"""What a code of a reply or a report says about an address.

Owns the table of codes, and how one is found in a text. A code is read as it stands: whether another sign
contradicts it, and what follows, is decided by `replies` and `meanings`.
Source: RFC 3463 §3, RFC 5248 and its IANA registry, RFC 7505 (1.10), RFC 5321 §4.2.2 (552).
"""

import re

from newsletter.model import BounceKind

_HARD, _SOFT, _POLICY = BounceKind.HARD, BounceKind.SOFT, BounceKind.POLICY
# What a refusal for good means, by what stands behind the first digit; in the registry's words, cut short.
# A code that says little is not here: there the words around it count.
_DETAILS: dict[str, tuple[BounceKind, str]] = {
    "1.1": (_HARD, "no such mailbox"),
    "1.2": (_HARD, "no such mail domain"),
    "1.3": (_HARD, "no address at all"),
    "1.4": (_SOFT, "address of several mailboxes"),
    "1.6": (_HARD, "mailbox moved away"),
    "1.7": (_POLICY, "sender address is no address"),
    "1.8": (_POLICY, "sender's domain cannot be answered"),
    "1.10": (_HARD, "domain takes no mail"),
    "2.1": (_HARD, "mailbox switched off"),
    "2.2": (_SOFT, "mailbox full"),
    "2.3": (_SOFT, "mail too large for the mailbox"),
    "2.4": (_SOFT, "list could not be expanded"),
    "3.1": (_SOFT, "server has no room"),
    "3.2": (_SOFT, "server takes no mail now"),
    "3.3": (_SOFT, "server lacks a feature"),
    "3.4": (_SOFT, "mail too large for the server"),
    "3.5": (_SOFT, "server is set up wrongly"),
    # Exchange Online says 4.1 for an address that is in no directory, and others for a firewall.
    "4.1": (_SOFT, "no answer from the server"),
    "4.2": (_SOFT, "connection broke"),
    "4.3": (_SOFT, "no directory to ask"),
    # A resolver that is down says so of every domain.
    "4.4": (_SOFT, "no way to the domain"),
    "4.5": (_SOFT, "too much mail on the way"),
    "4.6": (_SOFT, "mail went in a circle"),
    "4.7": (_SOFT, "mail was too long on the way"),
}
# What a whole subject means, where its detail is not in the table.
_SUBJECTS = {"6": (_POLICY, "content not taken"), "7": (_POLICY, "refused by policy")}
_LITTLE = (None, "")
# Storage is exceeded, whatever else is said.
FULL = 552
ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_BASIC = re.compile(r"(?<![\d.])([245][0-5]\d)(?=[ \-:#]|$)")


def kind(enhanced: str) -> BounceKind | None:
    """What an enhanced code says, whatever its class; None for one that says little, as for none."""
    return _meaning(enhanced)[0]


def words(enhanced: str) -> str:
    """What the code means in a few words, "" for one that says little."""
    return _meaning(enhanced)[1]


def enhanced(text: str) -> str:
    """The first enhanced code in the text, without zeros before its numbers; "" without one."""
    match = ENHANCED.search(text)
    return ".".join(str(int(number)) for number in match.groups()) if match else ""


def basic(text: str) -> int:
    """The first code of SMTP in the text, 0 without one."""
    match = _BASIC.search(text)
    return int(match[1]) if match else 0


def _meaning(enhanced: str) -> tuple[BounceKind | None, str]:
    _, _, detail = enhanced.partition(".")
    return _DETAILS.get(detail, _SUBJECTS.get(detail.partition(".")[0], _LITTLE))
