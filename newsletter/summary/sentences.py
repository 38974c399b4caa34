"""Where the sentences of an abstract begin and end.

Owns that question alone. Every sentence comes back as it stands in the text, so whatever is quoted from
one can be found there again. It never judges what a sentence says.
"""

import itertools
import re
from collections.abc import Iterator
from functools import lru_cache

# Shortenings that something always follows.
_NEVER_LAST = re.compile(
    r"e\.g|i\.e|w\.r\.t|a\.k\.a|cf|vs|viz|figs?|eqs?|sec|tab|refs?|approx|resp|dr|prof|mr|ms|st|pp|vol|"
    r"chap|thm|alg|appx|v\.s|s\.t",
    re.IGNORECASE,
)

# "No. 1" is a number, and "the answer is no. 1 of 2 …" is not worth telling from it.
_NUMBERED = re.compile(r"nos?", re.IGNORECASE)

# Shortenings and initials that may close a sentence: only the next word can tell.
_SOMETIMES_LAST = re.compile(r"al|Inc|Ltd|Corp|(?:[A-Z]\.)*[A-Z]")

# Words that open a sentence far more often than they continue one.
_OPENERS = re.compile(
    r"We|Our|The|This|These|Those|It|Its|In|To|For|With|By|As|On|An|A|At|However|Moreover|Furthermore|Based|"
    r"Here|While|Despite|Extensive|Experiments|Results|Code|Such|Recent|Current|Existing|Specifically|"
    r"Finally|Although|When|Given|Thus|Additionally|There|Unlike|Through"
)

# A mark that may end a sentence. Looking back keeps a run of marks from being read once per mark.
_MARK = re.compile(r"(?<![.!?…])[.!?…]++[\"”’')\]]*+ ")

# A blank lost after a full stop, as in "lower latency.Codes are": a word, the stop, a capitalised word.
_LOST_BLANK = re.compile(r"(?<=[a-z]{3}[.!?])(?=[A-Z][a-z]{0,20}[ ,])")

# Characters. What is still open after that many was never meant as a pair.
_LONGEST_ASIDE = 400

_BRACKET = re.compile(r"[()\[\]{}“”\"]")
_PAIRS = {")": "(", "]": "[", "}": "{", "”": "“"}


# A paper's line and its figures are read from the same abstract, one after the other.
@lru_cache(maxsize=16)
def split(text: str) -> tuple[str, ...]:
    """The sentences of a text in order, white space folded to single blanks; nothing else is changed."""
    folded = " ".join(text.split())
    asides = _asides(folded)
    cuts = [at for at in _breaks(folded) if not asides[at]]
    edges = [0, *cuts, len(folded)]
    pieces = (folded[start:end].strip() for start, end in itertools.pairwise(edges))
    return tuple(piece for piece in pieces if piece)


def _breaks(text: str) -> list[int]:
    marks = [mark.end() - 1 for mark in _MARK.finditer(text) if _ends_sentence(text, mark)]
    return sorted({*marks, *(gap.start() for gap in _LOST_BLANK.finditer(text))})


def _ends_sentence(text: str, mark: re.Match[str]) -> bool:
    following = text[mark.end() : mark.end() + 30].split(" ", 1)[0]
    if not _may_open(following):
        return False
    if mark[0][0] != ".":
        return True
    before = text[max(0, mark.start() - 30) : mark.start()].rsplit(" ", 1)[-1].lstrip("([\"“'")
    if _NUMBERED.fullmatch(before):
        return not following[:1].isdigit()
    if _SOMETIMES_LAST.fullmatch(before):
        return bool(_OPENERS.fullmatch(following.strip(",")))
    return not _NEVER_LAST.fullmatch(before)


def _may_open(word: str) -> bool:
    """Whether a sentence can start so: `vLLM` and `2-bit` can, an ordinary word in lower case cannot."""
    bare = word.lstrip("([\"“'‘")
    return bare[:1].isupper() or bare[:1].isdigit() or word[:1] in "([" or any(c.isupper() for c in bare[1:])


def _asides(text: str) -> list[bool]:
    """For each character, whether it stands inside brackets or quotation marks that are closed again."""
    inside = [False] * len(text)
    for start, end in _spans(text):
        if end - start <= _LONGEST_ASIDE:
            inside[start:end] = [True] * (end - start)
    return inside


def _spans(text: str) -> Iterator[tuple[int, int]]:
    opened: list[int] = []
    quote = None
    for bracket in _BRACKET.finditer(text):
        at, character = bracket.start(), bracket[0]
        if character in "([{“":
            opened.append(at)
        elif opened and _PAIRS.get(character) == text[opened[-1]]:
            yield opened.pop(), at
        elif character == '"' and text[at - 1 : at] != "\\":
            if quote is not None and at - quote <= _LONGEST_ASIDE:
                yield quote, at
                quote = None
            else:
                quote = at
