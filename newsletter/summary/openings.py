"""How a sentence begins: what may be left out in front of it, and what hangs on the sentence before.

Owns the words of an opening that only announce the next clause. It quotes: what comes back is the rest of the
sentence, its first letter raised.
"""

import re

from newsletter.summary.authorship import SELF, WORK

_OURS = r"(?:this|our|the present|the current)"

# Words that join a sentence to the one before, and say nothing of their own.
_JOINTS = (
    r"thus|hence|therefore|accordingly|consequently|specifically|concretely|notably|instead|here|moreover|"
    r"overall|"
    r"in response|to respond|to do so|in contrast|by contrast|in particular|ultimately|additionally|"
    r"furthermore|"
    r"finally|first(?:ly)?|second(?:ly)?|third(?:ly)?|lastly|next|then|empirically|theoretically|"
    r"in addition|besides|"
    r"for this (?:reason|purpose)|as a result|(?:more |most )?importantly|(?:most )?notably|that is|however|"
    r"in summary|"
    r"in short|to sum up|meanwhile|also|in turn|in this way|in doing so|together|remarkably|interestingly|"
    r"crucially|"
    r"to th(?:is|at|these) ends?|to this aim|with this in mind|in light of this|yet|nevertheless|so|"
    r"conversely|similarly"
)
_BACKWARD = (
    r"(?:this|these|those|such(?! as)|above|aforementioned|that|it|them|both|"
    r"the (?:former|gap|(?:first|second|last) (?:issue|problem|challenge|limitation|question)))"
)
# An opening that points back, whatever its first word, is subordinate where "we" follows it.
_LEANING = rf"(?=[^,;:]{{0,160}}\b{_BACKWARD}\b)"
_WHERE = rf"(?:in|within|through|throughout|with|as part of) {_OURS} (?:[\w-]+ ){{0,2}}?{WORK}"

# Before "we", a comma may be missing, and whatever leans on the text before can go.
_BEFORE_US = re.compile(
    rf"(?:(?:{_JOINTS}|in {_OURS} (?:[\w-]+ )?\w+|{_WHERE}|[^,;:]{{1,120}}, {_WHERE})(?:, ?| )|"
    rf"{_LEANING}[^,;:]{{1,180}}, ?){{1,4}}"
    rf"(?=(?:we|{_OURS} {WORK}|our) )",
    re.IGNORECASE,
)
# Before anything else only what is closed by a comma can.
_BEFORE_ALL = re.compile(
    rf"(?:(?:{_JOINTS}),|{_WHERE}(?:,|(?= (?:an?|the|for|by|inspired|motivated) ))|"
    rf"(?:to|in|by|with|based on|inspired by|motivated by|building on|given|building upon) (?:this|these|"
    rf"such|th(?:is|at) end)"
    rf"(?: [\w-]+){{0,3}},|{_OURS} {WORK} (?:\w+ly )?(?:shows?|demonstrates?|proves?|finds?|"
    rf"reveals?) that(?! (?:it|they)\b)) "
    r"(?=\S)",
    re.IGNORECASE,
)

# Any other opening before "we", given up only where the sentence is too long.
_ANY = re.compile(
    rf"(?!we |this |our )[^;:]{{1,400}}?, (?=(?:we|{_OURS} {WORK}) )",
    re.IGNORECASE,
)

# A word that can only be understood with the text before.
_DANGLING = re.compile(
    rf"(?:(?:{_JOINTS}),? |(?:these|those|it|they|its|their|such(?! as)|theirs|he|she|both (?=\w+ed\b)|"
    rf"the (?:former|latter)|"
    rf"this(?! (?:[\w-]+ ){{0,3}}?{WORK}\b)|doing so|"
    rf"the (?:first|second|third|other)(?: \w+)? (?:is|are)|and|but|or|so|nor|which|for (?:example|instance)|"
    rf"in other words|"
    rf"to (?:address|tackle|solve|overcome|bridge|mitigate|fill) (?:this|these|those|that|the (?:gap|above))|"
    rf"(?:motivated|inspired|based|building) (?:by|on|upon) (?:this|these)|with this|to achieve this|"
    rf"in this (?!{WORK}))\b|otherwise\b|likewise\b|\W*\d{{1,2}}[).]|\(?[ivx]+\)|\([a-z]\))",
    re.IGNORECASE,
)
_US = re.compile(rf"{SELF}\b", re.IGNORECASE)


def stand_alone(sentence: str) -> str:
    """The sentence without an opening that leans on the text before, or only announces what follows."""
    for opening in (_BEFORE_US, _BEFORE_ALL, _BEFORE_ALL, _BEFORE_US):
        found = opening.match(sentence)
        if found and not _DANGLING.match(sentence[found.end() :]):
            sentence = sentence[found.end() :]
    return raised(sentence)


def without_any(sentence: str) -> str:
    """The sentence from its "we" on, where something else comes first; the whole sentence otherwise."""
    found = _ANY.match(sentence)
    return raised(sentence[found.end() :]) if found else sentence


def dangles(line: str) -> bool:
    """Whether a line begins with a word that points to the text before it."""
    return bool(_DANGLING.match(line)) and not _US.match(line)


def raised(text: str) -> str:
    """The text with its first letter as a capital, unless it begins with a name such as vLLM."""
    first = text.split(" ", 1)[0]
    return text if any(letter.isupper() for letter in first[1:]) else text[:1].upper() + text[1:]
