"""Records of papers in JSON whose keys nobody agreed on: one a line, in a list, or in lists under keys.

Owns the names that a field goes by. Words that a model wrote stay apart from the authors': what stands under
`summary` beside an abstract is no abstract, and neither is a TL;DR, but for OpenReview's, which the authors
write themselves: it stands in for an abstract that is missing.
"""

import re
from collections.abc import Iterator
from typing import Any

from newsletter.errors import DigestError
from newsletter.model import Digest, Mark, Skipped
from newsletter.sources import fields, hf_api, json_feed, json_topics, jsontext, pythontext, records
from newsletter.sources.document import Document
from newsletter.sources.records import Record

NAME = "json-records"

# Lines that are no JSON. A file with more of them is something else, and reading on would take for ever.
_MOST_BROKEN = 10_000
# Characters of a broken line that are shown.
_SHOWN = 80

# The names of a field, the surest first, compared in small letters without `_`, `-` and blanks.
_TITLE = ("title", "papertitle", "articletitle", "fulltitle")
_ABSTRACT = ("abstract", "paperabstract", "abstracttext", "summary", "papersummary", "description")
_AI = ("aisummary", "aitldr", "llmsummary", "gptsummary", "summaryai", "ai")
_TLDR = ("tldr", "tl;dr")
_AUTHORS = ("authors", "author", "authorlist", "authornames", "paperauthors", "creators", "creator")
_ARXIV = ("arxivid", "arxiv", "eprint", "id", "paperid", "entryid", "abs", "arxivurl", "absurl", "pdf")
_URL = (
    "url", "paperurl", "link", "paperlink", "abs", "absurl", "arxivurl", "entryid", "htmlurl", "site",
    "forum", "openreview", "huggingface", "hfurl", "href", "pdf", "pdfurl", "pdflink",
)  # fmt: skip
_DATE = (
    "published", "publishedat", "publisheddate", "publishdate", "publicationdate", "datepublished", "date",
    "submitted", "submittedat", "submissiondate", "created", "createdat",
)  # fmt: skip
_UPVOTES = ("upvotes", "upvote", "numupvotes", "upvotecount", "votes", "likes")
_KEYWORDS = ("keywords", "aikeywords", "tags", "topics")
_CATEGORIES = ("categories", "category", "arxivcategories", "subjects", "primarycategory")
_LINKS = (
    "code", "codeurl", "codelink", "github", "githubrepo", "githuburl", "repo", "repository", "repourl",
    "project", "projectpage", "projecturl", "demo", "demourl",
)  # fmt: skip

# What a record must have beside its title, so that a list of anything is no list of papers.
_EVIDENCE = {*_ABSTRACT[:5], *_AUTHORS, "arxivid", "arxiv", "eprint", "doi", "abs", "pdf", "pdfurl"}
# How a line ends that opens a list or an object, or is a member of one: JSON on many lines, broken off.
_PART_OF_LIST = re.compile(r"[\[{]\s*$|\}\s*,\s*$")
_PUNCTUATION = str.maketrans("", "", "_- ")
_CATEGORY = re.compile(r"[a-z]{2,8}(?:-[a-z]{2,4})?(?:\.[A-Za-z]{2}(?:-[a-z]{2,4})?)?")


def sniff(document: Document) -> bool:
    """Whether the text is JSON with records of papers, in no form that another format knows."""
    if document.json is None:
        return _is_lines(document)
    known = (hf_api, json_feed, json_topics)
    return not any(format.sniff(document) for format in known) and bool(_items(document))


def parse(document: Document) -> Digest:
    """The papers of the records in their order; a line that is broken is left out and reported."""
    if document.json is None:
        return records.digest(NAME, document, _of_lines(document), unit="line")
    return records.digest(NAME, document, _of_items(document), unit="item")


def _is_lines(document: Document) -> bool:
    """Whether records stand on the first lines, one on each and not as the members of a list."""
    lines = [line for line in document.lines[: 2 * fields.SAMPLE] if line.strip()][: fields.SAMPLE]
    if document.start.startswith("[") or any(_PART_OF_LIST.search(line) for line in lines):
        return False
    values = [_line(line) for line in lines if line.lstrip().startswith("{")]
    return any(isinstance(value, jsontext.Loaded) and _is_record(value.value) for value in values)


