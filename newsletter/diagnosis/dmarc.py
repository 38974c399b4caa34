"""What a domain asks receivers to do with forged mails, and whether ours would pass for its own.

The policy of a domain is its own record, or that of the nearest domain above that has one.
Source: RFC 7489 §6.6.3; the walk upwards, in place of a list of public suffixes: draft-ietf-dmarc-dmarcbis.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsletter.diagnosis.answers import Answer, tags
from newsletter.diagnosis.checks import Check, Group, Level

# Labels of the longest name that the walk asks about above the domain itself (dmarcbis, "DNS Tree Walk").
_MOST_LABELS = 7
# Characters of a policy that is told.
_SHOWN = 40
_POLICIES = ("none", "quarantine", "reject")
_PUBLISH = 'publish as TXT at _dmarc.{}: "v=DMARC1; p=none; rua=mailto:YOUR-MAILBOX"'


@dataclass(frozen=True, slots=True)
class _Policy:
    domain: str
    tags: Mapping[str, str]


def asked_of(domain: str) -> tuple[str, ...]:
    """The domains whose policies may hold for this one, the nearest first."""
    labels = domain.split(".")
    shorter = [labels[at:] for at in range(1, len(labels) - 1)]
    return (domain, *(".".join(one) for one in shorter if len(one) <= _MOST_LABELS))


def is_dmarc(record: str) -> bool:
    """Whether a TXT record is one of DMARC: it begins with its version."""
    return "".join(record.partition(";")[0].split()) == "v=DMARC1"


def check(domain: str, answers: Mapping[str, Answer]) -> Check:
    """How the policy for mails of a domain stands. answers: the TXT records at _dmarc. of `asked_of`."""
    level, said, step = _judged(domain, answers)
    return Check(level, Group.DNS, "dmarc", f"DMARC of {domain}", said, step)


def alignment_check(
    domain: str, *, signing: Sequence[str], envelope: str, answers: Mapping[str, Answer]
) -> Check:
    """Whether a mail of the domain passes for its own by a signature, or by the domain that SPF is asked of.

    signing: domains of signatures. envelope: the domain that mails are sent in the name of.
    """
    policy = _found(domain, answers) or _Policy(domain, {})
    top = _organisation(domain, answers)
    signs = any(_aligned(one, domain, top, strict=policy.tags.get("adkim") == "s") for one in signing)
    names = _aligned(envelope, domain, top, strict=policy.tags.get("aspf") == "s")
    level, said, step = _aligning(domain, signing, envelope, signs=signs, names=names)
    return Check(level, Group.DNS, "alignment", f"alignment of {domain}", said, step)


def _aligning(
    domain: str, signing: Sequence[str], envelope: str, *, signs: bool, names: bool
) -> tuple[Level, str, str]:
    if signs and names:
        return Level.OK, "both the signature and the envelope are of the sender's domain", ""
    if signs:
        said = f"the signature is; the envelope is of {envelope}, so that SPF does not count"
        return Level.OK, said, ""
    if not names:
        said = f"neither a signature nor the envelope ({envelope}) is of the sender's domain"
        return Level.PROBLEM, said, f"sign with a key of {domain}, or set bounce_address to one of {domain}"
    if signing:
        said = f"the signature is of {signing[0]}: only SPF counts, and a forwarded mail does not pass"
        return Level.WARNING, said, f"add a [[dkim]] of {domain}"
    said = "the envelope is; whether a signature is, depends on your server"
    return Level.OK, said, ""


def _judged(domain: str, answers: Mapping[str, Answer]) -> tuple[Level, str, str]:
    trouble = next((answer.trouble for answer in answers.values() if answer.trouble), "")
    policy = _found(domain, answers)
    if policy is None and trouble:
        return Level.SKIPPED, f"could not be looked up: {trouble}", ""
    if policy is None:
        said = "no record: Gmail, Yahoo and Microsoft refuse bulk mail without one"
        return Level.PROBLEM, said, _PUBLISH.format(domain)
    number = sum(map(is_dmarc, answers[policy.domain].records))
    if number > 1:
        return Level.PROBLEM, f"{number} records, which counts as none", "leave one of them"
    below = policy.domain != domain
    asks = (policy.tags.get("sp") if below else None) or policy.tags.get("p", "")
    if asks.lower() not in _POLICIES:
        return (
            Level.PROBLEM,
            f"its policy p={asks[:_SHOWN]} is none of {', '.join(_POLICIES)}",
            "correct the record",
        )
    of = f", of {policy.domain}" if below else ""
    if asks.lower() == "none":
        said = f"p=none{of}: it is there, and asks for nothing against forgers"
        return Level.OK, said, "when reports show that your mails pass, make it p=quarantine"
    return Level.OK, f"p={asks}{of}", ""


def _found(domain: str, answers: Mapping[str, Answer]) -> _Policy | None:
    """The policy that holds for the domain; None where none does, or none is known."""
    for one in asked_of(domain):
        answer = answers.get(one, Answer())
        if answer.trouble:
            return None
        for record in filter(is_dmarc, answer.records):
            return _Policy(one, tags(record))
    return None


def _organisation(domain: str, answers: Mapping[str, Answer]) -> str:
    """The highest domain above this one that has a policy, "" where none has."""
    having = [one for one in asked_of(domain) if any(map(is_dmarc, answers.get(one, Answer()).records))]
    return having[-1] if having else ""


def _aligned(one: str, domain: str, organisation: str, *, strict: bool) -> bool:
    if one == domain or strict:
        return one == domain
    if organisation and all(_within(name, organisation) for name in (one, domain)):
        return True
    return _within(one, domain) or _within(domain, one)


def _within(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")
