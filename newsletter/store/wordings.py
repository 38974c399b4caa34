"""The sentences that people agreed to, each kept once."""

from sqlalchemy import Connection, insert, select

from newsletter.store.tables import wordings


def number(tx: Connection, text: str) -> int:
    """The row of that sentence; it is made where there is none."""
    found = tx.scalar(select(wordings.c.id).where(wordings.c.text == text).order_by(wordings.c.id).limit(1))
    if found is None:
        # Two at once may both make one, which nobody notices.
        found = tx.scalar(insert(wordings).values(text=text).returning(wordings.c.id))
    return int(found or 0)
