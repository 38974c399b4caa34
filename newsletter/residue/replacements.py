"""What one match of a rule becomes, where a template cannot say it.

Every function takes the match and the paper's title and returns the text for its place; the match's own
text means that nothing is wrong there. Looks no further than `NEAR` characters around the match, so that
a text of a million matches still takes linear time.
"""

import re

from newsletter.residue import formulas
from newsletter.residue.symbols import DASHES, GREEK, SUBSCRIPTS, SYMBOLS

Match = re.Match[str]

# Characters around a match that are looked at: a long word and its blank.
NEAR = 32
# Characters around a comment mark in which another TeX mark counts as evidence: longer than an abstract.
WIDE = 2500

_SCHEME = re.compile(r"^https?://")
# Words that open a sentence, and are no second half of a name.
_OPENERS = {
    "The", "This", "These", "We", "Our", "In", "To", "It", "Its", "For", "By", "On", "As", "With", "While",
    "Then", "Thus", "Finally", "First", "Code", "Codes", "However", "Moreover", "Furthermore", "Additionally",
    "Also", "Specifically", "Experiments", "Extensive", "Comprehensive",
}  # fmt: skip
_OPERAND = re.compile(r"(?:\d[×x%°KMBG]?|[)\]⁰¹²³⁴⁵⁶⁷⁸⁹]|(?<!\w)[b-zB-HJ-ZΑ-ω]|_\w{1,4}) $")
# Names of commands that lost their backslash, inside a formula.
_LOST = re.compile(
    r"(?<![A-Za-z\\])(times|sim|pm|leq|geq|le|ge|in|to|infty|ell|circ|cdot|ldots|star|top|prime|dagger|log|frac|sqrt|text"
    rf"|math(?:cal|bb|bf|rm)|textbf|textit|{'|'.join(GREEK)})(?![a-z])"
)
_GLUED = re.compile(r"(?<![A-Za-z])([A-Za-z\d])(times|le|ge|in|to|cdot|leq|geq)(?![a-z]) ?")
_CODE = re.compile(r"\s[\"'`(]?-\S*$|[_=`]\S*$")
_CODE_AFTER = re.compile(r"\S*[_=`]")
_RANGE = re.compile(r"[\d⁰¹²³⁴⁵⁶⁷⁸⁹](?:%|×|\\%|[a-zA-Z]{0,2})$")
_RANGE_AFTER = re.compile(r"[A-Z]?[$€]?\d")
_CAPITALISED = re.compile(r"(?:[\s(\"“/]|--)[A-Z]\w*$")
_CHAIN = re.compile(r"--[A-Za-z]+$")
_CHAIN_AFTER = re.compile(r"[A-Za-z]+--[A-Za-z]")
_WORD_BEFORE = re.compile(r"[ ,]([A-Za-z][a-z]{2,})$")
_WORD_AFTER = re.compile(r"([a-z]{2,})(?=[ ,.;]|$)")
# Words that count what comes after `times`, or that make an ordinary word of it.
_COUNTS = {
    "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Twenty", "Hundred",
    "Many", "Several", "Some", "Most", "Few", "All", "Multiple", "Countless", "These", "Those", "Such",
    "Other", "In", "At", "Our", "The", "Modern", "Recent", "Training", "Inference", "Running",
    "Response", "Reaction",
}  # fmt: skip


def _before(match: Match) -> str:
    """The text before the match; at the beginning of a text a blank comes first, as before any word."""
    start = match.start() - NEAR
    return match.string[start : match.start()] if start > 0 else " " + match.string[: match.start()]


def _following(match: Match) -> str:
    return match.string[match.end() : match.end() + NEAR]


def link(match: Match, _title: str) -> str:
    """The address alone where the words repeat it, else the words and the address."""
    return linked(match[1], match[2])


def linked(address: str, words: str) -> str:
    """The address alone where the words repeat it, else the words and the address."""
    words = words.strip()
    bare, shown = (_SCHEME.sub("", text).replace("\\", "").rstrip("/.") for text in (address, words))
    return address if bare.startswith(shown) or shown.endswith(bare) else f"{words} ({address})"


def first_group(match: Match, _title: str) -> str:
    """The group that took part."""
    return next(group for group in match.groups() if group)


def quoted(match: Match, _title: str) -> str:
    """The words between a pair of quotes."""
    return f"“{match[1] or match[2]}”"


def symbol(match: Match, _title: str) -> str:
    """The character that the name in the only group stands for."""
    return SYMBOLS[_name(match)]


def _name(match: Match) -> str:
    """The group that took part and is no blank."""
    return next(group for group in match.groups() if group and group != " ")


