"""Subscriptions that an operator enters, who brings the consent along."""

from datetime import datetime
from enum import StrEnum

from newsletter import store
from newsletter.model import Act, Choice, Recipient, SubscriptionStatus, Way
from newsletter.store import asks, consents, subscriptions, suppressions


class Joined(StrEnum):
    """What entering an address came to."""

    ADDED = "added"
    KNOWN = "known"  # it was on the list already, and nothing was changed
    LEFT = "left"  # its owner left the list, so only they can come back
    SUPPRESSED = "suppressed"  # it must not be written to


def add(
    database: store.Engine,
    recipient: Recipient,
    choice: Choice,
    *,
    list: str,
    wording: str,
    way: Way,
    now: datetime,
) -> Joined:
    """What entering the address came to. wording: what its owner agreed to, and where. Raises: StoreError."""
    with store.writing(database, durable=True) as tx:
        return enter(tx, recipient, choice, list=list, wording=wording, way=way, now=now)


def enter(
    tx: store.Connection,
    recipient: Recipient,
    choice: Choice,
    *,
    list: str,
    wording: str,
    way: Way,
    now: datetime,
) -> Joined:
    """`add`, within a transaction that does more."""
    subscriptions.hold(tx, recipient.folded)
    if suppressions.of(tx, recipient.folded):
        return Joined.SUPPRESSED
    subscriber = subscriptions.add_subscriber(tx, recipient, now=now)
    found = subscriptions.add(tx, subscriber, list=list, now=now)
    if found.status is SubscriptionStatus.CONFIRMED:
        return Joined.KNOWN
    if found.status is SubscriptionStatus.UNSUBSCRIBED:
        return Joined.LEFT
    values = subscriptions.columns(choice)
    subscriptions.change(tx, found, status=SubscriptionStatus.CONFIRMED, confirmed_at=now, **values)
    asks.use(tx, found, now=now)
    consents.record(tx, subscriber=subscriber.id, list=list, act=Act.ADDED, way=way, wording=wording, now=now)
    return Joined.ADDED
