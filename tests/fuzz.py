"""Broken digests without end: `python -m tests.fuzz --inputs 100000`.

Takes the samples of every format (and real digests, where NEWSLETTER_REAL_INPUTS names their folder), breaks
each in a few places, and parses what comes out; then all built-in themes choose from the papers of a
hundred inputs. Whatever the bytes, parsing gives a digest or a DigestError, and choosing gives sections,
within LONGEST seconds and LARGEST bytes; everything else is printed with the number that makes it again, and
the exit status is 1.
"""

import argparse
import os
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from newsletter import config, identity, reasons, selection, sources
from newsletter.errors import DigestError
from newsletter.model import Digest

# Seconds and bytes that no input may cost.
LONGEST = 2.0
LARGEST = 300_000_000
# Inputs whose papers the themes choose from together: making the themes ready costs as much as twenty inputs.
TOGETHER = 100
# Bytes of a sample that are used; a larger one is cut, so that a minute holds many inputs.
LONGEST_SAMPLE = 20_000

SAMPLES = Path(__file__).parent / "data" / "digests"
# What parsers stumble over: marks of every syntax, numbers out of range, bytes of no encoding.
TOKENS = (
    b"<", b">", b"</", b"&", b"&amp;", b"&#x0;", b"&nbsp;", b"<!DOCTYPE x [", b"<![CDATA[", b"]]>",
    b"<!--", b"-->", b'"', b"'", b"{", b"}", b"[", b"]", b"](", b"](http://", b":", b",", b";", b"|",
    b"---\n", b"###", b"```", b"\\", b"\\u", b"\\ud800", b"NaN", b"1e999", b"-1", b"9" * 400, b"null",
    b"true", b"$", b"$$", b"\\frac{", b"^{", b"_{", b"``", b"''", b"times", b"\n", b"\r", b"\n\n", b"\t",
    b" " * 50, b"\x00", b"\xff", b"\xfe\xff", b"\xe2\x80", b"\xe2\x80\xae", b"\xf0\x9f\x98\x80",
    b"\xcc\x81" * 20, b"http://", b"https://arxiv.org/abs/2402.00001v2", b"Title:", b"Abstract",
    b"@article{", b"TY  - ", b"Content-Type: ", b"=?utf-8?q?", b"boundary=", b"Daily Papers\n\nJul 30\n",
    b"0000-00-00", b"9999-12-31",
)  # fmt: skip


@dataclass
class Report:
    """What a run found: how inputs ended, the slowest, and what must not happen."""

    ends: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, int] = (0.0, -1)
    largest: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, other: "Report") -> None:
        self.ends += other.ends
        self.slowest = max(self.slowest, other.slowest)
        self.largest = max(self.largest, other.largest)
        self.faults += other.faults


def samples() -> list[bytes]:
    """Every sample, smallest first."""
    paths = [path for path in SAMPLES.glob("*/*.*") if not path.name.endswith(".expected.json")]
    if real := os.environ.get("NEWSLETTER_REAL_INPUTS"):
        paths += [
            path
            for path in Path(real).rglob("*.*")
            if path.suffix not in {".py", ".md"} or "md_" in str(path)
        ]
    return sorted((path.read_bytes()[:LONGEST_SAMPLE] for path in sorted(paths)), key=len)


def broken(number: int, whole: list[bytes]) -> bytes:
    """The input of that number: the same for the same samples."""
    choose = random.Random(number)  # noqa: S311  to break things, not to hide them
    data = bytearray(choose.choice(whole))
    for _ in range(choose.choice((1, 1, 2, 3, 5, 8, 20))):
        start = choose.randrange(len(data) + 1)
        end = min(len(data), start + choose.choice((0, 1, 1, 2, 5, 20, 100, 1000)))
        kind = choose.randrange(8)
        if kind == 0:
            del data[start:end]
        elif kind == 1:
            data[start:end] = choose.choice(TOKENS)
        elif kind == 2:
            data[start:start] = choose.choice(TOKENS) * choose.choice((1, 1, 2, 10, 300))
        elif kind == 3:
            data[start:start] = data[start:end] * choose.choice((1, 2, 20))
        elif kind == 4:
            data[start:end] = choose.randbytes(end - start)
        elif kind == 5:
            other = choose.choice(whole)
            at = choose.randrange(len(other) + 1)
            data[start:end] = other[at : at + choose.choice((10, 100, 1000))]
        elif kind == 6:
            del data[start:]
        elif start < len(data):
            data[start] ^= 1 << choose.randrange(8)
    return bytes(data)


def run(numbers: range) -> Report:
    """The inputs of those numbers, parsed one after the other, and what the themes choose from them."""
    report = Report()
    whole = samples()
    for start in range(0, len(numbers), TOGETHER):
        together = numbers[start : start + TOGETHER]
        digests = [digest for number in together for digest in _parsed(number, whole, report)]
        with _watched(f"choosing from inputs {together[0]} to {together[-1]}", report):
            _choose(digests)
    report.largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return report


def _parsed(number: int, whole: list[bytes], report: Report) -> list[Digest]:
    """The digest of one input; none where it is refused, or where that is a fault."""
    data = broken(number, whole)
    started = time.perf_counter()
    digests = []
    with _watched(f"input {number}", report):
        try:
            digests.append(sources.parse(data, "fuzzed"))
        except DigestError:
            report.ends["refused"] += 1
    report.ends += Counter(digest.format for digest in digests)
    report.slowest = max(report.slowest, (time.perf_counter() - started, number))
    return digests


def _choose(digests: list[Digest]) -> None:
    themes = config.themes(config.load(None)).values()
    selected = selection.select(identity.merge(digests), themes, on=date(2026, 1, 6))
    for paper in selected.papers[-3:]:
        selected.place(paper)
    for section in selected.sections:
        for pick in section.picks:
            reasons.phrases(pick)


@contextmanager
def _watched(what: str, report: Report) -> Iterator[None]:
    """Notes as a fault what is raised inside, and what takes too long."""
    started = time.perf_counter()
    try:
        yield
    except BaseException as error:
        report.faults.append(f"{what}: {error!r}"[:300])
    if (took := time.perf_counter() - started) > LONGEST:
        report.faults.append(f"{what}: {took:.1f} s")


def _parts(first: int, inputs: int, size: int = 5000) -> Iterator[range]:
    for start in range(first, first + inputs, size):
        yield range(start, min(start + size, first + inputs))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=20_000, help="how many (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="the number of the first one; to make one again")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes (default: all cores)")
    chosen = parser.parse_args()
    total = Report()
    started = time.perf_counter()
    with ProcessPoolExecutor(chosen.workers) as pool:
        for report in pool.map(run, _parts(chosen.first, chosen.inputs)):
            total.add(report)
            done = sum(total.ends.values()) + len(total.faults)
            print(f"\r{done:,} of {chosen.inputs:,}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    for end, count in total.ends.most_common():
        print(f"{count:>9,}  {end}")
    if total.largest > LARGEST:
        total.faults.append(f"a process of {total.largest / 1e6:.0f} MB")
    slowest, number = total.slowest
    print(f"slowest {slowest:.2f} s (input {number}), largest process {total.largest / 1e6:.0f} MB")
    print(
        f"{len(total.faults)} faults in {time.perf_counter() - started:.0f} s", *total.faults[:50], sep="\n"
    )
    return 1 if total.faults else 0


if __name__ == "__main__":
    sys.exit(main())
