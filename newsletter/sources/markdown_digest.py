"""Markdown digests: READMEs of paper lists, daily newsletters, and files that hold one paper each.

Owns what Markdown adds to a page: front matter, formulas that must not be read as emphasis, and line
numbers. markdown-it-py makes HTML of it, `listing` finds the papers there; so a table is a table in either.
A file whose front matter names one paper is that paper, its body the abstract.
"""

import html
import re
from collections.abc import Iterable, Iterator
from datetime import date as Date
from typing import Any

from newsletter.errors import DigestError
from newsletter.model import Digest, Skipped
from newsletter.sources import dates, listing, outline, paperwords, records
from newsletter.sources.document import MAX_TAGS, Document, html_tree
from newsletter.sources.outline import Line, Row
from newsletter.sources.records import LONGEST_ABSTRACT, Record

NAME = "markdown"

# Characters and lines. The longest list known has 430,000 in 600 lines.
MAX_LENGTH = 3_000_000
MAX_LINES = 30_000
# Characters and brackets of one paragraph. Open brackets cost markdown-it-py the square of their number.
LONGEST_PARAGRAPH = LONGEST_ABSTRACT + 1_000
MOST_BRACKETS = 400
# Signs between the columns of one line; formulas hold some as well.
MOST_COLUMNS = 1_000
# Lines before the first paper in which a digest gives its date.
_HEAD = 40
# Carries the line number from Markdown into HTML.
_NUMBER = "data-line"

