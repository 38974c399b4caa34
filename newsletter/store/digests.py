"""Digests, and which papers each of them carried.

Owns what makes two readings one digest, how far each was taken, and text that both databases take.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date as Date
from datetime import datetime
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, insert, select, update

from newsletter.model import Digest, Paper
from newsletter.store.tables import digests, sightings

# What PostgreSQL's integer holds. No honest count comes near it.
_LARGEST = 2**31 - 1
# Where a paper stands in a digest, and what was repaired in it, is not what the digest says.
_PLACE = {"position", "line", "repairs", "seen_in"}
_CONTENT = {field.name: field.default for field in fields(Paper) if field.name not in _PLACE}

T = TypeVar("T")


def storable(value: T) -> T:
    """The same digest, or a part of one, in text and numbers that both databases take.

    NUL goes, since PostgreSQL has none; half a surrogate pair, which UTF-8 has not, becomes U+FFFD; a count
    beyond 2,147,483,647 becomes that. What is in order comes back as it is.
    """
    result: Any = value
    if isinstance(value, str):
        result = _storable_text(value)
    elif isinstance(value, int):
        result = max(-_LARGEST, min(value, _LARGEST))
    elif isinstance(value, tuple):
        result = tuple(storable(part) for part in value)
    elif is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
        mended = {name: storable(part) for name, part in parts.items()}
        result = value if mended == parts else replace(value, **mended)
    return cast(T, result)


def fingerprint(digest: Digest) -> str:
    """What two readings of one digest have in common: 64 hexadecimal digits over its source and its papers.

    A field that says nothing is left out, so that a program with one more field knows old digests again.
    """
    papers = [
        {name: value for name in _CONTENT if (value := getattr(paper, name)) != _CONTENT[name]}
        for paper in digest.papers
    ]
    whole = [digest.source, digest.format, digest.date, digest.date_text, papers]
    return hashlib.sha256(json.dumps(whole, default=_plain).encode()).hexdigest()


def find(tx: Connection, fingerprint: str) -> tuple[int, int] | None:
    """The number of the digest and how many of its papers were taken; None where it was never read."""
    query = select(digests.c.id, digests.c.taken).where(digests.c.fingerprint == fingerprint)
    row = tx.execute(query).one_or_none()
    return row and (row.id, row.taken)


def add(tx: Connection, digest: Digest, fingerprint: str, *, now: datetime) -> int:
    """The number of a digest that was not there before; none of its papers is."""
    query = insert(digests).values(
        fingerprint=fingerprint,
        source=digest.source,
        format=digest.format,
        date=digest.date,
        date_text=digest.date_text,
        paper_count=len(digest.papers),
        taken=0,
        read_at=now,
    )
    number: int = tx.scalars(query.returning(digests.c.id)).one()
    return number


def see(tx: Connection, digest_id: int, seen: Mapping[int, Paper]) -> None:
    """Keep that the digest carried those papers, by their numbers, each once and where it stood first."""
    query = select(sightings.c.paper_id).where(
        sightings.c.digest_id == digest_id, sightings.c.paper_id.in_(list(seen))
    )
    known = set(tx.scalars(query))
    rows = [
        {"digest_id": digest_id, "paper_id": number, "position": paper.position, "upvotes": paper.upvotes}
        for number, paper in seen.items()
        if number not in known
    ]
    if rows:
        tx.execute(insert(sightings), rows)


def advance(tx: Connection, digest_id: int, *, to: int) -> None:
    """Keep that the papers of the digest up to the given one, counted from 1, were taken."""
    tx.execute(update(digests).where(digests.c.id == digest_id).values(taken=to))


def _storable_text(text: str) -> str:
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        # Two halves that stand together are one character, as JSON writes it.
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return [getattr(value, field.name) for field in fields(value)]
    return value.isoformat() if isinstance(value, Date) else str(value)
