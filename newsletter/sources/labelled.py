"""Papers as records of labelled lines: `Title: …`, `PDF: …`, `Summary: …`, one under the other.

Owns where a record ends: at a line of dashes, at the next title, and where the label returns that the record
began with. Labels may come in any order and case; a line without one goes on with the field before.
"""

import re
from collections.abc import Iterator

from newsletter.model import Digest, Skipped
from newsletter.sources import arxiv_mail, labels, records
from newsletter.sources.document import Document
from newsletter.sources.labels import Fields
from newsletter.sources.records import Record

NAME = "labelled"

# Lines in which a text shows that it is one of these.
_LOOKED_AT = 60
_SEPARATOR = re.compile(r"\s*[-=*_#~]{3,}\s*")


def sniff(document: Document) -> bool:
    """Whether the first lines hold a title and, next to it, another known label."""
    if document.start.startswith(("---", "<", "{", "[")) or arxiv_mail.sniff(document):
        return False
    found = [labels.label(line) for line in document.lines[:_LOOKED_AT] if line.strip()]
    titles = [at for at, each in enumerate(found) if each and each[0] == "title" and each[1].strip()]
    return any(each and each[0] != "title" for at in titles for each in found[max(0, at - 1) : at + 4])


def parse(document: Document) -> Digest:
    """The papers of the records in their order; what belongs to no record is reported."""
    return records.digest(NAME, document, _found(document.lines))


def _found(lines: list[str]) -> Iterator[Record | Skipped]:
    """Each record, and each run of lines outside of one."""
    for fields in _records(lines):
        if fields.text("title"):
            yield labels.record(fields)
        elif fields.lines:
            name, words = next(iter(fields.lines.items()))
            why = "no label" if name == "" else "no title"
            yield Skipped(fields.line, " ".join(text for _, text in words[:5]), why)


def _records(lines: list[str]) -> Iterator[Fields]:
    fields, current = Fields(1), ""
    for at, line in enumerate(lines):
        begun = labels.label(line)
        if _SEPARATOR.fullmatch(line):
            yield fields
            fields, current = Fields(at + 2), ""
        elif begun:
            if _begins_another(fields, begun[0], lines, at):
                yield fields
                fields = Fields(at + 1)
            current = begun[0]
            fields.add(current, at + 1, begun[1])
        elif line.strip():
            if not fields.lines:
                fields = Fields(at + 1)
            fields.add(current, at + 1, line)
    yield fields


def _begins_another(fields: Fields, name: str, lines: list[str], at: int) -> bool:
    """Whether a label begins the next record rather than going on with this one."""
    if not fields.lines or "" in fields.lines:
        return True
    if "title" not in fields.lines:
        return name == next(iter(fields.lines))
    is_first_of_block = at == 0 or not lines[at - 1].strip()
    return name in ("title", next(iter(fields.lines))) or (is_first_of_block and _has_title(lines, at))


def _has_title(lines: list[str], at: int) -> bool:
    """Whether a title stands in the block of lines that begins here."""
    for line in lines[at : at + 20]:
        begun = labels.label(line)
        if not line.strip() or _SEPARATOR.fullmatch(line):
            return False
        if begun and begun[0] == "title":
            return True
    return False
