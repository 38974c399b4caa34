"""The Hugging Face papers page as Markdown, as crawlers and text browsers save it.

Owns the layout: a heading for each paper, whose link is the paper's page; below it the abstract, often as the
text of a link; around them votes, authors, dates and links of a few words. On the page of trending papers the
text below a heading may be a model's one-liner instead; it is told by its length and kept apart.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from newsletter.model import Digest, Skipped
from newsletter.sources import dates, passage, records
from newsletter.sources.document import Document
from newsletter.sources.records import Record

NAME = "hf-markdown"

# Characters. Of 5,711 one-liners by models 99.9 % are shorter, of 9,877 abstracts 99.9 % are longer.
LONGEST_ONE_LINER = 400
# Characters. A link whose text is longer is an abstract, a shorter one a name or a button.
LONGEST_BUTTON = 100
# Characters. A line of links and labels is shorter; in a longer one nothing but its end is looked at.
LONGEST_LABEL = 600
# Words. A line of fewer, but for links and dates, is a label or a button, unless an abstract goes on in it.
SHORTEST_SENTENCE = 4
# Characters. Before the banner there is at most the site's menu.
LONGEST_HEADER = 100_000
# Lines of a heading: titles break once, seldom twice.
LONGEST_HEADING = 4

_BANNER = re.compile(r"^#{1,3} (Daily|Trending) Papers *$", re.MULTILINE)
_BY_LINE = "and the research community"
_PAPER_HEADING = "### "
_TARGET = re.compile(r"\](?:\(([^\s()]{1,500})\)|\[(\d{1,5})\])\s*$")
_LINK = re.compile(
    r"\[[^\[\]]{0,200}(?:\[[^\[\]]{0,100}\][^\[\]]{0,200})?\](?:\(([^\s()]{1,500})\)|\[\d{1,5}\])"
)
_IMAGE = re.compile(r"!\[[^\]]{0,300}\]\([^)\s]{0,2000}\)")
_REFERENCE = re.compile(r"^\s*(?:\[(\d{1,5})\]:|(\d{1,5})\.) *(https?://\S+)\s*$")
_DAY = re.compile(
    rf"(?:Published on )?(?:{'|'.join(dates.MONTHS)})[a-z]{{0,6}} \d{{1,2}}(?:, \d{{4}})?", re.IGNORECASE
)
_VOTES = re.compile(r"(\d[\d,]{0,6})\]\((?:https?://[\w.]{1,40})?/?login\?next=%2Fpapers%2F([\w.]{4,20})\)")
_NUMBER = re.compile(r"\[?\s*(\d[\d,]{0,6})\s*")
_LABEL = re.compile(r"(?:[-*•\[]\s*){0,3}\d{1,5} authors?\b.*|(?:\[|\]\S*|[-·*]|Upvote)\s*", re.IGNORECASE)
_BREAK = re.compile(r"\\+\s*$")
_BREAK_INSIDE = re.compile(r"\\(?=  )")


@dataclass(slots=True)
class _Entry:
    """One paper in the making: the lines of its title and text with their numbers."""

    line: int
    title: list[str]
    url: str = ""
    text: list[tuple[int, str]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    published: str = ""
    votes: str = ""


def sniff(document: Document) -> bool:
    """Whether the page's banner and by-line are there, and headings of papers below them."""
    banner = _banner(document)
    if banner is None:
        return False
    by_line = document.text.find(_BY_LINE, banner.end(), banner.end() + 1000)
    return by_line > 0 and document.text.find("\n### ", by_line) > 0


def parse(document: Document) -> Digest:
    """The papers of the page in its order; a paper that a trending page shows twice stands once."""
    banner = _banner(document)
    is_trending = banner is not None and banner[1] == "Trending"
    references = dict(_references(document.lines))
    votes = {match[2]: match[1] for match in _VOTES.finditer(document.text)}
    found = (
        _record(each, references, votes, is_trending=is_trending) if isinstance(each, _Entry) else each
        for each in _entries(document.lines)
    )
    return records.digest(NAME, document, found, date_text=_printed_date(document.lines))


def _banner(document: Document) -> re.Match[str] | None:
    return _BANNER.search(document.text, 0, LONGEST_HEADER)


