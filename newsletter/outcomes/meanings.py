"""What a refusal in a report says about an address: by its code, and by the words around it.

Owns the lists of words. Only what is certain is HARD: one of those is enough, and nothing more is written to
the address; so wherever two signs contradict each other the milder one counts. POLICY is never held against
a reader.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.model import BounceKind
from newsletter.outcomes import codes, replies

_HARD, _SOFT, _POLICY = BounceKind.HARD, BounceKind.SOFT, BounceKind.POLICY
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
    read = said[:_READ]
    stated, spoken, code = codes.enhanced(status[:_READ]), codes.enhanced(read), codes.basic(read)
    certain = [kind for kind in (codes.kind(stated), codes.kind(spoken)) if kind is not None]
    full = [_SOFT] if code == codes.FULL else []
    kind = min([*certain, *full] or [_by_words(said)], key=_grave)
    classes = {one[0] for one in (stated, spoken, str(code or "")) if one}
    if kind is _HARD and classes - {"5"}:
        kind = _SOFT
    if (kind is _HARD or not certain) and _DISTRUST.search(_bare(said)):
        kind = _POLICY
    enhanced = stated if codes.kind(stated) is not None or not spoken else spoken
    return Meaning(kind, code, enhanced, cleaned(said, recipients=recipients) or codes.words(enhanced))


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
