"""What a reader wants of a list they are on."""

from datetime import datetime

from newsletter import store
from newsletter.model import Act, Choice, Subscription, SubscriptionStatus, Way
from newsletter.store import consents, subscriptions
from newsletter.store.connection import BUSY_TIMEOUT_S


def find(database: store.Engine, key: bytes) -> Subscription | None:
    """The subscription that the key stands for; None where there is none any more. Raises: StoreError."""
    with store.reading(database) as tx:
        return subscriptions.by_key(tx, key)


def choose(
    database: store.Engine, key: bytes, choice: Choice, *, way: Way, now: datetime
) -> Subscription | None:
    """The subscription with that choice; None where it is not confirmed. Raises: StoreError."""
    with store.writing(database, durable=True, patience_s=BUSY_TIMEOUT_S) as tx:
        found = subscriptions.by_key(tx, key)
        if found is None or found.status is not SubscriptionStatus.CONFIRMED:
            return None
        if found.choice != choice:
            subscriptions.change(tx, found, **subscriptions.columns(choice))
            consents.record(
                tx, subscriber=found.subscriber.id, list=found.list, act=Act.CHOSE, way=way, now=now
            )
        return subscriptions.by_key(tx, key)
