"""What is wrong with the lines and figures of a whole corpus: `python tests/benchmarks/summaries.py CORPUS`.

CORPUS: any digest that `newsletter papers` reads, packed or not (.xz), such as two years of Daily Papers as
JSON lines. Prints how many one-liners have each kind of flaw, and how many figures do not stand in their
abstract word for word. `--sample 120 --seed 1` prints lines beside their abstracts, to be judged by a person;
with --figures it prints figures in their sentences.

The rules of this file are written apart from those that choose the lines, so that they share no mistake.
"""

import argparse
import lzma
import random
import re
import textwrap
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from newsletter import sources, summary
from newsletter.model import Figure, Paper
from newsletter.summary import sentences

MOST = 240

_WORK = r"(?:paper|work|study|report|article|survey|research|thesis|tutorial|review|manuscript|letter|note)"
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|al|Figs?|Eqs?|Sec|vs|cf|No|Dr|Prof|U\.S|w\.r\.t|resp|approx)\.$")
_CONNECTIVE = re.compile(
    r"(?<![\w&-])(?:and|or|but|nor|of|to|with|for|by|in|on|at|that|which|whose|the|an?|than|as|from|via|"
    r"into|through|using|"
    r"between|both|either|because|while|where|when|if|is|are|was|were|be|been|has|have|its|their|our|not|"
    r"only|"
    r"including|such as|e\.g\.|i\.e\.|namely|without|within|across|under|over|thereby|thus|whether|how|"
    r"can|could|may|will|would|should|very|more|most|per|against|toward|towards|upon|among|we|it|they)"
    r"\W*$",
    re.IGNORECASE,
)
# A sentence that the authors closed so is whole ("the world it lives in"); with these it is not.
_NEVER_LAST = re.compile(
    r"(?<![\w&-])(?:and|or|but|the|an?|that|which|than|including|such as)\W*$", re.IGNORECASE
)
_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"), ("“", "”"))

# Hard flaws: none of them may stand in an issue.
FLAWS = {
    "throat-clearing": re.compile(
        rf"(?:thus|hence|therefore|here|specifically|to th(?:is|at) end)?,? ?(?:in|within|through|with|"
        rf"throughout) "
        rf"(?:this|our|the (?:present|current))\b (?:\S+ ){{0,3}}?{_WORK},?(?: |$)|"
        rf"(?:this|our) (?:\S+ ){{0,2}}?{_WORK} (?:\w+ly )?(?:shows?|demonstrates?|proves?|finds?|"
        rf"reveals?) that (?!\()",
        re.IGNORECASE,
    ),
    "dangling opening": re.compile(
        r"(?:these|those|it|they|such(?! as)|its|their|them|the former|the latter|both(?= \w+ed\b)|doing so|"
        rf"this(?! (?:\S+ ){{0,3}}?{_WORK}\b)|"
        r"(?:thus|hence|therefore|however|moreover|furthermore|additionally|besides|also|finally|lastly|then|"
        r"consequently|accordingly|as a result|in addition|in contrast|in response|conversely|nevertheless|"
        r"nonetheless|meanwhile|secondly|thirdly|second|third|next|instead|specifically|in particular|"
        r"for (?:example|instance)|that is|in other words|to do so|similarly|likewise|otherwise|"
        r"to (?:address|tackle|solve|overcome|bridge|mitigate|fill) (?:this|these|those|that|the (?:gap|"
        r"above))|"
        r"to th(?:is|at) end|with this|in this (?:way|context|setting|case)|based on (?:this|these)|"
        r"motivated by (?:this|these)|inspired by (?:this|these)),?) ",
        re.IGNORECASE,
    ),
    "points elsewhere": re.compile(
        r"https?://|www\.|github\.com|\bproject page\b|"
        r"\b(?:codes?|models?|data|datasets?|weights|demos?)\b[^.]{0,80}\b(?:are|is|be|"
        r"been) (?:\w+ )?(?:publicly |freely |openly )"
        r"(?:available|released|open[- ]sourced)\b|^(?:our )?(?-i:[cC]odes?)\b",
        re.IGNORECASE,
    ),
    "fragment": re.compile(r"[a-z]+[ ,]|\W*$|.*(?:…|[:,;–—-])$|.*\.\.\.$", re.DOTALL),
}


def flaws(line: str, abstract: str) -> list[str]:
    """The hard flaws of a line, by name."""
    if not line:
        return ["empty"] if any(len(each.split()) >= 8 for each in sentences.split(abstract)) else []
    found = [
        name for name, sign in FLAWS.items() if sign.match(line) or (name[0] == "p" and sign.search(line))
    ]
    if _is_unbalanced(line):
        found.append("unbalanced")
    if (_NEVER_LAST if line[-1:] in ".?!" or line[-2:-1] in ".?!" else _CONNECTIVE).search(line):
        found.append("ends in a connective")
    if len(sentences.split(line)) != 1 or re.search(r"[a-z)][.!?] [A-Z][a-z]+ ", _without_names(line)):
        found.append("several sentences")
    if _ABBREVIATION.search(line):
        found.append("ends in an abbreviation")
    if len(line) > MOST:
        found.append("too long")
    words = line.removesuffix("…")
    if words not in _folded(abstract) and words[:1].lower() + words[1:] not in _folded(abstract):
        found.append("no quotation")
    return found


