r"""arXiv's mailing of new papers, as plain text.

Owns its layout: entries between lines that begin with two backslashes, first the fields, then the abstract. A
paper announced again has no abstract and is marked; so is an entry that the text's end cuts off.
Source: info.arxiv.org/help/subscribe.html.
"""

import re
from collections.abc import Iterator

from newsletter.model import Digest, Mark, Skipped
from newsletter.sources import dates, labels, names, passage, records, weblinks
from newsletter.sources.document import Document
from newsletter.sources.records import Record

NAME = "arxiv-mail"

# Lines before the first entry: the mail's own header, addresses, what was received when.
_LOOKED_AT = 120
# Lines of one entry: an abstract has 25; more is a text without its end.
_LONGEST_ENTRY = 400
_EDGE = "\\\\"
_ID = re.compile(r"(?:arXiv:|Paper(?: \([^)]{1,30}\))?:\s{0,5}(?:arXiv:)?)\s?(\S{1,40})", re.IGNORECASE)
_FIELD = re.compile(r"([A-Z][A-Za-z-]{1,20})(?: \([\w ]{1,20}\))?:\s?(.*)")
_REPLACED = re.compile(
    r"(?:figures added|replaced) (?:with|by) (?:a )?revised version|\breplaced\b", re.IGNORECASE
)
_DIVIDER = re.compile(r"[-%=]{10,}\s*")
_RECEIVED = re.compile(r"received from\s.{5,60}?\sto\s+(.{5,60})", re.IGNORECASE)


def sniff(document: Document) -> bool:
    """Whether an entry begins early on: two backslashes, and arXiv's id on the next line."""
    lines = document.lines[:_LOOKED_AT]
    return any(_begins(lines, at) for at in range(len(lines) - 1))


def parse(document: Document) -> Digest:
    """The papers of the mailing in its order; `date` is the day up to which arXiv had received them."""
    received = next(filter(None, map(_RECEIVED.search, document.lines[:_LOOKED_AT])), None)
    printed = received[1].strip() if received else ""
    return records.digest(NAME, document, _found(document.lines), date=dates.day(printed), date_text=printed)


def _begins(lines: list[str], at: int) -> bool:
    return lines[at].strip() == _EDGE and at + 1 < len(lines) and bool(_ID.match(lines[at + 1]))


def _found(lines: list[str]) -> Iterator[Record | Skipped]:
    at = 0
    while at < len(lines):
        if _begins(lines, at):
            head = _until_edge(lines, at + 1)
            has_abstract = head < len(lines) and lines[head].strip() == _EDGE and not _begins(lines, head)
            end = _until_edge(lines, head + 1) if has_abstract else head
            yield _record(lines, at + 1, head, end)
            is_closed = end < len(lines) and lines[end].startswith(_EDGE) and not _begins(lines, end)
            at = end + 1 if is_closed else end
        else:
            words = lines[at].strip()
            if words and not _DIVIDER.fullmatch(words):
                yield Skipped(at + 1, words, "around the entries")
            at += 1


def _until_edge(lines: list[str], start: int) -> int:
    """The index of the line that ends a part of an entry: its edge, the divider, or where the text ends."""
    for at in range(start, min(len(lines), start + _LONGEST_ENTRY)):
        if lines[at].startswith(_EDGE) or _DIVIDER.fullmatch(lines[at]):
            return at
    return min(len(lines), start + _LONGEST_ENTRY)


def _record(lines: list[str], start: int, head: int, end: int) -> Record:
    fields = _fields(lines, start, head)
    head_text = "\n".join(lines[start:head])
    id = _ID.match(lines[start])
    is_cut = end > head and not (end < len(lines) and lines[end].startswith(_EDGE))
    again = _REPLACED.search(head_text.partition("Title:")[0]) is not None
    return Record(
        start + 1,
        fields.passage("Title"),
        passage.counted(lines[head + 1 : end], head + 2) if end > head else "",
        arxiv=id[1] if id else "",
        doi=fields.text("DOI"),
        authors=names.split(fields.text("Authors") or fields.text("Author")),
        published=fields.text("Date"),
        categories=fields.text("Categories").split(),
        links=weblinks.announced(fields.text("Comments")),
        marks=(Mark.REPLACEMENT,) * again + (Mark.CUT,) * is_cut,
    )


def _fields(lines: list[str], start: int, end: int) -> labels.Fields:
    """The labelled lines with the indented ones that go on with them."""
    fields, current = labels.Fields(start + 1), ""
    for at in range(start, end):
        begun = _FIELD.match(lines[at])
        if begun:
            current = begun[1]
        fields.add(current, at + 1, begun[2] if begun else lines[at])
    return fields
