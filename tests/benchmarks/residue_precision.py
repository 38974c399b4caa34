#!/usr/bin/env python3
r"""How well residue.repair undoes the damage that Hugging Face's import does to arXiv abstracts.

usage: python tests/benchmarks/residue_precision.py [CORPUS] [--pairs PAIRS] [--every N] [--show RULE_OR_KIND]

CORPUS: raw arXiv records, one JSON object a line (id, title, abstract), .jsonl or .jsonl.xz; by default
$NEWSLETTER_REAL_INPUTS/../corpus/arxiv_raw_*.jsonl.xz. PAIRS: records with the same abstract from arXiv
(arxiv_raw) and from Hugging Face (hf); by default $NEWSLETTER_REAL_INPUTS/latex_pairs_200.jsonl.
--show prints the misses of a kind, or the changes of a rule, e.g. for reading a sample.

Every abstract, its white space folded, is damaged by the import's own two substitutions; where each character
stood in the raw text is kept, through the damage and through the repair. The truth comes from the raw text
alone: what pylatexenc says a macro prints, and what TeX makes of `--`, quotes and `\%`.

Rules: a "match" is one edit. It is "right" if the raw place holds TeX (a formula, a command with its braces,
an escape, or a mark that TeX prints differently) and every sign that the raw macros there print is in the
result; else it is "wrong". "Recall": of all macros of the rule's kind in formulas and outside, those whose
sign is in the result at their place.

Signs: a "span" is one macro or mark whose place in the damaged text differs from what TeX prints. It is
"right" if that sign (any dash for a dash) stands at its place. "As word" counts spans whose macro turned into
the English word that says the same, blanks around it: `3 times faster`, `0.2 to 0.5`. The sign is lost there,
which the first share counts as a miss; the sentence is not damaged, which the second share, the goal, counts.
`mtimes n` and `2Dto3D` are misses in both. Hyphens that open an option (`--flag`), and those of formulas
and web addresses, are no dashes.

Clean: abstracts without a backslash and a dollar. A change by a rule that undoes lost LaTeX is a false
repair there, even where the authors typed the residue themselves; mended typing is counted apart.

Exits 1 if under 99.5 % of all spans come out right, or 1 in 10,000 clean abstracts or more is changed.
"""

import argparse
import json
import lzma
import os
import re
import sys
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pylatexenc.latex2text import get_default_latex_context_db

from newsletter import residue
from newsletter.residue import RULES, Family
from newsletter.residue.edits import Draft

FAMILY = {rule.name: rule.family for rule in RULES}
SHARE_GOAL, CLEAN_GOAL = 0.995, 1e-4
INPUTS = Path(os.environ.get("NEWSLETTER_REAL_INPUTS", "."))

# The signs that the goal is about, by the macros that print them.
KINDS = {
    "×": "times", "∼": "sim", "±": "pm", "≤ ≥": "leq geq le ge leqslant geqslant",
    "→": "rightarrow leftarrow uparrow downarrow leftrightarrow Rightarrow Leftarrow Leftrightarrow Uparrow "
    "Downarrow longrightarrow Longrightarrow to mapsto",
}  # fmt: skip
KIND_OF = {macro: kind for kind, macros in KINDS.items() for macro in macros.split()}
GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi chi psi omega"
)
# The macros that a rule is there to bring back.
BRINGS_BACK = {
    "degree": "circ deg", "infinity": "infty", "times": "times", "sim": "sim", "approx": "approx", "pm": "pm",
    "leq": "leq geq neq leqslant geqslant", "le": "le ge", "arrow": KINDS["→"].removesuffix(" to mapsto"),
    "cdot": "cdot", "angle brackets": "langle rangle", "ldots": "ldots dots cdots dotsc", "ell": "ell",
    "symbol by name": "propto nabla lfloor rfloor lceil rceil otimes simeq", "Greek with index": GREEK,
    "Greek variant": "varepsilon varphi vartheta varrho varsigma", "escape": "% & _ # $",
}  # fmt: skip
# What pylatexenc prints otherwise than we do, for the same macro.
SAME = dict(zip("∘ϵ·∗∣ϕ⋯⩽⩾⟶⟹", "°ε⋅*|φ…≤≥→⇒", strict=True))

