"""Answers of arXiv's API: an Atom feed of whole records.

Owns where the API puts what: the id in an address, the first category apart from the others, code and project
pages in the authors' comment, and its own errors in the form of an entry. Titles and abstracts are plain text
with TeX, never HTML: `<` is a mathematical sign in them.
Source: info.arxiv.org/help/api/user-manual.html §3.3 and §3.4.
"""

import re
from collections.abc import Iterator
from typing import Any

from newsletter.errors import DigestError
from newsletter.model import Digest
from newsletter.sources import elements, records, weblinks
from newsletter.sources.document import Document
from newsletter.sources.records import Record

NAME = "arxiv-api"

_ANSWER = re.compile(r"https?://(?:export\.)?arxiv\.org/api/")
_QUERY = re.compile(r"arxiv (?:query:|search results)", re.IGNORECASE)
_ERROR = "/api/errors"
# What an error's entry may say and still be quoted in full.
_LONGEST_QUOTE = 300


def sniff(document: Document) -> bool:
    """Whether the text is a feed with the id or the title that the API gives to every answer."""
    root = document.xml
    if root is None or elements.name(root) != "feed":
        return False
    return any(
        (_ANSWER if called == "id" else _QUERY).match(elements.text(each).strip())
        for called, each in elements.fields(root)
        if called in ("id", "title")
    )


def parse(document: Document) -> Digest:
    """The papers of the answer in its order; `date` is the day on which it was given.

    Raises: DigestError with arXiv's own words where the answer is an error, and for an answer without papers.
    """
    _refuse_error(document)
    return elements.digest(NAME, document, _record, nothing=_nothing(document.xml))


def _refuse_error(document: Document) -> None:
    entry = next(elements.items(document.xml), None)
    if entry is not None and _ERROR in elements.text(elements.first(entry, "id")):
        words = " ".join(elements.text(elements.first(entry, "summary")).split())[:_LONGEST_QUOTE]
        problem = (
            f"arXiv answers with an error: “{words or 'without a reason'}”; correct the query and ask again"
        )
        raise DigestError(document.source, problem)


def _nothing(root: Any) -> str:
    counted = records.count(elements.text(elements.first(root, "opensearch:totalresults")))
    if counted:
        return (
            f"the answer is whole and holds no paper: of the {counted:,} that match, none is on this page; "
            "ask for an earlier start"
        )
    return "the answer is whole and holds no paper: nothing matches the query; ask arXiv for something else"


def _record(number: int, entry: Any) -> Record:
    id = elements.text(elements.first(entry, "id")).strip()
    return Record(
        number,
        elements.text(elements.first(entry, "title")),
        elements.text(elements.first(entry, "summary")),
        url=elements.link(entry) or id,
        arxiv=id,
        doi=elements.text(elements.first(entry, "arxiv:doi")),
        authors=_authors(entry),
        published=elements.text(elements.first(entry, "published", "updated")),
        categories=_categories(entry),
        links=weblinks.announced(elements.text(elements.first(entry, "arxiv:comment"))),
    )


def _authors(entry: Any) -> Iterator[str]:
    for called, author in elements.fields(entry):
        if called == "author":
            yield elements.text(elements.first(author, "name"))


def _categories(entry: Any) -> Iterator[str]:
    for wanted in ("arxiv:primary_category", "category"):
        yield from (each.get("term", "") for called, each in elements.fields(entry) if called == wanted)
