"""How good the themes are, measured against labels that a person gave.

Owns the labels file and the figures: precision, recall and F1 of each theme, and the papers behind them.
Never scores a paper itself: what the themes took is told to it.
"""

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from newsletter import identity
from newsletter.errors import DigestError
from newsletter.model import Paper

# The grades of a label.
GRADES = BELONGS, ARGUABLE, FOREIGN = 2, 1, 0

# A title that lost its backslashes has the TeX name where the repaired one has the sign.
_SIGN_NAMES = str.maketrans(
    {
        "×": "times",
        "⋅": "cdot",
        "·": "cdot",
        "∼": "sim",
        "≈": "approx",
        "≤": "leq",
        "≥": "geq",
        "±": "pm",
        "→": "rightarrow",
        "∞": "infty",
        "ℓ": "ell",
    }
)
_EXPECTED = (
    'expected {"title": "…", "theme": "kv-cache", "grade": 0, 1 or 2}, '
    'with "arxiv_id": "2402.02750" beside the title or in its place'
)


@dataclass(frozen=True, slots=True)
class Label:
    """One judgement: grade 2 the paper belongs to the theme, 1 arguable and not counted, 0 it does not.

    title: "" where only the arXiv id is given.
    """

    title: str
    theme: str
    grade: int
    arxiv_id: str | None = None

    @property
    def name(self) -> str:
        """What a person calls the paper."""
        return self.title or f"arXiv {self.arxiv_id}"


@dataclass(frozen=True, slots=True)
class ThemeReport:
    """What a theme got right and wrong. counted: labels of grade 2 and 0 whose paper is in a digest.

    wrongly_in, missed: titles as the labels have them. unknown: labelled titles that are in no digest.
    """

    theme: str
    precision: float
    recall: float
    f1: float
    wrongly_in: tuple[str, ...]
    missed: tuple[str, ...]
    counted: int
    unknown: tuple[str, ...]


def read_labels(text: str, source: str) -> tuple[Label, ...]:
    """The labels of a file of JSON lines, in order; empty lines are passed over.

    Raises: DigestError, which names the line and what it should hold.
    """
    labels: list[Label] = []
    by_name: dict[tuple[str, str], Label] = {}
    # Not splitlines: JSON may hold the line ends of Unicode inside a title.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        label = _label(line, source, number)
        earlier = [by_name.setdefault((label.theme, name), label) for name in _names(label)]
        for first in earlier:
            if first.grade != label.grade and _may_be_one(first, label):
                problem = f"“{label.name}” already has grade {first.grade} for {label.theme}; keep one"
                raise DigestError(source, problem, line=number)
        if earlier[0] is label:
            labels.append(label)
    return tuple(labels)


def evaluate(
    labels: Iterable[Label], members: Mapping[str, Iterable[Paper]], papers: Iterable[Paper]
) -> tuple[ThemeReport, ...]:
    """One report for each theme that has labels, in the order of `members`.

    members: by theme, the papers that it took. papers: every paper that it could have taken.
    A label means the paper of its arXiv id; where no paper has that id, or the label names none, the one of
    its title, but for case, punctuation, blanks and lost TeX. Labels of other themes do not count.
    """
    labels = tuple(labels)
    known = _Named(papers)
    reports = []
    for theme, taken in members.items():
        ours = [label for label in labels if label.theme == theme]
        if ours:
            reports.append(_report(theme, ours, _Named(taken), known))
    return tuple(reports)


def labelled(papers: Iterable[Paper], labels: Iterable[Label]) -> set[Paper]:
    """The papers that one of the labels means."""
    labels = tuple(labels)
    ids = {label.arxiv_id for label in labels if label.arxiv_id}
    titles = {_title_key(label.title) for label in labels if label.title}
    bare = {_title_key(label.title) for label in labels if label.title and not label.arxiv_id}

    def is_meant(paper: Paper) -> bool:
        return paper.arxiv_id in ids or _title_key(paper.title) in (bare if paper.arxiv_id else titles)

    return {paper for paper in papers if is_meant(paper)}


