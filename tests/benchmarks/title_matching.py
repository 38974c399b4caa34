#!/usr/bin/env python3
"""How often `titles.best_match` is right and wrong over real titles whose arXiv ids are known.

usage: python tests/benchmarks/title_matching.py HF.jsonl.xz ARXIV.jsonl.xz

Both files hold one JSON object a line with `id`, `title` and `abstract`. Every title of the first is looked
up among its nearest neighbours in the second: those that share the most of its rarer words, and those that
differ by a number or a sign only. Four ways: with and without abstracts, and each again with the right paper
taken out of the second file, where every match is wrong.
"""

import argparse
import json
import lzma
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from newsletter import titles
from newsletter.model import Paper

# Neighbours compared with each title, and the most titles in which a word may stand to find one by it.
NEIGHBOURS = 25
COMMON = 2000


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("asked", type=Path)
    arguments.add_argument("known", type=Path)
    given = arguments.parse_args()
    asked, known = papers(given.asked), papers(given.known)
    blocks = Blocks(known)
    print(f"{len(asked)} titles, {len(known)} known papers")
    near = [blocks.near(paper) for paper in asked]
    there = {paper.arxiv_id for paper in known}
    wrong = 0
    for absent in (False, True):
        for abstracts in (False, True):
            started = time.perf_counter()
            counts = measured(asked, near, there, abstracts=abstracts, absent=absent)
            wrong += counts["wrong"]
            seconds = time.perf_counter() - started
            what = f"{'with' if abstracts else 'without'} abstracts{', right paper absent' if absent else ''}"
            print(f"{what}: {dict(counts)} in {seconds:.1f} s")
    sys.exit(1 if wrong else 0)


class Blocks:
    """Papers found again by the rarer words of their titles."""

    def __init__(self, known: Sequence[Paper]) -> None:
        self._known = known
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, paper in enumerate(known):
            for word in words(paper.title):
                self._places[word].append(place)

    def near(self, paper: Paper) -> list[Paper]:
        shared: Counter[int] = Counter()
        for word in words(paper.title):
            places = self._places.get(word, [])
            if len(places) <= COMMON:
                for place in places:
                    shared[place] += 1
        return [self._known[place] for place, _ in shared.most_common(NEIGHBOURS)]


def measured(
    asked: Iterable[Paper],
    near: Iterable[Sequence[Paper]],
    there: set[str | None],
    *,
    abstracts: bool,
    absent: bool,
) -> Counter[str]:
    """How many were found, missed and mistaken. Mistakes are printed, because none should be."""
    counts: Counter[str] = Counter(right=0, wrong=0, missed=0, rightly_none=0)
    for paper, neighbours in zip(asked, near, strict=True):
        candidates = [one for one in neighbours if not (absent and one.arxiv_id == paper.arxiv_id)]
        if not abstracts:
            candidates = [replace(one, abstract="") for one in candidates]
        question = replace(paper, arxiv_id=None, abstract=paper.abstract if abstracts else "")
        match = titles.best_match(question, candidates)
        if match is None:
            counts["missed" if paper.arxiv_id in there and not absent else "rightly_none"] += 1
        elif match.candidate.arxiv_id == paper.arxiv_id:
            counts["right"] += 1
        else:
            counts["wrong"] += 1
            print(f"  {match.confidence} {paper.arxiv_id} {paper.title!r}")
            print(f"       {match.candidate.arxiv_id} {match.candidate.title!r}")
    return counts


def words(title: str) -> set[str]:
    return set(titles.words(title))


def papers(path: Path) -> list[Paper]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return [paper(json.loads(line)) for line in lines]


def paper(values: dict[str, str]) -> Paper:
    title, abstract = (" ".join(values[field].split()) for field in ("title", "abstract"))
    return Paper(title, abstract, f"https://arxiv.org/abs/{values['id']}", arxiv_id=values["id"])


if __name__ == "__main__":
    main()
