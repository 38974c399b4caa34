"""How good the themes are, measured against labels that a person gave.

Owns the labels file and the figures: precision, recall and F1 of each theme, and the papers behind them.
Never scores a paper itself: what the themes took is told to it by title.
"""

import json
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from newsletter.errors import DigestError

# The grades of a label.
BELONGS, ARGUABLE, FOREIGN = 2, 1, 0

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
_EXPECTED = 'expected {"title": "…", "theme": "kv-cache", "grade": 0, 1 or 2}'


@dataclass(frozen=True, slots=True)
class Label:
    """One judgement: grade 2 the paper belongs to the theme, 1 arguable and not counted, 0 it does not."""

    title: str
    theme: str
    grade: int


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
    labels: dict[tuple[str, str], Label] = {}
    # Not splitlines: JSON may hold the line ends of Unicode inside a title.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        label = _label(line, source, number)
        first = labels.setdefault((label.theme, _title_key(label.title)), label)
        if first.grade != label.grade:
            raise DigestError(
                source, f"“{label.title}” already has grade {first.grade} for {label.theme}", line=number
            )
    return tuple(labels.values())


def evaluate(
    labels: Iterable[Label], members: Mapping[str, Collection[str]], titles: Collection[str]
) -> tuple[ThemeReport, ...]:
    """One report for each theme that has labels, in the order of `members`.

    members: by theme, the titles that it took. titles: of every paper that it could have taken.
    Titles are the same but for case, punctuation, blanks and lost TeX. Labels of other themes do not count.
    """
    labels = tuple(labels)
    known = set(map(_title_key, titles))
    reports = []
    for theme, taken in members.items():
        ours = [label for label in labels if label.theme == theme]
        if ours:
            reports.append(_report(theme, ours, set(map(_title_key, taken)), known))
    return tuple(reports)


def macro_f1(reports: Iterable[ThemeReport]) -> float:
    """The mean F1 of the themes that have a counted label; 0 where none has, so that a gate stays shut."""
    figures = [report.f1 for report in reports if report.counted]
    return sum(figures) / len(figures) if figures else 0.0


def _report(theme: str, labels: Iterable[Label], taken: set[str], known: set[str]) -> ThemeReport:
    keys = {label: _title_key(label.title) for label in labels}
    counted = [label for label, key in keys.items() if key in known and label.grade != ARGUABLE]
    right = sum(label.grade == BELONGS and keys[label] in taken for label in counted)
    wrongly_in = tuple(label.title for label in counted if label.grade == FOREIGN and keys[label] in taken)
    missed = tuple(label.title for label in counted if label.grade == BELONGS and keys[label] not in taken)
    return ThemeReport(
        theme=theme,
        precision=_share(right, len(wrongly_in)),
        recall=_share(right, len(missed)),
        f1=_share(2 * right, len(wrongly_in) + len(missed)),
        wrongly_in=wrongly_in,
        missed=missed,
        counted=len(counted),
        unknown=tuple(label.title for label, key in keys.items() if key not in known),
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
        case {"title": str(title), "theme": str(theme), "grade": int(grade)} if grade in (
            BELONGS,
            ARGUABLE,
            FOREIGN,
        ) and not isinstance(grade, bool):
            return Label(title, theme, grade)
    raise DigestError(source, _EXPECTED, line=number)


def _title_key(title: str) -> str:
    """What is left of a title without case, punctuation, blanks and the difference that lost TeX makes."""
    folded = unicodedata.normalize("NFKC", title.translate(_SIGN_NAMES)).casefold()
    return "".join(_letter(sign) for sign in folded if sign.isalnum()) or title


def _letter(sign: str) -> str:
    """The sign itself, or the name of a Greek letter, as TeX has it."""
    greek = unicodedata.name(sign, "").partition("GREEK SMALL LETTER ")[2]
    return greek.partition(" ")[0].casefold() or sign
