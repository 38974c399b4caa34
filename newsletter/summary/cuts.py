"""Where a sentence that is too long may be left, and still be one.

Owns that question alone. What comes back is the beginning of the sentence; where nothing will do, it ends
in "…".
"""

import re

# Participles that open a clause after a comma. Others ("a dynamic, evolving field") may be part of a list.
_PARTICIPLES = (
    "enabling|allowing|leading|resulting|achieving|yielding|making|reducing|improving|ensuring|aiming|"
    "using|leveraging|"
    "providing|covering|surpassing|outperforming|eliminating|offering|facilitating|preserving|supporting|"
    "building|"
    "combining|serving|capturing|demonstrating|showing|highlighting|spanning|ranging|comprising|"
    "consisting|including|"
    "featuring|avoiding|requiring|producing|creating|delivering|addressing|maintaining|bringing|bridging|"
    "revealing|"
    "catering|exploring|starting|followed|based|designed|built|trained|structured|organized|combined|"
    "grounded|"
    "driven|inspired|powered|guided|drawing|treating|integrating|incorporating|bypassing|obtaining|giving|"
    "turning|"
    "representing|suggesting|providing|exposing|establishing|opening|marking|setting|moving|transforming|"
    "helping"
)
_SUBORDINATE = (
    r"which|where|whose|thereby|thus|while|without|so that|in order|such as|e\.g\.|i\.e\.|in which|"
    r"in contrast|as well as|rather than|instead of"
)
_PREPOSITION = r"to|by|with|for|on|in|from|as|because|since|if|when|although|despite|even|unlike|across|via"

# The places, the better ones first.
_CUTS = (
    re.compile(
        rf",? (?:—|--|– )|—|, (?=(?:{_SUBORDINATE}|(?:\w+ly )?(?:{_PARTICIPLES}|\w+ed (?:by|with|on|from|"
        rf"in|as|to|via))) )"
    ),
    re.compile(
        r"; |, (?=and (?:\w+ly )?(?:\w+s|we) |(?:an?|the) [^,]*(?:[.,]|$)(?! and))"
        r"| (?=(?:by|while|without|for) \w+ing |in order to |thereby |and thus |such as |so that |which |"
        r"including[ :])"
    ),
    re.compile(rf": |, (?=(?:{_PREPOSITION}) )"),
    re.compile(
        r" (?=(?:with|via|through|using|across|by|on|for|under|against|from|when|where|because|if) [\w-])"
    ),
    re.compile(r"(?<!,) (?=and (?:\w+ly )?\w+s )"),
    re.compile(r"(?<!,) (?=(?:to|in|that|and) [\w-])|, (?=and )"),
)

# Shares of `most`, and the places from there on: a good one late in the sentence comes before an early one.
# What is left of a cut sentence must still carry its point.
_TRIES = tuple((share, cut) for share, cuts in ((0.5, _CUTS[:5]), (0.3, _CUTS), (0.2, _CUTS)) for cut in cuts)

# Characters. Less says nothing, however short a line has to be.
_FEWEST = 45