_SYNTAX = re.compile(
    r"^ {0,3}#{1,6} \S|\]\(\s?<?https?:|^ {0,3}\|?\s?:?-{3,}:?\s?\||^[-*+] +\*\*\S"
    r"|^[-*+] +\S[^\n]{0,300}(?:\n {1,8}[^\n]{0,200})?\n? {0,8}https?://",
    re.MULTILINE,
)
_OTHER = re.compile(
    r"\s*(?:<!doctype|<html|<\?xml|<rss|<feed|@\w{3,20}\s*\{|[A-Z][\w-]{1,30}: [^\n]*\n[A-Z][\w-]{1,30}: )",
    re.IGNORECASE,
)
# The heading of a Hugging Face page, which has its own formats.
_SITE = re.compile(
    r"^#{0,3} ?(?:daily|trending) papers[ \t]*\n\s{0,4}#{0,3} ?by\b[^\0]{0,250}?\bAK\b",
    re.IGNORECASE | re.MULTILINE,
)
# Characters in which it is looked for: a long menu may stand before it.
_SITE_HEAD = 20_000
_LABELLED = re.compile(r"^\W{0,8}(?:abstract|摘要)\b", re.IGNORECASE | re.MULTILINE)
_FRONT = re.compile(r"---[ \t]*\n(.{1,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_KEY = re.compile(r"([A-Za-z][\w-]{0,40}):[ \t]*(.*)")
_URL = re.compile(r"https?://[^\s\"'<>{}|\\^`\]]{4,500}")
_FORMULA = re.compile(r"\$[^$\n|]{1,300}\$")
_HIDDEN = {ord(sign): 0xE010 + at for at, sign in enumerate("\\_*")}
_SHOWN = {hidden: sign for sign, hidden in _HIDDEN.items()}


def sniff(document: Document) -> bool:
    """Whether the text has Markdown's marks and speaks of papers, or is the front matter of one."""
    text = document.text
    if _OTHER.match(document.start) or _SITE.search(text, 0, _SITE_HEAD):
        return False
    if document.start[:1] == "{" or (document.start[:1] == "[" and document.json is not None):
        return False
    if _paper_of_front_matter(document):
        return True
    return bool(_SYNTAX.search(text)) and (paperwords.speaks_of_papers(text) or bool(_LABELLED.search(text)))


def parse(document: Document) -> Digest:
    """The papers of the list in its order.

    Raises: DigestError for a text longer than any list.
    """
    if len(document.text) > MAX_LENGTH or len(document.lines) > MAX_LINES:
        problem = f"Markdown of more than {MAX_LINES:,} lines or {MAX_LENGTH:,} characters; split it"
        raise DigestError(document.source, problem)
    if any(line.count("|") > MOST_COLUMNS for line in document.lines):
        problem = f"a table of more than {MOST_COLUMNS} columns, which no digest has; take it out"
        raise DigestError(document.source, problem)
    front = _FRONT.match(document.text)
    page = _page(document, front.end() if front else 0)
    if paper := _paper_of_front_matter(document):
        return records.digest(NAME, document, _one(paper, page))
    printed, day = next(_dates(page, front[1] if front else ""), ("", None))
    return records.digest(
        NAME, document, listing.found(page, trusts_headings=True), date=day, date_text=printed
    )


def _page(document: Document, start: int) -> list[Line | Row]:
    # Not at the top: a run that reads no Markdown does not pay for it.
    from markdown_it import MarkdownIt

    before = document.text.count("\n", 0, start) + 1
    markdown = MarkdownIt("commonmark", {"maxNesting": 30}).enable(["table", "strikethrough"])
    markdown.core.ruler.after(
        "block", "bounded", lambda state: document.notes.extend(_cut(state.tokens, before))
    )
    tokens = markdown.parse(_FORMULA.sub(_shielded, document.text[start:]))
    for token in tokens:
        if token.map and token.nesting >= 0:
            token.attrSet(_NUMBER, str(before + token.map[0]))
    page = markdown.renderer.render(tokens, markdown.options, {}).translate(_SHOWN)
    root = None if page.count("<") > MAX_TAGS else html_tree(page)
    return [] if root is None else list(outline.lines(root, _NUMBER))


def _cut(tokens: Iterable[Any], before: int) -> Iterator[Skipped]:
    """Shortens every paragraph that would take long to read, and says so."""
    for token in tokens:
        if token.type == "inline":
            end = LONGEST_PARAGRAPH
            if token.content.count("[") > MOST_BRACKETS:
                end = min(end, token.content.replace("[", "\x00", MOST_BRACKETS).index("["))
            if end < len(token.content):
                line = before + (token.map[0] if token.map else 0)
                yield Skipped(line, token.content[end:], "the rest of a paragraph that is longer than any")
                token.content = token.content[:end]


def _shielded(match: re.Match[str]) -> str:
    """A formula whose backslashes, stars and underscores Markdown does not see; a link is none."""
    return match[0] if "](" in match[0] else match[0].translate(_HIDDEN)


def _dates(page: list[Line | Row], front: str) -> Iterator[tuple[str, Date]]:
    for match in map(_KEY.fullmatch, front.split("\n")):
        if match and match[1].casefold() == "date" and (day := dates.day(match[2])):
            yield match[2], day
    for line in page[:_HEAD]:
        if isinstance(line, Row) or any(map(paperwords.is_paper, line.links)):
            return
        told = line.level or "updat" in line.text.casefold() or "date" in line.text.casefold()
        if told and len(line.text) < 120 and (day := dates.day(line.text)):
            yield line.text, day


def _paper_of_front_matter(document: Document) -> dict[str, str] | None:
    """The fields of a front matter that names one paper: a title, and its authors or its page."""
    match = _FRONT.match(document.text)
    if match is None:
        return None
    fields: dict[str, str] = {}
    key = ""
    for line in match[1].split("\n"):
        named = _KEY.match(line)
        key = named[1].casefold() if named else key
        fields[key] = f"{fields.get(key, '')} {named[2] if named else line}".strip()
    links = " ".join(_URL.findall(match[1]))
    is_paper = bool(fields.get("title")) and ("authors" in fields or paperwords.speaks_of_papers(links))
    return fields | {"links": links, "line": str(_line_of(match[1], "title"))} if is_paper else None


def _line_of(front: str, key: str) -> int:
    return 2 + next((at for at, line in enumerate(front.split("\n")) if line.startswith(f"{key}:")), 0)


def _one(paper: dict[str, str], page: list[Line | Row]) -> Iterator[Record | Skipped]:
    """The paper of a file: what its body says is the abstract, headings and labels aside."""
    texts = [line for line in page if isinstance(line, Line) and not line.level]
    abstract = " ".join(line.text for line in texts)
    if abstract.endswith('"') and abstract.count('"') % 2:
        abstract = abstract[:-1]
    links = paper["links"].split()
    papers = [link for link in links if paperwords.is_paper(link)]
    yield Record(
        int(paper["line"]),
        _unquoted(paper["title"]),
        abstract,
        url=(papers or links or [""])[0],
        arxiv=" ".join(papers),
        authors=re.split(r"\s*[,;]\s*", _unquoted(paper.get("authors", paper.get("author", "")))),
        published=_unquoted(paper.get("date", "")),
        keywords=(_unquoted(word) for word in re.split(r",\s*", paper.get("tags", "").strip("[] "))),
        links=[link for link in links if link not in papers],
    )
    yield from (
        Skipped(line.number, line.text, "a heading of the file") for line in page if line not in texts
    )


def _unquoted(value: str) -> str:
    """The text of a YAML scalar: `'It''s'` and `"It's"` are `It's`."""
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        quote, value = value[0], value[1:-1]
        value = value.replace("''", "'") if quote == "'" else value.replace('\\"', '"').replace("\\\\", "\\")
    return html.unescape(value)
