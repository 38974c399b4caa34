"""Subscribers and their subscriptions.

Owns their rows. Which change of status is right is decided above; a subscription that is going to be changed
is held until the transaction ends, so that a hundred clicks at once are one.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from newsletter.model import Cadence, Choice, Recipient, Subscriber, Subscription, SubscriptionStatus
from newsletter.store.tables import subscribers, subscriptions


def subscriber(tx: Connection, folded: str) -> Subscriber | None:
    """The subscriber of that address, None where nobody has it."""
    row = tx.execute(select(subscribers).where(subscribers.c.folded == folded)).one_or_none()
    return None if row is None else Subscriber(row.id, row.address, row.created_at)


def add_subscriber(tx: Connection, recipient: Recipient, *, now: datetime) -> Subscriber:
    """The subscriber of that address, who is made where there is none."""
    found = subscriber(tx, recipient.folded)
    if found is None:
        row = {"address": recipient.address, "folded": recipient.folded, "canonical": recipient.canonical}
        new = (postgresql if tx.dialect.name == "postgresql" else sqlite).insert(subscribers)
        # Another one may make it at the same moment.
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
    return _one(tx, with_subscriber().where(subscriptions.c.key == key.hex()))


def one(tx: Connection, subscriber: Subscriber, *, list: str) -> Subscription | None:
    """The subscription of the subscriber to that list, held where `tx` writes; None where there is none."""
    here = subscriptions.c.subscriber_id == subscriber.id
    return _one(tx, with_subscriber().where(here, subscriptions.c.list_slug == list))


def of(tx: Connection, subscriber: Subscriber) -> tuple[Subscription, ...]:
    """The subscriptions of the subscriber, by list."""
    query = with_subscriber().where(subscribers.c.id == subscriber.id).order_by(subscriptions.c.list_slug)
    return tuple(map(from_row, tx.execute(query)))


def add(tx: Connection, subscriber: Subscriber, *, list: str, now: datetime) -> Subscription:
    """The subscription of the subscriber to that list, held; made, and not confirmed, where there is none."""
    row = {
        "subscriber_id": subscriber.id,
        "list_slug": list,
        "key": secrets.token_hex(16),
        "status": SubscriptionStatus.UNCONFIRMED,
        **columns(Choice()),
        "created_at": now,
    }
    new = (postgresql if tx.dialect.name == "postgresql" else sqlite).insert(subscriptions)
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
    if tx.get_execution_options().get("writes"):
        query = query.with_for_update(of=subscriptions)
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
