"""Addresses that must not be written to, and people who want to be forgotten."""

from datetime import datetime

from newsletter import store
from newsletter.model import Act, Recipient, SuppressionReason, Way
from newsletter.store import asks, consents, subscriptions, suppressions, wordings


def suppress(
    database: store.Engine, recipient: Recipient, *, reason: SuppressionReason, way: Way, now: datetime
) -> bool:
    """Let nothing be written to the address any more, and whether it could be before. Raises: StoreError."""
    with store.writing(database) as tx:
        fresh = suppressions.add(tx, recipient.folded, reason=reason, now=now)
        found = subscriptions.subscriber(tx, recipient.folded)
        if fresh and found:
            consents.record(
                tx, subscriber=found.id, list="", act=Act.SUPPRESSED, way=way, wording=reason, now=now
            )
        return fresh


def lift(database: store.Engine, recipient: Recipient, *, now: datetime) -> bool:
    """Let the address be written to again, and whether it could not before. Raises: StoreError."""
    with store.writing(database) as tx:
        lifted = suppressions.lift(tx, recipient.folded)
        found = subscriptions.subscriber(tx, recipient.folded)
        if lifted and found:
            consents.record(tx, subscriber=found.id, list="", act=Act.LIFTED, way=Way.OPERATOR, now=now)
        return lifted


def erase(database: store.Engine, recipient: Recipient, *, now: datetime) -> bool:
    """Forget the person, and whether anything was known of them. Raises: StoreError.

    What stays is a salted hash of the address, so that no import brings it back. Of what they agreed to,
    sentences that others agreed to as well stay.
    """
    with store.writing(database) as tx:
        found = subscriptions.subscriber(tx, recipient.folded)
        suppressions.add(tx, recipient.folded, reason=SuppressionReason.ERASED, now=now)
        asked = asks.forget(tx, recipient.address)
        if found:
            said = wordings.of(tx, found.id)
            subscriptions.forget(tx, found)
            wordings.forget(tx, said)
        return found is not None or asked
