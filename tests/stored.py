"""Stores for tests: what one holds, laid out so that two can be compared, and what is put into them."""

import json
import lzma
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, select, text

from newsletter import collect, store
from newsletter.model import Digest, Ingested
from newsletter.store import connection, papers, tables
from tests.builders import NOW, digest, paper


def dump(database: Engine) -> dict[str, list[Any]]:
    """Every row of every table, moments included."""
    with store.reading(database) as tx:
        return {
            table.name: [tuple(row) for row in tx.execute(select(table).order_by(*table.primary_key))]
            for table in tables.metadata.sorted_tables
        }


def content(database: Engine) -> dict[str, list[Any]]:
    """What the store says, whatever its numbers and moments are."""
    with store.reading(database) as tx:
        ids = list(tx.scalars(select(tables.papers.c.id)))
        titles = {number: found.title for number, found in papers.load(tx, ids).items()}
        keys = tx.execute(select(tables.paper_keys)).all()
        seen = tx.execute(
            select(tables.digests.c.source, tables.sightings).join_from(tables.sightings, tables.digests)
        ).all()
        return {
            "papers": sorted(map(repr, papers.load(tx, ids).values())),
            "keys": sorted((row.key, titles[row.paper_id]) for row in keys),
            "seen": sorted(
                ((row.source, row.position, titles[row.paper_id], row.upvotes) for row in seen), key=repr
            ),
            "digests": sorted(tx.scalars(select(tables.digests.c.source))),
            "unfinished": list(
                tx.scalars(
                    select(tables.digests.c.id).where(tables.digests.c.taken < tables.digests.c.paper_count)
                )
            ),
        }


def titles(database: Engine) -> list[str]:
    with store.reading(database) as tx:
        return list(tx.scalars(select(tables.papers.c.title).order_by(tables.papers.c.id)))


def ingest(database: Engine, *digests: Digest, **values: Any) -> Ingested:
    """Take in the digests; what the last of them came to."""
    given: dict[str, Any] = {"now": NOW, "progress": lambda done: None, **values}
    return [collect.ingest(database, each, **given) for each in digests][-1]


def many(count: int, **values: object) -> Digest:
    """A digest of papers that nobody wrote."""
    papers_of_it = (
        paper(f"Paper Number {n}", f"We show thing {n}.", arxiv_id=f"2401.{n:05}", position=n, upvotes=n)
        for n in range(1, count + 1)
    )
    return digest(*papers_of_it, **values)


def corpus(path: Path) -> Digest:
    """Two years of Daily Papers as a digest; the file is JSON lines, one paper each."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        values = [json.loads(line) for line in lines]
    found = (
        paper(
            value["title"],
            value["abstract"] or "",
            url=f"https://huggingface.co/papers/{value['id']}",
            position=number,
            arxiv_id=value["id"],
            authors=tuple(value["authors"]),
            upvotes=value["upvotes"],
            published=date.fromisoformat(value["published"][:10]) if value["published"] else None,
            ai_summary=value["ai_summary"] or "",
            keywords=tuple(value["ai_keywords"] or ()),
        )
        for number, value in enumerate(values, start=1)
    )
    return digest(*found, source=path.name)


@contextmanager
def schema_of_its_own(server: str) -> Iterator[str]:
    """The address of an empty schema on a PostgreSQL server, which is dropped afterwards."""
    name = f"test_{secrets.token_hex(8)}"
    admin = connection.connect(server, create=True)
    with admin.begin() as tx:
        tx.execute(text(f"CREATE SCHEMA {name}"))
    try:
        yield f"{server}{'&' if '?' in server else '?'}options={quote(f'-csearch_path={name}')}"
    finally:
        with admin.begin() as tx:
            tx.execute(text(f"DROP SCHEMA {name} CASCADE"))
        admin.dispose()