def _without_names(line: str) -> str:
    return re.sub(
        r"\b(?:vs|al|e\.g|i\.e|etc|Figs?|Eqs?|Sec|cf|Dr|[A-Z])\. ",
        " ",
        re.sub(r'["“][^"“”]*["”]|\([^()]*\)', "", line),
    )


def _is_unbalanced(line: str) -> bool:
    without_numbers = re.sub(r"(^|[ :;,])(\d+|[ivxIVX]+|[a-hA-H])\)", "", line)
    return all(_is_open(text) for text in (line, without_numbers))


def _is_open(text: str) -> bool:
    odd = text.count('"') % 2 or text.count("`") % 2
    return bool(odd) or any(text.count(left) != text.count(right) for left, right in _PAIRS)


def as_read(figure: Figure) -> str:
    """A figure as a reader meets it."""
    return " ".join(filter(None, (figure.before, figure.value, figure.words)))


def is_verbatim(figure: Figure, abstract: str) -> bool:
    """Whether a figure is one unbroken stretch of the abstract, white space folded."""
    return as_read(figure) in _folded(abstract)


def _folded(text: str) -> str:
    return " ".join(text.split())


def read(corpus: Path) -> tuple[Paper, ...]:
    """The papers of a corpus as the product has them."""
    data = corpus.read_bytes()
    return sources.parse(lzma.decompress(data) if corpus.suffix == ".xz" else data, corpus.name).papers


def main() -> None:
    given = _arguments()
    papers = read(given.corpus)
    if given.sample:
        for paper in random.Random(given.seed).sample(papers, given.sample):  # noqa: S311  the same each time
            print(*(_figures if given.figures else _beside)(paper), sep="\n")
        return
    started = time.perf_counter()
    lines = [summary.one_liner(paper.abstract, title=paper.title) for paper in papers]
    took = time.perf_counter() - started
    _print_lines(papers, lines, given.show)
    print(f"{took / max(1, len(papers)) * 1e3:.2f} ms a line\n")
    _print_figures(papers)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--show", type=int, default=0, help="lines to print of each flaw")
    parser.add_argument("--sample", type=int, default=0, help="lines to print beside their abstracts")
    parser.add_argument("--figures", action="store_true", help="figures instead of lines")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _print_lines(papers: Sequence[Paper], lines: Sequence[str], show: int) -> None:
    found: dict[str, list[str]] = {}
    clean = 0
    for paper, line in zip(papers, lines, strict=True):
        named = flaws(line, paper.abstract)
        clean += not named
        for name in named:
            found.setdefault(name, []).append(f"{paper.title[:40]!r}: {line!r}")
    for name in (*FLAWS, *(set(found) - set(FLAWS))):
        print(f"{len(found.get(name, [])):6,}  {name}")
        print(*(f"        {line}" for line in found.get(name, [])[:show]), sep="\n", end="\n" if show else "")
    print(f"{clean:6,}  of {len(lines):,} without a flaw, {clean / max(1, len(lines)):.2%}")
    shapes = Counter(_shape(line) for line in lines)
    print(*(f"{count:6,}  {shape}" for shape, count in shapes.most_common()), sep="\n")


def _shape(line: str) -> str:
    """How a line ends and begins, which is no flaw."""
    ends = "a whole sentence" if line[-1:] in {".", "!", "?"} else "cut at a clause"
    presents = re.match(rf"(?:this|our) (?:\S+ )?{_WORK} ", line, re.IGNORECASE)
    return f"{ends}{', begins with the paper itself' if presents else ''}"


def _print_figures(papers: Sequence[Paper]) -> None:
    told = [(paper, figure) for paper in papers for figure in summary.figures(paper.abstract)]
    wrong = [(paper, figure) for paper, figure in told if not is_verbatim(figure, paper.abstract)]
    with_one = len({paper.url + paper.title for paper, _ in told})
    print(f"{len(told):,} figures of {with_one:,} papers, {len(wrong)} not word for word")
    print(*(f"  {paper.title}: {as_read(figure)}" for paper, figure in wrong), sep="\n", end="")


def _beside(paper: Paper) -> Iterator[str]:
    yield f"\n== {paper.title}"
    yield f"-> {summary.one_liner(paper.abstract, title=paper.title)}"
    yield textwrap.fill(_folded(paper.abstract), 110)


def _figures(paper: Paper) -> Iterator[str]:
    whole = _folded(paper.abstract)
    for figure in summary.figures(paper.abstract):
        at = whole.find(as_read(figure))
        yield f"\n[{figure.before}] {figure.value} [{figure.words}]"
        yield textwrap.fill(f"…{whole[max(0, at - 200) : at + len(as_read(figure)) + 120]}…", 110)


if __name__ == "__main__":
    main()
