"""The headline figures of an abstract: a number with the words that make it mean something.

Owns which numbers are a gain of the paper itself, and how many words each needs. A figure is one unbroken
stretch of the abstract, so it says what the authors say. It never computes, joins or translates a number,
and gives none rather than one that might mislead.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from newsletter.model import Figure
from newsletter.summary import authorship, polarity, sentences

# Characters on each side of a number that are read: longer than any phrase, and a bound on the work.
_REACH = 110

# Words of one figure, the number not counted: more is no longer seen at a glance.
_MOST_WORDS = 10

# --- how a value is written

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_RANGE = rf"(?:\s?(?:-|–|to|∼|~)\s?{_NUMBER})?"
_ABOUT = (
    r"(?:up to|over|more than|at least|nearly|almost|about|around|roughly|approximately|as much as|as few as|"
    r"as little as|only|just|less than|fewer than|under|close to|(?:an )?average(?: of)?|an additional)"
)

# A multiple, a share or a difference. Bare numbers are sizes, years and settings: never a figure.
_VALUE = re.compile(
    rf"(?<![\w.,$/^+-])(?P<value>(?:{_ABOUT} ){{0,2}}(?:a factor of (?P<factor>{_NUMBER})"
    rf"|[+∼~<>≥≤]?(?P<first>{_NUMBER})(?:"
    rf"(?P<times>(?:\s?[×xX])?{_RANGE}\s?[×xX](?![\w×])|{_RANGE}(?: times\b|-fold\b))"
    rf"|(?P<percent>(?:\s?%)?{_RANGE}\+?\s?%(?: (?:absolute |percentage )?points?\b)?(?!\w))"
    rf"|(?P<points>{_RANGE} (?:absolute |percentage )?points?\b))))"
)
# "83.8% and 85.3%", "2.8× and 2.0×": two numbers for two things, of which neither can be quoted alone.
_VALUE_BEFORE = re.compile(rf"{_NUMBER}\s?[%×xX] and (?:{_ABOUT} )*$")
_ANOTHER_VALUE = re.compile(rf" and (?:{_ABOUT} )*{_NUMBER}\s?[%×xX]")
_LITTLE = ("only", "just", "as few as", "as little as", "less than", "fewer than", "under")

# --- how far the words around it reach

_STOP = (
    "than|over|compared|comparing|relative(?= to)|while|with|without|by|when|where|and|or|but|at|on|in|"
    "for|across|during|to|from|as|via|through|using|that|which|against|versus|vs|yet|of|due|because|if|"
    "after|before|under|within|between|"
    "per|is|are|was|were|can|may|could|will|achieving|reaching|yielding|respectively|among|upon|it|we|its|"
    "our|their|"
    "thanks|depending|outperforming|surpassing|resulting|making|enabling|simultaneously|only|both|up|even|"
    "despite|"
    "given|beyond|including|alongside|along|throughout|whereas|though|although|not|terms|running|validates|"
    "demonstrates|shows|such|highlighting|showing|requires|remains|typically|commonly"
)
_WORD = rf"(?:speed up|(?!(?:{_STOP})\b)[\w@+*'’&]+(?:[-/.:][\w@+*'’]+)*)"
_MARK = r"\s*(?:[,.;:!?()\[\]—–]|--|- |$)"


def _ends(leads_on: str) -> str:
    """Where a phrase ends: at a mark, or at a stop word; those that lead on mean that it does not end yet."""
    leaves_open = r"(?<!unseen)(?<!novel)(?<!diverse)(?<!on top)(?<!_)"
    return rf"{leaves_open}(?={_MARK}|\s+(?!(?:{leads_on})\b)(?:{_STOP})\b)"


_AND_ON = rf"or|and (?!(?:{_ABOUT} )*[+∼~<>≥≤]?{_NUMBER}(?: ?[%×xX]| points?))"
_END = _ends("that")
_REST = rf"{_WORD}(?: (?:of )?{_WORD}){{0,4}}" + _ends(rf"that|from|both|{_AND_ON}")
_RIVAL = rf"{_WORD}(?: (?:of )?{_WORD}){{0,4}}" + _ends(rf"that|from|with|without|both|{_AND_ON}")

_PHRASE = re.compile(rf" (?P<phrase>{_WORD}(?: {_WORD}){{0,5}}){_END}")
_TAIL = re.compile(rf" (?:on average\b|end-to-end\b|(?:in|on|for|of|during) {_REST}|(?:over|than) {_RIVAL})")
_SHARE = re.compile(rf" of {_REST}")
_PLACE = re.compile(rf" (?:on|in) {_REST}")

# --- the words that make a gain of it

_COMPARISON = re.compile(
    r"(?P<how>more efficient|more|higher|larger|greater|longer|bigger|less|lower|fewer|smaller|shorter|"
    r"faster|cheaper|better|tighter|improved|increased|reduced)\b(?: (?P<what>.+))?$"
)
_NOUNS = (
    r"(?:(?P<rise>speed-?ups?|speed ups?|acceleration|improvements?|gains?|boosts?|compression)"
    r"|(?P<change>reductions?|savings?|decrease|drop|increases?|cut))(?: rates?| ratios?| factors?)?"
)
_NOUN = re.compile(rf"(?:(?P<what>.+) )?(?:{_NOUNS}|(?P<level>utili[sz]ation|throughput))(?: end-to-end)?$")
# Words before such a noun that do not belong to it.
_LEADING = (
    r"(?:an?|the|we|our|its|achiev\w*|demonstrat\w*|deliver\w*|show\w*|observ\w*|report\w*|yield\w*|"
    r"obtain\w*|provid\w*|attain\w*|has|have|bring\w*|offer\w*|reach\w*|realiz\w*|gain(?:s|ed|ing)|"
    r"exhibit\w*|enabl\w*|produc\w*|see\w*|result\w*|significant|substantial|remarkable|impressive|notable|"
    r"consistent|overall)"
)
_NOUN_BEFORE = re.compile(
    rf"(?:(?<= )|^)(?P<all>(?P<what>(?:(?!{_LEADING}\b){_WORD} ){{0,3}}){_NOUNS})"
    rf"(?P<in> in {_WORD}(?: {_WORD}){{0,2}})? (?:of|by|ranging from)(?: an?)? $"
)
# Words that say nothing of what was improved.
_EMPTY = re.compile(
    r"\b(?:absolute|relative|average|overall|mean|total|further|additional|consistent|significant)\b"
)
_DOWN = (
    r"(?:reduc(?:es?|ed|ing)|cut(?:s|ting)?|decreas(?:es?|ed|ing)|lower(?:s|ed|ing)|shrink(?:s|ing)?|"
    r"shorten(?:s|ed|ing)?|slash(?:es|ed|ing)?|sav(?:es?|ed|ing)|compress(?:es|ed|ing)?|trim(?:s|med|ming)?)"
)
_UP = (
    r"(?:improv(?:es?|ed|ing)|boost(?:s|ed|ing)?|accelerat(?:es?|ed|ing)|speed(?:s|ing)? up|sped up|"
    r"enhanc(?:es?|ed|ing)|rais(?:es?|ed|ing)|increas(?:es?|ed|ing))"
)
_OVER = r"(?:outperform|surpass|exceed|beat)(?:e?s|ed|ing)?"
_OBJECT = r"(?P<what>(?:(?! from )[^,;:()]|\([^()]{1,20}\)){2,80}?)"
_VERB = re.compile(
    rf"\b(?:(?P<down>{_DOWN})|(?P<up>{_UP})|(?P<over>{_OVER})) (?={_OBJECT} (?P<link>by|to)(?: an?)? $)"
)
_UNIT = r"(?:\s?(?:%|[KMGT]i?B|[cmk]?m|ms|s|seconds?|minutes?|hours?|days?|x|×))?"
_FROM_TO = re.compile(
    rf"\b(?P<before>(?:(?P<down>{_DOWN})|{_UP}) {_OBJECT}) (?P<value>from (?P<first>{_NUMBER}){_UNIT} to "
    rf"(?:only |just )?(?P<last>{_NUMBER}){_UNIT})(?![\w%])"
)
_CUT = re.compile(rf"\b(?P<verb>{_DOWN}|(?:prun|remov|eliminat)(?:es?|ed|ing)|skip(?:s|ped|ping)?) $")
_USE = re.compile(
    r"\b(?P<verb>us(?:es?|ing)|requir(?:es?|ing)|needs?|needing|with|train(?:ed|ing) on|updat(?:es|ing)) $"
)
_METRIC = (
    r"(?:accuracy|success rate|success|f1|f1[- ]score|map|miou|auc|auroc|recall|precision|pass@\d+|"
    r"exact match|(?:solve|resolve|resolved|pass|hit|win|detection|acceptance|completion) rate|agreement)"
)
_SCORE = re.compile(rf"(?:[\w@.-]+ ){{0,3}}{_METRIC}$", re.IGNORECASE)
_SCORE_BEFORE = re.compile(
    rf"(?:(?<= )|^)(?P<all>(?:(?!{_LEADING}\b)[\w@.-]+ ){{0,2}}{_METRIC} of) $", re.IGNORECASE
)
# "By an accuracy of 0.8%" tells a difference, not a score.
_BY = re.compile(r"\bby (?:an? )?$")
_REACHES = re.compile(r"\b(?:achiev|reach|attain|obtain|scor|hit|get|record|secur)\w* (?:an? )?$")
# Words of figures that tell one from another.
_TELLING = re.compile(
    r"(?<![\w-])(?!(?:more|less|higher|lower|fewer|with|than|over|prior|average|state-of-the-art)\b)[\w-]{4,}"
)
# What readers of this subject look for first.
_PRIME = re.compile(
    r"speed|latenc|throughput|memory|faster|cost|flops|cache|energy|batch|compress|accelerat|inference|"
    r"comput",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Spot:
    """A number in its sentence, with what stands right before and after it; `name` is the work's own."""

    left: str
    value: re.Match[str]
    right: str
    name: str


