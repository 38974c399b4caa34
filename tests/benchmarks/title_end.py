"""How often a title's end is found where nothing marks it: `python tests/benchmarks/title_end.py CORPUS`.

CORPUS: JSON lines (.jsonl or .jsonl.xz) of papers with `title` and `abstract`, such as an export of the Daily
Papers. Each title and abstract are run together and parted again. The model was fitted to 3,500 papers of
such an export; --skip leaves out as many after the same shuffle, so that all that is told is new to it.
"""

import argparse
import json
import lzma
import random
import time
from pathlib import Path

from newsletter.sources import title_end


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument(
        "--skip", type=int, default=3500, help="papers it was fitted to (default: %(default)s)"
    )
    parser.add_argument("--show", type=int, default=10, help="wrong ones to print (default: %(default)s)")
    chosen = parser.parse_args()
    data = chosen.corpus.read_bytes()
    text = (lzma.decompress(data) if chosen.corpus.suffix == ".xz" else data).decode()
    papers = [json.loads(line) for line in text.splitlines()]
    pairs = [(" ".join(paper["title"].split()), " ".join(paper["abstract"].split())) for paper in papers]
    random.Random(1).shuffle(pairs)  # noqa: S311  the same order each time
    unseen = pairs[chosen.skip :]
    started = time.perf_counter()
    found = [(title, " ".join(_title(f"{title} {abstract}".split()))) for title, abstract in unseen]
    took = time.perf_counter() - started
    wrong = [(title, guess) for title, guess in found if title != guess]
    for title, guess in wrong[: chosen.show]:
        print(f"  {guess}\n    is {title}")
    right = len(found) - len(wrong)
    each = took / len(found) * 1e6
    print(f"{right:,} of {len(found):,} right, {right / len(found):.2%}; {each:.0f} µs a paper")


def _title(words: list[str]) -> list[str]:
    return words[: title_end.find(words)]


if __name__ == "__main__":
    main()
