"""Subscribers and their subscriptions.

Owns their rows, and whose turn it is: a transaction that writes and has asked for a person here is the only
one that acts on that address until it ends, so that a hundred clicks at once are one. Which change of status
is right is decided above.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select, update

from newsletter.links import KEY_BYTES
from newsletter.model import Cadence, Choice, Recipient, Subscriber, Subscription, SubscriptionStatus
from newsletter.store import connection
from newsletter.store.tables import subscribers, subscriptions

# Held by whoever acts on somebody, shared, and by whoever acts on all, alone. A number nobody else uses.
_PEOPLE_LOCK = 7_639_774_373


def hold(tx: Connection, folded: str) -> None:
    """Return once nobody else acts on that address, known or not, until `tx` ends.

    Whoever holds several takes them in the order of the alphabet. SQLite has one writer in any case.
    """
    if tx.dialect.name == "postgresql":
        everybody = func.pg_advisory_xact_lock_shared(_PEOPLE_LOCK)
        tx.execute(select(everybody, func.pg_advisory_xact_lock(func.hashtextextended(folded, 0))))


def hold_all(tx: Connection) -> None:
    """Return once nobody else acts on anybody until `tx` ends."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(_PEOPLE_LOCK)))


def subscriber(tx: Connection, folded: str) -> Subscriber | None:
    """The subscriber of that address, held where `tx` writes; None where nobody has it."""
    if tx.get_execution_options().get("writes"):
        hold(tx, folded)
    row = tx.execute(select(subscribers).where(subscribers.c.folded == folded)).one_or_none()
    return None if row is None else Subscriber(row.id, row.address, row.created_at)


def at_mailbox(tx: Connection, folded: str) -> tuple[str, ...]:
    """The addresses of subscribers, folded and in their order: that one, and what it is with a plus."""
    same = (subscribers.c.folded == folded) | (subscribers.c.canonical == folded)
    return tuple(sorted(tx.scalars(select(subscribers.c.folded).where(same))))


def add_subscriber(tx: Connection, recipient: Recipient, *, now: datetime) -> Subscriber:
    """The subscriber of that address, who is made where there is none."""
    found = subscriber(tx, recipient.folded)
    if found is None:
        row = {"address": recipient.address, "folded": recipient.folded, "canonical": recipient.canonical}
        new = connection.inserting(tx, subscribers)
        tx.execute(new.values(**row, created_at=now).on_conflict_do_nothing())
        found = subscriber(tx, recipient.folded)
    if found is None:
        raise LookupError(recipient.folded)  # pragma: no cover - it was there a moment ago
    return found


def forget(tx: Connection, subscriber: Subscriber) -> None:
    """Take the subscriber out with all that hangs on them: subscriptions, letters, the consent log."""
    tx.execute(delete(subscribers).where(subscribers.c.id == subscriber.id))


def by_key(tx: Connection, key: bytes) -> Subscription | None:
    """The subscription that the key stands for, held where `tx` writes; None where there is none any more."""
    here = subscriptions.c.key == key.hex()
    if tx.get_execution_options().get("writes"):
        whose = select(subscribers.c.folded).join_from(subscriptions, subscribers).where(here)
        if folded := tx.scalar(whose):
            hold(tx, folded)
    return _one(tx, with_subscriber().where(here))


def one(tx: Connection, subscriber: Subscriber, *, list: str) -> Subscription | None:
    """The subscription of the subscriber to that list; None where there is none."""
    here = subscriptions.c.subscriber_id == subscriber.id
    return _one(tx, with_subscriber().where(here, subscriptions.c.list_slug == list))


def of(tx: Connection, subscriber: Subscriber) -> tuple[Subscription, ...]:
    """The subscriptions of the subscriber, by list."""
    query = with_subscriber().where(subscribers.c.id == subscriber.id).order_by(subscriptions.c.list_slug)
    return tuple(map(from_row, tx.execute(query)))


def lists(tx: Connection) -> tuple[str, ...]:
    """The lists that anybody is or was on, whether they are configured or not."""
    return tuple(tx.scalars(select(subscriptions.c.list_slug).distinct().order_by(subscriptions.c.list_slug)))


def add(tx: Connection, subscriber: Subscriber, *, list: str, now: datetime) -> Subscription:
    """The subscription of the subscriber to that list; made, and not confirmed, where there is none."""
    row = {
        "subscriber_id": subscriber.id,
        "list_slug": list,
        "key": secrets.token_hex(KEY_BYTES),
        "status": SubscriptionStatus.UNCONFIRMED,
        **columns(Choice()),
        "created_at": now,
    }
    new = connection.inserting(tx, subscriptions)
    tx.execute(new.values(**row).on_conflict_do_nothing())
    found = one(tx, subscriber, list=list)
    if found is None:
        raise LookupError(subscriber.id)  # pragma: no cover - it was there a moment ago
    return found


def change(tx: Connection, subscription: Subscription, **values: Any) -> None:
    """Give the subscription other values in its columns."""
    tx.execute(update(subscriptions).where(subscriptions.c.id == subscription.id).values(**values))


def columns(choice: Choice) -> Mapping[str, Any]:
    """A choice as columns have it."""
    return {"themes": [*choice.themes], "cadence": choice.cadence, "timezone": choice.timezone}


def choice(row: Row[Any]) -> Choice:
    """The choice that stands in a row of a table that has one."""
    return Choice(tuple(row.themes), Cadence(row.cadence), row.timezone)


def with_subscriber() -> Select[Any]:
    """A query for subscriptions, each with its subscriber; `from_row` reads what it gives."""
    whose = (subscribers.c.address, subscribers.c.created_at.label("since"))
    return select(subscriptions, *whose).join_from(subscriptions, subscribers)


def _one(tx: Connection, query: Select[Any]) -> Subscription | None:
    row = tx.execute(query).one_or_none()
    return None if row is None else from_row(row)


def from_row(row: Row[Any]) -> Subscription:
    """The subscription in a row of `with_subscriber`."""
    return Subscription(
        id=row.id,
        subscriber=Subscriber(row.subscriber_id, row.address, row.since),
        list=row.list_slug,
        status=SubscriptionStatus(row.status),
        choice=choice(row),
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        left_at=row.left_at,
        key=bytes.fromhex(row.key),
    )
