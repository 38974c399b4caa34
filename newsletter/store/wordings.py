"""The sentences that people agreed to, each kept once."""

from collections.abc import Collection

from sqlalchemy import Connection, delete, exists, insert, select

from newsletter.store.tables import asks, consents, opt_ins, subscriptions, wordings


def number(tx: Connection, text: str) -> int:
    """The row of that sentence; it is made where there is none."""
    found = tx.scalar(select(wordings.c.id).where(wordings.c.text == text).order_by(wordings.c.id).limit(1))
    if found is None:
        # Two at once may both make one, which nobody notices.
        found = tx.scalar(insert(wordings).values(text=text).returning(wordings.c.id))
    return int(found or 0)


def of(tx: Connection, subscriber: int) -> set[int]:
    """The rows of the sentences that stand in what is kept of a subscriber."""
    log = select(consents.c.wording_id).where(consents.c.subscriber_id == subscriber)
    theirs = subscriptions.c.subscriber_id == subscriber
    letters = select(opt_ins.c.wording_id).join_from(opt_ins, subscriptions).where(theirs)
    return {number for number in tx.scalars(log.union(letters)) if number is not None}


def forget(tx: Connection, numbers: Collection[int]) -> None:
    """Drop those of the sentences that nothing has any more: an address may stand in one."""
    used = [exists().where(table.c.wording_id == wordings.c.id) for table in (consents, opt_ins, asks)]
    for number in sorted(numbers):
        tx.execute(delete(wordings).where(wordings.c.id == number, *(~one for one in used)))
