"""What a reader wants of a list they are on, and what is stored about them."""

from dataclasses import dataclass
from datetime import datetime

from newsletter import store
from newsletter.model import Act, Choice, Consent, Subscription, SubscriptionStatus, Way
from newsletter.store import consents, subscriptions


def find(database: store.Engine, key: bytes) -> Subscription | None:
    """The subscription that the key stands for; None where there is none any more. Raises: StoreError."""
    with store.reading(database) as tx:
        return subscriptions.by_key(tx, key)


@dataclass(frozen=True, slots=True)
class Stored:
    """All that is stored about one reader: their subscriptions by list, and the consent log in its order."""

    subscriptions: tuple[Subscription, ...]
    consents: tuple[Consent, ...]


def stored(database: store.Engine, key: bytes) -> Stored | None:
    """What is stored about whoever has that subscription; None where there is none. Raises: StoreError."""
    with store.reading(database) as tx:
        found = subscriptions.by_key(tx, key)
        if found is None:
            return None
        return Stored(subscriptions.of(tx, found.subscriber), consents.of(tx, found.subscriber.id))


def choose(
    database: store.Engine, key: bytes, choice: Choice, *, way: Way, now: datetime
) -> Subscription | None:
    """The subscription with that choice; None where it is not confirmed. Raises: StoreError."""
    with store.writing(database, durable=True) as tx:
        found = subscriptions.by_key(tx, key)
        if found is None or found.status is not SubscriptionStatus.CONFIRMED:
            return None
        if found.choice != choice:
            subscriptions.change(tx, found, **subscriptions.columns(choice))
            consents.record(
                tx, subscriber=found.subscriber.id, list=found.list, act=Act.CHOSE, way=way, now=now
            )
        return subscriptions.by_key(tx, key)