@dataclass(frozen=True, slots=True)
class _Gain:
    """What makes a number a figure; a greater weight is told first."""

    before: str
    words: str
    weight: float


_Reader = Callable[[_Spot], _Gain | None]


def figures(abstract: str, *, most: int = 3) -> tuple[Figure, ...]:
    """The headline figures of an abstract, best first and each of another gain; () where none is certain.

    `before`, `value` and `words` stand side by side in the abstract (white space folded). In that order they
    read as a noun phrase ("", "2.6×", "less peak memory") or a verb phrase ("reduces latency by", "45%", "").
    """
    chosen: list[Figure] = []
    for _, figure in sorted(_found(abstract), key=lambda found: -found[0]):
        if not any(_is_same_gain(figure, other) for other in chosen):
            chosen.append(figure)
    return tuple(chosen[:most])


def _found(abstract: str) -> Iterator[tuple[float, Figure]]:
    offered, name = False, ""
    for place, sentence in enumerate(sentences.split(abstract)):
        offered = offered or authorship.offers(sentence)
        name = name or authorship.name_offered(sentence)
        # Before the paper says what it offers, and where it speaks of the field, numbers are others'. Where
        # "respectively" deals out two rows of words and numbers, none can be quoted alone.
        if not offered or authorship.speaks_of_the_field(sentence) or "respectively" in sentence:
            continue
        # Of two numbers for one gain the one for the whole is the honest one.
        bonus = 0.3 * ("end-to-end" in sentence) - 0.05 * place
        for gain, value in _gains(sentence, name):
            yield gain.weight + bonus, Figure(value, gain.words, gain.before)