FORMULA = re.compile(r"\$([^$]+)\$")
UNWRAPPED = re.compile(r"\\[A-Za-z]+\{([^}]*)\}")
MACRO = re.compile(r"\\([A-Za-z]+|.)")
HREF = re.compile(r"\\href\{([^{}]*)\}\{((?:[^{}]|\{[^{}]*\})*)\}")
DASH = re.compile(r"(?<!-)---?(?![->])")
SHOWS_NOTHING = re.compile(r"\\(?:text)?color(?:\[\w+\])?\{[^}]*\}|\\(?:[A-Za-z]+\{?)?|[{}]")
QUOTE = re.compile(r"``|(?<!')''(?!')")
ADDRESS = re.compile(r"https?://\S+|www\.\S+")
TEX = re.compile(
    r"\$[^$]+\$|\\[A-Za-z]+(?:\{[^{}]*\}){0,2}|\\.|``|''|---?|~|[\^_]\{[^{}]*\}|\{[^{}]*\}|\^[\d+-]+"
)
LEFTOVER = {"command": re.compile(r"\\[A-Za-z]"), "dollar": re.compile(r"\$(?!\d)"),
            "brace": re.compile(r"[\^_]\{|\{\\|[A-Za-z]\{")}  # fmt: skip


@dataclass(slots=True)
class Traced:
    """A damaged abstract; `origins` has the raw place of each of its characters, and the raw length."""

    raw: str
    text: str
    origins: list[int]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """The damaged stretch that came from a raw stretch; its ends may be the same."""
        last = len(self.text)
        return min(last, bisect_left(self.origins, start)), min(last, bisect_left(self.origins, end))


@dataclass(slots=True)
class Figures:
    """What was counted."""

    matches: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    macros: Counter[str] = field(default_factory=Counter)
    back: Counter[str] = field(default_factory=Counter)
    spans: Counter[str] = field(default_factory=Counter)
    spans_right: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    options: int = 0
    clean: int = 0
    clean_by_rule: Counter[str] = field(default_factory=Counter)
    false_repairs: list[str] = field(default_factory=list)
    with_tex: int = 0
    leftover: Counter[str] = field(default_factory=Counter)
    unstable: int = 0
    shown: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def damaged(raw: str) -> Traced:
    """The abstract as the import leaves it."""
    text, origins = raw, list(range(len(raw)))
    kept = []
    done = 0
    for match in UNWRAPPED.finditer(text):
        kept += [*range(done, match.start()), *range(*match.span(1))]
        done = match.end()
    kept += range(done, len(text))
    text, origins = "".join(text[at] for at in kept), kept
    kept, done = [], 0
    for match in FORMULA.finditer(text):
        kept += range(done, match.start())
        kept += [at for at in range(*match.span(1)) if text[at] != "\\"]
        done = match.end()
    kept += range(done, len(text))
    return Traced(raw, "".join(text[at] for at in kept), [*(origins[at] for at in kept), len(raw)])


def signs() -> dict[str, str]:
    """What each macro of one character prints, by pylatexenc."""
    specs = get_default_latex_context_db().iter_macro_specs()
    table = {spec.macroname: spec.simplify_repl for spec in specs if isinstance(spec.simplify_repl, str)}
    table |= {"dots": "…", "deg": "°", "dotsc": "…", "to": "→", "le": "≤", "ge": "≥", "neq": "≠", "%": "%"}
    return {name: SAME.get(sign, sign) for name, sign in table.items() if len(sign) == 1}


