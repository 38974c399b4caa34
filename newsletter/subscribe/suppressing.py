"""Addresses that must not be written to, and people who want to be forgotten."""

from datetime import datetime

from newsletter import store
from newsletter.model import Act, Recipient, SuppressionReason, Way
from newsletter.store import asks, consents, subscriptions, suppressions, wordings
from newsletter.store.connection import BUSY_TIMEOUT_S


def suppress(
    database: store.Engine, recipient: Recipient, *, reason: SuppressionReason, way: Way, now: datetime
) -> bool:
    """Let nothing be written to the address any more, and whether it could be before. Raises: StoreError."""
    with store.writing(database, durable=True) as tx:
        subscriptions.hold(tx, recipient.folded)
        return hold_off(tx, recipient.folded, reason=reason, way=way, now=now)


def hold_off(
    tx: store.Connection, folded: str, *, reason: SuppressionReason, way: Way, now: datetime
) -> bool:
    """Let nothing be written to an address that is held, and whether it could be before."""
    fresh = suppressions.add(tx, folded, reason=reason, now=now)
    found = subscriptions.subscriber(tx, folded)
    if fresh and found:
        consents.record(
            tx, subscriber=found.id, list="", act=Act.SUPPRESSED, way=way, wording=reason, now=now
        )
    return fresh


def lift(database: store.Engine, recipient: Recipient, *, now: datetime) -> bool:
    """Let the address be written to again, and whether it could not before. Raises: StoreError."""
    with store.writing(database, durable=True) as tx:
        subscriptions.hold(tx, recipient.folded)
        lifted = suppressions.lift(tx, recipient.folded)
        found = subscriptions.subscriber(tx, recipient.folded)
        if lifted and found:
            consents.record(tx, subscriber=found.id, list="", act=Act.LIFTED, way=Way.OPERATOR, now=now)
        return lifted


def erase(database: store.Engine, recipient: Recipient, *, now: datetime) -> bool:
    """Forget the person, and whether anything was known of them. Raises: StoreError.

    With an address goes what it is with a plus: that would tell it. What stays is a salted hash of each, so
    that no import brings it back, and sentences of the consent log that others agreed to as well.
    """
    with store.writing(database, durable=True, patience_s=BUSY_TIMEOUT_S) as tx:
        spellings = {recipient.folded, *subscriptions.at_mailbox(tx, recipient.folded)}
        for folded in sorted(spellings):
            subscriptions.hold(tx, folded)
        # Again, since somebody may have been added before they were held.
        spellings |= {*subscriptions.at_mailbox(tx, recipient.folded)}
        mailbox = suppressions.digest(suppressions.salt(tx), recipient.folded)
        known = asks.forget(tx, recipient.folded, mailbox=mailbox)
        for folded in sorted(spellings):
            suppressions.add(tx, folded, reason=SuppressionReason.ERASED, now=now)
            if found := subscriptions.subscriber(tx, folded):
                said = wordings.of(tx, found.id)
                subscriptions.forget(tx, found)
                wordings.forget(tx, said)
                known = True
        return known
