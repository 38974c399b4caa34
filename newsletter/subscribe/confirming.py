"""The yes from the mailbox itself: the only way by which a stranger's ask becomes a subscription."""

from datetime import datetime
from enum import StrEnum

from newsletter import caps, store
from newsletter.model import Act, Subscription, SubscriptionStatus, SuppressionReason, Way
from newsletter.store import asks, consents, subscriptions, suppressions
from newsletter.store.connection import BUSY_TIMEOUT_S


class Answer(StrEnum):
    """What a letter's link came to."""

    CONFIRMED = "confirmed"  # just now, or before: it is so
    EXPIRED = "expired"  # too old; asking again brings a new letter
    GONE = "gone"  # used, overtaken by leaving, or forgotten


def confirm(database: store.Engine, key: bytes, *, now: datetime) -> tuple[Answer, Subscription | None]:
    """What a yes by that letter came to, and the subscription where it is confirmed. Raises: StoreError."""
    with store.writing(database, durable=True, patience_s=BUSY_TIMEOUT_S) as tx:
        own = asks.subscription_key(tx, key)
        subscription = subscriptions.by_key(tx, own) if own else None
        # Read once the person is held: another click may have used the letter meanwhile.
        letter = asks.opt_in(tx, key)
        if not letter or not subscription:
            return Answer.GONE, None
        if letter.used_at:
            again = subscription.status is SubscriptionStatus.CONFIRMED
            return (Answer.CONFIRMED, subscription) if again else (Answer.GONE, None)
        if now - letter.asked_at > caps.LINK_LIFE:
            return Answer.EXPIRED, None
        if not _may_be_written_to(tx, subscription, now):
            return Answer.GONE, None
        values = subscriptions.columns(letter.choice)
        subscriptions.change(
            tx, subscription, status=SubscriptionStatus.CONFIRMED, confirmed_at=now, left_at=None, **values
        )
        asks.use(tx, subscription, now=now)
        consents.record(
            tx,
            subscriber=subscription.subscriber.id,
            list=subscription.list,
            act=Act.CONFIRMED,
            way=Way.WEB,
            wording=letter.wording,
            now=now,
        )
        return Answer.CONFIRMED, subscriptions.by_key(tx, subscription.key)


def _may_be_written_to(tx: store.Connection, subscription: Subscription, now: datetime) -> bool:
    """Whether nothing stands against it; only a complaint does.

    The yes shows that the mailbox is there, and that whoever was forgotten wants to be known again.
    """
    folded = subscription.subscriber.address.lower()
    suppression = suppressions.of(tx, folded)
    if suppression and suppression.reason is not SuppressionReason.COMPLAINT:
        suppressions.lift(tx, folded)
        whose = subscription.subscriber.id
        consents.record(tx, subscriber=whose, list="", act=Act.LIFTED, way=Way.WEB, now=now)
        return True
    return suppression is None