SIGNS = signs()
# Macros whose name is an English word that says the same, with the blanks around it that make it one.
WORDS = {"times": re.compile(r"(?<=[\d⁰-⁹] )times(?= *[A-Za-z,.;)]|$)"), "to": re.compile(r"(?<= )to(?= )")}


class Result:
    """A damaged abstract, repaired, with the account of it."""

    def __init__(self, raw: str, title: str) -> None:
        self.traced = damaged(raw)
        self.draft = Draft(self.traced.text)
        self.is_stable = residue.repaired(self.draft, title)

    def at(self, start: int, end: int) -> str:
        """The repaired text of this raw stretch, and of the edits that reach into it, blanks aside."""
        left, right = self.traced.place(start, end)
        for first, last, _ in self.draft.touched:
            if first < right and last > left:
                left, right = min(left, first), max(right, last)
        self.reached = (self.traced.origins[left], self.traced.origins[min(right, len(self.traced.text))])
        return self.in_damaged(left, right).strip()

    def prints(self, sign: str, start: int, end: int) -> bool:
        """Whether the sign is where a raw macro was, as often as it was in the edits around."""
        shown = self.at(start, end)
        names = [match[1] for match in MACRO.finditer(self.traced.raw, *self.reached)]
        return shown.count(sign) >= max(1, sum(SIGNS.get(name) == sign for name in names))

    def in_damaged(self, left: int, right: int) -> str:
        """The repaired text whose characters came from this damaged stretch."""
        origins = self.draft.origins
        return self.draft.text[bisect_left(origins, left) : bisect_left(origins, right)]


def count_rules(result: Result, figures: Figures, wanted: str | None) -> None:
    """Judge every edit that was made."""
    raw, traced = result.traced.raw, result.traced
    tex = [match.span() for match in TEX.finditer(raw)]
    for left, right, rule in result.draft.touched:
        first = traced.origins[left - 1] + 1 if left else 0
        last = traced.origins[right] if right < len(traced.origins) else len(raw)
        holds_tex = any(start < last and end > first for start, end in tex)
        shown = result.in_damaged(max(0, left - 1), min(right + 1, len(traced.text)))
        macros = [match for match in MACRO.finditer(raw, first, last) if match[1] in KIND_OF]
        is_right = holds_tex and all(SIGNS[match[1]] in shown for match in macros)
        figures.matches[rule] += 1
        figures.right[rule] += is_right
        if wanted == rule:
            after = result.in_damaged(max(0, left - 40), right + 40)
            mark = "  " if is_right else "!!"
            figures.shown[rule].append(f"{mark} {traced.text[max(0, left - 40) : right + 40]!r} -> {after!r}")


def count_macros(result: Result, figures: Figures, wanted: str | None) -> None:
    """Look for the sign of every macro of the raw text."""
    raw, traced = result.traced.raw, result.traced
    for match in MACRO.finditer(raw):
        name = match[1]
        sign = SIGNS.get(name)
        left, right = traced.place(*match.span())
        if sign is None or (name == "%" and traced.text[left:right] == "%"):
            continue
        is_right = result.prints(sign, *match.span())
        figures.macros[name] += 1
        figures.back[name] += is_right
        if kind := KIND_OF.get(name) or {"%": "%"}.get(name):
            is_word = not is_right and reads_as_word(result, name, left, right)
            count_span(figures, kind, is_right, is_word)
            if wanted == kind and not is_right and not is_word:
                figures.shown[kind].append(around(result, match.start(), match.end()))


def reads_as_word(result: Result, name: str, left: int, right: int) -> bool:
    """Whether a macro's name, at this damaged stretch, is left as the word that it is."""
    near = result.in_damaged(max(0, left - 8), right + 8)
    return name in WORDS and name in result.in_damaged(left, right) and bool(WORDS[name].search(near))


