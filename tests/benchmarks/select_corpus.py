#!/usr/bin/env python3
"""The time and memory that matching a corpus with 20 themes takes, for a quarter, a half and all of it.

usage: python tests/benchmarks/select_corpus.py CORPUS.jsonl.xz [--most N]

CORPUS holds one JSON object a line: `id`, `title`, `abstract` and `categories`. The themes are the built-in
ones and variations of them that use the whole language. Each size runs in a process of its own: seconds,
peak memory of the process (papers included) and the time a paper takes against that of the smallest size, for
`match_all` and for the whole `select`. Beside it, where scikit-learn is installed: its TfidfVectorizer with
words and pairs of words, fitted on a sample and transforming the same papers.
"""

import argparse
import json
import lzma
import multiprocessing
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path

from newsletter import config, selection
from newsletter.model import Paper, Phrase, Theme

THEMES = 20
# Papers on which the peer learns its words, which is not timed.
SAMPLE = 10_000


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--most", type=int, default=sys.maxsize)
    given = arguments.parse_args()
    with lzma.open(given.corpus, "rb") as lines:
        number = sum(1 for _ in islice(lines, given.most))
    first: tuple[float, ...] = ()
    for size in (number // 4, number // 2, number):
        seconds, megabytes = in_a_process(measured, given.corpus, size)
        per_paper = tuple(one / size for one in seconds)
        first = first or per_paper
        ratios = tuple(one / base for one, base in zip(per_paper, first, strict=True))
        print(
            f"{size:,} papers × {THEMES} themes: match_all {seconds[0]:.1f} s (a paper ×{ratios[0]:.2f}), "
            f"select {seconds[1]:.1f} s (a paper ×{ratios[1]:.2f}), {megabytes:.0f} MB",
            flush=True,
        )
    peer = in_a_process(vectorized, given.corpus, number)
    if peer is None:
        print("for a peer: pip install scikit-learn")
    else:
        print(f"TfidfVectorizer.transform {peer:.1f} s; match_all takes {seconds[0] / peer:.2f} of it")


def in_a_process(task, *arguments):  # type: ignore[no-untyped-def]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(task, arguments)


def measured(corpus: Path, size: int) -> tuple[tuple[float, float], float]:
    """Seconds of match_all and of select, and the peak of the memory in MB."""
    chosen = list(read(corpus, size))
    rules = themes()
    start = time.perf_counter()
    selection.match_all(chosen, rules)
    matched = time.perf_counter()
    selection.select(chosen, rules, on=date(2026, 7, 31))
    selected = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (matched - start, selected - matched), peak


def vectorized(corpus: Path, size: int) -> float | None:
    """Seconds that scikit-learn takes to turn the same papers into weighted words."""
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
    except ImportError:
        return None
    texts = [f"{paper.title}\n{paper.abstract}" for paper in read(corpus, size)]
    peer = TfidfVectorizer(ngram_range=(1, 2), min_df=5).fit(texts[:SAMPLE])
    start = time.perf_counter()
    peer.transform(texts)
    return time.perf_counter() - start


def themes() -> list[Theme]:
    """The built-in themes and variations: other weights, alternatives, nearness, company, tags, examples."""
    built_in = list(config.themes(config.load(None)).values())
    examples = ("2503.11742", "2503.11731")
    near = tuple(
        Phrase(f"{{{verb}|{verb}ing}} ~6 {{memory|model|cache}}", 1.0, beside=("language model",))
        for verb in ("compress", "train", "reduc", "serv")
    )
    varied = [
        replace(
            base,
            slug=f"{base.slug}-{at}",
            phrases=tuple(replace(one, weight=one.weight * (1 + at / 10)) for one in base.phrases) + near,
            like=examples if at % 3 == 0 else (),
        )
        for at in range(THEMES)
        for base in built_in
    ]
    return (built_in + varied)[:THEMES]


def read(corpus: Path, size: int) -> Iterator[Paper]:
    with lzma.open(corpus, "rt", encoding="utf-8") as lines:
        for at, line in enumerate(islice(lines, size), start=1):
            values = json.loads(line)
            title, abstract = (" ".join(values[field].split()) for field in ("title", "abstract"))
            yield Paper(
                title,
                abstract,
                f"https://arxiv.org/abs/{values['id']}",
                position=at,
                arxiv_id=values["id"],
                categories=tuple(values["categories"]),
            )


if __name__ == "__main__":
    main()
