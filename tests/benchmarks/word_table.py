#!/usr/bin/env python3
"""The table `newsletter/selection/words.tsv`: in how many papers of 10,000 a word or a pair of words stands.

usage: python tests/benchmarks/word_table.py CORPUS.jsonl.xz > newsletter/selection/words.tsv

CORPUS holds one JSON object a line with `title` and `abstract`. Words are folded as `selection.words` does.
"""

import json
import lzma
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from newsletter.selection import words

# Papers in 10,000: the fewest for a word and for a pair, which keeps the table below 120 KB; and the most
# for either word of a pair, since "of the" is no term.
WORD_FLOOR = 10
PAIR_FLOOR = 15
PAIR_CEILING = 2000
# Pairs are counted up to so many; then those seen once are forgotten.
KEPT_PAIRS = 8_000_000


def main() -> None:
    path = Path(sys.argv[1])
    papers, alone, pairs = counted(path)
    share = 10_000 / papers
    print(
        f"# Papers of 10,000 in which a word or a pair of words stands, as folded. From {papers:,} of arXiv."
    )
    for word, count in sorted(alone.items()):
        if count * share >= WORD_FLOOR:
            print(f"{word}\t{round(count * share)}")
    for (first, second), count in sorted(pairs.items()):
        ceiling = max(alone[first], alone[second]) * share
        if count * share >= PAIR_FLOOR and ceiling <= PAIR_CEILING:
            print(f"{first} {second}\t{round(count * share)}")


def counted(path: Path) -> tuple[int, Counter[str], Counter[tuple[str, str]]]:
    papers, alone, pairs = 0, Counter[str](), Counter[tuple[str, str]]()
    for title, abstract in read(path):
        papers += 1
        alone.update({*title, *abstract})
        pairs.update({*pairwise(title), *pairwise(abstract)})
        if len(pairs) > KEPT_PAIRS:
            pairs = Counter({pair: count for pair, count in pairs.items() if count > 1})
    return papers, alone, pairs


def read(path: Path) -> Iterator[tuple[words.Words, words.Words]]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            values = json.loads(line)
            yield words.read(values["title"]).words, words.read(values["abstract"]).words


if __name__ == "__main__":
    main()
