"""From when on the next mail is free to go, of all and to single domains: it outlives the process.

Owns the rows of `paces`. Whoever takes places holds the row until its transaction ends, so that a rate holds
over all processes together.
"""

from datetime import datetime

from sqlalchemy import Connection, select, update

from newsletter.store import connection
from newsletter.store.tables import paces


def free_at(tx: Connection, name: str, *, now: datetime) -> datetime:
    """From when on the next mail is free to go; nobody else changes it until `tx` ends."""
    row = {"name": name, "free_at": now}
    tx.execute(connection.inserting(tx, paces).values(**row).on_conflict_do_nothing())
    query = select(paces.c.free_at).where(paces.c.name == name).with_for_update()
    moment: datetime = tx.execute(query).scalar_one()
    return moment


def set_free_at(tx: Connection, name: str, moment: datetime) -> None:
    """The next mail is free to go from then on."""
    tx.execute(update(paces).where(paces.c.name == name).values(free_at=moment))