def _gains(sentence: str, name: str) -> Iterator[tuple[_Gain, str]]:
    for change in _FROM_TO.finditer(sentence):
        gain = _change(change, name)
        if gain:
            yield gain, change["value"]
    for value in _VALUE.finditer(sentence):
        left = sentence[max(0, value.start() - _REACH) : value.start()]
        right = sentence[value.end() : value.end() + _REACH]
        gain = _read(_Spot(left, value, right, name))
        if gain:
            yield gain, value["value"]


def _read(spot: _Spot) -> _Gain | None:
    if _VALUE_BEFORE.search(spot.left) or _ANOTHER_VALUE.match(spot.right):
        return None
    if _is_trifle(spot.value) or authorship.is_of_others(spot.left, spot.name):
        return None
    for reader in _READERS:
        gain = reader(spot)
        if gain and _word_count(gain.before, gain.words) <= _MOST_WORDS:
            return gain
    return None


def _is_trifle(value: re.Match[str]) -> bool:
    size = float((value["first"] or value["factor"]).replace(",", ""))
    return size < 1.05 if value["times"] or value["factor"] else size < 0.5


def _comparison(spot: _Spot) -> _Gain | None:
    """As in: 2.6× | less peak memory; 3x | faster than X."""
    phrase = _PHRASE.match(spot.right)
    compared = _COMPARISON.match(phrase["phrase"]) if phrase else None
    if not phrase or not compared:
        return None
    how, what = compared["how"], compared["what"]
    if what:
        words = _with_tail(phrase, spot.right)
        return _Gain("", words, 3.0 + _worth(what)) if polarity.is_gain(how, what) else None
    than = re.match(rf" {how} (?:than {_RIVAL}|(?:in|on|at) {_REST})", spot.right)
    clear = than and re.match("faster|cheaper|smaller|more efficient", how)
    return _Gain("", than[0].strip(), 2.2) if than and clear else None


