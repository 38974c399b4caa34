"""What large receivers ask of whoever sends to many, and whether it is met, as far as is seen from here.

Source: Google, "Email sender guidelines" (February 2024); Yahoo, "Sender Best Practices" (February 2024);
Microsoft, "Outlook's new requirements for high-volume senders" (May 2025).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from newsletter.diagnosis.checks import Check, Level

# Mails a day to the mailboxes of one of them that make a bulk sender.
BULK = 5000


class Met(StrEnum):
    """Whether a rule is met."""

    YES = "yes"  # all that it asks about is in order
    NO = "no"  # something that it asks about is not
    UNKNOWN = "not known"  # not to be seen from here, or not looked at


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. topics: of the checks that tell whether it is met.

    everybody: whether it holds for few mails, too.
    """

    text: str
    asked_by: tuple[str, ...]
    topics: tuple[str, ...]
    everybody: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """A rule, and whether it is met. because: the check that says so."""

    rule: Rule
    met: Met
    because: str


_ALL = ("Gmail", "Yahoo", "Microsoft")
_TWO = ("Gmail", "Yahoo")
RULES = (
    Rule("SPF for the sender's domain", _ALL, ("spf",), everybody=True),
    Rule("a DKIM signature", _ALL, ("dkim",), everybody=True),
    Rule("a DMARC policy, at least p=none", _ALL, ("dmarc",)),
    Rule("the sender's domain is that of SPF or DKIM", _ALL, ("alignment",)),
    Rule("the sending address has a name that leads back", _TWO, ("ptr",), everybody=True),
    Rule("TLS on the way", ("Gmail",), ("tls",), everybody=True),
    Rule("leaving with one click (RFC 8058), done within two days", _TWO, ("one-click",)),
    Rule("a link to leave in the mail itself", _ALL, ("footer",)),
    Rule(
        "complaints below 0.1 %, never 0.3 %",
        _TWO,
        ("complaints",),
        everybody=True,
    ),
)


def judged(checks: Sequence[Check]) -> tuple[Judged, ...]:
    """Each rule with whether it is met."""
    return tuple(_judged(rule, [check for check in checks if check.topic in rule.topics]) for rule in RULES)


def reach(readers: int | None) -> str:
    """What the number of readers means for the rules, in a sentence. readers: None for nobody knows."""
    if readers is not None and readers >= BULK:
        return f"With {readers:,} readers each of these rules holds for you."
    told = f"Those with * hold for every sender. The others hold from {BULK:,} mails a day to one of them on"
    return f"{told}." if readers is None else f"{told}; you have {readers:,} reader{'s' * (readers != 1)}."


def _judged(rule: Rule, about: Sequence[Check]) -> Judged:
    for level, met in ((Level.PROBLEM, Met.NO), (Level.SKIPPED, Met.UNKNOWN)):
        for check in about:
            if check.level is level:
                return Judged(rule, met, f"{check.name}: {check.said}")
    if not about:
        return Judged(rule, Met.UNKNOWN, "not looked at")
    return Judged(rule, Met.YES, ", ".join(check.name for check in about))
