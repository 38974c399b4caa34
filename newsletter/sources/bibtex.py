"""BibTeX, as reference managers, arXiv and READMEs carry it.

Owns what the fields mean: where an arXiv id may stand, how names and accents are written. Splitting the
text into entries is bibtexparser's work; an entry that it cannot read is reported, and the others are kept.
Text between entries is a comment by BibTeX's own rule, and goes unreported like `@string` and `@preamble`.
"""

import logging
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from newsletter.model import Digest, Skipped
from newsletter.residue.symbols import ACCENTS, LETTERS
from newsletter.sources import passage, records
from newsletter.sources.document import Document
from newsletter.sources.passage import Passage
from newsletter.sources.records import Record

NAME = "bibtex"

# Characters before the first entry, such as a note on where the file comes from.
_PREFACE = 4000
_ENTRY = re.compile(
    r"^[ \t]*@(?!comment|string|preamble)[A-Za-z]{3,30}[ \t]*[{(]", re.IGNORECASE | re.MULTILINE
)
# Entries are counted before they are read: the library keeps all of them at once.
_BEGUN = re.compile(r"@[A-Za-z]{3,30}[ \t]*[{(]")
# How lines begin in the texts that carry BibTeX among other things: Markdown, HTML, mail, RIS.
_OTHER = re.compile(r"^(?:#{1,6} |<|\||```|[-*] |[A-Z][A-Za-z-]{1,30}: |TY {1,2}- )", re.MULTILINE)
# BibTeX has no comment sign, but people use LaTeX's to switch off an entry or a field.
_OFF = re.compile(r"^[ \t]*%+[ \t]*(?:@|[A-Za-z]{2,30}[ \t]*=|\}[ \t]*,?[ \t]*$).*", re.MULTILINE)
_NAMES_ARXIV = re.compile(r"arxiv|\babs/|corr\b", re.IGNORECASE)
_QUOTES = re.compile(r'^"|"\s*#\s*"?|"$')
_PROTECTIVE = re.compile(
    r"((?<!\\)\$[^$]{0,500}\$)"
    r"|\\text(backslash|asciitilde|asciicircum|braceleft|braceright)(?![A-Za-z])(?:\{\}|\s)?|(?<!\\)[{}]"
)
_SIGNS = {"backslash": "\\", "asciitilde": "~", "asciicircum": "^", "braceleft": "{", "braceright": "}"}
# What parts two authors, unless it stands in the braces of one; and one that stands in braces as a whole.
_AND = re.compile(r"\s+and\s+(?![^{}]{0,200}\})")
_BRACED = re.compile(r"\s*\{((?:[^{}]|\{[^{}]*\})*)\}\s*")
_ACCENT = re.compile(
    r"\{?\\(?:([\"'`^~=.])\s?|([Hckvurdb])(?=[ {]))\s?\{?\\?([A-Za-z])\}?\}?"
    r"|\{?\\(ss|ae|AE|oe|OE|aa|AA|o|O|l|L|i)(?![A-Za-z])(?:\{\}|\s)?\}?"
)


def sniff(document: Document) -> bool:
    """Whether the text begins with an entry, notes before it aside."""
    entry = _ENTRY.search(document.text, 0, _PREFACE)
    return entry is not None and not _OTHER.search(document.text, 0, entry.start())


def parse(document: Document) -> Digest:
    """Every entry in its order; without an abstract unless it has a field of that name."""
    return records.digest(NAME, document, _found(document))


def _found(document: Document) -> Iterator[Record | Skipped]:
    # Not at the top: a run that reads no BibTeX does not pay for it.
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.model import Entry, ParsingFailedBlock

    # What it warns of is in the report, by line.
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    if sum(1 for _ in _BEGUN.finditer(document.text)) > records.MAX_PAPERS:
        raise records.too_many(document.source)
    for block in parse_string(_OFF.sub("", document.text)).blocks:
        line = (block.start_line or 0) + 1
        whole = block.ignore_error_block if isinstance(block, ParsingFailedBlock) else block
        if isinstance(whole, Entry):
            yield _record(whole, line)
        elif isinstance(block, ParsingFailedBlock):
            yield Skipped(
                line, (block.raw or "").strip(), "a broken entry: a brace, quote or comma is missing"
            )


def _record(entry: Any, line: int) -> Record:
    fields = {field.key.casefold(): field for field in reversed(entry.fields)}
    value = {key: _text(field.value) for key, field in fields.items()}
    url = value.get("url", "") or value.get("link", "")
    return Record(
        line,
        _lines(fields.get("title"), line),
        _lines(fields.get("abstract"), line),
        url=_bare(url).replace("\\", ""),
        arxiv=_arxiv(value, url),
        doi=value.get("doi", "").replace("\\", ""),
        authors=map(_name, _AND.split(value.get("author", ""))),
        published=value.get("date", "") or _published(value),
        keywords=re.split(r"[,;]", _bare(value.get("keywords", ""))),
        categories=value.get("primaryclass", "").split(),
    )


def _text(value: object) -> str:
    """The value of a field as one text, whether it is a number, a name or several pieces joined by `#`."""
    text = str(value)
    return _QUOTES.sub("", text) if text.startswith('"') else text


def _lines(field: Any, line: int) -> Passage:
    if field is None:
        return passage.of("", line)
    first = line if field.start_line is None else field.start_line + 1
    return passage.counted(_bare(_text(field.value)).split("\n"), first)


def _bare(text: str) -> str:
    """The text without the braces that keep its capitals, and with its accents; formulas as they are."""
    return _PROTECTIVE.sub(lambda match: match[1] or _SIGNS.get(match[2], ""), _ACCENT.sub(_accented, text))


def _accented(match: re.Match[str]) -> str:
    if match[4]:
        return LETTERS[match[4]]
    return unicodedata.normalize("NFC", match[3] + ACCENTS[match[1] or match[2]])


def _name(name: str) -> str:
    """`Hopper, Grace` and `Davis, Jr., Sammy` in the order in which they are said; `{Boats, Inc.}` as is."""
    if whole := _BRACED.fullmatch(name):
        return _bare(whole[1])
    parts = [part.strip() for part in _bare(name).split(",")]
    return " ".join([parts[-1], *parts[:-1]]).strip()


def _arxiv(value: dict[str, str], url: str) -> str:
    """The text in which an arXiv id may stand, which only a field that speaks of arXiv does."""
    kind = value.get("archiveprefix", "") or value.get("eprinttype", "") or "arxiv"
    texts = [value.get("eprint", "")] if kind.casefold() == "arxiv" else []
    told = [value.get(key, "") for key in ("journal", "volume", "note", "howpublished", "number", "doi")]
    return " ".join([*texts, *filter(_NAMES_ARXIV.search, [*told, url])])


def _published(value: dict[str, str]) -> str:
    """The day, which few entries have; of a month or a year alone no day is made."""
    parts = [value.get(key, "") for key in ("day", "month", "year")]
    return " ".join(parts) if all(parts) else ""