def relation(match: Match, _title: str) -> str:
    """The sign glued to its number, `±35`; between two values the blank on both sides stays."""
    blank = " " if match[2] and _OPERAND.search(_before(match)) else ""
    return SYMBOLS[_name(match)] + blank


def comparison(match: Match, _title: str) -> str:
    """The sign; with a blank on both sides where it was glued to the value before, `Tgeq 0`."""
    sign, before = SYMBOLS[_name(match)], match.string[match.start() - 1 : match.start()]
    blank = " " * match[0].endswith(" ")
    return f" {sign} " if before.isalnum() or (before and before in ")]|}") else sign + blank


def product(match: Match, _title: str) -> str:
    """The two names with the sign between them, unless the first is a number or says how often."""
    return match[0] if match[1] in _COUNTS else f"{match[1]} × "


def norm(match: Match, _title: str) -> str:
    """The script l, with its subscript."""
    return SYMBOLS["ell"] + (match[1] or "").translate(SUBSCRIPTS)


def greek_of_title(match: Match, title: str) -> str:
    """The letter, where the title prints that letter."""
    letter = GREEK[match[1]]
    return letter if letter in title else match[0]


def greek_name_of_title(match: Match, title: str) -> str:
    """The letter, where the title prints it in the same name: `ε-Net` for `epsilon-Net`."""
    letter = GREEK[match[1]]
    before, after = _before(match)[-3:], _following(match)[:3]
    opens = after.startswith("-") and letter + after in title
    return letter if opens or (before.endswith("-") and before + letter in title) else match[0]


def raised(match: Match, _title: str) -> str:
    """The exponent, or the index, in small characters."""
    return formulas.script(match[0][0], match[0][1:])


def named_exponent(match: Match, _title: str) -> str:
    """The sign that the exponent is the name of."""
    return formulas.script("^", SYMBOLS[match[1]])


def script(match: Match, _title: str) -> str:
    """What stands in the braces behind `^` or `_`, which only a formula has, read as a formula."""
    words = _LOST.sub(r"\\\1", _GLUED.sub(r"\1 \\\2 ", match[2]))
    return formulas.script(match[1], formulas.plain(words))


def numbered_dash(match: Match, _title: str) -> str:
    """The dash with that code point."""
    return DASHES[match[1]]


def logarithm(match: Match, _title: str) -> str:
    """`log` apart from the letter before it, and from one behind it."""
    return " log" + " " * match.string[match.end()].isalnum()


def comment(match: Match, _title: str) -> str:
    r"""Nothing after a sentence or a comma, or in a text that writes its per cent `\%`."""
    text, at = match.string, match.start()
    is_comment = text[at - 2] in ".,;:" or "\\%" in text[max(0, at - WIDE) : at + WIDE]
    return "" if is_comment else match[0]


def dash(match: Match, _title: str) -> str:
    """An em dash; an en dash in a range, between two names (`Human--AI`) and in a chain (`plan--act--do`)."""
    blank, hyphens = match[1], match[2]
    if not hyphens:
        return " —"  # `word-- and`
    left, right = _before(match), _following(match)
    is_range = _RANGE.search(left) and _RANGE_AFTER.match(right)
    if not blank and not is_range and (_CODE.search(left) or _CODE_AFTER.match(right)):
        return match[0]
    is_pair = not blank and _CAPITALISED.search(left) and right[:1].isupper()
    is_chain = not blank and (_CHAIN.search(left) or _CHAIN_AFTER.match(right))
    is_short = hyphens == "--" and (is_range or is_pair or is_chain)
    return f"{blank}{'–' if is_short else '—'}{blank}"


def spaced_period(match: Match, _title: str) -> str:
    """A period and a blank; after a capitalised word only before an opener, for `Fake.Br` is a name."""
    left, right = _before(match).rpartition(" ")[2], re.split("[ ,]", _following(match), maxsplit=1)[0]
    return match[0] if left[:1].isupper() and right not in _OPENERS else ". "


def spaced_comma(match: Match, _title: str) -> str:
    """A comma and a blank between two words that are no names of variables."""
    left, right = _WORD_BEFORE.search(_before(match)), _WORD_AFTER.match(_following(match))
    return ", " if left and right and not {left[1], right[1]} & GREEK.keys() else match[0]


def spaced_bracket(match: Match, _title: str) -> str:
    """A blank before a short form that ends with the initial of the word before it: not `softmax(QK)`."""
    short = _following(match).partition(")")[0].removesuffix("s")
    word = re.search(r"[A-Za-z]+$", _before(match))
    return " (" if word and word[0][0].lower() == short[-1].lower() else match[0]
