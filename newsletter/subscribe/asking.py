"""Asking for a list, and the letters that answer.

An ask is kept as one row, the same for everybody, and answered afterwards: whether an address is known,
suppressed or has had its letters shows neither in the reply nor in its time. Networks take turns: one that
had fewer letters within a day gets its next one first. An ask counts as answered before its letter goes, so a
process that dies in between writes one letter too few, never one too many.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from newsletter import caps, recipients, store
from newsletter.errors import NewsletterError
from newsletter.model import Act, Choice, Recipient, SubscriptionStatus, SuppressionReason, Way
from newsletter.store import asks, consents, subscriptions, suppressions
from newsletter.store.asks import Ask
from newsletter.store.connection import BUSY_TIMEOUT_S

# Asks that are looked at in one transaction: those that no letter answers take up no letter's place.
_LOOKED_AT = 200
# Rows that are forgotten in one transaction, while nobody acts on anybody.
_TIDIED = 500


class Busy(NewsletterError):  # noqa: N818  what the one who asks is told
    """Too many asked lately, from one place or in all, and nothing is kept of this ask.

    retry_s: seconds until it may go.
    """

    def __init__(self, retry_s: int) -> None:
        self.retry_s = retry_s
        super().__init__("too many have asked for it in the last hour; try again later")


class Kind(StrEnum):
    """What a letter is for."""

    CONFIRM = "confirm"  # asking for a yes
    KNOWN = "known"  # telling a reader of the list how to change what they chose


@dataclass(frozen=True, slots=True)
class Due:
    """A letter that is to go now. key: of its opt-in, or of the subscription where there is one already."""

    ask: int
    kind: Kind
    list: str
    address: str = field(repr=False)
    choice: Choice
    key: bytes = field(repr=False)


def ask(
    database: store.Engine,
    recipient: Recipient,
    choice: Choice,
    *,
    list: str,
    origin: str,
    wording: str,
    letters_per_hour: int,
    now: datetime,
) -> None:
    """Keep what somebody asked for. origin: the address of IP that asked, "" for an unknown one.

    Raises: Busy; StoreError.
    """
    host, network = caps.origin(origin)
    with store.writing(database, patience_s=BUSY_TIMEOUT_S) as tx:
        asks.hold(tx, answering=False)
        asked = partial(asks.asked, tx, now - caps.WINDOW)
        own = asks.queue_length(tx, network=network) if network else 0
        room = caps.queue_room(letters_per_hour)
        if not caps.may_ask(asked, host, network) or not caps.has_room(
            asks.queue_length(tx), own=own, of=room
        ):
            raise Busy(int(caps.WINDOW.total_seconds()))
        digest = suppressions.digest(suppressions.salt(tx), recipient.canonical)
        asks.add(tx, Ask(list, recipient.address, digest, host, network, choice, wording, now))


def due(
    database: store.Engine, *, lists: Collection[str], letters_per_hour: int, most: int, now: datetime
) -> tuple[Due, ...]:
    """The letters that are next, at most so many; what they answer counts as answered from now on.

    lists: those that can be subscribed to. Raises: StoreError.
    """
    # Asked every second, and most of the time for nothing: readers take no turn from those who write.
    with store.reading(database) as tx:
        if not asks.queue_length(tx):
            return ()
    found: list[Due] = []
    with store.writing(database, durable=True, patience_s=BUSY_TIMEOUT_S) as tx:
        asks.hold(tx, answering=True)
        went = asks.letters(tx, now - caps.WINDOW)
        waiting = asks.waiting(tx, now - caps.PATIENCE, most=_LOOKED_AT if went < letters_per_hour else 0)
        for folded in sorted({one.address.lower() for _, _, one in waiting}):
            subscriptions.hold(tx, folded)
        # Somebody may have been forgotten before they were held, and what they asked for with them.
        still = asks.unanswered_among(tx, [number for number, _, _ in waiting])
        for number, turn, one in (each for each in waiting if each[0] in still):
            if len(found) >= most or not caps.has_room(went + len(found), own=turn, of=letters_per_hour):
                break
            letter = _letter(tx, number, one, now) if one.list in lists else None
            asks.answered(tx, number, letter=letter is not None, now=now)
            if letter:
                found.append(letter)
    return tuple(found)


def put_back(database: store.Engine, due: Due) -> None:
    """Let the ask wait again: no server took its letter, so that nobody was asked. Raises: StoreError.

    Nothing for one who has been forgotten meanwhile, or has said yes all the same.
    """
    folded = due.address.lower()
    with store.writing(database) as tx:
        subscriptions.hold(tx, folded)
        if due.kind is Kind.CONFIRM and not _take_back(tx, due):
            return
        if not suppressions.of(tx, folded):
            asks.unanswered(tx, due.ask, due.address)


def tidy(database: store.Engine, *, now: datetime) -> None:
    """Forget where asks came from, and what nobody confirmed, once it has served its purpose."""
    before = now - caps.MEMORY
    with store.writing(database, patience_s=BUSY_TIMEOUT_S) as tx:
        asks.hold(tx, answering=True)
        subscriptions.hold_all(tx)
        asks.forget_places(tx, hosts_before=now - caps.WINDOW, networks_before=now - caps.PATIENCE)
        asks.forget_old(tx, rows_before=before)
    _forget(database, asks.unconfirmed, asks.forget_unconfirmed, before)
    _forget(database, asks.strangers, asks.forget_strangers, before)


def _forget(
    database: store.Engine, find: Callable[..., Sequence[int]], forget: Callable[..., None], before: datetime
) -> None:
    """Forget what is found among all readers, which takes its time, while nobody is kept waiting for it."""
    with store.reading(database) as tx:
        found = find(tx, rows_before=before)
    for start in range(0, len(found), _TIDIED):
        with store.writing(database, patience_s=BUSY_TIMEOUT_S) as tx:
            subscriptions.hold_all(tx)
            forget(tx, found[start : start + _TIDIED], rows_before=before)


def _take_back(tx: store.Connection, due: Due) -> bool:
    """Drop the letter and its line in the log, and whether there was one that still counted."""
    letter, key = asks.opt_in(tx, due.key), asks.subscription_key(tx, due.key)
    subscription = subscriptions.by_key(tx, key) if key else None
    if not letter or not subscription or letter.used_at:
        return False
    asks.forget_opt_in(tx, letter)
    whose = subscription.subscriber.id
    consents.take_back(tx, subscriber=whose, list=due.list, act=Act.ASKED, at=letter.asked_at)
    return True


def _letter(tx: store.Connection, number: int, one: Ask, now: datetime) -> Due | None:
    """The letter that answers an ask, None where none may go."""

    def letters(window: timedelta) -> int:
        return asks.letters(tx, now - window, mailbox=one.mailbox_digest)

    recipient = recipients.recipient(one.address)
    late = now - one.at > caps.PATIENCE
    if late or not caps.may_write(letters) or _is_closed(tx, recipient):
        return None
    subscriber = subscriptions.add_subscriber(tx, recipient, now=now)
    subscription = subscriptions.add(tx, subscriber, list=one.list, now=now)
    if subscription.status is SubscriptionStatus.CONFIRMED:
        return Due(number, Kind.KNOWN, one.list, subscriber.address, subscription.choice, subscription.key)
    key = asks.add_opt_in(tx, subscription, choice=one.choice, wording=one.wording, now=now)
    consents.record(
        tx, subscriber=subscriber.id, list=one.list, act=Act.ASKED, way=Way.WEB, wording=one.wording, now=now
    )
    return Due(number, Kind.CONFIRM, one.list, subscriber.address, one.choice, key)


def _is_closed(tx: store.Connection, recipient: Recipient) -> bool:
    """Whether not even a letter may go there. Whoever was forgotten may ask as any stranger does."""
    suppression = suppressions.of(tx, recipient.folded)
    return suppression is not None and suppression.reason is not SuppressionReason.ERASED