def macro_f1(reports: Iterable[ThemeReport]) -> float:
    """The mean F1 of the themes that have a counted label; 0 where none has, so that a gate stays shut."""
    figures = [report.f1 for report in reports if report.counted]
    return sum(figures) / len(figures) if figures else 0.0


def _names(label: Label) -> list[str]:
    """What a label calls its paper, the surest name first."""
    names = [f"arxiv:{label.arxiv_id}"] if label.arxiv_id else []
    return [*names, f"title:{_title_key(label.title)}"] if label.title or not names else names


def _may_be_one(one: Label, other: Label) -> bool:
    return not one.arxiv_id or not other.arxiv_id or one.arxiv_id == other.arxiv_id


class _Named:
    """Papers by the names that a label may use."""

    def __init__(self, papers: Iterable[Paper]) -> None:
        papers = tuple(papers)
        self._ids = {paper.arxiv_id for paper in papers if paper.arxiv_id}
        self._titles = {_title_key(paper.title): paper.arxiv_id for paper in reversed(papers)}
        # A paper of another id is another paper, whatever its title.
        self._bare = {_title_key(paper.title) for paper in papers if not paper.arxiv_id}

    def __contains__(self, label: Label) -> bool:
        return self.name(label) is not None

    def name(self, label: Label) -> str | None:
        """The same for every label that means the same paper; None where it is not among the papers."""
        if label.arxiv_id in self._ids:
            return f"arxiv:{label.arxiv_id}"
        key = _title_key(label.title)
        if key not in (self._bare if label.arxiv_id else self._titles):
            return None
        id = None if label.arxiv_id else self._titles[key]
        return f"arxiv:{id}" if id else f"title:{key}"


def _report(theme: str, labels: Sequence[Label], taken: _Named, known: _Named) -> ThemeReport:
    # A paper may have been judged by its title and by its id.
    judged = {(known.name(label), label.grade): label for label in reversed(labels) if label in known}
    counted = [label for label in reversed(judged.values()) if label.grade != ARGUABLE]
    right = sum(label.grade == BELONGS and label in taken for label in counted)
    wrongly_in = tuple(label.name for label in counted if label.grade == FOREIGN and label in taken)
    missed = tuple(label.name for label in counted if label.grade == BELONGS and label not in taken)
    return ThemeReport(
        theme=theme,
        precision=_share(right, len(wrongly_in)),
        recall=_share(right, len(missed)),
        f1=_share(2 * right, len(wrongly_in) + len(missed)),
        wrongly_in=wrongly_in,
        missed=missed,
        counted=len(counted),
        unknown=tuple(label.name for label in labels if label not in known),
    )


def _share(right: int, wrong: int) -> float:
    """The part that is right; 1 where there was nothing to get right or wrong."""
    return right / (right + wrong) if right + wrong else 1.0


def _label(line: str, source: str, number: int) -> Label:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DigestError(source, f"not JSON; {_EXPECTED}", line=number) from error
    match values:
        case {"theme": str(theme), "grade": int(grade)} if grade in GRADES and not isinstance(grade, bool):
            title, arxiv_id = values.get("title", ""), _arxiv_id(values.get("arxiv_id"))
            if isinstance(title, str) and arxiv_id is not None and (title.strip() or arxiv_id):
                return Label(title, theme, grade, arxiv_id or None)
    raise DigestError(source, _EXPECTED, line=number)


def _arxiv_id(value: object) -> str | None:
    """The id without its version, "" where none is given, None for what is no id."""
    if value is None:
        return ""
    found = identity.arxiv_id(value) if isinstance(value, str) else None
    return found.id if found else None


def _title_key(title: str) -> str:
    """What is left of a title without case, punctuation, blanks and the difference that lost TeX makes."""
    folded = unicodedata.normalize("NFKC", title.translate(_SIGN_NAMES)).casefold()
    return "".join(_letter(sign) for sign in folded if sign.isalnum()) or title


def _letter(sign: str) -> str:
    """The sign itself, or the name of a Greek letter, as TeX has it."""
    greek = unicodedata.name(sign, "").partition("GREEK SMALL LETTER ")[2]
    return greek.partition(" ")[0].casefold() or sign
