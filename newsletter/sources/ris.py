"""RIS, the exchange format of reference managers and publishers.

Owns its line: two letters, two blanks, a hyphen, a value. Reads what is written in the wild as well: a
missing blank, a value over several lines, a record that begins before the last one ended. rispy was tried:
it keeps no line numbers, and drops a record that does not end. Source:
en.wikipedia.org/wiki/RIS_(file_format); the tags of EndNote, Zotero and Web of Science.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from newsletter.model import Digest, Skipped
from newsletter.sources import passage, records
from newsletter.sources.document import Document
from newsletter.sources.passage import Passage
from newsletter.sources.records import Record

NAME = "ris"

_LINE = re.compile(r"([A-Z][A-Z0-9]) {1,2}- ?(.*)")
_BEGIN = re.compile(r"TY {1,2}- ?[A-Z]{3,6}\s*")
# Lines before the first record: a provider's note, a database's name.
_PREFACE = 20
# Lines of one value. An abstract of 5,000 characters, wrapped at 40, has 125.
_LONGEST_VALUE = 2_000
# The tags of each field, the one that is meant first.
_TITLE = ("TI", "T1", "CT")
_ABSTRACT = ("AB", "N2")
_AUTHORS = ("AU", "A1")
_DATES = ("DA", "PY", "Y1")
_LINKS = ("UR", "L1", "L2", "LK")
# Fields in which an arXiv id stands where the record has one.
_IDS = ("AN", "M1", "JO", "JF", "T2", "DO", "C1", "ID", "PB")


@dataclass(slots=True)
class _Entry:
    """One record in the making: the lines of each tag with their numbers."""

    line: int
    values: dict[str, list[list[tuple[int, str]]]] = field(default_factory=dict)

    def all(self, tags: tuple[str, ...]) -> list[str]:
        return [" ".join(text for _, text in value) for tag in tags for value in self.values.get(tag, ())]

    def passage(self, tags: tuple[str, ...]) -> Passage:
        found = next((value for tag in tags for value in self.values.get(tag, ())), [(self.line, "")])
        return passage.numbered(found, self.line)


def sniff(document: Document) -> bool:
    """Whether one of the first lines begins a record."""
    lines = [line for line in document.start.split("\n") if line.strip()][:_PREFACE]
    return any(_BEGIN.fullmatch(line) for line in lines)


def parse(document: Document) -> Digest:
    """Every record in its order, and the lines that belong to none."""
    return records.digest(NAME, document, _found(document.lines))


def _found(lines: list[str]) -> Iterator[Record | Skipped]:
    entry: _Entry | None = None
    last: list[tuple[int, str]] | None = None
    for number, line in enumerate(lines, start=1):
        match = _LINE.fullmatch(line.rstrip())
        tag = match[1] if match else ""
        if tag in ("TY", "ER"):
            yield from _told(entry)
            entry, last = (_Entry(number) if tag == "TY" else None), None
        elif match and entry:
            last = [(number, match[2])]
            entry.values.setdefault(tag, []).append(last)
        elif line.strip() and last is not None and len(last) < _LONGEST_VALUE:
            last.append((number, line))
        elif line.strip():
            yield Skipped(number, line.strip(), "outside of a record and its values")
    yield from _told(entry)


def _told(entry: _Entry | None) -> Iterator[Record | Skipped]:
    if entry is None:
        return
    if not any(tag in entry.values for tag in _TITLE):
        yield Skipped(entry.line, " ".join(entry.all(_AUTHORS)[:3]), "no title")
        return
    links = [link for link in entry.all(_LINKS) if "://" in link]
    yield Record(
        entry.line,
        entry.passage(_TITLE),
        entry.passage(_ABSTRACT),
        url=links[0] if links else "",
        arxiv=" ".join(each for each in [*entry.all(_IDS), *links] if "arxiv" in each.casefold()),
        doi=" ".join(entry.all(("DO",))),
        authors=map(_name, entry.all(_AUTHORS)),
        published=next((date for date in entry.all(_DATES) if len(date.strip("/")) > len("2025/01")), ""),
        keywords=(word for value in entry.all(("KW",)) for word in value.split(";")),
        links=links[1:],
    )


def _name(name: str) -> str:
    """`Hopper, Grace` and `Davis, Sammy, Jr.` in the order in which they are said."""
    family, _, given = name.partition(",")
    given, _, suffix = given.partition(",")
    return " ".join(" ".join((given, family, suffix)).split())
