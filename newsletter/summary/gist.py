"""The one sentence of an abstract that says what is new.

Owns which sentence that is. It quotes and never rewrites: what comes back is a stretch of the abstract whose
first letter alone may have been raised.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.summary import authorship, cues, cuts, openings, sentences
from newsletter.summary.authorship import HEDGE, OFFER, SELF, WORK

# A semicolon after which a statement of its own begins.
_PAUSE = re.compile(r"; (?=(?:to [^,;]{1,80}, )?we )")

_NAMING = re.compile(rf"(?:[^,]{{1,80}}, )?{SELF} {HEDGE}{OFFER}", re.IGNORECASE)

# Words. A shorter sentence names a thing and says nothing of it ("In response, we propose X.").
_FEWEST_WORDS = 10

# Signs that even a short line says what the thing is or does.
_TELLS = re.compile(r", | (?:that|which|for|to|of|is|are|can) ")

# Words of an offer that say what is offered: no names, no verbs of offering, no words that fit any method.
_FEWEST_PLAIN = 2
_ANY_METHOD = (
    r"simple|novel|effective|efficient|unified|general|powerful|lightweight|scalable|robust|flexible|innovative|"
    r"tailored|plug-and-play|training-free|architecture-agnostic|model-agnostic|framework|method|approach|model|"
    r"system|technique|algorithm|paradigm|strategy|recipe|pipeline|components|mechanisms|ideas|innovations"
)
_PLAIN = re.compile(
    rf"(?<![\w-])(?!{OFFER}|(?:{_ANY_METHOD}|named|called|termed|dubbed|featuring|first|which|that|with|this|"
    r"these|such|both|address|from|into|using|through)\b)[a-z][\w-]{3,}"
)
_ASIDE = re.compile(r" \([^()]*\)")

# A purpose that only the sentences before tell, and the verb that opens one.
_SOLVE = (
    r"(?:address|tackl|overcom|solv|resolv|fill|bridg|clos|mitigat|alleviat|remed|meet|counter|handl|achiev|"
    r"enabl)\w*"
)
_BACKWARD = r"(?:this|these|those|such(?! as\b)|the (?:above|aforementioned|gap))\b"
_SOLVING = re.compile(
    rf",? (?:(?:a|an|the) (?:[\w-]+ ){{1,5}})?(?:that|which|to|"
    rf"for)(?: \w+ly)? {_SOLVE} (?:\w+ )?{_BACKWARD}[^,]*",
    re.IGNORECASE,
)
_SOLVES = re.compile(
    rf"\b{_SOLVE} (?:{_BACKWARD}|(?:all|both)\b|the (?:current|identified|stated|said|two|three|four|"
    r"challenges?|limitations?|issues?|problems?)\b)|\bdoes just that\b",
    re.IGNORECASE,
)
_POINTER = re.compile(rf"\b(?:{_BACKWARD}|aforementioned\b)(?! (?:[\w-]+ )?{WORK}\b)|\bthem\b", re.IGNORECASE)

_ENDS_IN_ONE = re.compile(rf"\b{_BACKWARD}(?: [\w-]+){{1,3}}\.?$|\bthem\.?$", re.IGNORECASE)

# Scores. "These models" in a line asks which ones; "solves this problem" tells nothing.
_PER_POINTER, _LAST_POINTER, _PER_SOLVED = 1.0, 1.5, 3.0

# Score. Of two sentences that say as much, the earlier one is the claim and the later one a detail.
_PER_PLACE = 0.2

# Score. The first sentence of an abstract speaks of the field where the authors do not speak of themselves.
_OPENS_THE_FIELD = 1.0
_OPENS_WITH_US = 0.8
_SPEAKS = re.compile(rf"\b{SELF}\b")

# Score. After "We propose X." the next sentence says what X does.
_FOLLOWS = 5.0

# Score. A line with the name of the work is one that a reader can look for.
_COINED = 1.0

# Scores. What cannot be read alone is told only where an abstract has nothing else.
_HOLLOW, _ELLIPSIS, _BROKEN, _CUT = 6.0, 12.0, 9.0, 0.8

_WORD = re.compile(r"\w{4,}")


@dataclass(frozen=True, slots=True)
class _Title:
    """What is compared with every sentence, in lower case: the name before the colon, and the words."""

    name: str
    words: frozenset[str]


def one_liner(abstract: str, *, title: str = "", most: int = 240) -> str:
    """The sentence that says what the paper adds, at most `most` characters; "" without an abstract.

    It is a stretch of the abstract (white space folded) whose first letter may have been raised. A sentence
    that is too long ends where a clause ends, then without a closing mark, or as the last resort in "…".
    """
    named = _read(title.lower())
    best, best_score, announced = "", -math.inf, False
    for place, statement in enumerate(_statements(abstract)):
        line = _line(statement, most)
        score = _score(statement.lower(), named, place) + _shape(line, statement)
        if announced and not authorship.speaks_of_the_field(statement):
            score += _FOLLOWS
        announced = bool(_NAMING.match(line)) and _is_hollow(line)
        if score > best_score:
            best, best_score = line, score
    return best


def _read(title: str) -> _Title:
    name, colon, _ = title.partition(":")
    return _Title(name if colon else "", frozenset(_WORD.findall(title)))


def _statements(abstract: str) -> Iterator[str]:
    for sentence in sentences.split(abstract):
        start = 0
        for pause in _PAUSE.finditer(sentence):
            yield sentence[start : pause.start()]
            start = pause.end()
        yield sentence[start:]


def _line(statement: str, most: int) -> str:
    line = openings.stand_alone(statement)
    if len(line) > most:
        line = openings.stand_alone(openings.without_any(line))
    shorter = cuts.without_pointer(line)
    too_little = _is_hollow(shorter) or len(shorter.split()) < _FEWEST_WORDS
    return cuts.shorten(line if too_little else shorter, most)


def _score(statement: str, title: _Title, place: int) -> float:
    """How strongly a statement in lower case says that something new is offered, and this early."""
    own = bool(_SPEAKS.search(statement)) or _begins_with_the_name(statement, title)
    early = -_PER_PLACE * place if place else _OPENS_WITH_US if own else -_OPENS_THE_FIELD
    return cues.weigh(statement) + _nearness(statement, title, own=own) + early


def _nearness(statement: str, title: _Title, *, own: bool) -> float:
    """How much of the title is repeated: its name before the colon, and its words."""
    shared = len(title.words.intersection(_WORD.findall(statement))) / max(1, len(title.words))
    if _begins_with_the_name(statement, title):
        return 3.5 + 3.0 * shared
    return (1.0 if title.name and title.name in statement else 0.0) + (3.0 if own else 2.0) * shared


def _begins_with_the_name(statement: str, title: _Title) -> bool:
    return bool(title.name) and statement.startswith(title.name)


def _shape(line: str, statement: str) -> float:
    """How well a line reads: too short, cut short, half told, hanging on other sentences count against it."""
    short = 0.5 * max(0, _FEWEST_WORDS - len(line.split())) + _HOLLOW * _is_hollow(line)
    is_cut = line[-1:] not in ".!?" and len(line) < len(statement)
    cut = _ELLIPSIS if line.endswith("…") else _CUT * is_cut
    broken = openings.dangles(line) or not cuts.is_balanced(line) or line[-1:] in ":,;" or "://" in line
    asks = _PER_POINTER * len(_POINTER.findall(line)) + _PER_SOLVED * bool(_SOLVES.search(line))
    coined = _COINED * bool(authorship.name_offered(line))
    return coined - short - cut - _BROKEN * broken - asks - _LAST_POINTER * bool(_ENDS_IN_ONE.search(line))


def _is_hollow(line: str) -> bool:
    """Whether a line names a thing and says nothing of it, as in "We propose X to solve this problem."."""
    told = _SOLVING.sub("", _ASIDE.sub("", openings.without_any(line)))
    if len(told.split()) < _FEWEST_WORDS - 1 and not _TELLS.search(told):
        return True
    return bool(_NAMING.match(told)) and len(_PLAIN.findall(told)) < _FEWEST_PLAIN
