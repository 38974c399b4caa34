"""Papers and the names they are known by.

Keeps and finds; which records are one paper is decided above. A text is kept as it is handed in, see
`digests.storable`. Papers are told apart by their number in the database.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, text, update

from newsletter import identity
from newsletter.model import Edition, Link, LinkKind, Mark, Paper, Repair
from newsletter.store.tables import digests, issue_digests, issue_papers, paper_keys, papers, sightings

# PostgreSQL refuses an index entry of more than 2704 octets; a title may be longer than that.
_KEY_OCTETS = 500
# As long as a writer of SQLite waits.
_LOCK_TIMEOUT = "10s"
_TEXTS = ("arxiv_id", "doi", "title", "abstract", "url", "published", "upvotes", "version", "ai_summary")
_LISTS = ("authors", "keywords", "categories", "marks")


def hold(tx: Connection) -> None:
    """Return once nobody else adds or changes papers until `tx` ends; readers go on.

    Without it two machines would both miss a paper and both add it. On SQLite a writing transaction is that.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
        tx.execute(text(f"LOCK TABLE {papers.name} IN SHARE ROW EXCLUSIVE MODE"))


def names(paper: Paper) -> tuple[str, ...]:
    """Every name the paper is looked up by: those of `identity.keys`, a long one by its hash."""
    return tuple(_bounded(key) for key in identity.keys(paper))


def holders(tx: Connection, keys: Collection[str]) -> dict[str, list[int]]:
    """The papers known by each of the names, by number and in its order; names of nobody are left out."""
    query = select(paper_keys).where(paper_keys.c.key.in_(keys)).order_by(paper_keys.c.paper_id)
    found: dict[str, list[int]] = {}
    for key, paper_id in tx.execute(query):
        found.setdefault(key, []).append(paper_id)
    return found


def load(tx: Connection, ids: Collection[int]) -> dict[int, Paper]:
    """The papers of those numbers, in the order of their numbers."""
    query = select(papers).where(papers.c.id.in_(ids)).order_by(papers.c.id)
    return {row.id: _paper(row) for row in tx.execute(query)}


def of_issue(tx: Connection, edition: Edition) -> dict[int, Paper]:
    """The papers of the digests that an issue considers, by number and in its order.

    Each has the best place and the most votes that it has in those digests, and their sources.
    """
    of_it = issue_digests.c.issue_id == edition.id
    seen = select(sightings.c.paper_id, digests.c.source, sightings.c.position, sightings.c.upvotes)
    seen = seen.select_from(sightings).join(issue_digests, sightings.c.digest_id == issue_digests.c.digest_id)
    where: dict[int, list[Any]] = {}
    for sighting in tx.execute(seen.join(digests).where(of_it).order_by(sightings.c.digest_id)):
        where.setdefault(sighting.paper_id, []).append(sighting)
    wanted = select(sightings.c.paper_id).join_from(
        sightings, issue_digests, sightings.c.digest_id == issue_digests.c.digest_id
    )
    query = select(papers).where(papers.c.id.in_(wanted.where(of_it))).order_by(papers.c.id)
    return {row.id: _as_seen(_paper(row), where[row.id]) for row in tx.execute(query)}


def numbers_of(tx: Connection, edition: Edition) -> set[int]:
    """The numbers of the papers of the digests that an issue considers."""
    query = select(sightings.c.paper_id).join(
        issue_digests, sightings.c.digest_id == issue_digests.c.digest_id
    )
    return set(tx.scalars(query.where(issue_digests.c.issue_id == edition.id)))


def new_since(tx: Connection, numbers: Collection[int], moment: datetime) -> frozenset[int]:
    """Those of the papers that nobody had seen at that moment."""
    query = select(papers.c.id).where(papers.c.id.in_(numbers), papers.c.first_seen_at > moment)
    return frozenset(tx.scalars(query))


