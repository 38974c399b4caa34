"""Digests of every known format, from bytes to values.

Owns the list of formats, and the refusal of text that is no digest: a refusal says what the input looks like
and what to do next. Never opens a file or an address. A new format is one module with `sniff` and `parse`,
and one line in `FORMATS`.
"""

import re
from dataclasses import replace

from newsletter.errors import DigestError
from newsletter.model import Digest
from newsletter.sources import (
    arxiv_api,
    arxiv_mail,
    arxiv_rss,
    bibtex,
    csv_table,
    decoding,
    eml,
    feed,
    hf_api,
    hf_html,
    hf_lines,
    hf_markdown,
    hf_notebook,
    hf_page,
    hf_paper,
    html_digest,
    json_feed,
    json_records,
    json_topics,
    labelled,
    markdown_digest,
    ris,
)
from newsletter.sources.decoding import MAX_BYTES
from newsletter.sources.document import Document

__all__ = ["FORMATS", "MAX_BYTES", "detect", "parse"]

# The special ones first, then those that read whatever is laid out for readers.
_TEXTS: dict[str, eml.Format] = {
    arxiv_api.NAME: arxiv_api,
    arxiv_rss.NAME: arxiv_rss,
    feed.NAME: feed,
    arxiv_mail.NAME: arxiv_mail,
    hf_markdown.NAME: hf_markdown,
    hf_notebook.NAME: hf_notebook,
    hf_lines.NAME: hf_lines,
    hf_page.NAME: hf_page,
    hf_paper.NAME: hf_paper,
    hf_api.NAME: hf_api,
    hf_html.NAME: hf_html,
    json_feed.NAME: json_feed,
    json_topics.NAME: json_topics,
    json_records.NAME: json_records,
    csv_table.NAME: csv_table,
    labelled.NAME: labelled,
    bibtex.NAME: bibtex,
    ris.NAME: ris,
    markdown_digest.NAME: markdown_digest,
    html_digest.NAME: html_digest,
}
# A mail is looked for before all others, and what is in it is any of them.
FORMATS: dict[str, eml.Format] = {eml.NAME: eml.Mail(_TEXTS)} | _TEXTS

# What a refusal says can be read.
_KNOWN = (
    "a papers page or its text, arXiv's answers and announcements, RSS, Atom, JSON, a table, Markdown, HTML, "
    "BibTeX, RIS, a mail"
)
_SHAPES = (
    (re.compile(r"<!doctype html|<html", re.IGNORECASE), "an HTML page"),
    (re.compile(r"<\?xml|<rss|<feed", re.IGNORECASE), "XML"),
    (re.compile(r'\{\s*["}]|\[\s*[\[{"\]]'), "JSON"),
)


def detect(document: Document) -> str | None:
    """The name of the format that recognises the text, or None."""
    return next((name for name, module in FORMATS.items() if module.sniff(document)), None)


def parse(data: bytes, source: str) -> Digest:
    """The digest in the bytes; `source` is what messages call it.

    Raises DigestError for anything else, and for a page without papers.
    """
    text, notes = decoding.text_of(data, source)
    document = Document(text, source)
    name = detect(document)
    if name is None:
        raise (
            document.broken
            or csv_table.refusal(document)
            or DigestError(source, f"{_shape(text)}; {decoding.SAVE_AS_TEXT}")
        )
    digest: Digest = FORMATS[name].parse(document)
    if not digest.papers:
        raise DigestError(source, _without_papers(digest))
    return replace(digest, skipped=notes + digest.skipped)


def _without_papers(digest: Digest) -> str:
    if digest.unit == "item" and digest.skipped:
        first = digest.skipped[0]
        return (
            f"this is in the format {digest.format}, but no paper in it can be read; "
            f"item {first.line}: {first.why}; save the file again"
        )
    return f"this is in the format {digest.format}, but no paper is in it; give one that lists papers"


def _shape(text: str) -> str:
    start = text.lstrip()
    for pattern, what in _SHAPES:
        if pattern.match(start):
            return f"this looks like {what}, but holds no papers in a form that is known"
    return f"this is no digest that is known ({_KNOWN})"
