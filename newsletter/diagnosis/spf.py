"""Who may send in the name of a domain: its SPF record, and what that takes in.

Source: RFC 7208.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from newsletter.diagnosis.answers import Answer
from newsletter.diagnosis.checks import Check, Group, Level

# Questions that a receiver asks for one mail; beyond it the record counts as broken (§4.6.4).
MOST_LOOKUPS = 10
_ASKING = ("include", "a", "mx", "ptr", "exists")
_MECHANISMS = (*_ASKING, "all", "ip4", "ip6")
_TERM = re.compile(r"([+?~-]?)([a-z][a-z0-9_.-]*)(?:([:=/])(.*))?", re.IGNORECASE)
# Characters of a word that is told.
_SHOWN = 40
_PUBLISH = 'publish one TXT record there, such as "v=spf1 include:YOUR-PROVIDER ~all"'


@dataclass(frozen=True, slots=True)
class _Term:
    qualifier: str
    name: str
    value: str
    modifier: bool


@dataclass(slots=True)
class _Walk:
    """What going through a record and all that it takes in came to."""

    lookups: int = 0
    faults: list[str] = field(default_factory=list)
    trouble: str = ""
    ending: str = ""


def is_spf(record: str) -> bool:
    """Whether a TXT record is one of SPF (§4.5)."""
    return record.lower() == "v=spf1" or record.lower().startswith("v=spf1 ")


def leads_to(record: str) -> tuple[str, ...]:
    """The domains whose records this one takes in; a name that depends on the mail is none."""
    found = [*_terms(record)]
    names = [term.value for term in found if term.name == "include" and not term.modifier]
    if not any(term.name == "all" for term in found):
        names += [term.value for term in found if term.name == "redirect" and term.modifier]
    return tuple(name.rstrip(".").lower() for name in names if name and "%" not in name)


def check(domain: str, answers: Mapping[str, Answer]) -> Check:
    """How the SPF record of a domain stands. answers: the TXT records of it, and of what it leads to."""
    name = f"SPF of {domain}"
    level, said, step = _judged(domain, answers)
    return Check(level, Group.DNS, "spf", name, said, step)


def _judged(domain: str, answers: Mapping[str, Answer]) -> tuple[Level, str, str]:
    answer = answers[domain]
    found = [record for record in answer.records if is_spf(record)]
    if answer.trouble:
        return Level.SKIPPED, f"could not be looked up: {answer.trouble}", ""
    if not found:
        return Level.PROBLEM, "no record: receivers cannot tell your server from a forger's", _PUBLISH
    if len(found) > 1:
        return Level.PROBLEM, f"{len(found)} records, which counts as none", "merge them into one"
    walk = _Walk()
    _follow(domain, found[0], answers, walk, (domain,))
    if walk.faults:
        return Level.PROBLEM, f"broken: {walk.faults[0]}", "correct the record"
    if walk.lookups > MOST_LOOKUPS:
        said = f"asks for {walk.lookups} lookups, and receivers stop at {MOST_LOOKUPS}"
        return Level.PROBLEM, said, "take out what you do not send by, or name addresses (ip4:, ip6:)"
    if walk.trouble:
        return Level.SKIPPED, f"could not be followed: {walk.trouble}", ""
    return _ended(walk)


def _ended(walk: _Walk) -> tuple[Level, str, str]:
    step = "end it in ~all or -all"
    if walk.ending == "+all":
        return Level.PROBLEM, "ends in +all: it lets everybody send in your name", step
    if walk.ending not in ("~all", "-all"):
        ends = f"ends in {walk.ending}" if walk.ending else "has no end"
        return Level.WARNING, f"{ends}: it says nothing about other servers", step
    return Level.OK, f"one record, {walk.lookups} of {MOST_LOOKUPS} lookups, ends in {walk.ending}", ""


def _follow(
    domain: str, record: str, answers: Mapping[str, Answer], walk: _Walk, path: tuple[str, ...]
) -> None:
    terms = [*_terms(record)]
    ends = [term for term in terms if term.name == "all" and not term.modifier]
    if ends and len(path) == 1:
        walk.ending = f"{ends[0].qualifier}all"
    for term in terms:
        if not term.modifier and term.name not in _MECHANISMS:
            walk.faults.append(
                f"{domain} has {(term.name or term.value)[:_SHOWN]!r}, which is no word of SPF"
            )
        redirected = term.modifier and term.name == "redirect" and not ends
        walk.lookups += redirected or (not term.modifier and term.name in _ASKING)
        if redirected or (term.name == "include" and not term.modifier):
            _take_in(term, answers, walk, path)


def _take_in(term: _Term, answers: Mapping[str, Answer], walk: _Walk, path: tuple[str, ...]) -> None:
    name = term.value.rstrip(".").lower()
    if "%" in name or walk.lookups > MOST_LOOKUPS:
        return
    if name in path:
        walk.faults.append(f"{path[-1]} leads back to {name}")
        return
    answer = answers.get(name, Answer(trouble=f"{name} was not looked up"))
    found = [record for record in answer.records if is_spf(record)]
    if answer.trouble:
        walk.trouble = walk.trouble or f"{name}: {answer.trouble}"
    elif len(found) != 1:
        number = len(found) or "no"
        walk.faults.append(f"{path[-1]} takes in {name or 'nothing'}, which has {number} SPF record")
    else:
        # The end of a record that another one redirects to is that other one's own end.
        _follow(name, found[0], answers, walk, (*path, name))
        if term.name == "redirect" and len(path) == 1:
            walk.ending = _ending(found[0])


def _ending(record: str) -> str:
    return next((f"{term.qualifier}all" for term in _terms(record) if term.name == "all"), "")


def _terms(record: str) -> Iterator[_Term]:
    for word in record.split()[1:]:
        found = _TERM.fullmatch(word)
        if found is None:
            yield _Term("", "", word, modifier=False)
            continue
        qualifier, name, sign, value = found.groups()
        yield _Term(qualifier or "+", name.lower(), value or "", modifier=sign == "=")
