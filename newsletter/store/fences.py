"""The number that a restored backup cannot know: it rises whenever mails go.

Owns the one row of `fences`. What the number is compared with is kept elsewhere (`fence`).
"""

from sqlalchemy import Connection, func, insert, select, update

from newsletter.store.tables import fences

# Of those who find no row: any number, and no other lock has it.
_FIRST_LOCK = 7_639_774_376


def number(tx: Connection) -> int:
    """The number; 0 where it never rose."""
    return tx.scalar(select(fences.c.number)) or 0


def rise(tx: Connection, *, past: int = 0) -> int:
    """The number after it has risen by one, or to one beyond `past` where that is more.

    On PostgreSQL nobody else lets it rise before `tx` ends: it is the last thing that a transaction does.
    """
    found = _risen(tx)
    if found is None:
        if tx.dialect.name == "postgresql":
            # Two that find no row would else insert one each. A lock on the table would have them wait for
            # each other: both hold a weaker one by now.
            tx.execute(select(func.pg_advisory_xact_lock(_FIRST_LOCK)))
        found = _risen(tx) or _first(tx)
    if found <= past:
        found = past + 1
        tx.execute(update(fences).values(number=found))
    return found


def _risen(tx: Connection) -> int | None:
    query = update(fences).values(number=fences.c.number + 1).returning(fences.c.number)
    found: int | None = tx.scalar(query)
    return found


def _first(tx: Connection) -> int:
    tx.execute(insert(fences).values(number=1))
    return 1
