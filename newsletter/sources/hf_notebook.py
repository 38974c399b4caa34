"""The Hugging Face papers page with the address of every link on a line of its own, as note books save it.

Owns the layout: text, then the address that it leads to. What leads to a paper's page is its title, and the
next such text its abstract; what leads to a login is its votes; the rest is menu, organisations and comments.
"""

import re
from collections.abc import Iterator

from newsletter.model import Digest, Skipped
from newsletter.sources import dates, passage, records
from newsletter.sources.document import Document
from newsletter.sources.records import Record

NAME = "hf-notebook"

# Characters. Before the banner there is at most the site's menu.
LONGEST_HEADER = 100_000
# Characters. Text that leads elsewhere is an abstract with a link in it if it is longer, else a menu's word.
LONGEST_BUTTON = 100

_BANNER = re.compile(r"^ *(?:Daily|Trending) Papers *$", re.MULTILINE)
_PAPER_LINE = re.compile(r"^ *https?://huggingface\.co/papers/\d{4}\.\d{4,5} *$", re.MULTILINE)
_PAPER = re.compile(r"https?://huggingface\.co/papers/(\d{4}\.\d{4,5})")
_LOGIN = re.compile(r"https?://\S{1,200}login\?next=%2Fpapers%2F(\d{4}\.\d{4,5})")
_ADDRESS = re.compile(r"https?://\S{1,2000}")
_VOTES = re.compile(r"\[-\] *(\d[\d,]*)")
_DAY = re.compile(rf"(?:{'|'.join(dates.MONTHS)})[a-z]{{0,6}} \d{{1,2}}(?:, \d{{4}})?", re.IGNORECASE)
_MARKS = re.compile(
    r"[\[\]·-]{1,3}|\d{1,5}|\d{1,5} authors?(?:\]\(\S{0,2000}\))?|\[-\] *(?:-|[\d,]+)|submitted by",
    re.IGNORECASE,
)

_Lines = list[tuple[int, str]]


def sniff(document: Document) -> bool:
    """Whether the page's banner is there and, below it, addresses of papers on lines of their own."""
    banner = _BANNER.search(document.text, 0, LONGEST_HEADER)
    if banner is None or "huggingface.co/papers/" not in document.text or "\n### " in document.text:
        return False
    return _PAPER_LINE.search(document.text, banner.end()) is not None


def parse(document: Document) -> Digest:
    """The papers of the page in its order, each with its address."""
    found: list[Record | Skipped] = []
    votes: dict[str, str] = {}
    days: dict[str, str] = {}
    texts: dict[str, tuple[_Lines, _Lines]] = {}
    current = ""
    for lines, address in _stretches(document.lines):
        paper, login = _PAPER.fullmatch(address), _LOGIN.fullmatch(address)
        words, rest = _sorted(lines)
        if day := next((line for _, line in rest if _DAY.fullmatch(line)), ""):
            days.setdefault(current, day)
        if paper and words and paper[1] not in texts:
            current = paper[1]
            title = _last_run(words)
            texts[current] = (title, [])
            rest += words[: -len(title)]
        elif paper and words and paper[1] == current and not texts[current][1]:
            texts[current][1].extend(words)
        else:
            rest += words
        if login and (count := next((match[1] for _, line in rest if (match := _VOTES.search(line))), "")):
            votes[login[1]] = count
        found += [Skipped(number, line, _why(current)) for number, line in rest]
    found += [_record(id, *text, votes.get(id), days.get(id, "")) for id, text in texts.items()]
    return records.digest(NAME, document, found, date_text=days.get("", ""))


def _stretches(lines: list[str]) -> Iterator[tuple[_Lines, str]]:
    """The lines of text up to each address that ends one; an address inside of an abstract ends none."""
    waiting: _Lines = []
    for number, raw in enumerate(lines, start=1):
        line = raw.strip()
        if not line:
            continue
        is_address = _ADDRESS.fullmatch(line) is not None
        if not is_address or (
            "huggingface.co" not in line and waiting and len(waiting[-1][1]) > LONGEST_BUTTON
        ):
            waiting.append((number, line))
        else:
            yield waiting, line
            waiting = []
    yield waiting, ""


def _sorted(lines: _Lines) -> tuple[_Lines, _Lines]:
    """The lines that may be a title or an abstract, and votes, dates and marks."""
    words: _Lines = []
    rest: _Lines = []
    for number, line in lines:
        is_mark = _MARKS.fullmatch(line) or _DAY.fullmatch(line)
        (rest if is_mark else words).append((number, line))
    return words, rest


def _last_run(lines: _Lines) -> _Lines:
    """The last lines that follow each other without a gap: a title, wrapped or not."""
    start = len(lines) - 1
    while start and lines[start - 1][0] == lines[start][0] - 1:
        start -= 1
    return lines[start:]


def _why(current: str) -> str:
    return "authors, votes or links of a paper" if current else "the page's header"


def _record(id: str, title: _Lines, abstract: _Lines, votes: str | None, day: str) -> Record:
    return Record(
        line=title[0][0],
        title=passage.numbered(title, title[0][0]),
        abstract=passage.numbered(abstract, title[0][0]),
        url=f"{records.HUB}/{id}",
        arxiv=id,
        upvotes=votes,
        published=day,
    )
