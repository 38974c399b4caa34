"""The Hugging Face papers page with each paper run together on one line, as search results are copied.

Owns the layout: votes, title, abstract, `6 authors · Apr 21`. Nothing marks where the title ends, so that is
guessed for every paper, and said of every paper.
"""

import re

from newsletter.model import Digest, Mark, Skipped
from newsletter.sources import dates, passage, records, title_end
from newsletter.sources.document import Document
from newsletter.sources.records import Record

NAME = "hf-lines"

# Characters. Two sentences and a title are longer.
SHORTEST_ENTRY = 150

_DAY = rf"(?:{'|'.join(dates.MONTHS)})[a-z]{{0,6}} \d{{1,2}}(?:, \d{{4}})?"
_ENTRY = re.compile(
    rf"(?:(?P<votes>\d[\d,]{{0,6}}|-) )?(?P<text>\S.{{{SHORTEST_ENTRY},}}?)(?: \d{{1,5}} authors?)?"
    rf" ?· (?P<day>{_DAY})(?: \d{{1,5}})?",
    re.IGNORECASE,
)
# What stands between an abstract's last sentence and the date where a page names an organisation there.
_ORGANISATION = re.compile(r"(?<=[.!?] )[^.!?]{2,80}$")


def sniff(document: Document) -> bool:
    """Whether a long line ends in a count of authors and a day."""
    return any(len(line) > SHORTEST_ENTRY and _matched(line) for line in document.lines)


def parse(document: Document) -> Digest:
    """The papers of the page in its order, each marked as guessed."""
    found = [
        _read(number, line.strip()) for number, line in enumerate(document.lines, start=1) if line.strip()
    ]
    return records.digest(NAME, document, found)


def _matched(line: str) -> re.Match[str] | None:
    # A line without the mark is seen at once, where the pattern would look at each of its characters.
    is_likely = "· " in line[-40:] and len(line) <= records.LONGEST_ABSTRACT
    return _ENTRY.fullmatch(passage.folded(line)) if is_likely else None


def _read(number: int, line: str) -> Record | Skipped:
    match = _matched(line)
    if match is None:
        return Skipped(number, line, "not a paper with its authors and date")
    words = _ORGANISATION.sub("", match["text"]).split()
    end = title_end.find(words)
    return Record(
        line=number,
        title=" ".join(words[:end]),
        abstract=" ".join(words[end:]),
        upvotes=match["votes"],
        published=match["day"],
        marks=(Mark.GUESSED,),
    )
