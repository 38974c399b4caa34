"""Stores for tests: what one holds, laid out so that two can be compared, and what is put into them."""

import json
import lzma
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, select, text

from newsletter import collect, store
from newsletter.errors import StoreError
from newsletter.model import Digest, Ingested
from newsletter.store import connection, papers, schema, tables
from tests.builders import NOW, digest, paper

# How a problem begins that a server for tests may have: it may be faster than it is safe.
FASTER = ("fsync", "full_page_writes", "synchronous_commit")


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


# What a test may change about the tables themselves, or about what is there from the first, and not put back.
_SHAPE = text(f"""
SELECT (SELECT md5(string_agg(concat_ws(' ', c.relname, a.attname, a.atttypid, a.attnotnull, a.attisdropped),
                              ',' ORDER BY c.relname, a.attnum))
        FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
        WHERE c.relnamespace = current_schema()::regnamespace),
       (SELECT string_agg(conname, ',' ORDER BY conname) FROM pg_constraint
        WHERE connamespace = current_schema()::regnamespace),
       (SELECT string_agg(tgname, ',' ORDER BY tgname) FROM pg_trigger JOIN pg_class AS c ON c.oid = tgrelid
        WHERE c.relnamespace = current_schema()::regnamespace AND NOT tgisinternal),
       (SELECT string_agg(version_num, ',') FROM {schema.VERSION_TABLE}),
       (SELECT string_agg(salt, ',') FROM salts)
""")  # noqa: S608
_COUNT_ANEW = text("""
SELECT setval(s.seqrelid, s.seqstart, false) FROM pg_sequence AS s JOIN pg_class AS c ON c.oid = s.seqrelid
WHERE c.relnamespace = current_schema()::regnamespace
""")


class Schemas:
    """Stores on a PostgreSQL server, emptied between two tests; one with other tables is not lent again.

    Measured: to make the tables anew and to drop them takes 0.2 s, to empty them 0.02 s.
    """

    def __init__(self, server: str) -> None:
        self._server = server
        self._made = ExitStack()
        self._free: list[tuple[str, Engine, object]] = []

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The address of a store that holds nothing."""
        url, engine, shape = self._free.pop() if self._free else self._another()
        yield url
        try:
            with store.writing(engine, patience_s=5) as tx:
                is_whole = tx.execute(_SHAPE).one() == shape
                if is_whole:
                    self._empty(tx)
        except StoreError:
            is_whole = False
        if is_whole:
            self._free.append((url, engine, shape))

    def drop(self) -> None:
        self._made.close()

    def _another(self) -> tuple[str, Engine, object]:
        url = self._made.enter_context(schema_of_its_own(self._server))
        engine = store.open_store(url)
        self._made.callback(engine.dispose)
        with store.reading(engine) as tx:
            return url, engine, tx.execute(_SHAPE).one()

    @staticmethod
    def _empty(tx: Connection) -> None:
        names = (one.name for one in reversed(tables.metadata.sorted_tables) if one is not tables.salts)
        tx.exec_driver_sql("; ".join(f"DELETE FROM {name}" for name in names))  # noqa: S608
        tx.execute(_COUNT_ANEW)