# What would be half told: a list after ":" or "(1)", "between a", "not a step", ", asks a model", "shown in",
# "X; Y does …" of three, "shows that the caches", "a map, a list".
_FUNCTION = (
    r"and|or|but|nor|of|to|with|for|by|in|on|at|that|which|who|whose|the|an?|than|as|from|via|into|"
    r"through|using|"
    r"between|both|either|because|while|where|when|if|whether|how|why|is|are|was|were|be|been|has|have|"
    r"its|their|our|"
    r"not|only|including|such|namely|without|within|across|under|over|thereby|thus|can|could|may|might|"
    r"will|would|should|"
    r"must|very|more|most|per|against|towards?|upon|among|we|it|they|this|these|those|e\.g\.|i\.e\.|even|"
    r"also|then|"
    r"whereas|rather|instead|while|until|before|after|all|any|each|every|no|effectively|significantly|other|"
    r"same|different|various|new|novel|first|high|large|well|along|together|compared|come|comes|relies|"
    r"depends|leads|"
    r"results|stems|differs|focus|focuses|operates|two|three|four|five|six|several|many|some|few|use|uses|"
    r"shifts?|moves?|transitions?|amid"
)
_NUMBERED = re.compile(r"[ (](?:1|[iI]|[aA])\)")
_JOINT = re.compile(rf"(?:\b(?:{_FUNCTION})\W*|-|\w+(?:ed|ing))$")
_HALF_TOLD = re.compile(
    r": |\b(?:between|both|either|neither|not only|not just) (?:(?! and | or | but |"
    r" nor ).)*$|"
    r"\bnot (?:only )?an? [^,]*$|, [a-z]+s (?:the|an?|one|its|each)\b[^,]*$|"
    r"(?:ed|\bfrom \w+)\W*$|, an? \w+$|"
    # "as good as" and "more than" want their other half, "from … to" as well.
    # "Where samples spanning many fields" has no verb yet.
    r", where (?:(?! (?:is|are|was|were|can|has|have) ).)*\b(?:spanning|ranging|covering|comprising)\b.*$|"
    r"\b(?:ranging|spanning|scales?|evolv\w+|shift\w*|mov\w+|transition\w*) from (?:(?! to ).)*$|"
    r"\b(?:so|as) \w+$|\brather than$|\b(?:when|while|by|for|of|in|before|after|without|with) \w+ing$"
)
# A clause that has begun and has no verb yet, as in "shows that the caches of large models".
_CLAUSE = re.compile(
    r"\b(?:that|whether|how|why|because|if|where|when|while|although|"
    r"whereas)\b(?P<clause>(?:(?!\bthat\b).)*)$"
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|can|could|may|might|must|will|would|should|has|have|had|do|does|did|cannot|"
    r"[a-z]{2,}(?:[^su]s|ed|ing)|to|they|it|we)\b"
)
# Deeds that are being counted up, "finds X, reads Y" or "reducing X, improving Y", the last ones in the rest.
_COUNTING = re.compile(
    r"\b(?:that|which|who|to|we|by|it)\b(?:(?! that | which | to | by |, an? |, the ).)*, [^,]*$"
)
_PARTICIPIAL = re.compile(rf", (?:\w+ly )?(?:{_PARTICIPLES}) [^,]*$")
_COUNTS_ON = re.compile(rf", (?:and )?(?:\w+ly )?(?:{_PARTICIPLES}) ")
_ITEM = re.compile(
    rf", (?!(?:an?|the|{_SUBORDINATE}|{_PARTICIPLES}|{_PREPOSITION}|and|or) )(?:(?! and | or )[^,])*$"
)
_LAST_ITEM = re.compile(r"[^,.;:]{0,80}, (?:and|or) ")
# "That teaches a model" asks what.
_MAKES = re.compile(
    r"\b(?:teach|enabl|allow|requir|encourag|train|forc|lead|help|caus|ask|instruct|prompt)\w* [^,]{1,50}$"
)
# What was put between two marks has ended, and the clause goes on.
_RESUMES = re.compile(
    r"[^.;:]*?(?:,|—|--|–)\s?(?:is|are|was|were|can|could|may|might|must|will|would|should|have|has|do|"
    r"does|remains?|"
    r"cannot|we|to|enables?|provides?|achieves?|shows?|allows?|improves?|reduces?|plays?|leads?|makes?|"
    r"uses?|requires?|"
    r"ensures?|introduces?|outperforms?|spent|generali[sz]es?|\w+ly \w+s) "
)
# "…, to address these limitations."
_SOLVES = re.compile(
    r",? (?:to|in order to|that can|for|thereby|thus|which|that) (?:\w+ly )?(?:address|tackl|overcom|solv|"
    r"resolv|fill|bridg|clos|"
    r"mitigat|alleviat|remed|meet|handl)(?:e?s?|ing) (?:all |both )?(?:of )?(?:this|these|those|such|"
    r"the (?:above|"
    r"aforementioned)|the gap)\b(?: [\w-]+){0,3}\.$",
    re.IGNORECASE,
)

_HERE = re.compile(r",? in th(?:is|e present) (?:paper|work|study|report)\.$", re.IGNORECASE)

# Characters. How far on a clause may resume.
_FAR = 160

# "I) fast and ii) small": these brackets were never opened.
_ENUMERATOR = re.compile(r"(?<![\w(])(?:[ivx]{1,4}|\d{1,2}|[a-h])\)", re.IGNORECASE)

_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"), ("“", "”"))


def shorten(sentence: str, most: int) -> str:
    """The sentence, or as much of it as can stand alone within `most` characters."""
    if len(sentence) <= most:
        return sentence
    for may_end in (_may_end, _can_end):
        for share, cut in _TRIES:
            ends = [at.start() for at in cut.finditer(sentence, max(int(most * share), _FEWEST), most + 2)]
            whole = [end for end in ends if end <= most and may_end(sentence, end)]
            if whole:
                return sentence[: whole[-1]].rstrip(" ,;:")
    return sentence[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def without_pointer(line: str) -> str:
    """The line without a last clause that only says where it stands or that it solves what stood before."""
    found = _SOLVES.search(line) or _HERE.search(line)
    return line[: found.start()] if found and found.start() > len(line) // 3 else line


def is_balanced(text: str) -> bool:
    """Whether every bracket and quotation mark is closed."""
    return _is_closed(text) or _is_closed(_ENUMERATOR.sub("", text))


def _is_closed(text: str) -> bool:
    odd = text.count('"') % 2 or text.count("`") % 2
    return not odd and all(text.count(left) == text.count(right) for left, right in _PAIRS)


def _may_end(sentence: str, end: int) -> bool:
    """Whether a reader will not miss what follows `end`."""
    text, rest = sentence[:end], sentence[end:]
    if not _can_end(sentence, end) or _HALF_TOLD.search(text):
        return False
    if rest[0] not in ":;" and _RESUMES.match(rest[1:_FAR]):
        return False
    clause = _CLAUSE.search(text)
    return not (clause and not _VERB.search(clause["clause"])) and not _is_half_counted(text, rest)


def _can_end(sentence: str, end: int) -> bool:
    """Whether nothing is left open at `end`: enough where there is no better place."""
    text, rest = sentence[:end], sentence[end:]
    mid_list = rest.startswith(", and ") and ", and " not in text
    return is_balanced(text) and not mid_list and not _JOINT.search(text) and not _NUMBERED.search(text)


def _is_half_counted(text: str, rest: str) -> bool:
    if rest.startswith(", and "):
        return bool(_COUNTING.search(text) or _ITEM.search(text))
    if rest.startswith(" to ") and _MAKES.search(text):
        return True
    if not rest.startswith((",", ";", ":")) and _ITEM.search(text) and _LAST_ITEM.match(rest):
        return True
    return bool(_PARTICIPIAL.search(text) and _COUNTS_ON.match(rest))
