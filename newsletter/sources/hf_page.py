"""The Hugging Face papers page, copied as plain text.

Owns the layout: header lines up to a date, then a title and an abstract for each paper, each a paragraph or a
run of wrapped lines. Tells titles from abstracts by their shape, because either may be missing or in pieces.
Never counts blocks: the header grows with every redesign, and only its date line has stayed.
Every line that is no part of a paper is reported in `skipped`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from newsletter.model import Digest, Skipped
from newsletter.sources import dates, hf_notebook, passage, records
from newsletter.sources.document import Document
from newsletter.sources.passage import Passage
from newsletter.sources.records import Record

NAME = "hf-page"

# Lines between "Daily Papers" and the date: the by-line, tabs, a search box, an inbox line or two.
HEADER_LINES = 20
# Characters. The longest of 73,332 titles has 226, and none ends with a period; of as many abstracts one in a
# hundred is shorter than 353.
LONGEST_TITLE = 230
# Characters. arXiv takes 1,920 for an abstract, conferences up to 5,000; more is not one.
LONGEST_ABSTRACT = 20_000
# Characters. A longer line was never wrapped, so every line of its block is a paragraph.
LONGEST_WRAPPED_LINE = 160
# Characters. After a wrapped line this long the next one goes on with it, even if it reads like a menu.
FULL_LINE = 60
# Words. A shorter line without an abstract is taken for a line of the page rather than for a title.
SHORTEST_LONE_TITLE = 3

_DATE = re.compile(
    rf"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{{0,6}},? )?({'|'.join(dates.MONTHS)})[a-z]{{0,6}}\.? "
    r"(\d{1,2})(?:, (\d{4}))?",
    re.IGNORECASE,
)
_BANNER = "daily papers"
_HEADER = re.compile(
    r"new|get trending papers in your email inbox.{0,20}|subscribe|daily papers|(?:by ?)?ak"
    r"|(?:by ?ak )?and the research community|daily|weekly|monthly|search papers.{0,20}",
    re.IGNORECASE,
)
_MARKS = re.compile(
    r"[-·]|(?:· )?\d{1,4} (?:authors?|comments?|upvotes?)(?: ·.{0,20})?|submitted by\b.{0,60}|upvote",
    re.IGNORECASE,
)
_VOTES = re.compile(r"\d{1,4}")
_COPYRIGHT = re.compile(r"© ?hugging face.{0,80}|hugging face's logo", re.IGNORECASE)
_MENU = {
    "about", "articles", "back to top", "blog", "buckets", "careers", "collections", "community", "company",
    "datasets", "discord", "docs", "documentation", "enterprise", "enterprise support", "forum", "github",
    "hugging face", "hugging face pro", "huggingchat", "inference endpoints", "inference providers", "jobs",
    "languages", "learn", "load more", "log in", "models", "next", "organizations", "papers", "posts",
    "previous", "pricing", "privacy", "sign up", "solutions", "spaces", "storage buckets", "system theme",
    "tasks", "team & enterprise", "tos", "trending", "website",
}  # fmt: skip


@dataclass(slots=True)
class _Entry:
    """One paper in the making."""

    title: Passage
    abstract: list[Passage] = field(default_factory=list)
    length: int = 0

    def add(self, block: Passage) -> bool:
        """Whether the paragraph now belongs to the abstract, which it does not where that grew too long."""
        self.length += len(block.text)
        if self.length <= LONGEST_ABSTRACT:
            self.abstract.append(block)
        return self.length <= LONGEST_ABSTRACT


def sniff(document: Document) -> bool:
    """Whether the text has the page's banner and, soon after it, a line that is a date, and no addresses."""
    return next(_headers(document.lines), None) is not None and not hf_notebook.sniff(document)


def parse(document: Document) -> Digest:
    """The papers of the page in its order, with what was repaired in them and what was no paper.

    `date` stays None where the page leaves the year out, as it does in the current year. A paper without an
    abstract has an empty one. `url` searches the site for the title as printed: the page gives no address.
    """
    lines = document.lines
    headers = list(_headers(lines))
    content, skipped = _content(lines, headers)
    printed_date = lines[headers[0][1]].strip() if headers else ""
    return records.digest(
        NAME,
        document,
        chain(skipped, _found(_blocks(content))),
        date=dates.day(printed_date),
        date_text=printed_date,
    )


def _headers(lines: list[str]) -> Iterator[tuple[int, int]]:
    """The indexes of every banner and of the date line that ends its header."""
    for at, line in enumerate(lines):
        if line.strip().casefold() == _BANNER and (end := _date_line(lines, at + 1)) is not None:
            yield at, end


def _date_line(lines: list[str], start: int) -> int | None:
    seen = 0
    for at in range(start, len(lines)):
        words = lines[at].strip()
        seen += bool(words)
        if _DATE.fullmatch(words):
            return at
        if seen == HEADER_LINES or words.casefold() == _BANNER:
            break
    return None


def _content(lines: list[str], headers: list[tuple[int, int]]) -> tuple[list[str], list[Skipped]]:
    """The lines with everything blanked that belongs to the page and to no paper, and what that was."""
    content: list[str] = []
    skipped: list[Skipped] = []
    start = headers[0][1] if headers else 0
    inside = {at for first, last in headers for at in range(first, last + 1)}
    for at, line in enumerate(lines):
        words = line.strip()
        in_header = at < start or at in inside
        why = "the page's header" if in_header else _why_chrome(words, content[-1] if content else "")
        content.append("" if why else words)
        if words and why:
            skipped.append(Skipped(at + 1, words, why))
    return content, skipped


def _why_chrome(words: str, line_before: str) -> str:
    """Why a line is no part of a paper, or "" where it may be one."""
    if _MARKS.fullmatch(words):
        return "authors or votes of a paper"
    if FULL_LINE <= len(line_before) <= LONGEST_WRAPPED_LINE:
        return ""
    if _VOTES.fullmatch(words) or _DATE.fullmatch(words):
        return "votes or date of a paper"
    if _HEADER.fullmatch(words):
        return "the page's header"
    if words.casefold() in _MENU or _COPYRIGHT.fullmatch(words):
        return "the site's menu or footer"
    return ""


def _blocks(content: list[str]) -> Iterator[Passage]:
    """The paragraphs; in a block with a line too long to be wrapped every line is one."""
    start = 0
    for at in range(len(content) + 1):
        if at < len(content) and content[at]:
            continue
        run = content[start:at]
        if any(len(line) > LONGEST_WRAPPED_LINE for line in run):
            yield from (passage.of(line, start + offset) for offset, line in enumerate(run, start=1))
        elif run:
            yield passage.counted(run, start + 1)
        start = at + 1


def _found(blocks: Iterator[Passage]) -> Iterator[Record | Skipped]:
    """Titles with the abstracts below them, and the paragraphs that are neither."""
    entry: _Entry | None = None
    for block in blocks:
        text = block.text
        if _is_title(text):
            if entry:
                yield _told(entry)
            entry = _Entry(block)
        elif entry is None:
            yield Skipped(block.line, text, "an abstract without a title")
        elif not entry.add(block):
            yield Skipped(block.line, text, "too long for an abstract")
    if entry:
        yield _told(entry)


def _told(entry: _Entry) -> Record | Skipped:
    title = entry.title
    if not entry.abstract and len(title.text.split()) < SHORTEST_LONE_TITLE:
        return Skipped(title.line, title.text, "guessed: a line of the page")
    return Record(title.line, title, passage.joined(entry.abstract))


def _is_title(text: str) -> bool:
    return len(text) <= LONGEST_TITLE and not text.endswith(".") and "://" not in text
