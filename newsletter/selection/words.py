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
# As many folded words are kept as a large corpus uses more than once.
_KEPT_WORDS = 2**16

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """The folded words of one field; by their places, as written, those that stand alone in parentheses."""

    words: Words
    asides: dict[int, str]


def read(raw: str) -> Text:
    """The words of a text."""
    words = _WORD.findall(plain(raw))
    asides = {at: word[1:-1] for at, word in enumerate(words) if word[0] == "("} if "(" in raw else {}
    return Text(tuple(map(fold, words)), asides)


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
