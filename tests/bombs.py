"""Texts made to cost time or memory, for every format: `python -m tests.bombs [--bytes N] [WORDS…]`.

Each is a few thousand or million repetitions of what a parser, or a theme that looks for its words, has to
look at twice. Every bomb is read in a process of its own, in which all built-in themes choose from what was
read; it tells how long that took and how large it became. Needs Linux.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PAGE = "Daily Papers\n\nJul 30\n\n"
CRAWLED = "# Daily Papers\n\n## by AK and the research community\n\n### A Title\n\n"
LISTED = "# Papers\n\n- [A Title Of Some Words](https://arxiv.org/abs/2401.00001)\n"
PARTS = "multipart/mixed; boundary=b\n\n"
MAIL = "From: a@example.org\nSubject: x\nMIME-Version: 1.0\nContent-Type: "


def _repeated(text: str, *, before: str = "", after: str = "") -> Callable[[int], str]:
    return lambda size: before + text * max(1, (size - len(before) - len(after)) // len(text)) + after


def _nested(opening: str, closing: str, *, before: str = "") -> Callable[[int], str]:
    def made(size: int) -> str:
        times = size // (len(opening) + len(closing))
        return before + opening * times + closing * times

    return made


def _abstracts(text: str) -> Callable[[int], str]:
    """JSON of papers on the KV cache, each of which says the text ten thousand bytes long."""
    abstract = f"We evict the KV cache. {text * (10_000 // len(text))}."
    return _numbered(f'{{"title":"A KV Cache #","abstract":"{abstract}"}}')


def _numbered(papers: str) -> Callable[[int], str]:
    """JSON of papers whose titles differ by their number."""

    def made(size: int) -> str:
        return f"[{','.join(papers.replace('#', str(at)) for at in range(size // (len(papers) + 5)))}]"

    return made


# By name: what makes a text of about that many bytes.
BOMBS: dict[str, Callable[[int], str]] = {
    "one word": _repeated("a", after="!"),
    "page of one line": _repeated("a ", before=PAGE),
    "page of short lines": _repeated("a\n", before=PAGE),
    "page of titles": _repeated("A Title Of Words\n\n", before=PAGE),
    "page of one paper": _repeated("A Title Of Words\n\nIt ends in a period.\n\n", before=PAGE),
    "page of banners": _repeated("Daily Papers\n"),
    "page of pages": _repeated(PAGE),
    "page of times": _repeated("2times ", before=PAGE + "A Title Of Words\n\n"),
    "page of dollars": _repeated("$\\", before=PAGE + "A Title Of Words\n\n"),
    "page of braces": _repeated("{", before=PAGE + "A Title Of Words\n\n"),
    "page of quotes": _repeated("``", before=PAGE + "A Title Of Words\n\n"),
    "page of fractions": _repeated("\\frac{", before=PAGE + "A Title Of Words\n\n"),
    "page of addresses": _repeated("https://", before=PAGE + "A Title Of Words\n\n"),
    "page of faces": _repeated("\U0001f600 ", before=PAGE),
    "page of accents": _repeated("\u0301", before=PAGE + "A"),
    "page of points": _repeated("\u05b1\u05b0", before=PAGE + "A Title Of Words\n\nWe show \u05d0"),
    "crawled brackets": _repeated("[", before=CRAWLED),
    "crawled lines of brackets": _repeated("[" * 4000 + "\n", before=CRAWLED),
    "crawled ends of links": _repeated("](" * 2000 + "\n", before=CRAWLED),
    "crawled links": _repeated("[a](" * 1000 + "\n", before=CRAWLED),
    "crawled headings": _repeated("### A Title Of Words\n", before=CRAWLED),
    "crawled votes": _repeated("1](x", before=CRAWLED),
    "lines of papers": _repeated("7 " + "Aa " * 100 + "6 authors · Apr 21\n"),
    "lines of short forms": _repeated("7 " + "A (BC) " * 40 + "6 authors · Apr 21\n"),
    "one long line of a paper": _repeated("A ", before="7 ", after="6 authors · Apr 21\n"),
    "note book": _repeated("T x\nhttps://huggingface.co/papers/2401.00001\n", before="Daily Papers\n"),
    "pages of one paper": _repeated("Papers\narxiv:2401.00001\n\nA Title\n\nAbstract\n\nx y\n\n"),
    "deep XML": _repeated("<a>", before="<rss>"),
    "wide XML": _repeated("<a/>", before="<rss>"),
    "XML of items": _repeated("<item><title>a b</title></item>", before="<rss><channel>"),
    "XML of ampersands": _repeated("& ", before="<rss><channel><item><title>"),
    "XML of less-than signs": _repeated("<1 ", before="<rss><channel><item><title>"),
    "XML of open CDATA": _repeated("<![CDATA[", before="<rss><channel><item><title>"),
    "deep JSON": _repeated("["),
    "deep objects": _repeated('{"a":'),
    "wide JSON": _repeated("{},", before="[", after="{}]"),
    "JSON of papers": _repeated('{"title":"a b","abstract":"c"},', before="[", after="{}]"),
    "JSON lines": _repeated('{"title":"a b","abstract":"c"}\n'),
    "JSON of quotes": _repeated("\\'", before="[\"{'paper': {'title': 'a", after='"]'),
    "deep HTML": _repeated("<div>", before="<html>"),
    "HTML of links": _repeated('<a href="https://arxiv.org/abs/2401.00001">A Title</a>', before="<html>"),
    "HTML of rows": _repeated("<tr><td>a<td>b", before="<html><table>"),
    "table": _repeated("a b,c,d\n", before="title,abstract,url\n"),
    "table with an open quote": _repeated("a b,c,d\n", before='title,abstract,url\n"'),
    "table of quotes": _repeated('"a""b",', before="title,abstract,url\n"),
    "library entries": _repeated("@article{a, title={A b},\n}\n"),
    "open library entries": _repeated("@article{a, title={"),
    "library braces": _nested("{", "}", before="@article{a, title="),
    "RIS": _repeated("TY  - JOUR\nTI  - a b c\n"),
    "labelled": _repeated("Title: A b c\nSummary: d e f\n---\n"),
    "one labelled record": _repeated("x y\n", before="Title: A b c\nSummary: d\n"),
    "announcements": _repeated("\\\\\narXiv:2401.00001\nTitle: A b\n\\\\\n  Text.\n"),
    "Markdown table": _repeated("| a b | c |\n", before="| Title | Abstract |\n|---|---|\n"),
    "Markdown columns": _repeated("|", before="| Title | Abstract |\n|---|---|\n"),
    "Markdown list": _repeated("- [A Title](https://arxiv.org/abs/2401.00001)\n", before="# P\n\n"),
    "Markdown quotes": _repeated(">", before=LISTED),
    "Markdown stars": _repeated("*a ", before=LISTED),
    "Markdown underlines": _repeated("*a_ ", before=LISTED),
    "Markdown tags": _repeated("<a ", before=LISTED),
    "Markdown brackets": _repeated("[a](", before=LISTED),
    "Markdown escapes": _repeated("\\`", before=LISTED),
    "abstracts of near pairs": _abstracts("evict KV cache compress "),
    "abstracts of phrases": _abstracts("diffusion model tensor parallelism LLM agent "),
    "abstracts of abbreviations": _abstracts("sequence parallelism (SP) SP "),
    "abstracts of asides": _abstracts("KV (KV) "),
    "abstracts of parentheses": _abstracts("(" * 50 + ")" * 50 + " "),
    "abstracts of letters and accents": _abstracts("KV cache e\u0301\u0323 "),
    "abstracts from right to left": _abstracts("KV \u05d0\u05d1 \u202e cache "),
    "twins": _numbered('{"title":"A KV Cache #","abstract":"We evict a KV cache of a language model."}'),
    "twins of no theme": _numbered('{"title":"Sheep #","abstract":"We shear sheep and spin their wool."}'),
    "mail of parts": _repeated("--b\nContent-Type: text/plain\n\nx\n", before=f"{MAIL}{PARTS}"),
    "mail in a mail": _repeated(f"{MAIL}message/rfc822\n\n"),
    "mail of words": _repeated("=?utf-8?q?a?= ", before="From: a@example.org\nSubject: ", after="\n\nx"),
    "mail of base64": _repeated("QUFB\n", before=f"{MAIL}text/html\nContent-Transfer-Encoding: base64\n\n"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cost:
    """What reading a text took: seconds, bytes at the most, and how it ended."""

    seconds: float
    largest: int
    end: str


# Linux hands a child the peak of its parent in ru_maxrss; VmHWM is of the child alone.
_READER = """
import os, signal, sys, time
from datetime import date
from pathlib import Path
from newsletter import config, selection, sources
from newsletter.errors import DigestError