def _of_lines(document: Document) -> Iterator[Record | Skipped]:
    broken = 0
    for number, line in enumerate(document.lines, start=1):
        if not line.strip():
            continue
        loaded = _line(line)
        if isinstance(loaded, str):
            broken += 1
            yield Skipped(number, line[:_SHOWN], loaded)
        else:
            yield _record(loaded.value, number, flawed=loaded.flawed)
        if broken > _MOST_BROKEN:
            problem = f"more than {_MOST_BROKEN:,} lines are no JSON; save the file again"
            raise DigestError(document.source, problem, line=number)


def _line(line: str) -> jsontext.Loaded | str:
    """The object on the line, or why there is none."""
    if not line.lstrip().startswith("{"):
        return "no JSON object"
    try:
        loaded = pythontext.loaded(line)
    except jsontext.NotJson as error:
        return str(error)
    return "more than one value on the line" if line[loaded.end :].strip() else loaded


def _items(document: Document) -> list[Any]:
    return fields.items(document.json, _is_record)


def _of_items(document: Document) -> Iterator[Record | Skipped]:
    for number, item in enumerate(_items(document), start=1):
        yield _record(item, number, flawed=document.is_flawed)


def _is_record(item: Any) -> bool:
    if not isinstance(item, dict) or hf_api.is_entry(item):
        return isinstance(item, dict)
    values = _by_name(item)
    return bool(fields.text(fields.first(values, *_TITLE)) and _EVIDENCE & values.keys())


def _record(item: Any, number: int, *, flawed: bool) -> Record | Skipped:
    if (problem := fields.unusable(item, number, flawed=flawed)) is not None:
        return problem
    if hf_api.is_entry(item):
        return hf_api.record(item, number)
    values = _by_name(item)
    url = _address(values)
    abstract, ai_summary = _texts(values, by_authors="openreview.net/" in url)
    ids = fields.first(values, "externalids")
    ids = _by_name(ids) if isinstance(ids, dict) else {}
    return Record(
        line=number,
        title=fields.prose(fields.first(values, *_TITLE)),
        abstract=abstract,
        url=url,
        arxiv=" ".join(fields.text(values.get(key)) for key in _ARXIV) + " " + fields.text(ids.get("arxiv")),
        doi=fields.text(values.get("doi")) or fields.text(ids.get("doi")),
        authors=fields.names(fields.first(values, *_AUTHORS)),
        published=_day(fields.first(values, *_DATE)),
        upvotes=fields.first(values, *_UPVOTES),
        ai_summary=ai_summary,
        keywords=fields.texts(fields.first(values, *_KEYWORDS)),
        categories=_categories(fields.first(values, *_CATEGORIES)),
        links=[link for key in _LINKS if "/" in (link := fields.address(values.get(key)))],
        marks=(Mark.CUT,) if fields.is_cut(abstract) else (),
    )


def _by_name(item: dict[str, Any]) -> dict[str, Any]:
    """The values by their keys in one spelling; of two keys with one spelling the first counts."""
    values: dict[str, Any] = {}
    for key, value in item.items():
        values.setdefault(key.casefold().translate(_PUNCTUATION), value)
    return values


def _texts(values: dict[str, Any], *, by_authors: bool) -> tuple[str, str]:
    """The authors' words and a model's; whose a TL;DR is depends on the site."""
    abstract = fields.prose(fields.first(values, *_ABSTRACT))
    line = _words(fields.first(values, *_AI))
    if fields.first(values, *_ABSTRACT[:3]):
        line = line or fields.text(fields.first(values, "summary"))
    tldr = _words(fields.first(values, *_TLDR))
    if by_authors:
        return abstract or tldr, line
    return abstract, line or tldr


def _words(value: Any) -> str:
    """A text, or that of an object such as `{"model": …, "text": …}`."""
    if isinstance(value, dict):
        value = fields.first(value, "tldr", "text", "summary", "value")
    return fields.text(value)


def _address(values: dict[str, Any]) -> str:
    addresses = (fields.address(values.get(key)) for key in _URL if key in values)
    return next((address for address in addresses if "://" in address), "")


def _day(value: Any) -> str:
    """A day as text; of a bare number only what is written like one, for a moment in seconds looks alike."""
    text = fields.text(value)
    return "" if text.isdigit() and len(text) != len("20250131") else text


def _categories(value: Any) -> list[str]:
    """A list, or a line parted by commas, semicolons or, where it holds nothing but categories, blanks."""
    words = fields.text(value).split()
    return words if words and all(map(_CATEGORY.fullmatch, words)) else fields.texts(value)
