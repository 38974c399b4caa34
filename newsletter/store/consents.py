"""The consent log: who said what, when and how. Lines are added and read, never changed.

The one line that goes is of a letter that no server took, since nobody was asked by it.
"""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from newsletter.model import Act, Consent, Way
from newsletter.store import wordings
from newsletter.store.tables import consents
from newsletter.store.tables import wordings as wordings_table


def record(
    tx: Connection, *, subscriber: int, list: str, act: Act, way: Way, now: datetime, wording: str = ""
) -> None:
    """Add a line to the log of a subscriber. list: "" where it is about every list."""
    row = {"subscriber_id": subscriber, "list_slug": list, "act": act, "way": way, "at": now}
    number = wordings.number(tx, wording) if wording else None
    tx.execute(insert(consents).values(**row, wording_id=number))


def take_back(tx: Connection, *, subscriber: int, list: str, act: Act, at: datetime) -> None:
    """Drop the lines of what did not come about after all."""
    same = (consents.c.subscriber_id == subscriber) & (consents.c.list_slug == list)
    tx.execute(delete(consents).where(same, consents.c.act == act, consents.c.at == at))


def of(tx: Connection, subscriber: int) -> tuple[Consent, ...]:
    """The log of a subscriber, in its order."""
    query = (
        select(consents, wordings_table.c.text)
        .outerjoin(wordings_table, wordings_table.c.id == consents.c.wording_id)
        .where(consents.c.subscriber_id == subscriber)
        .order_by(consents.c.id)
    )
    return tuple(
        Consent(row.list_slug, Act(row.act), Way(row.way), row.text or "", row.at)
        for row in tx.execute(query)
    )
