"""What those who run lists are to be told by mail, until it is.

Owns the rows of `notices`. A key is told once: writing a second notice of it does nothing.
"""

from datetime import datetime

from sqlalchemy import Connection, select, update

from newsletter.model import Notice, NoticeKind
from newsletter.store import connection
from newsletter.store.tables import notices


def add(tx: Connection, notice: Notice, *, now: datetime) -> bool:
    """Whether the notice is new; it is to be told from now on."""
    row = {
        "key": notice.key,
        "kind": notice.kind,
        "list_slug": notice.list,
        "subject": notice.subject,
        "text": notice.text,
        "issue_id": notice.issue,
    }
    query = connection.inserting(tx, notices).values(**row, at=now, not_before=now, tries=0)
    return tx.execute(query.on_conflict_do_nothing().returning(notices.c.id)).first() is not None


def due(tx: Connection, *, now: datetime, most: int = 20) -> tuple[tuple[int, Notice, int], ...]:
    """The notices that are to be told now, the oldest first: number, notice, and how often it was tried."""
    query = select(notices).where(notices.c.told_at.is_(None), notices.c.not_before <= now)
    rows = tx.execute(query.order_by(notices.c.id).limit(most))
    return tuple(
        (
            row.id,
            Notice(row.key, NoticeKind(row.kind), row.list_slug, row.subject, row.text, row.issue_id),
            row.tries,
        )
        for row in rows
    )


def told(tx: Connection, number: int, *, now: datetime) -> None:
    """The notice has gone."""
    tx.execute(update(notices).where(notices.c.id == number).values(told_at=now))


def put_off(tx: Connection, number: int, *, until: datetime) -> None:
    """The notice could not go, and is to be tried again then."""
    row = {"not_before": until, "tries": notices.c.tries + 1}
    tx.execute(update(notices).where(notices.c.id == number).values(**row))
