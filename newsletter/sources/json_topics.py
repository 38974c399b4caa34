"""Tables of papers by topic, as the tools of the `cv-arxiv-daily` family keep them in JSON.

Owns the two kinds of rows, `|**DATE**|**TITLE**|AUTHOR et.al.|[ID](URL)|CODE|` and
`- DATE, **TITLE**, AUTHOR et.al., Paper: [URL](URL), Code: **[URL](URL)**`. They carry no abstracts.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from newsletter import identity
from newsletter.model import Digest, Skipped
from newsletter.sources import dates, fields, jsontext, names, records
from newsletter.sources.document import Document
from newsletter.sources.records import Record

NAME = "json-topics"

# Characters. A longer row is no row.
_LONGEST_ROW = 4_000

_ROW = re.compile(r"\s*(?:\|\s*\*{0,2}|-\s+\*{0,2})\d{4}-\d\d-\d\d\b")
_ADDRESS = re.compile(r"\]\(\s*([^()\s]{4,500})\s*\)")


class _Row(NamedTuple):
    date: str
    title: str
    author: str
    paper: str
    code: str


def sniff(document: Document) -> bool:
    """Whether the text is a JSON object of topics, at least one with such rows."""
    return any(_is_row(row) for _, _, row in _sample(document.json))


def parse(document: Document) -> Digest:
    """The papers of all topics, title only; the topics of each are its keywords."""
    return records.digest(NAME, document, _found(document.json), unit="item")


def _sample(value: Any) -> Iterator[tuple[str, str, Any]]:
    for topic, rows in list(value.items())[: fields.SAMPLE] if isinstance(value, dict) else ():
        for id, row in list(rows.items())[: fields.SAMPLE] if isinstance(rows, dict) else ():
            yield topic, id, row


def _is_row(row: Any) -> bool:
    return isinstance(row, str) and bool(_ROW.match(row))


def _found(topics: dict[str, Any]) -> Iterator[Record | Skipped]:
    number = 0
    for topic, rows in topics.items():
        if not isinstance(rows, dict):
            number += 1
            yield Skipped(number, topic, _flaw(topic, rows) or "no rows of papers below this topic")
            continue
        for id, row in rows.items():
            number += 1
            if not _is_row(row) or len(row) > _LONGEST_ROW:
                yield Skipped(number, str(row)[:_LONGEST_ROW], _flaw(id, row) or "no row of a paper")
            else:
                cells = _of_table(row) if row.lstrip().startswith("|") else _of_list(row)
                yield _record(number, topic, id, cells)


def _flaw(key: str, value: Any) -> str:
    return jsontext.flaw({key: value})


def _of_table(row: str) -> _Row:
    cells = row.strip().strip("|").split("|")
    # A title may hold the bar that parts cells, so the author is found by the paper's cell behind it.
    known = (at for at, cell in enumerate(cells) if at > 2 and _names_paper(cell))
    paper = next(known, min(3, len(cells)))
    return _Row(
        cells[0].strip(" *"),
        "|".join(cells[1 : paper - 1]),
        cells[paper - 1],
        "".join(cells[paper : paper + 1]),
        "".join(cells[paper + 1 :]),
    )


def _names_paper(cell: str) -> bool:
    return bool(_ADDRESS.search(cell) or identity.arxiv_id(cell))


def _of_list(row: str) -> _Row:
    described, _, addresses = row.partition("Paper:")
    date, _, rest = described.strip().lstrip("- ").partition(",")
    title, _, author = rest.rpartition("**")
    return _Row(date.strip(" *"), title, author.strip(" ,"), *addresses.partition("Code:")[::2])


def _record(number: int, topic: str, id: str, row: _Row) -> Record:
    address = next(iter(_ADDRESS.findall(row.paper)), "")
    found = identity.arxiv_id(address) or identity.arxiv_id(id)
    return Record(
        line=number,
        title=row.title.strip(" *"),
        url="" if found else address,
        arxiv=f"{address} {id}",
        authors=names.split(row.author),
        published=row.date if found is None or _is_first_day(row.date, found.id) else "",
        keywords=[topic],
        links=_ADDRESS.findall(row.code),
    )


def _is_first_day(date: str, id: str) -> bool:
    """Whether the row's day, that of the latest version, can be the day that gave the id its month."""
    day = dates.day(date)
    digits = id.rpartition("/")[2]
    year = int(digits[:2]) + (1900 if digits > "9" else 2000)
    return day is not None and abs((day.year - year) * 12 + day.month - int(digits[2:4])) <= 1
