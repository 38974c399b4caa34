"""What arXiv announces each working day, as RSS or Atom.

Owns the two generations of these feeds: since 2024 `arXiv:ID Announce Type: … Abstract: …` and one string of
names; before, RSS 1.0 with the id behind the title, `(arXiv:ID [category] UPDATED)`, abstracts in `<p>` and
each name in a link. A paper announced again is kept and marked. At the weekend a feed is whole without one.
Source: info.arxiv.org/help/rss.html and rss_specifications.html.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

from newsletter.model import Digest, Mark
from newsletter.sources import elements, markup, names
from newsletter.sources.document import Document
from newsletter.sources.records import Record

NAME = "arxiv-rss"

_ADDRESS = re.compile(r"https?://(?:rss\.arxiv\.org/|(?:export\.)?arxiv\.org/rss)", re.IGNORECASE)
_TITLE = re.compile(r".{0,80} updates on (?:the )?arxiv\.org", re.IGNORECASE)
_PREFIX = re.compile(
    r"\A\s{0,100}arXiv:(?P<id>\S{1,40})\s+Announce Type:\s*(?P<type>[a-z-]{1,20})\s*(?:Abstract:\s*)?",
    re.IGNORECASE,
)
_SUFFIX = re.compile(
    r"\.?\s{0,10}\(arXiv:(?P<id>[^\s\[\])]{1,40})\s{0,10}(?:\[(?P<category>[\w.-]{1,40})\])?\s{0,10}"
    r"(?P<type>UPDATED|CROSS LISTED)?\)\s{0,10}$"
)
_REPLACEMENTS = {"replace", "replace-cross", "updated"}
_NOTHING = (
    "the feed is whole and holds no paper: arXiv announces nothing on this day, as at weekends and on "
    "holidays; read it again on the next working day"
)


class _Announced(NamedTuple):
    """A text without arXiv's words around it, and what these say: id, category and type of announcement."""

    text: str
    id: str = ""
    category: str = ""
    type: str = ""


def sniff(document: Document) -> bool:
    """Whether the text is a feed that gives an address or the title of arXiv's announcements as its own."""
    if document.xml is None or elements.name(document.xml) not in ("rss", "feed", "rdf:rdf"):
        return False
    return any(
        (_TITLE if called == "title" else _ADDRESS).match(elements.text(each).strip() or each.get("href", ""))
        for called, each in elements.fields(elements.head(document.xml))
        if called in ("title", "id", "link")
    )


def parse(document: Document) -> Digest:
    """The announced papers in the feed's order; `date` is the day of the announcement, where it is printed.

    Raises: DigestError for a feed without papers, which says that arXiv announced none.
    """
    record = partial(_record, printed=elements.printed_date(document.xml))
    return elements.digest(NAME, document, record, nothing=_NOTHING)


def _record(number: int, entry: Any, printed: str) -> Record:
    title = _parted(_SUFFIX, elements.text(elements.first(entry, "title", "dc:title")))
    body = elements.text(elements.first(entry, "description", "summary"))
    abstract = _parted(_PREFIX, body if _PREFIX.match(body) else markup.plain(body))
    told = elements.text(elements.first(entry, "arxiv:announce_type")).strip() or abstract.type or title.type
    address = elements.link(entry)
    return Record(
        number,
        title.text,
        abstract.text,
        url=address,
        arxiv=" ".join([abstract.id, title.id, elements.text(elements.first(entry, "guid", "id")), address]),
        doi=elements.text(elements.first(entry, "arxiv:doi")),
        authors=_authors(entry),
        published=elements.text(elements.first(entry, "pubdate", "published", "dc:date")) or printed,
        categories=[title.category, *_categories(entry)],
        marks=(Mark.REPLACEMENT,) if told.lower() in _REPLACEMENTS else (),
    )


def _parted(around: re.Pattern[str], text: str) -> _Announced:
    match = around.search(text)
    if match is None:
        return _Announced(text)
    told = {key: value or "" for key, value in match.groupdict().items()}
    return _Announced(text[: match.start()] + text[match.end() :], **told)


def _authors(entry: Any) -> Iterator[str]:
    """The names of the one string that all stand in; in Atom there may be an element for each."""
    for called, each in elements.fields(entry):
        if called == "dc:creator":
            yield from names.split(markup.plain(elements.text(each)).replace("\n", " "))
        elif called == "author":
            yield from names.split(elements.text(elements.first(each, "name")))


def _categories(entry: Any) -> Iterator[str]:
    for called, each in elements.fields(entry):
        if called in ("category", "dc:subject"):
            yield each.get("term") or elements.text(each)
