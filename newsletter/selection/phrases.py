"""The language of phrases: what may stand where a theme names words.

`{tensor|pipeline} parallelism` is each of its alternatives. `evict ~6 KV cache` is its two parts with at most
six words between them, in either order. Owns what a phrase may look like and says what is wrong with one.
Never looks into a paper.
"""

import re
from functools import lru_cache
from itertools import product
from math import prod
from typing import NamedTuple

from newsletter.selection import words

# What a writer can still overlook, and few enough that no phrase costs more than a theme.
MOST_WAYS = 64
# Words between two parts: about a sentence. It bounds the time that a text of near pairs costs.
MOST_BETWEEN = 20

_GROUP = re.compile(r"\{([^{}]*)\}")
_NEAR = re.compile(r"(?:(?<=\s)|^)~(\d{1,4})(?=\s|$)")


class Way(NamedTuple):
    """One way to write a phrase: words side by side; or two parts, at most so many words between them."""

    parts: tuple[str, ...]
    between: int = 0


@lru_cache(maxsize=2**14)
def ways(text: str) -> tuple[Way, ...]:
    """Every way to write the phrase, each once, in its own order.

    Raises: ValueError, which says what is wrong with it.
    """
    return tuple(dict.fromkeys(_way(written) for written in _written_out(text)))


def _written_out(text: str) -> list[str]:
    """The phrase with each choice of its alternatives."""
    if re.search(r"[{}|]", _GROUP.sub("", text)):
        raise ValueError("alternatives stand in braces, such as {tensor|pipeline} parallelism")
    # Every second piece is what stands in a pair of braces.
    pieces = [piece.split("|") if at % 2 else [piece] for at, piece in enumerate(_GROUP.split(text))]
    if any(len(choices) == 1 for choices in pieces[1::2]):
        raise ValueError("braces hold alternatives, such as {tensor|pipeline}")
    if (number := prod(map(len, pieces))) > MOST_WAYS:
        raise ValueError(f"{number:,} alternatives are too many, {MOST_WAYS} the most; write several phrases")
    return list(map("".join, product(*pieces)))


def _way(written: str) -> Way:
    first, *more = _NEAR.split(written)
    if "~" in "".join((first, *more)) or len(more) > 2:
        raise ValueError("one ~ and a number of words stand between two parts, such as evict ~6 KV cache")
    parts = (first, *more[1:])
    if not all(words.read(part).words for part in parts):
        raise ValueError("a part or an alternative of it has no word")
    between = int(more[0]) if more else 0
    if between > MOST_BETWEEN:
        raise ValueError(f"~{between} is too far; {MOST_BETWEEN} words between two parts are the most")
    return Way(tuple(" ".join(part.split()) for part in parts), between)
