"""Any feed that is not arXiv's own: RSS 0.9 to 2.0, RSS 1.0 (RDF) and Atom.

Owns the choice between fields that mean nearly the same, what sites put into a description (labels, HTML, a
model's line), and the signs that only the beginning of a text is there. Every item with a title is kept: the
feed is the editor's choice.
Not read with feedparser: it took 3.4 s for an entity bomb of 1 kB and 9 s for 200,000 levels, both of which
`document` refuses at once; and it guesses anew in each field what is HTML.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from newsletter.model import Digest, Mark, Skipped
from newsletter.sources import ai_line, arxiv_api, arxiv_rss, elements, labels, names, records
from newsletter.sources.document import Document
from newsletter.sources.records import Record

NAME = "feed"

_ROOTS = {"rss", "rdf:rdf", "feed", "channel", "item", "entry"}
# A description first: where both are, the content is the whole article.
_BODIES = ("description", "summary", "content:encoded", "content", "dc:description")
_DATES = ("pubdate", "published", "dc:date", "dc:issued", "dc:created", "updated", "dc:modified")
_DOTS = r"(?:…|\.\.\.|\[(?:…|\.\.\.)\])"
_INVITATION = (
    r"(?:\(?R(?:ead|EAD) (?:more|More|MORE|the full \w{1,12})|\(?Continue reading|\((?:read )?more)\)?"
)
_END = r"[\s….»›→]{0,5}$"
# What stands at the end of a text that goes on elsewhere. `We read more.` is a sentence.
_CUT = re.compile(
    rf"\s{{0,5}}(?:{_DOTS}?\s{{0,5}}{_INVITATION}|{_DOTS}\s{{0,5}}(?:read more|continue reading)?){_END}"
)
# An RSS author is a mail address with a name in brackets. Source: RSS 2.0, <author>.
_MAIL = re.compile(r"\S{1,80}@\S{1,80}(?:\s{1,5}\((.{1,200})\))?\s{0,5}")
_NOTHING = "the feed is whole and holds no item: read it again when its site has published something"


def sniff(document: Document) -> bool:
    """Whether the text is a feed, and neither arXiv's announcements nor an answer of its API."""
    if document.xml is None or elements.name(document.xml) not in _ROOTS:
        return False
    return not arxiv_api.sniff(document) and not arxiv_rss.sniff(document)


def parse(document: Document) -> Digest:
    """The items of the feed in its order; `date` is the day that it gives for itself.

    Raises: DigestError for a feed without items.
    """
    return elements.digest(NAME, document, _record, nothing=_NOTHING)


def _record(number: int, item: Any) -> Record | Skipped:
    title = elements.shown(elements.first(item, "title", "dc:title"))
    address = _address(item)
    if not title.strip():
        return Skipped(number, address or _body(item), "no title")
    text = _body(item)
    terms = list(_terms(item))
    record = Record(
        number,
        title,
        url=address,
        arxiv=f"{address} {elements.text(elements.first(item, 'guid', 'id'))}",
        doi=elements.text(elements.first(item, "?:doi", "arxiv:doi", "dc:identifier")),
        authors=list(_authors(item)),
        published=elements.text(elements.first(item, *_DATES)),
        categories=[term for term in terms if labels.CATEGORY.fullmatch(term)],
        keywords=[term for term in terms if not labels.CATEGORY.fullmatch(term)],
    )
    return _with_text(record, text)


def _with_text(record: Record, text: str) -> Record:
    """The record with what its description says: labelled parts, a model's line, the abstract, its end."""
    told = _labelled(text, record.line)
    if told is not None:
        record = replace(
            record,
            authors=record.authors or told.authors,
            upvotes=told.upvotes,
            links=told.links,
            keywords=[*record.keywords, *told.keywords],
            ai_summary=told.ai_summary,
        )
        text = told.abstract if isinstance(told.abstract, str) else told.abstract.text
    line, abstract = ai_line.split(text)
    marks = (Mark.CUT,) if _CUT.search(abstract[-200:]) else ()
    return replace(
        record, abstract=_without_sign(abstract), ai_summary=line or record.ai_summary, marks=marks
    )


def _labelled(text: str, number: int) -> Record | None:
    """The parts of a description that begins with a label; None for plain words."""
    fields = labels.Fields(number)
    current = ""
    for line in filter(str.strip, text.split("\n")):
        if begun := labels.label(line):
            current = begun[0]
        elif not current:
            return None
        fields.add(current, number, begun[1] if begun else line)
    has_text = "abstract" in fields.lines or "summary" in fields.lines
    return labels.record(fields) if has_text else None


def _without_sign(abstract: str) -> str:
    """The abstract without an invitation to read on; the dots that show a cut stay."""
    sign = _CUT.search(abstract, max(0, len(abstract) - 200))
    return abstract if sign is None else f"{abstract[: sign.start()].rstrip()} …"


def _body(item: Any) -> str:
    """The text of the first field that is whole and as long as an abstract may be, else of the first one."""
    bodies = [
        elements.shown(field) for called in _BODIES if (field := elements.first(item, called)) is not None
    ]
    bodies = [body for body in bodies if body.strip()]
    whole = (
        body for body in bodies if len(body) <= records.LONGEST_ABSTRACT and not _CUT.search(body[-200:])
    )
    return next(whole, bodies[0] if bodies else "")


def _address(item: Any) -> str:
    if address := elements.link(item):
        return address
    guid = elements.first(item, "guid", "id")
    text = elements.text(guid).strip()
    is_address = guid is not None and guid.get("ispermalink", guid.get("isPermaLink")) != "false"
    return text if is_address and text.startswith(("http://", "https://")) else ""


def _authors(item: Any) -> Iterator[str]:
    for called, each in elements.fields(item):
        if called in ("dc:creator", "author"):
            inner = elements.first(each, "name")
            words = elements.shown(each if inner is None else inner).replace("\n", " ").strip()
            mail = _MAIL.fullmatch(words)
            yield from names.split((mail[1] or "") if mail else words)


def _terms(item: Any) -> Iterator[str]:
    for called, each in elements.fields(item):
        if called in ("category", "dc:subject"):
            yield " ".join((each.get("term") or elements.text(each)).split())
