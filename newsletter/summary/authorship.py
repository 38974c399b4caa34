"""Whose work a sentence speaks of: the paper's own, or somebody else's.

Owns the words by which authors introduce what is theirs and by which they speak of the rest of the field.
"""

import re

# Stems and endings of the verbs by which a paper hands over what it made.
OFFER = (
    r"(?:propos|introduc|present|develop|design|describ|creat|build|built|devis|unveil|construct|contribut|"
    r"formulat|establish|launch|curat|offer|provid|reformulat|recast|collect|implement)(?:e?s?|ed|t)\b"
)
WORK = (
    r"(?:(?:(?!previous|prior|earlier)[\w-]+ )?"
    r"(?:paper|work|study|report|article|survey|research|review|thesis|tutorial))"
)
SELF = rf"(?:we|(?:this|our|the present) {WORK}|the (?:authors?|paper))"
_ADVERB = (
    r"(?:\w+ly|therefore|thus|hence|then|also|first|further|instead|now|next|here|have|will|aim to|"
    r"design and|build and)"
)
HEDGE = rf"(?:{_ADVERB} ){{0,2}}"

_OFFERS = re.compile(
    rf"\b(?:{SELF}|our)\b.{{0,120}}\b(?:{OFFER}|releas|show|stud(?:y|ies)|investigat|explor|conduct|"
    rf"demonstrat)",
    re.IGNORECASE,
)
# A coined name: a capital, and further on another capital, a digit or a hyphen.
_NAME = re.compile(
    rf"(?:(?i:\b{SELF} {HEDGE}{OFFER})|\b(?:called|named|dubbed|termed)\b)[^.;]{{1,80}}?\b"
    r"(?P<name>[A-Z][\w-]*[A-Z\d-][\w-]*)"
)
_FIELD = re.compile(
    r"(?:however|although|existing|current|recent(?:ly)?|prior|previous|unfortunately|despite|while|"
    r"traditional|"
    r"conventional|yet)\b",
    re.IGNORECASE,
)
_OWN = (
    r"\b(?:we|ours?|its?|this|the (?:proposed|resulting|method|approach|framework|model|system|algorithm|"
    r"technique))\b"
)
_CLAUSE = r"(?:^|[,;:—(] ?|\b(?:and|but|while|whereas|although|though|that|where|which|even) )"
_OTHERS = re.compile(
    rf"{_CLAUSE}(?:(?:the|even|most|many|all|both|some|current|recent|best|strong|popular|leading) )*"
    r"(?:existing|prior|previous|conventional|traditional|baselines?|humans?|frontier|"
    r"state[- ]of[- ]the[- ]art|other|models?|llms|gpt-\S+|claude|gemini|o1|o3|competing|agents|best)\b"
    r"|\b(?:while|whereas)\b(?! (?:\w+ly )?\w+ing\b| also| still)",
    re.IGNORECASE,
)


def offers(sentence: str) -> bool:
    """Whether a sentence says what the paper adds."""
    return bool(_OFFERS.search(sentence))


def name_offered(sentence: str) -> str:
    """The coined name that a sentence introduces, or ""."""
    found = _NAME.search(sentence)
    return found["name"] if found else ""


def speaks_of_the_field(sentence: str) -> bool:
    """Whether a sentence opens as background, or as the fault of what was there before."""
    return bool(_FIELD.match(sentence))


def is_own(words: str, name: str) -> bool:
    """Whether the paper is named, or speaks of itself, in these words."""
    return _last_own(words, name) >= 0


def is_of_others(words: str, name: str) -> bool:
    """Whether somebody else became the subject after the paper last was, in the words up to a number."""
    others = [at.start() for at in _OTHERS.finditer(words)]
    return bool(others) and max(others) > _last_own(words, name)


def _last_own(words: str, name: str) -> int:
    own = rf"{_OWN}|\b{re.escape(name)}\b" if name else _OWN
    return max((at.start() for at in re.finditer(own, words, re.IGNORECASE)), default=-1)