def _noun(spot: _Spot) -> _Gain | None:
    """As in: 1.7x | speedup; 45% | latency reduction."""
    phrase = _PHRASE.match(spot.right)
    named = _NOUN.match(phrase["phrase"]) if phrase else None
    if not phrase or not named or (named["level"] == "throughput" and not spot.value["times"]):
        return None
    words = _with_tail(phrase, spot.right)
    what = f"{named['what'] or ''} {words.removeprefix(phrase['phrase'])}"
    return _Gain("", words, 2.9 + _worth(words)) if named["level"] or _is_told(named, what) else None


def _named(spot: _Spot) -> _Gain | None:
    """As in: training speedup of | 86.5x."""
    named = _NOUN_BEFORE.search(spot.left)
    if not named:
        return None
    tail = None if named["in"] else _TAIL.match(spot.right)
    words = tail[0].strip() if tail else ""
    what = f"{named['what']} {named['in'] or ''} {words}"
    before = spot.left[named.start("all") :].strip()
    return _Gain(before, words, 2.6 + _worth(before)) if _is_told(named, what) else None


def _is_told(named: re.Match[str], what: str) -> bool:
    """Whether a noun of change says what changed, and that for the better."""
    if named["change"]:
        return polarity.is_gain(named["change"], what)
    return bool(re.match("speed|accel|compr", named["rise"]) or _EMPTY.sub("", what).strip())


def _verb(spot: _Spot) -> _Gain | None:
    """As in: reduces peak memory by | 60%."""
    verb = max(_VERB.finditer(spot.left), key=lambda found: found.start(), default=None)
    if not verb or not _is_wanted(verb, spot):
        return None
    before = spot.left[verb.start() :].strip()
    tail = _TAIL.match(spot.right) or (_PHRASE.match(spot.right) if verb["over"] else None)
    words = tail[0].strip() if tail and _word_count(before, tail[0]) <= _MOST_WORDS else ""
    return _Gain(before, words, (1.7 if verb["over"] else 2.7) + _worth(verb["what"]))