def count_marks(result: Result, figures: Figures, wanted: str | None) -> None:
    """Look for the dashes, quotes and links of the raw text."""
    raw = result.traced.raw
    closed = [match.span() for match in (*FORMULA.finditer(raw), *ADDRESS.finditer(raw))]
    found: list[tuple[str, int, int, bool]] = []
    for match in DASH.finditer(raw):
        if any(start <= match.start() < end for start, end in closed):
            continue
        if raw[: match.start()][-1:] in {"", *" `'\"({"} and raw[match.end() : match.end() + 1].isalpha():
            figures.options += 1
            continue
        found.append(("dashes", *match.span(), set(result.at(*match.span())) & set("–—") != set()))
    for match in QUOTE.finditer(raw):
        shown = result.at(*match.span())
        found.append(
            ("quotes", *match.span(), {"``": "“", "''": "”"}[match[0]] in shown and match[0] not in shown)
        )
    for match in HREF.finditer(raw):
        address, words = (SHOWS_NOTHING.sub("", group).strip() for group in match.groups())
        if words.startswith("http") and not address.startswith("http"):
            address, words = words, address
        shown = result.at(*match.span())
        same = re.sub(r"^https?://", "", address).startswith(re.sub(r"^https?://", "", words).rstrip("/. "))
        expected = address if same else f"{words} ({address})"
        found.append(("link", *match.span(), expected in shown and "{" not in shown))
    for kind, start, end, is_right in found:
        count_span(figures, kind, is_right)
        if wanted == kind and not is_right:
            figures.shown[kind].append(around(result, start, end))


def count_span(figures: Figures, kind: str, is_right: bool, is_word: bool = False) -> None:
    figures.spans[kind] += 1
    figures.spans_right[kind] += is_right
    figures.words[kind] += is_word


def around(result: Result, start: int, end: int) -> str:
    start, end = max(0, start - 30), end + 30
    return f"{result.traced.raw[start:end]!r} -> {result.at(start, end)[:120]!r}"


def count_clean(text: str, title: str, figures: Figures) -> None:
    """Count what is changed in a text that never was LaTeX."""
    draft = Draft(text)
    residue.repaired(draft, title)
    figures.clean += 1
    rules = {rule for *_, rule in draft.touched}
    figures.clean_by_rule.update(rules)
    if false := sorted(rule for rule in rules if FAMILY.get(rule) is not Family.MENDS):
        place = next((start, end) for start, end, rule in draft.touched if rule in false)
        words = text[max(0, place[0] - 30) : place[1] + 20]
        figures.false_repairs.append(f"{', '.join(false)}: {words!r}")


def count_raw(raw: str, title: str, figures: Figures) -> None:
    """Count what is left of LaTeX where nothing was damaged."""
    figures.with_tex += 1
    shown = residue.repair(raw, title=title).text
    figures.leftover.update(kind for kind, mark in LEFTOVER.items() if mark.search(shown))


def counted(records: Iterator[dict[str, str]], wanted: str | None) -> Figures:
    """The figures of a whole corpus."""
    figures = Figures()
    for record in records:
        raw, title = fold(record["abstract"]), fold(record["title"])
        result = Result(raw, title)
        figures.unstable += not result.is_stable
        count_rules(result, figures, wanted)
        count_macros(result, figures, wanted)
        count_marks(result, figures, wanted)
        (count_raw if "\\" in raw or "$" in raw else count_clean)(raw, title, figures)
    return figures


def read(path: Path, every: int) -> Iterator[dict[str, str]]:
    packed = path.read_bytes()
    for line in (lzma.decompress(packed) if path.suffix == ".xz" else packed).splitlines()[::every]:
        yield json.loads(line)


def share(part: int, whole: int) -> str:
    return f"{part / whole:8.4f}" if whole else "       -"


