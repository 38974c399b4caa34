"""What it costs to read and repair a page: `python tests/benchmarks/parse_page.py CORPUS`.

CORPUS: JSON lines (.jsonl or .jsonl.xz) of papers with `title` and `abstract`. They are laid out as the text
of one Daily Papers page, and the same papers as an RSS feed for feedparser, the usual reader of digests
(`pip install feedparser`). Each reading is a process of its own; the runs alternate, and medians are told.
Exits with 1 below 5 MB a second, where a paper of the whole page costs 1.2 times one of a page of 100 or
more, or where the process becomes ten times as large as the file.
"""

import argparse
import json
import lzma
import statistics
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path

HEADER = "new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\nDaily Papers\n\nbyAK\n\nJul 30\n\n"

# Linux hands a child the peak of its parent in ru_maxrss; VmHWM is of the child alone.
_START = """
import sys, time
from pathlib import Path
def peak():
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) * 1024
"""
_END = """
print(time.process_time() - started, peak(), papers)
"""
_OURS = f"""{_START}
from newsletter import sources
from newsletter.residue import repair
repair("$x^2$ and 2times")  # what is loaded with the first formula
started = time.process_time()
papers = len(sources.parse(Path(sys.argv[1]).read_bytes(), "page").papers)
{_END}"""
_PEER = f"""{_START}
import feedparser
started = time.process_time()
papers = len(feedparser.parse(Path(sys.argv[1]).read_bytes()).entries)
{_END}"""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--runs", type=int, default=5, help="of each (default: %(default)s)")
    chosen = parser.parse_args()
    papers = _papers(chosen.corpus)
    with tempfile.TemporaryDirectory() as folder:
        few, all_, feed = (Path(folder, name) for name in ("few.txt", "all.txt", "feed.xml"))
        few.write_text(_page(papers[:100]), encoding="utf-8")
        all_.write_text(_page(papers), encoding="utf-8")
        feed.write_text(_feed(papers), encoding="utf-8")
        plans = [(_OURS, few), (_OURS, all_), (_PEER, feed)]
        measured = [[_measured(code, path) for code, path in plans] for _ in range(chosen.runs)]
        sizes = [path.stat().st_size for _, path in plans]
    small, whole, peer = (list(each) for each in zip(*measured, strict=True))
    seconds = _median(whole, 0)
    growth = (seconds / whole[0][2]) / (_median(small, 0) / small[0][2])
    memory = _median(whole, 1) / sizes[1]
    speed = sizes[1] / 1e6 / seconds
    print(f"page of {whole[0][2]:,} papers, {sizes[1] / 1e6:.1f} MB: {seconds:.2f} s, {speed:.1f} MB/s")
    print(f"a paper costs {growth:.2f} times one of a page of 100; memory {memory:.1f} times the file")
    if peer[0][2]:
        rate = sizes[2] / 1e6 / _median(peer, 0)
        print(
            f"feedparser, the same papers as RSS, nothing repaired: {rate:.1f} MB/s; ratio {speed / rate:.2f}"
        )
    else:
        print("feedparser is not installed: no ratio")
    return 0 if speed >= 5 and growth < 1.2 and memory < 10 else 1


def _papers(corpus: Path) -> list[tuple[str, str]]:
    data = corpus.read_bytes()
    text = (lzma.decompress(data) if corpus.suffix == ".xz" else data).decode()
    read = (json.loads(line) for line in text.splitlines())
    return [(" ".join(paper["title"].split()), " ".join(paper["abstract"].split())) for paper in read]


def _page(papers: list[tuple[str, str]]) -> str:
    return HEADER + "\n\n".join(f"{title}\n\n{abstract}" for title, abstract in papers) + "\n"


def _feed(papers: list[tuple[str, str]]) -> str:
    items = (
        f"<item><title>{escape(title)}</title><description>{escape(abstract)}</description></item>"
        for title, abstract in papers
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>p</title>{"".join(items)}</channel></rss>'
    )


def _measured(code: str, path: Path) -> tuple[float, int, int]:
    """Seconds of processor time, bytes at the peak, papers; nothing where the reader is not installed."""
    child = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=False)
    if child.returncode:
        return 1.0, 0, 0
    seconds, largest, papers = child.stdout.split()
    return float(seconds), int(largest), int(papers)


def _median(runs: list[tuple[float, int, int]], at: int) -> float:
    return statistics.median(run[at] for run in runs)


if __name__ == "__main__":
    sys.exit(main())