def texts_before(tx: Connection, edition: Edition) -> Iterator[str]:
    """Title and abstract of every paper that was seen before the issue, in other digests than its own.

    They come in one pass, a thousand at a time: a store may hold more than fits into memory.
    """
    own = select(issue_digests.c.digest_id).where(issue_digests.c.issue_id == edition.id)
    before = select(sightings.c.paper_id).where(
        sightings.c.digest_id.not_in(own),
        sightings.c.digest_id < select(func.max(own.subquery().c.digest_id)).scalar_subquery(),
    )
    query = select(papers.c.title, papers.c.abstract).where(papers.c.id.in_(before))
    for title, abstract in tx.execute(query.execution_options(yield_per=1000)):
        yield f"{title}\n{abstract}"


def titled(tx: Connection, words: str) -> dict[int, str]:
    """The titles in which the words stand, in any case, by the number of the paper."""
    wanted = words.casefold()
    rows = tx.execute(select(papers.c.id, papers.c.title).order_by(papers.c.id))
    return {number: title for number, title in rows if wanted in title.casefold()}


def add(tx: Connection, new: Sequence[Paper], *, now: datetime) -> list[int]:
    """The numbers of papers that were not there before, in their order."""
    if not new:
        return []
    query = insert(papers).returning(papers.c.id, sort_by_parameter_order=True)
    rows = [_row(paper) | {"first_seen_at": now, "updated_at": now} for paper in new]
    return list(tx.scalars(query, rows))


def change(tx: Connection, changed: Mapping[int, Paper], *, now: datetime) -> None:
    """Replace what is known of each paper, by its number."""
    if not changed:
        return
    query = update(papers).where(papers.c.id == bindparam("number"))
    rows = [_row(paper) | {"number": number, "updated_at": now} for number, paper in changed.items()]
    tx.execute(query, rows)


def name(tx: Connection, keys: Iterable[tuple[str, int]]) -> None:
    """Make each paper known by a name that it was not known by before."""
    if rows := [{"key": key, "paper_id": number} for key, number in keys]:
        tx.execute(insert(paper_keys), rows)


def join(tx: Connection, gone: int, *, into: int) -> None:
    """Give all that names a paper to another, which turned out to be the same, and drop it."""
    for column in (paper_keys.c.key, sightings.c.digest_id, issue_papers.c.issue_id):
        table = column.table
        there = select(column).where(table.c.paper_id == into)
        moves = update(table).where(table.c.paper_id == gone, column.not_in(there))
        tx.execute(moves.values(paper_id=into))
    # What the other one had already goes with its paper.
    tx.execute(delete(papers).where(papers.c.id == gone))


def same_row(one: Paper, other: Paper) -> bool:
    """Whether the store would keep the same of both; places and sources are kept with the sightings."""
    return _row(one) == _row(other)


def _as_seen(paper: Paper, sightings: Sequence[Any]) -> Paper:
    votes = [seen.upvotes for seen in sightings if seen.upvotes is not None]
    return replace(
        paper,
        position=min(seen.position for seen in sightings),
        upvotes=max(votes, default=None),
        seen_in=tuple(dict.fromkeys(seen.source for seen in sightings)),
    )


def _bounded(key: str) -> str:
    octets = key.encode()
    if len(octets) <= _KEY_OCTETS:
        return key
    kind, _, _ = key.partition(":")
    return f"{kind}:sha256:{hashlib.sha256(octets).hexdigest()}"


def _row(paper: Paper) -> dict[str, Any]:
    """Every column but the number and the moments."""
    row: dict[str, Any] = {column: getattr(paper, column) for column in _TEXTS}
    row |= {column: list(getattr(paper, column)) for column in _LISTS}
    row["links"] = [asdict(link) for link in paper.links]
    row["repairs"] = [asdict(repair) for repair in paper.repairs]
    return row


def _paper(row: Row[Any]) -> Paper:
    values: dict[str, Any] = {column: getattr(row, column) for column in _TEXTS}
    values |= {column: tuple(getattr(row, column)) for column in _LISTS}
    values["marks"] = tuple(Mark(mark) for mark in row.marks)
    values["links"] = tuple(Link(LinkKind(link["kind"]), link["url"]) for link in row.links)
    values["repairs"] = tuple(Repair(**repair) for repair in row.repairs)
    return Paper(**values)
