"""Leaving: from a page, from a mail client's button, by mail, or by an operator. It is done at once."""

from datetime import datetime, timedelta
from pathlib import Path

from newsletter import store
from newsletter.errors import StoreError
from newsletter.model import Act, Recipient, Subscription, SubscriptionStatus, Way
from newsletter.store import asks, consents, leaving_file, subscriptions
from newsletter.store.connection import BUSY_TIMEOUT_S
from newsletter.store.leaving_file import Leaving

# How long a reader who leaves waits for another one that writes, before the file takes it: a mail client that
# presses the button for them does not wait long, and tells nobody that it gave up.
PATIENCE_S = 2
# How much later than leaving a yes has to be to count as the last word: clocks of machines may differ, and in
# doubt the reader leaves.
_SURELY_LATER = timedelta(minutes=15)


def leave(
    database: store.Engine,
    key: bytes,
    *,
    way: Way,
    now: datetime,
    everything: bool = False,
    patience_s: float | None = None,
) -> tuple[str, ...]:
    """The lists that were left just now; none where nothing was to do. Raises: StoreError.

    everything: whether every list of the same subscriber is left. patience_s: how long it waits for another
    one that writes, None for as long as any.
    """
    with store.writing(database, durable=True, patience_s=patience_s) as tx:
        return _leave(tx, key, way=way, now=now, everything=everything)


def leave_or_queue(
    database: store.Engine, key: bytes, *, way: Way, now: datetime, queue: Path, everything: bool = False
) -> None:
    """Return once it is certain that the reader leaves: in the database, or in the file where that fails.

    everything: whether every list of the same subscriber is left.
    Raises: StoreError where neither can be written.
    """
    try:
        leave(database, key, way=way, now=now, everything=everything, patience_s=PATIENCE_S)
    except StoreError:
        leaving_file.append(queue, Leaving(key, way, now, everything))


def honour(database: store.Engine, queue: Path) -> int:
    """How many readers left who stand in the file, which is empty then. Raises: StoreError.

    Who said yes since stays, and may say it by a letter that was asked for since: another machine may have
    had the database while this one did not.
    """
    with leaving_file.taken(queue) as waiting:
        if not waiting:
            return 0
        with store.writing(database, durable=True, patience_s=BUSY_TIMEOUT_S) as tx:
            return sum(len(_honour(tx, one)) for one in waiting)


def remove(
    database: store.Engine, recipient: Recipient, *, list: str | None, now: datetime
) -> tuple[str, ...]:
    """The lists that an operator took the address off: that one, or all of its lists. Raises: StoreError."""
    with store.writing(database, durable=True) as tx:
        found = subscriptions.subscriber(tx, recipient.folded)
        chosen = [one for one in subscriptions.of(tx, found) if list in (None, one.list)] if found else []
        left = [one for one in chosen if end(tx, one, act=Act.REMOVED, way=Way.OPERATOR, now=now)]
        return tuple(one.list for one in left)


def end(
    tx: store.Connection,
    one: Subscription,
    *,
    act: Act,
    way: Way,
    now: datetime,
    asked_by: datetime | None = None,
) -> bool:
    """End a subscription, and whether it was not ended before; letters that are on their way do nothing.

    asked_by: of the letters those that were asked for up to then, None for all.
    """
    asks.use(tx, one, now=now, asked_by=asked_by)
    if one.status is SubscriptionStatus.UNSUBSCRIBED:
        return False
    subscriptions.change(tx, one, status=SubscriptionStatus.UNSUBSCRIBED, left_at=now)
    consents.record(tx, subscriber=one.subscriber.id, list=one.list, act=act, way=way, now=now)
    return True


def _leave(
    tx: store.Connection, key: bytes, *, way: Way, now: datetime, everything: bool = False
) -> tuple[str, ...]:
    chosen = _meant(tx, key, everything=everything)
    return tuple(one.list for one in chosen if end(tx, one, act=Act.LEFT, way=way, now=now))


def _honour(tx: store.Connection, left: Leaving) -> tuple[str, ...]:
    since = left.at + _SURELY_LATER
    every = _meant(tx, left.key, everything=left.everything)
    chosen = [one for one in every if not _said_yes(tx, one, since)]
    return tuple(
        one.list for one in chosen if end(tx, one, act=Act.LEFT, way=left.way, now=left.at, asked_by=since)
    )


def _said_yes(tx: store.Connection, one: Subscription, since: datetime) -> bool:
    """Whether the reader said yes after that moment; an operator who enters them says nothing for them."""
    log = consents.of(tx, one.subscriber.id)
    return any(line.act is Act.CONFIRMED and line.list == one.list and line.at > since for line in log)


def _meant(tx: store.Connection, key: bytes, *, everything: bool) -> tuple[Subscription, ...]:
    """The subscriptions that are left by that key; none where the reader is forgotten."""
    found = subscriptions.by_key(tx, key)
    if found is None:
        return ()
    return subscriptions.of(tx, found.subscriber) if everything else (found,)