def _entries(lines: list[str]) -> Iterator[_Entry | Skipped]:
    """The headings of papers with what stands below each, and every other line."""
    entry: _Entry | None = None
    last_number = ""
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        if line.startswith(_PAPER_HEADING):
            if entry:
                yield entry
            entry, at = _headed(lines, at, last_number)
            last_number = ""
            continue
        at += 1
        if entry is None or line.startswith("#"):
            why = "the page's header" if entry is None else "a heading of the page"
        else:
            why = "" if _add(entry, at, line) else "authors, votes or links of a paper"
        if line and why:
            yield Skipped(at, line, why)
        number = _NUMBER.fullmatch(line)
        last_number = number[1] if number else last_number
    if entry:
        yield entry


def _headed(lines: list[str], start: int, votes: str) -> tuple[_Entry, int]:
    """The entry of the heading that starts here, and the index of the line after it."""
    title = [lines[start].strip().removeprefix(_PAPER_HEADING)]
    end = start + 1
    is_open = title[0].startswith("[") and not _TARGET.search(title[0])
    while end < min(len(lines), start + LONGEST_HEADING) and lines[end].strip():
        if not is_open and not lines[end].startswith(" "):
            break
        title.append(lines[end])
        is_open = is_open and not _TARGET.search(lines[end])
        end += 1
    target = _TARGET.search(title[-1])
    if target:
        title[-1] = title[-1][: target.start()]
        title[0] = title[0].removeprefix("[")
    title = [_BREAK_INSIDE.sub("", _BREAK.sub("", line)) for line in title]
    return _Entry(start + 1, title, (target[1] or target[2]) if target else "", votes=votes), end


def _add(entry: _Entry, number: int, raw: str) -> bool:
    """Whether a line below a heading is empty or part of the paper's text; its links are kept otherwise."""
    line = _IMAGE.sub("", _BREAK.sub("", raw)).strip()
    goes_on = bool(entry.text) and entry.text[-1][0] == number - 1
    if not line:
        return True
    if _is_text(line, goes_on=goes_on):
        opened = line.removeprefix("[") if not goes_on else line
        end = opened[-LONGEST_LABEL:]
        target = _TARGET.search(end)
        cut = len(end) - target.start() if target else 0
        entry.text.append((number, opened[: len(opened) - cut]))
        return True
    entry.links += [match[1] for match in _LINK.finditer(line) if match[1]]
    if day := _DAY.search(line):
        entry.published = entry.published or day[0]
    return False


def _is_text(line: str, *, goes_on: bool) -> bool:
    if len(line) > LONGEST_LABEL:
        return True
    if _LABEL.fullmatch(line):
        return False
    link = _LINK.fullmatch(line)
    if link:
        return len(link[0]) - len(link[1] or "") > LONGEST_BUTTON
    words = _DAY.sub("", _LINK.sub("", line)).split()
    return goes_on or len(words) >= SHORTEST_SENTENCE


def _references(lines: list[str]) -> Iterator[tuple[str, str]]:
    """The numbered list of addresses that a text browser puts at the end."""
    for line in lines:
        if match := _REFERENCE.match(line):
            yield match[1] or match[2], match[3]


def _record(entry: _Entry, references: dict[str, str], votes: dict[str, str], *, is_trending: bool) -> Record:
    url = references.get(entry.url, "" if entry.url.isdigit() else entry.url)
    text = passage.numbered(entry.text, entry.line)
    is_one_liner = is_trending and len(text.text) < LONGEST_ONE_LINER
    return Record(
        line=entry.line,
        title=passage.counted(entry.title, entry.line),
        abstract="" if is_one_liner else text,
        ai_summary=text.text if is_one_liner else "",
        url=url,
        arxiv=url or next((link for link in entry.links if "arxiv.org/" in link), ""),
        published=entry.published,
        upvotes=votes.get(url.rpartition("/")[2], entry.votes or None),
        links=[link for link in entry.links if "github.com/" in link],
    )


def _printed_date(lines: list[str]) -> str:
    """The date line of the header, as it is printed."""
    for line in map(str.strip, lines):
        if line.startswith(_PAPER_HEADING):
            break
        if _DAY.fullmatch(line):
            return line
    return ""