def print_rules(figures: Figures) -> None:
    print(f"{'rule':24} {'family':9} {'matches':>8} {'right':>8} {'wrong':>6} {'precise':>8} {'recall':>12}")
    for rule in ["raw LaTeX", *FAMILY]:
        matches, right = figures.matches[rule], figures.right[rule]
        names = BRINGS_BACK.get(rule, "").split()
        back, macros = (sum(counter[name] for name in names) for counter in (figures.back, figures.macros))
        recall = f"{back}/{macros}" if macros else ""
        family = FAMILY[rule].name.lower() if rule in FAMILY else "raw"
        wrong, precision = matches - right, share(right, matches)
        print(f"{rule:24} {family:9} {matches:8} {right:8} {wrong:6} {precision} {recall:>12}")


def print_signs(figures: Figures) -> float:
    """Print the table; the share of all spans that came out right."""
    print(f"\n{'sign':8} {'spans':>7} {'right':>7} {'as word':>8} {'wrong':>6} {'sign':>8} {'reads':>8}")
    for kind, spans in figures.spans.items():
        print_share(kind, spans, figures.spans_right[kind], figures.words[kind])
    spans, right, words = figures.spans.total(), figures.spans_right.total(), figures.words.total()
    print_share("all", spans, right, words)
    print(f"(not dashes: {figures.options} hyphens that open an option)")
    return (right + words) / spans if spans else 1.0


def print_share(kind: str, spans: int, right: int, words: int) -> None:
    wrong = spans - right - words
    shares = f"{share(right, spans)} {share(right + words, spans)}"
    print(f"{kind:8} {spans:7} {right:7} {words:8} {wrong:6} {shares}")


def print_clean(figures: Figures) -> float:
    """Print the table; the share of clean abstracts with a false repair."""
    print(f"\nclean abstracts: {figures.clean}; changed, by rule:")
    for rule, count in figures.clean_by_rule.most_common():
        print(f"  {rule:24} {count:6}  {FAMILY[rule].name.lower() if rule in FAMILY else 'raw'}")
    false = len(figures.false_repairs)
    print(f"false repairs: {false},{share(false, figures.clean)}", *figures.false_repairs, sep="\n  ")
    return false / figures.clean if figures.clean else 0.0


def print_raw(figures: Figures) -> None:
    print(f"\nraw abstracts with LaTeX: {figures.with_tex}; with something left of it:")
    for kind in LEFTOVER:
        print(f"  {kind:10} {figures.leftover[kind]:5} {share(figures.leftover[kind], figures.with_tex)}")
    print(f"not at rest after {residue.ROUNDS} rounds: {figures.unstable}")


def print_agreement(pairs: Path) -> None:
    """Print how many papers read the same from arXiv and from Hugging Face."""
    records = [record for record in read(pairs, 1) if re.search(r"[\\$]", record["arxiv_raw"])]
    agreed = sum(
        residue.repair(fold(record["arxiv_raw"]), title=record["title_arxiv"]).text
        == residue.repair(fold(record["hf"]), title=record["title_hf"]).text
        for record in records
    )
    print(f"arXiv and Hugging Face read the same: {agreed} of {len(records)} with LaTeX")


def fold(text: str) -> str:
    return " ".join(text.split())


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("corpus", nargs="?", type=Path)
    arguments.add_argument("--pairs", type=Path, default=INPUTS / "latex_pairs_200.jsonl")
    arguments.add_argument("--every", type=int, default=1, help="read every Nth record only")
    arguments.add_argument("--show", help="a rule or a sign kind")
    given = arguments.parse_args()
    corpus = given.corpus or next(INPUTS.parent.glob("corpus/arxiv_raw_*"), None)
    if corpus is None:
        arguments.error("no CORPUS given, and none found beside $NEWSLETTER_REAL_INPUTS")
    figures = counted(read(corpus, given.every), given.show)
    print_rules(figures)
    right, changed, _ = print_signs(figures), print_clean(figures), print_raw(figures)
    if given.pairs.exists():
        print_agreement(given.pairs)
    print(*figures.shown[given.show], sep="\n")
    sys.exit(right < SHARE_GOAL or changed >= CLEAN_GOAL)


if __name__ == "__main__":
    main()
