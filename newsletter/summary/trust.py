"""What of a model's words may stand in an issue: one plain sentence, every number of which the abstract has.

Owns the checks. A text that fails one is refused whole, never mended: what is wrong in one place cannot be
trusted in another. It asks nobody; the words are at hand.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.model import Paper
from newsletter.summary import cuts, sentences

# A paper does not say which of its sources had the words, so the label names none.
OF_A_SOURCE = "AI summary"

# Words. Fewer say nothing of a paper.
_FEWEST_WORDS = 5

# Share of the longer words of a line that the paper has to have as well, known by their beginnings. Of 5,711
# AI summaries 2 in 1,000 have less of their own paper, and 96 in 100 have less of another one.
_COMMON = 0.5
_LONG_WORD = re.compile(r"[^\W\d_]{5,}")
_STEM = 5

# What has no place in a line, looked for in any case.
_FORBIDDEN = tuple(
    (re.compile(sign, re.IGNORECASE), what)
    for sign, what in (
        (
            # A dot before two letters is enough: mail programs make links of whatever ends as a domain does.
            r"https?:|www\.|[\w.]@\w+\.\w|\w\.[^\W\d_]{2,}",
            "an address",
        ),
        (r"\*\*|\*\w[^*]*\*|^\*|[<>`#|\\$\[\]{}~^]|__|&#?\w+;|^\W*[-–•·] ", "markup"),
        (
            r"\bI(?:['’]m|['’]ve)? (?:can|could|am|have|will|do|would|must|was)|\bI['’](?:m|ve|ll)\b|"
            r"\bsorry\b|apologi[sz]e|"
            r"\bas an ai\b|(?:cannot|can['’]?t|unable to|not able to) (?:assist|help|comply|summari[sz]e|"
            r"fulfil)|"
            r"\b(?:previous|prior|above|your|system) (?:instruction|prompt)s?\b|"
            r"\babstract (?:is|was|has) (?:not|missing|empty)|\bno abstract\b",
            "a refusal",
        ),
        (
            r"^(?:sure|certainly|of course|here(?: is|['’]s))\b|^(?:okay|summary|tl;?dr|answer|"
            r"output)\b ?[:,]",
            "a preamble",
        ),
    )
)

_UNITS = {
    "percent": "%",
    "per cent": "%",
    "percentage point": "point",
    "x": "×",
    "time": "×",
    "fold": "×",
    "thousand": "k",
    "million": "m",
    "billion": "b",
    "trillion": "t",
}
_UNIT = (
    r"%(?: points?)?|percentage points?|per ?cent|points?|×|x|times|fold|thousand|million|billion|trillion|"
    r"ms|gb|mb|tb|[kmbts]"
)
_NUMBER = re.compile(
    rf"(?<![\w.])(?P<value>(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?|"
    rf"\.\d+)(?:[ -]?(?P<unit>{_UNIT})(?![^\W_])|(?P<glued>[^\W\d_]+))?",
    re.IGNORECASE,
)
# A name with a digit, such as GPT-4o or pass@1, is a name and no amount.
_NAME = re.compile(r"(?<![\w.])[^\W\d_][\w@/.-]*\d(?:[\w.]*\w)?", re.IGNORECASE)

_TO_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
)
_DIGITS = {word: str(value) for value, word in enumerate(_TO_TWENTY.split())}
_MULTIPLES = {
    word: value
    for value, words in {
        "2": "twice twofold double doubles doubled doubling",
        "3": "thrice threefold triple triples tripled tripling",
        "4": "fourfold quadruple quadruples quadrupled quadrupling",
        "5": "fivefold",
        "10": "tenfold",
        "0.5": "half halve halves halved halving",
    }.items()
    for word in words.split()
}
_AMOUNTS = re.compile(
    r"(?:thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion|trillion|dozen|"
    r"quarter|third|"
    r"majority)(?=s?$)"
)
_WORD = re.compile(r"[^\W\d_]+(?:-fold\b)?")
# These count nothing.
_NO_COUNT = re.compile(r"\bone (?:of|another)\b|\b(?:no|this|that|each|any|every) one\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Told:
    """One line about a paper in other words than its authors', and whose they are."""

    text: str
    by: str


def of_a_source(paper: Paper, *, most: int = 240) -> Told | None:
    """The first sentence of the AI summary, cut where a clause ends; None where it cannot be trusted."""
    whole = sentences.split(paper.ai_summary)
    line = cuts.shorten(whole[0], most) if whole else ""
    return Told(line, OF_A_SOURCE) if line and not refusal(line, paper, most=most) else None


def refusal(line: str, paper: Paper, *, most: int = 240) -> str:
    """Why a model's line about the paper may not be shown, "" where it may."""
    if any(unicodedata.category(sign) in {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"} for sign in line):
        return "several paragraphs or control characters"
    if len(line) > most or line.endswith(("…", "...")):
        return "too long"
    if len(line.split()) < _FEWEST_WORDS:
        return "too short"
    if len(sentences.split(line)) > 1 or not cuts.is_balanced(line):
        return "more or less than one sentence"
    for sign, what in _FORBIDDEN:
        if sign.search(line):
            return what
    if missing := strange_numbers(line, paper.abstract):
        return f"numbers that the abstract has not: {', '.join(missing)}"
    return "" if _is_about(line, f"{paper.title} {paper.abstract}") else "words that the paper has not"


def strange_numbers(line: str, abstract: str) -> tuple[str, ...]:
    """What a line counts or measures, in digits or words, and the abstract does not in the same unit."""
    known = set(_counted(abstract))
    names = {name.casefold() for name in _NAME.findall(abstract)}
    strange = [f"{value}{unit}" for value, unit in _counted(line) if (value, unit) not in known]
    strange += [name for name in _NAME.findall(line) if name.casefold() not in names]
    # Superscripts, fractions and the numerals of other scripts are compared as they stand.
    signs = {sign for sign in line if sign.isnumeric() and not sign.isascii()}
    return (*strange, *sorted(signs - set(abstract)))


def _counted(text: str) -> Iterator[tuple[str, str]]:
    """Every amount in a text with its unit; one in words is as good as one in digits."""
    plain = _NAME.sub(" ", text)
    for number in _NUMBER.finditer(plain):
        yield _value(number["value"]), _unit((number["unit"] or number["glued"] or "").lower())
    for found in _WORD.findall(_NO_COUNT.sub(" ", _NUMBER.sub(" ", plain)).lower()):
        word, fold, _ = found.partition("-fold")
        if word in _DIGITS:
            yield _DIGITS[word], "×" if fold else ""
        elif word in _MULTIPLES:
            yield _MULTIPLES[word], "×"
        elif amount := _AMOUNTS.match(word):
            yield amount[0], ""


def _value(digits: str) -> str:
    plain = digits.replace(",", "")
    return f"0{plain}" if plain.startswith(".") else plain


def _unit(written: str) -> str:
    unit = written.removesuffix("s") if len(written) > 2 else written
    return _UNITS.get(unit, unit)


def _is_about(line: str, text: str) -> bool:
    stems = {word[:_STEM] for word in _LONG_WORD.findall(text.casefold())}
    words = _LONG_WORD.findall(line.casefold())
    return sum(word[:_STEM] in stems for word in words) >= _COMMON * len(words)
