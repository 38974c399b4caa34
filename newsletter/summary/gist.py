"""The one sentence of an abstract that says what is new.

Owns which sentence that is and where it may be cut. It quotes and never rewrites: what comes back is a
stretch of the abstract whose first letter alone may have been raised.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.summary import sentences
from newsletter.summary.authorship import HEDGE, OFFER, SELF

_STUDY = (
    r"(?:stud|investigat|examin|analy[sz]|explor|evaluat|revisit|challeng|rethink|survey|review|assess|"
    r"compar|conduct|perform|ask|extend|argu|prov|show|find|found|demonstrat|reveal|characteri[sz]|identif|"
    r"discover|quantif|resolv|solv|tak|uncover|advocat|highlight|leverag|measur|train|scal|unif|releas|"
    r"open-sourc|publish)(?:e?s?|ed|y|ies|ied)\b"
)
_NEED = (
    r"(?:address|tackle|overcome|solve|resolve|fill|bridge|close|mitigate|alleviate|remedy|meet|counter|"
    r"handle)"
)
_METHOD = r"(?:framework|method|system|model|architecture|approach|algorithm|benchmark|dataset|library)"

# Cues that something is offered, looked for in the lower-cased sentence, and their weights: the greatest one
# counts. These and the weights below were set by reading 97 abstracts.
_OFFERING = {
    rf"\b{SELF} {HEDGE}{OFFER}": 6.0,
    rf"\b{SELF} {HEDGE}{_STUDY}": 3.5,
    rf"\b{SELF} {HEDGE}(?:address|tackl|focus|aim|seek|consider|observ)(?:e?s?|ed)\b": 2.0,
    r"\bby (?:propos|introduc|present|develop|design)ing\b|\band (?:propose|introduce|present)s?\b": 6.0,
    rf"^(?:to {_NEED}\b[^,]{{0,90}}\b(?:this|these|those|such|aforementioned)\b[^,]{{0,90}}|"
    r"to th(?:is|at) end|in response|to respond),? (?:we|our|this)\b": 4.5,
}

# Cues whose weights add up.
_COLOURING = {
    # It stands where a claim stands, and words it as one.
    rf"^(?:to (?:th(?:is|at) end|{_NEED})|in response|to respond)\b": 1.0,
    r"^(?:here|in this|in our) |\b(?:in|with) this (?:paper|work)\b": 2.0,
    rf"\b(?:is|are) (?:an?|the first) (?:[\w-]+ ){{0,6}}{_METHOD}\b": 2.5,
    r"\b(?:called|named|dubbed|termed|namely|coined)\b": 1.0,
    r"\b(?:novel|new|first)\b": 0.7,
    rf"\b{_METHOD}\b": 0.5,
    # It supports, continues or illustrates what stood before.
    r"\b(?:also|further|additionally|moreover|furthermore|besides)\b|^(?:finally|lastly)": -2.5,
    r"^(?:specifically|concretely|in particular|for (?:example|instance)|notably)\b": -2.5,
    r"^(?:theoretically|empirically|then|next|first(?:ly)?|second(?:ly)?|third(?:ly)?|in addition)\b": -2.5,
    r"^to (?:evaluate|assess|validate|demonstrate)\b": -2.5,
    r"^to (?!address|tackle)\w+ [^,]*, we\b": -1.0,
    r"\bwe do (?:so|this)\b": -5.0,
    r"^(?:it|these|those|they|such|its|their|this(?! (?:paper|work|study|report|survey)))\b": -2.5,
    r"^(?:\W*\d{1,2}[).]|\(?[ivx]+\)|\([a-z]\))": -6.0,
    # It speaks of the field, not of the paper.
    r"^(?:recent|however|yet|while|although|though|despite|existing|current|prior|previous)\b": -2.0,
    r"^(?:unfortunately|conventional|traditional|most|many|but|nevertheless|with the|as the)\b": -2.0,
    r"\b(?:is|are) (?:an? )?(?:\w+ly )?(?:important|crucial|essential|fundamental|pivotal|promising)\b": -1.0,
    r"\b(?:has|have) (?:recently )?(?:emerged|become|shown|achieved|been|gained|led|demonstrated)\b": -2.0,
    r"\b(?:remains?|challenging|suffers?|struggles?|bottleneck|limited|lacks?|hinders?|costly)\b": -0.7,
    # It measures, promises or points elsewhere.
    r"^(?:our |the |\w+ive |\w+al )*(?:experiments?|evaluations?|results|simulations|benchmarks?)\b": -4.0,
    r"\b(?:extensive|comprehensive|empirical) (?:experiments|evaluations?|results)\b": -2.0,
    r"\b(?:demonstrates?|shows?|proves?|validates?) (?:the|its|our) (?:effect|effic|advant|super)": -4.0,
    r"\b(?:outperforms?|achieves?|surpass(?:es)?|state-of-the-art|effective(?:ness)?|superior)\b": -0.8,
    r"https?://|\bcodes?\b[^.]{0,60}\b(?:available|released?|open)|publicly available|project page": -6.0,
    r"\bwe (?:will )?(?:publicly )?(?:release|open-source|publish) (?:our|the|all|code|both)\b": -6.0,
    r"\bopen[- ]?sourced? (?:at|on)\b|\bfuture (?:research|work)\b": -6.0,
    r"\b(?:we|this paper) (?:hope|believe|hypothesi[sz]e|discuss|conclude|recommend|plan|refer)\b": -3.0,
    r"\b(?:this|our) (?:work|paper|study) (?:establish|pav|lay|open|underscor|highlight)\w*": -2.0,
    r"\?$": -3.0,
}
_OFFERS = tuple((re.compile(cue), weight) for cue, weight in _OFFERING.items())
_COLOURS = tuple((re.compile(cue), weight) for cue, weight in _COLOURING.items())

# Openings that lean on the sentence before, or only announce the next clause. What follows can stand alone.
_ANNOUNCING = (
    r"(?:thus|hence|therefore|accordingly|consequently|specifically|concretely|notably|instead|here|moreover|"
    r"to th(?:is|at) end|in response|to respond|to do so|in (?:this|the present|our) (?:\w+ )?\w+|"
    r"in contrast|furthermore|finally|first(?:ly)?|second(?:ly)?|empirically|theoretically|additionally|"
    r"for this reason|as a result|(?:more )?importantly|that is)(?:, ?| )"
)
_BACKWARD = r"(?:this|these|those|such|above|aforementioned|that|it|them|both|the (?:former|gap))"
_LEANING = (
    r"(?:to|in|by|with|from|based|building|inspired|following|given|for|towards|guided|informed|under|observing|"
    rf"motivated|addressing|leveraging|applying|built)\b(?=[^,;:]{{0,160}}\b{_BACKWARD}\b)[^,;:]{{1,180}}, "
)
_LEAN = re.compile(
    rf"(?:{_ANNOUNCING}|{_LEANING}){{1,3}}(?=(?:we|this (?:paper|work|study|survey)|our) )", re.IGNORECASE
)

# A semicolon after which a statement of its own begins.
_PAUSE = re.compile(r"; (?=(?:to [^,;]{1,80}, )?we )")

_NAMING = re.compile(rf"(?:[^,]{{1,80}}, )?{SELF} {HEDGE}{OFFER}", re.IGNORECASE)

# Any other opening before "we", given up only where the sentence is too long.
_OPENING = re.compile(r"(?!we |this |our )[^;:]{1,400}?, (?=(?:we|this paper|this work) )", re.IGNORECASE)

# Participles that open a clause after a comma. Others ("a dynamic, evolving field") may be part of a list.
_PARTICIPLES = (
    "enabling|allowing|leading|resulting|achieving|yielding|making|reducing|improving|ensuring|aiming|using|leveraging|"
    "providing|covering|surpassing|outperforming|eliminating|offering|facilitating|preserving|supporting|building|"
    "combining|serving|capturing|demonstrating|showing|highlighting|spanning|ranging|comprising|consisting|including|"
    "featuring|avoiding|requiring|producing|creating|delivering|addressing|maintaining|bringing|bridging|revealing|"
    "catering|exploring|starting|followed|based|designed|built|trained|structured|organized|combined|grounded|"
    "driven|inspired|powered|guided|drawing|treating|integrating|incorporating|bypassing|obtaining|giving|turning"
)
_SUBORDINATE = (
    r"which|where|whose|thereby|thus|while|without|so that|in order|such as|e\.g\.|i\.e\.|in which|"
    r"in contrast|as well as"
)
_PREPOSITION = r"to|by|with|for|on|in|from|as|because|since|if|when|although|despite|even|unlike|across|via"

# Places where a sentence may be left and still be one; those of a later row only where no earlier has any.
_CUTS = (
    re.compile(rf",? (?:—|--|– )|—|, (?=(?:{_SUBORDINATE}|(?:\w+ly )?(?:{_PARTICIPLES})) )"),
    re.compile(
        r"; |, (?=and (?:\w+ly )?(?:\w+s|we) |(?:an?|the) [^,]*(?:[.,]|$)(?! and))"
        r"| (?=(?:by|while|without|for) \w+ing |in order to |thereby |and thus |such as |so that |which |"
        r"including )"
    ),
    re.compile(rf": |, (?=(?:{_PREPOSITION}) )"),
    re.compile(r" (?=(?:with|via|through|using|across|by|on|for) [a-z])"),
)

_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"), ("“", "”"))

# Words. A shorter sentence names a thing and says nothing of it ("In response, we propose X.").
_FEWEST_WORDS = 10

# Share of `most`. What is left of a cut sentence must still carry its point.
_SHORTEST_CUT = 0.3

# Signs that even a short line says what the thing is or does.
_TELLS = re.compile(r", | (?:that|which|for|to|of|is|are|can) ")

_ASIDE = re.compile(r" \([^()]*\)")

# Score. Of two sentences that say as much, the earlier one is the claim and the later one a detail.
_PER_PLACE = 0.2

# Score. The first sentence of an abstract speaks of the field where the authors do not speak of themselves.
_OPENS_THE_FIELD = 1.0
_SPEAKS = re.compile(rf"\b{SELF}\b")

# Score. After "We propose X." the next sentence says what X does.
_FOLLOWS = 5.0

_WORD = re.compile(r"\w{4,}")

# What would be half told: a list after ":" or "(1)", "between a", "not a step", ", asks a model", "shown in".
_HALF_TOLD = re.compile(
    r": |[ (](?:1|i|a)\)|\b(?:between|both|either|not only) (?:(?! and | or | but ).)*$|"
    r"\bnot (?:only )?an? [^,]*$|, [a-z]+s (?:the|an?|one|its|each)\b[^,]*$|"
    r"(?:ed|\bfirst|\bfrom \w+|\b(?:in|of|to|by|for|with|on|at|and|or))$"
)


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
        line = _shorten(_stand_alone(statement), most)
        score = _score(statement.lower(), named) + _shape(line, statement) + _FOLLOWS * announced
        score -= (
            _PER_PLACE * place if place or _is_about_itself(statement.lower(), named) else _OPENS_THE_FIELD
        )
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


def _stand_alone(sentence: str) -> str:
    lean = _LEAN.match(sentence)
    return _raised(sentence[lean.end() :] if lean else sentence)


def _raised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _shorten(sentence: str, most: int) -> str:
    if len(sentence) > most and (opening := _OPENING.match(sentence)):
        sentence = _raised(sentence[opening.end() :])
    if len(sentence) <= most:
        return sentence
    for cut in _CUTS:
        ends = [at.start() for at in cut.finditer(sentence, int(most * _SHORTEST_CUT), most + 2)]
        whole = [end for end in ends if end <= most and _is_whole(sentence[:end])]
        if whole:
            return sentence[: whole[-1]]
    return sentence[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _is_whole(text: str) -> bool:
    """Whether brackets and quotation marks are closed and no list is half told."""
    closed = all(text.count(left) == text.count(right) for left, right in _PAIRS) and text.count('"') % 2 == 0
    return closed and not _HALF_TOLD.search(text)


def _score(statement: str, title: _Title) -> float:
    """How strongly a statement says that something new is offered."""
    offered = max((weight for cue, weight in _OFFERS if cue.search(statement)), default=0.0)
    coloured = sum(weight for cue, weight in _COLOURS if cue.search(statement))
    return offered + coloured + _nearness(statement, title)


def _nearness(statement: str, title: _Title) -> float:
    """How much of the title is repeated: its name before the colon, and its words."""
    shared = title.words.intersection(_WORD.findall(statement))
    named = (
        2.5
        if _begins_with_the_name(statement, title)
        else 1.0
        if title.name and title.name in statement
        else 0.0
    )
    return named + 2.0 * len(shared) / max(1, len(title.words))


def _is_about_itself(statement: str, title: _Title) -> bool:
    return bool(_SPEAKS.search(statement)) or _begins_with_the_name(statement, title)


def _begins_with_the_name(statement: str, title: _Title) -> bool:
    return bool(title.name) and statement.startswith(title.name)


def _shape(line: str, statement: str) -> float:
    """How well a line reads: too short, cut short and half told count against it."""
    short = 0.5 * max(0, _FEWEST_WORDS - len(line.split())) + 6.0 * _is_hollow(line)
    cut = 3.0 if line.endswith("…") else 0.5 if line[-1:] not in ".!?" and len(line) < len(statement) else 0.0
    return -short - cut


def _is_hollow(line: str) -> bool:
    """Whether a line names a thing and says nothing of it, as in "We propose X."."""
    return len(_ASIDE.sub("", line).split()) < _FEWEST_WORDS - 1 and not _TELLS.search(line)
