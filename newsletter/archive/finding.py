"""Finding titles by words: small letters, no accents, every word somewhere in the line.

`assets/search.js` does the same in a browser; a test holds both to the same answers.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from newsletter import rendering
from newsletter.archive import outline
from newsletter.archive.outline import Entry

# Letters that are no letter with an accent, and that many keyboards lack.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ς": "σ"}
)
# Characters of a question that are looked at: longer ones were not typed.
LONGEST = 200


class Row(NamedTuple):
    """One line of the search. to: its page, below that of the list. place: where on the page, with its #."""

    text: str
    to: str
    where: str
    place: str = ""

    def answers(self, wanted: Sequence[str]) -> bool:
        """Whether each of the words stands in the line."""
        line = folded(f"{self.text} {self.where}")
        return all(word in line for word in wanted)


class Group(NamedTuple):
    """Lines of one kind."""

    title: str
    rows: Sequence[Row]


# Lines of many questions are the same: without, one of 12,000 titles takes three times as long.
@lru_cache(maxsize=50_000)
def folded(text: str) -> str:
    """The text as it is compared: without accents, marks, and the difference of capitals."""
    bare = "".join(
        sign for sign in unicodedata.normalize("NFKD", text) if unicodedata.category(sign)[0] != "M"
    )
    return bare.upper().lower().translate(_PLAIN)


def words(question: str) -> tuple[str, ...]:
    """What a line has to hold, each somewhere."""
    return tuple(folded(question[:LONGEST]).split())


def groups(entries: Sequence[Entry], question: str) -> tuple[list[Group], int, int]:
    """Issues, themes and papers whose line answers the question, how many those are, and of how many.

    All of them where nothing is asked.
    """
    wanted = words(question)
    all = [Group(title, rows) for title, rows in _rows(entries) if rows]
    kept = [Group(group.title, [row for row in group.rows if row.answers(wanted)]) for group in all]
    return (
        [group for group in kept if group.rows],
        sum(len(group.rows) for group in kept),
        sum(len(group.rows) for group in all),
    )


def _rows(entries: Sequence[Entry]) -> Iterator[tuple[str, list[Row]]]:
    yield "Issues", [Row(one.headline, _page(one), _day(one)) for one in entries]
    themes = outline.themes(entries).values()
    yield "Themes", [Row(part.title, f"themes/{part.theme}/", part.blurb) for part in themes]
    yield (
        "Papers",
        [
            Row(paper.title, _page(one), f"{one.name} · {part.title}", f"#{paper.anchor}")
            for one in entries
            if not one.edition.recap  # their papers stand in the issues that they sum up
            for part in one.parts
            for paper in part.papers
        ],
    )


def _page(one: Entry) -> str:
    return f"{one.edition.number}/"


def _day(one: Entry) -> str:
    return f"{one.name} · {rendering.day(one.edition.date)}"
