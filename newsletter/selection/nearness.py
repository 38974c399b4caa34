"""How near two papers are: the cosine of the weighted words of their titles and abstracts.

A word weighs the more the fewer papers use it. How many do is counted once, over a large corpus, and shipped
in `words.tsv`, so that the nearness of two papers depends on no other paper. Knows neither themes nor ranks.

The table is made by `tests/benchmarks/word_table.py`; make it again when `words.fold` changes.
"""

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import chain, pairwise
from math import fsum, hypot, log

from newsletter.model import Paper
from newsletter.selection import words

# Every word of a title counts as often: authors name in it what a paper is about.
TITLE_COUNTS = 2
# A word of no line in the table stands in fewer papers of 10,000 than any that has one.
RARE = 5.0
# More than 1 lets the words of a field weigh more against the words of every paper; a pair of words repeats
# what its words say. Measured on arXiv abstracts: these two tell the same subject from the same field best.
RARITY_POWER = 1.5
PAIR_FACTOR = 0.5

# A paper as the weights of its words, of length 1; no word has the weight 0.
Profile = Mapping[str, float]


def nearness(one: Paper, other: Paper) -> float:
    """From 0 (no word in common) to 1 (the same words equally often).

    Of arXiv papers, two of one category are at 0.01 (median; 0.07 for one pair in a hundred), two on one
    narrow subject at 0.1 to 0.5, two versions of one paper at 0.9 or more (460 of 467).
    """
    return cosine(profile(one), profile(other))


def profile(paper: Paper) -> Profile:
    """A paper made ready for many comparisons."""
    return profile_of(words.read(paper.title).words, words.read(paper.abstract).words)


def profile_of(title: Sequence[str], abstract: Sequence[str]) -> Profile:
    """The profile of a paper whose title and abstract are read already."""
    weights, rare = _weights(), _weight(RARE)
    counts = Counter(chain(abstract, _pairs(abstract, weights)))
    for word in chain(title, _pairs(title, weights)):
        counts[word] += TITLE_COUNTS
    weighted = {word: weights.get(word, rare) for word in counts}
    for word, count in counts.items():
        if count > 1:
            weighted[word] *= 1 + log(count)
    length = hypot(*weighted.values())
    return {word: weight / length for word, weight in weighted.items() if weight}


def cosine(one: Profile, other: Profile) -> float:
    """The nearness of two papers made ready. The same in either order, to the last bit."""
    return min(1.0, fsum(one[word] * other[word] for word in one.keys() & other.keys()))


def _pairs(text: Sequence[str], known: Container[str]) -> Iterator[str]:
    """The pairs of neighbouring words that are known."""
    return filter(known.__contains__, map(" ".join, pairwise(text)))


@lru_cache(maxsize=1)
def _weights() -> Mapping[str, float]:
    """What one mention of each word, or pair of words, of the table weighs."""
    table = files("newsletter").joinpath("selection", "words.tsv").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {word: _weight(float(papers)) * (PAIR_FACTOR if " " in word else 1.0) for word, papers in lines}


def _weight(papers_in_10_000: float) -> float:
    return float(log(10_000 / papers_in_10_000) ** RARITY_POWER)
