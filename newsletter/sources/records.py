"""What a format reads of one paper, and how that becomes a Paper and a Digest.

Owns everything that all formats share: cleaning and repair, ids, addresses, dates and counts; that a paper
stands once in a digest; that nothing is left out without a report. A format only says what stands where.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date as Date
from itertools import islice
from urllib.parse import quote_plus

from newsletter import identity, residue
from newsletter.errors import DigestError
from newsletter.model import Digest, Link, Mark, Paper, Repair, Skipped
from newsletter.sources import dates, decoding, passage, weblinks
from newsletter.sources.document import Document
from newsletter.sources.passage import Passage

# Where Hugging Face has the page of each paper, and looks for one.
HUB = "https://huggingface.co/papers"

# Papers of one digest, repeated ones counted. The largest collection known, every Daily Papers page of two
# years, has 9,877.
MAX_PAPERS = 20_000
# Lines of a report. More are counted in its last line.
MAX_REPORTED = 10_000
# Characters of a skipped stretch that are shown.
SHOWN = 230
# Characters. The longest of 73,332 titles has 226; a conference's may have twice as many.
LONGEST_TITLE = 600
# Characters. arXiv takes 1,920 for an abstract, conferences up to 5,000; more is not one.
LONGEST_ABSTRACT = 20_000
# Names of one paper: the largest collaborations have 5,000.
MOST_AUTHORS = 6_000
MOST_KEYWORDS = 60
# A count of votes that no paper reaches is no count of votes.
MOST_UPVOTES = 1_000_000
# Whichever address on arXiv a source prints (PDF, a version, http), the paper gets the one of its page.
_ON_ARXIV = re.compile(r"https?://(?:www\.|export\.)?arxiv\.org/", re.IGNORECASE)
# A name or phrase of nothing but letters, in which no damage shows. Most are, and repair takes its time.
_PLAIN = re.compile(r"[^\W\d_]+(?:[ .'’-]{1,3}[^\W\d_]+)*\.?")
_OTHERS = {"et al", "et al.", "others", "and others", "…", "..."}


@dataclass(frozen=True, slots=True)
class Record:
    """One paper as it stands in a source, its strings raw.

    line: where it starts, in the unit of the digest. arxiv: any text in which its arXiv id stands, such as an
    id or an address. published: any spelling of a day. links: addresses beside those that the abstract names.
    """

    line: int
    title: str | Passage
    abstract: str | Passage = ""
    url: str = ""
    arxiv: str = ""
    doi: str = ""
    authors: Iterable[str] = ()
    published: str = ""
    upvotes: object = None
    ai_summary: str = ""
    keywords: Iterable[str] = ()
    categories: Iterable[str] = ()
    links: Iterable[str] = ()
    marks: tuple[Mark, ...] = ()


def digest(
    format: str,
    document: Document,
    found: Iterable[Record | Skipped],
    *,
    date: Date | None = None,
    date_text: str = "",
    unit: str = "line",
) -> Digest:
    """The digest of what a format found, in its order, with what was no paper or stood there before.

    Raises: DigestError for more papers than any digest has.
    """
    reading = _Reading(document, unit)
    for each in found:
        reading.add(each)
    return Digest(format, document.source, tuple(reading.papers), reading.report(), date, date_text, unit)


class _Reading:
    """The papers of a digest as they come in, each once, and everything that was left out or guessed."""

    def __init__(self, document: Document, unit: str) -> None:
        self.papers: list[Paper] = []
        self._source = document.source
        self._unit = unit
        self._skipped = list(document.notes)
        self._unlisted = 0
        self._read = 0
        self._places: dict[str, int] = {}

    def add(self, each: Record | Skipped) -> None:
        """Take in what stands next."""
        if isinstance(each, Skipped):
            return self._note(each)
        self._read += 1
        if self._read > MAX_PAPERS:
            raise too_many(self._source)
        told = _paper(each, len(self.papers) + 1, self._note)
        return self._note(told) if isinstance(told, Skipped) else self._take(told)

    def report(self) -> tuple[Skipped, ...]:
        """What was left out or guessed, by line; the last one counts what is not listed."""
        listed = sorted(self._skipped, key=lambda stretch: stretch.line)
        if self._unlisted:
            listed.append(Skipped(listed[-1].line, "", f"and {self._unlisted:,} more, not listed"))
        return tuple(listed)

    def _note(self, stretch: Skipped) -> None:
        if len(self._skipped) < MAX_REPORTED:
            self._skipped.append(replace(stretch, text=stretch.text[:SHOWN]))
        else:
            self._unlisted += 1

    def _take(self, paper: Paper) -> None:
        names = identity.keys(paper)
        places = (self._places[name] for name in names if name in self._places)
        at = next((at for at in places if identity.same(self.papers[at], paper)), None)
        if at is None:
            at = len(self.papers)
            self.papers.append(paper)
        else:
            self.papers[at] = identity.merged(self.papers[at], paper)
            why = f"the same paper as on {self._unit} {self.papers[at].line}"
            self._note(Skipped(paper.line, paper.title, why))
        for name in names:
            self._places.setdefault(name, at)


def too_many(source: str) -> DigestError:
    """The refusal of more papers than any digest has."""
    return DigestError(source, f"more than {MAX_PAPERS:,} papers; split it into smaller files")


def count(value: object) -> int | None:
    """A number of votes or the like, however it is written (`12`, `"1,204"`); None for anything else."""
    if isinstance(value, str):
        digits = value.strip().replace(",", "")
        value = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 9 else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= MOST_UPVOTES else None


def _paper(record: Record, position: int, note: Callable[[Skipped], None]) -> Paper | Skipped:
    """The paper of a record, or why it is none. What was guessed or cut is noted."""
    raw_title = _passage(record.title, record.line)
    title, title_repairs = _repaired(raw_title, "")
    if not any(map(str.isalnum, title)):
        return Skipped(record.line, raw_title.text or _line(record.ai_summary) or record.url, "no title")
    if len(title) > LONGEST_TITLE:
        return Skipped(record.line, title, "too long for a title")
    abstract, repairs = _repaired(_passage(record.abstract, record.line), title)
    marks = record.marks
    if len(abstract) > LONGEST_ABSTRACT:
        note(Skipped(record.line, title, f"abstract cut after {LONGEST_ABSTRACT:,} characters"))
        abstract, marks = abstract[:LONGEST_ABSTRACT], (*marks, Mark.CUT)
    if Mark.GUESSED in marks:
        note(Skipped(record.line, title, "guessed: where the title ends"))
    address = weblinks.safe(record.url)
    if record.url and address is None:
        note(Skipped(record.line, record.url, "not an address of the web; left out"))
    doi = identity.doi(record.doi)
    found = _arxiv_id(record.arxiv, address, doi)
    return Paper(
        title=title,
        abstract=abstract,
        url=_page(address, found, doi, raw_title.text),
        position=position,
        line=record.line,
        authors=_names(record.authors, MOST_AUTHORS),
        arxiv_id=found.id if found else None,
        version=found.version if found else None,
        doi=doi,
        links=_links(record, abstract, note),
        published=dates.day(record.published),
        upvotes=count(record.upvotes),
        ai_summary=_repaired(passage.of(decoding.plain(record.ai_summary), record.line), title)[0],
        keywords=_names(record.keywords, MOST_KEYWORDS),
        categories=_names(record.categories, MOST_KEYWORDS),
        repairs=tuple(dict.fromkeys(title_repairs + repairs)),
        marks=marks,
    )


def _passage(text: str | Passage, line: int) -> Passage:
    return text if isinstance(text, Passage) else passage.of(decoding.plain(text), line)


def _repaired(text: Passage, title: str) -> tuple[str, list[Repair]]:
    if not text.text:
        return "", []
    repaired = residue.repair(text.text, title=title)
    return repaired.text.strip(), [
        Repair(text.line_at(change.offset), change.before, change.after) for change in repaired.changes
    ]


def _line(text: str) -> str:
    return " ".join(decoding.plain(text).split())


def _names(values: Iterable[str], most: int) -> tuple[str, ...]:
    """Names of people, keywords, categories: each a line, once, in order."""
    lines = (_name(_line(value[:SHOWN])).strip(" ,;") for value in islice(values, 2 * most))
    kept = dict.fromkeys(line for line in lines if line and line.casefold() not in _OTHERS)
    return tuple(kept)[:most]


def _name(line: str) -> str:
    return line if _PLAIN.fullmatch(line) else residue.repair(line).text


def _arxiv_id(said: str, address: str | None, doi: str | None) -> identity.ArxivId | None:
    of_doi = doi if doi and doi.startswith(identity.ARXIV_DOI) else ""
    return next(filter(None, map(identity.arxiv_id, (said, address or "", of_doi))), None)


def _page(address: str | None, found: identity.ArxivId | None, doi: str | None, title: str) -> str:
    """Where the paper is read: the address that the source gives, but of arXiv the page of the abstract."""
    if address and not (found and _ON_ARXIV.match(address)):
        return address
    if found:
        return f"https://arxiv.org/abs/{found.id}"
    return f"https://doi.org/{doi}" if doi else f"{HUB}?q={quote_plus(title)}"


def _links(record: Record, abstract: str, note: Callable[[Skipped], None]) -> tuple[Link, ...]:
    links = list(weblinks.find(abstract))
    for address in filter(None, record.links):
        url = weblinks.tidy(weblinks.safe(address) or "")
        if not url:
            note(Skipped(record.line, address, "not an address of the web; left out"))
        elif url.rstrip("/") not in {link.url.rstrip("/") for link in links}:
            links.append(weblinks.link(url))
    return tuple(links)