def _is_wanted(verb: re.Match[str], spot: _Spot) -> bool:
    lean = polarity.leaning(verb["what"])
    if verb["down"]:
        return lean <= 0 if verb["link"] == "by" else lean < 0 and bool(spot.value["percent"])
    if verb["link"] == "to":
        return False
    if verb["up"]:
        # "Improves latency" is good news, "increases latency" is not.
        return lean > 0 or bool(re.match("accel|sp|improv", verb["up"]))
    # In "X outperforms Y by" X may be anybody; in ", outperforming Y by" it is the paper.
    return verb["over"].endswith("ing") or authorship.is_own(spot.left[: verb.start()], spot.name)


def _change(change: re.Match[str], name: str) -> _Gain | None:
    """As in: reduces peak memory | from 42 GB to 11 GB."""
    first, last = (float(change[end].replace(",", "")) for end in ("first", "last"))
    lean = polarity.leaning(change["what"])
    wanted = lean < 0 and last < first if change["down"] else lean > 0 and last > first
    if not wanted or authorship.is_of_others(
        change.string[max(0, change.start() - _REACH) : change.start()], name
    ):
        return None
    tail = _TAIL.match(change.string, change.end())
    words = tail[0].strip() if tail and _word_count(change["before"], tail[0]) <= _MOST_WORDS else ""
    return _Gain(change["before"], words, 2.5 + _worth(change["what"]))


def _share(spot: _Spot) -> _Gain | None:
    """As in: reduce | up to 67% | cross-GPU routing latency; requires | only 3.1% | of the tokens."""
    cut, use = _CUT.search(spot.left), _USE.search(spot.left)
    phrase = (_PHRASE.match(spot.right) if cut else None) or _SHARE.match(spot.right)
    lean = polarity.leaning(phrase[0]) if phrase else 1
    if not phrase or not spot.value["percent"] or lean > 0:
        return None
    if cut:
        return _Gain(cut["verb"], phrase[0].strip(), 2.4 + _worth(phrase[0]))
    little = spot.value["value"].startswith(_LITTLE) or (lean < 0 and use and re.match("us|req", use["verb"]))
    return _Gain(use["verb"], phrase[0].strip(), 2.2) if use and little else None


def _score(spot: _Spot) -> _Gain | None:
    """As in: 83.6% | top-1 accuracy on X; accuracy of | 72% | on X."""
    if not spot.value["percent"] or spot.value["value"].startswith(_LITTLE):
        return None
    phrase, before = _PHRASE.match(spot.right), _SCORE_BEFORE.search(spot.left)
    metric = phrase[0] if phrase and _SCORE.match(phrase["phrase"]) else ""
    place = _PLACE.match(spot.right, len(metric))
    named = metric or before or (place and _REACHES.search(spot.left) and re.search("[A-Z]", place[0]))
    if not place or not named or (before and _BY.search(spot.left[: before.start("all")])):
        return None
    return _Gain(before["all"] if before else "", f"{metric}{place[0]}".strip(), 2.0)


# The first that understands a number speaks for it.
_READERS: tuple[_Reader, ...] = (_comparison, _noun, _verb, _named, _share, _score)


def _worth(words: str) -> float:
    return 0.5 if _PRIME.search(words) else 0.0


def _with_tail(phrase: re.Match[str], right: str) -> str:
    tail = _TAIL.match(right, phrase.end())
    whole = (phrase[0] + tail[0] if tail else phrase[0]).strip()
    return whole if _word_count(whole) < _MOST_WORDS else phrase["phrase"]


def _word_count(*texts: str) -> int:
    return sum(len(text.split()) for text in texts)


def _is_same_gain(one: Figure, other: Figure) -> bool:
    first, second = _subject(one), _subject(other)
    return one.value == other.value or first <= second or second <= first


def _subject(figure: Figure) -> set[str]:
    """The words that tell one gain from another, all words of speed taken as one."""
    words = _TELLING.findall(f"{figure.before} {figure.words}".lower())
    return {re.sub(r"^(?:speed|faster|accel).*", "speed", word) for word in words}
