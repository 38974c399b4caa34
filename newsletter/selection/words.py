"""How the words of papers and of phrases are compared.

Owns folding (plural, hyphen, British spelling), the several ways to write the same words, and the reading of
a text into words. Knows neither themes nor papers.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# Several ways to write the same words. Phrases are filed under the first.
SAME_WORDS = ((("kv",), ("key", "value"), ("key", "and", "value"), ("k", "v")),)

# A word; or one word alone in parentheses, which is how authors introduce an abbreviation.
_WORD = re.compile(r"\([^\W_]{2,10}\)|[^\W_]+")
# Where a text is a list, a comma is a word of its own, and no phrase reaches from one item into the next.
_ITEM_WORD = re.compile(rf"{_WORD.pattern}|,")
# As many folded words are kept as a large corpus uses more than once.
_KEPT_WORDS = 2**16

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """The folded words of one field; by their places, as written, those that stand alone in parentheses."""

    words: Words
    asides: dict[int, str]


def read(raw: str, *, listed: bool = False) -> Text:
    """The words of a text. listed: it is a list of items with commas between them."""
    words = _pattern(listed).findall(plain(raw))
    # Parentheses of full width are parentheses only in the plain text.
    signs = "(" in raw or not raw.isascii()
    asides = {at: word[1:-1] for at, word in enumerate(words) if word[0] == "("} if signs else {}
    return Text(tuple(map(fold, words)), asides)


def spans(raw: str, *, listed: bool = False) -> list[tuple[int, int]]:
    """Where each of the words that `read` gives stands in the text itself, without its parentheses."""
    text = plain(raw)
    places = [match.span() for match in _pattern(listed).finditer(text)]
    if "(" in text:
        places = [(start + 1, end - 1) if text[start] == "(" else (start, end) for start, end in places]
    if raw.isascii():
        return places
    origins = _origins(raw)
    return [(origins[start][0], origins[end - 1][1]) for start, end in places]


def _pattern(listed: bool) -> re.Pattern[str]:
    return _ITEM_WORD if listed else _WORD


def _origins(raw: str) -> list[tuple[int, int]]:
    """For each sign of the plain text, the stretch of the text that it comes from.

    Plain text is made stretch by stretch: "ﬁ" becomes two signs, and "e" with an accent after it one.
    """
    origins: list[tuple[int, int]] = []
    start = 0
    for end in range(1, len(raw) + 1):
        if end == len(raw) or _stands_apart(raw[start:end], raw[end]):
            origins += [(start, end)] * len(plain(raw[start:end]))
            start = end
    return origins


def _stands_apart(before: str, sign: str) -> bool:
    """Whether normalising never joins the sign with what is before it. Source: UAX 15, section 9."""
    if sign.isascii():
        return True
    if unicodedata.combining(unicodedata.normalize("NFKD", sign)[0]):
        return False
    together = unicodedata.normalize("NFKC", before + sign)
    return together == unicodedata.normalize("NFKC", before) + unicodedata.normalize("NFKC", sign)


def key(text: str) -> str:
    """What a phrase is filed under: "KV caches" and "key-value cache" have one key."""
    return " ".join(map(fold, _canonical(text)))


@lru_cache(maxsize=_KEPT_WORDS)
def _canonical(text: str) -> Words:
    words: Words = tuple(_WORD.findall(plain(text)))
    for first, *others in SAME_WORDS:
        for other in others:
            words = _replaced(words, other, first)
    return words


def spellings(text: str) -> Iterator[Words]:
    """Every way to write a phrase: with each of the SAME_WORDS, and with two of its words run together."""
    words = _canonical(text)
    forms = [words, *(_replaced(words, first, other) for first, *others in SAME_WORDS for other in others)]
    for form in dict.fromkeys(forms):
        yield form
        for at in range(len(form) - 1):
            yield (*form[:at], form[at] + form[at + 1], *form[at + 2 :])


def _replaced(words: Words, old: Words, new: Words) -> Words:
    wanted = tuple(map(fold, old))
    for at in range(len(words) - len(old) + 1):
        if tuple(map(fold, words[at : at + len(old)])) == wanted:
            return words[:at] + new + words[at + len(old) :]
    return words


def plain(text: str) -> str:
    """The text in one form of its signs and in lower case."""
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=_KEPT_WORDS)
def fold(word: str) -> str:
    """The word without plural and without the difference of British and American spelling.

    Only for comparing: "caches", "latencies" and "optimise" become "cach", "latenci" and "optimiz".
    """
    word = word.strip("()")
    if len(word) > 2 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    if len(word) > 3:
        word = word.removesuffix("e")
    if word.endswith("y"):
        word = f"{word[:-1]}i"
    return word.replace("is", "iz").replace("lling", "ling").replace("lled", "led")
