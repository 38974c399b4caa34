"""How far tables of people are in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from newsletter.store import connection
from newsletter.store.tables import imports


@dataclass(frozen=True, slots=True)
class Progress:
    """What is done of a table. offset, lines: bytes and lines; counts: of rows, by what became of them."""

    id: int
    offset: int
    lines: int
    counts: Mapping[str, int]
    started_at: datetime
    finished_at: datetime | None


def find(tx: Connection, fingerprint: str, *, list: str) -> Progress | None:
    """How far the table is in, held where `tx` writes; None where nobody began."""
    query = select(imports).where(imports.c.fingerprint == fingerprint, imports.c.list_slug == list)
    if tx.get_execution_options().get("writes"):
        query = query.with_for_update()
    row = tx.execute(query).one_or_none()
    if row is None:
        return None
    return Progress(row.id, row.offset, row.lines, row.counts, row.started_at, row.finished_at)


def begin(
    tx: Connection, fingerprint: str, *, list: str, source: str, now: datetime, anew: bool = False
) -> Progress:
    """How far the table is in, held; nothing is where nobody began. anew: whether it begins in any case."""
    first: dict[str, Any] = {
        "source": source,
        "offset": 0,
        "lines": 0,
        "counts": {},
        "started_at": now,
        "finished_at": None,
    }
    new = connection.inserting(tx, imports)
    row = new.values(fingerprint=fingerprint, list_slug=list, **first)
    keys = ["fingerprint", "list_slug"]
    tx.execute(
        row.on_conflict_do_update(index_elements=keys, set_=first) if anew else row.on_conflict_do_nothing()
    )
    found = find(tx, fingerprint, list=list)
    if found is None:
        raise LookupError(fingerprint)  # pragma: no cover - it was there a moment ago
    return found


def advance(
    tx: Connection, progress: Progress, *, offset: int, lines: int, counts: Mapping[str, int]
) -> None:
    """Keep that the table is done up to there."""
    values = {"offset": offset, "lines": lines, "counts": dict(counts)}
    tx.execute(update(imports).where(imports.c.id == progress.id).values(**values))


def finish(tx: Connection, progress: Progress, *, now: datetime) -> None:
    """Keep that the table is done."""
    tx.execute(update(imports).where(imports.c.id == progress.id).values(finished_at=now))
