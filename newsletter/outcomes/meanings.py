"""What the code of a refusal, and the words around it, say about an address.

Owns the table of codes and the lists of words. Only what is certain is HARD: one of those is enough, and
nothing more is written to the address; so wherever two signs contradict each other the milder one counts.
POLICY is never held against a reader.
Source: RFC 3463 §3, RFC 5248 and its IANA registry, RFC 7505 (1.10), RFC 5321 §4.2.2.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.model import BounceKind
from newsletter.outcomes import replies

_HARD, _SOFT, _POLICY = BounceKind.HARD, BounceKind.SOFT, BounceKind.POLICY
# What a refusal for good means, by what stands behind the first digit; in the registry's words, cut short.
# A code that says little is not here: there the words around it count.
DETAILS: dict[str, tuple[BounceKind, str]] = {
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
# Storage is exceeded, whatever else is said (RFC 5321 §4.2.2).
_FULL = 552
_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_BASIC = re.compile(r"(?<![\d.])([245][0-5]\d)(?=[ \-:#]|$)")

# What no server says of a mailbox that is gone, whatever code it gives.
_DISTRUST = re.compile(
    r"spam|blocked|block ?list|blacklist|unsolicited|reputation|dmarc|dkim|\bspf\b|phish", re.IGNORECASE
)
# The codes that a text, and each of its lines, begins with; they are told beside it.
_CODES = re.compile(
    r"(?<!\S)[245]\d\d[ -][245]\.\d{1,3}\.\d{1,3}(?![\d.])[ :]*"
    r"|^\s*(?:[245]\d\d[ -]+|[245]\.\d{1,3}\.\d{1,3}(?![\d.])[ :]*)"
)

# The words of servers and of those who write for people, the mildest first: the first list with one that is
# said counts.
_POLICY_WORDS = re.compile(
    r"banned|policy|"
    r"not (?:authori[sz]ed|authenticated|permitted|allowed)|authentication required|access denied|relay|"
    r"rate limit|too many|content|virus|malware|phish|bulk mail|rejected by (?:the )?recipient|restricted|"
    r"moderator|not accept(?:ed|ing) from",
    re.IGNORECASE,
)
_SOFT_WORDS = re.compile(
    r"(?:mail ?box|inbox|quota|storage|disk).{0,30}(?:full|exceed|exhaust)|over ?quota|quota exceeded|"
    r"insufficient (?:system )?(?:storage|disk|space)|not enough (?:space|storage)|too (?:large|big)|"
    r"temporar|try (?:again )?later|timed? ?out|unreachable|unavailable|retry time|greylist|no route|loop|"
    r"could not connect|message size|maximum size|disabled|inactive|suspended",
    re.IGNORECASE,
)
_HARD_WORDS = re.compile(
    r"(?:user|recipient|mail ?box|address|account)(?: name)? (?:is )?(?:unknown|not found|does ?n[o']t exist|"
    r"invalid|not known)|(?:unknown|no such|invalid) (?:local )?(?:user|recipient|mail ?box|address|account)|"
    r"does ?n[o']t (?:exist|have an? (?:\w+ )?account)|no mail ?box here|recipient ?not ?found|"
    r"address ?not ?found|could ?n[o']t be found|not a valid (?:mail ?box|recipient|user)|"
    r"user doesn't exist|there is no user",
    re.IGNORECASE,
)
_WORDED = ((_DISTRUST, _POLICY), (_POLICY_WORDS, _POLICY), (_SOFT_WORDS, _SOFT), (_HARD_WORDS, _HARD))

# Characters of what a server says that are looked at: its first lines tell.
_READ = 2000
_ADDRESS = re.compile(r"<?[^\s<>@]{1,300}@[^\s<>@]{1,300}>?")
# A name in another spelling, such as (ada=40example.net), or a number of somebody.
_LONG_WORD = re.compile(r"[\w=+/.-]{33,}")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a refusal says of an address. code: of SMTP, 0 without one; enhanced: "" without one."""

    kind: BounceKind
    code: int = 0
    enhanced: str = ""
    text: str = ""


def of_refusal(status: str, said: str, *, recipients: Sequence[str] = ()) -> Meaning:
    """What a refusal says of an address: by its status, else by the code in the words, else by the words.

    status: such as "5.1.1", "" without one. recipients: addresses, whose names are taken out of the words.
    """
    stated, spoken = enhanced_code(status), enhanced_code(said)
    code = basic_code(said)
    certain = [kind for kind in (of_code(stated), of_code(spoken)) if kind is not None]
    full = [_SOFT] if code == _FULL else []
    kind = min([*certain, *full] or [_by_words(said)], key=_grave)
    classes = {one[0] for one in (stated, spoken, str(code or "")) if one}
    if kind is _HARD and classes - {"5"}:
        kind = _SOFT
    if (kind is _HARD or not certain) and _DISTRUST.search(_bare(said)):
        kind = _POLICY
    enhanced = stated if of_code(stated) is not None or not spoken else spoken
    return Meaning(kind, code, enhanced, cleaned(said, recipients=recipients) or words(enhanced))


def of_code(enhanced: str) -> BounceKind | None:
    """What a code says, None for one that says little."""
    _, _, detail = enhanced.partition(".")
    kind, _ = DETAILS.get(detail, _SUBJECTS.get(detail.partition(".")[0], (None, "")))
    return kind


def enhanced_code(text: str) -> str:
    """The first enhanced code (RFC 3463) in the text, "" without one."""
    match = _ENHANCED.search(text[:_READ])
    return ".".join(str(int(number)) for number in match.groups()) if match else ""


def basic_code(text: str) -> int:
    """The first code of SMTP in the text, 0 without one."""
    match = _BASIC.search(text[:_READ])
    return int(match[1]) if match else 0


def words(enhanced: str) -> str:
    """What the code means in a few words, "" for one that says little."""
    _, _, detail = enhanced.partition(".")
    return DETAILS.get(detail, _SUBJECTS.get(detail.partition(".")[0], (None, "")))[1]


def cleaned(text: str, *, recipients: Sequence[str] = ()) -> str:
    """The text in a printable line of at most 300 characters, without its codes, addresses, names, tokens."""
    return _LONG_WORD.sub("…", replies.legible(_CODES.sub("", text[:_READ]), recipients=recipients))


def _grave(kind: BounceKind) -> int:
    return (_POLICY, _SOFT, _HARD).index(kind)


def _by_words(said: str) -> BounceKind:
    """What the words say; without any that are known nothing is held against the reader."""
    text = _bare(said)
    return next((kind for words, kind in _WORDED if words.search(text)), _POLICY)


def _bare(said: str) -> str:
    """The words without addresses, in which anything may stand."""
    return " ".join(_ADDRESS.sub(" ", said[:_READ]).split())