def read(data):
    started = time.process_time()
    try:
        digest = sources.parse(data, "bomb")
        selected = selection.select(digest.papers, themes, on=date(2026, 1, 6))
        selected.place(selected.papers[-1])
        taken = sum(len(section.picks) for section in selected.sections)
        end = f"{digest.format}, {len(digest.papers)} papers, {taken} taken"
    except DigestError as error:
        end = f"refused: {error}"
    took = time.process_time() - started
    peak = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
    return f"{took} {int(peak) * 1024} {end.splitlines()[0]}"

themes = config.themes(config.load(None)).values()
read(Path(sys.argv[1]).read_bytes())
while size := sys.stdin.buffer.readline():
    data = sys.stdin.buffer.read(int(size))
    if not (child := os.fork()):
        signal.alarm(120)
        print(read(data), flush=True)
        os._exit(0)
    if status := os.waitpid(child, 0)[1]:
        print(0, 0, f"died with {os.waitstatus_to_exitcode(status)}", flush=True)
"""
_SAMPLE = Path(__file__).parents[1] / "newsletter" / "sample" / "daily-papers.txt"


@contextmanager
def reader() -> Iterator[Callable[[bytes], Cost]]:
    """What it costs to read bytes and choose from them, in processor time: each time in a process of its own.

    Those begin as copies of one that has read something before.
    """
    command = [sys.executable, "-c", _READER, str(_SAMPLE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:

        def cost(data: bytes) -> Cost:
            assert process.stdin
            assert process.stdout
            process.stdin.write(b"%d\n" % len(data) + data)
            process.stdin.flush()
            seconds, largest, end = process.stdout.readline().decode().strip().split(" ", 2)
            return Cost(float(seconds), int(largest), end)

        yield cost
        process.communicate()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("words", nargs="*", help="only bombs whose name holds one of these")
    parser.add_argument("--bytes", type=int, default=1_000_000, help="how large (default: %(default)s)")
    given = parser.parse_args()
    chosen = (name for name in BOMBS if not given.words or any(word in name for word in given.words))
    with reader() as cost:
        for name in chosen:
            spent = cost(BOMBS[name](given.bytes).encode())
            cost_of_it = f"{spent.seconds:6.2f} s {spent.largest / 1e6:5.0f} MB"
            print(f"{cost_of_it}  {name}: {spent.end[:120]}", flush=True)


if __name__ == "__main__":
    main()
