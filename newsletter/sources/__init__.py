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
    csv_table,
    decoding,
    feed,
    hf_lines,
    hf_markdown,
    hf_notebook,
    hf_page,
    labelled,
)
from newsletter.sources.decoding import MAX_BYTES
from newsletter.sources.document import Document

__all__ = ["FORMATS", "MAX_BYTES", "detect", "parse"]

FORMATS = {
    arxiv_api.NAME: arxiv_api,
    arxiv_rss.NAME: arxiv_rss,
    feed.NAME: feed,
    arxiv_mail.NAME: arxiv_mail,
    hf_markdown.NAME: hf_markdown,
    hf_notebook.NAME: hf_notebook,
    hf_lines.NAME: hf_lines,
    hf_page.NAME: hf_page,
    csv_table.NAME: csv_table,
    labelled.NAME: labelled,
}

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
        problem = f"this is a page in the format {name}, but no paper is on it; copy a page that lists papers"
        raise DigestError(source, problem)
    return replace(digest, skipped=notes + digest.skipped)


def _shape(text: str) -> str:
    start = text.lstrip()
    for pattern, what in _SHAPES:
        if pattern.match(start):
            return f"this looks like {what}, but holds no papers in a form that is known"
    known = ", ".join(FORMATS)
    return f"no known format ({known}) recognises this text"
