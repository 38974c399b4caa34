"""What was asked of the web form, the letters that answer it, and how many of either there were lately.

Owns the rows of asks and opt-ins. What the numbers mean for the next one is decided above.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, delete, exists, func, insert, select, update

from newsletter.links import KEY_BYTES
from newsletter.model import Choice, Subscription
from newsletter.store import subscriptions as store_subscriptions
from newsletter.store import wordings
from newsletter.store.tables import asks, opt_ins, subscribers, subscriptions
from newsletter.store.tables import wordings as wordings_table

# Held by whoever asks, and by whoever answers: each counts what was before. Numbers that nobody else uses.
_ASKING_LOCK = 7_639_774_374
_ANSWERING_LOCK = 7_639_774_375


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody asked for. host and network: where from, as far as it is counted; "" for nowhere.

    mailbox_digest: what stands for the mailbox (`suppressions.digest` of its canonical address).
    """

    list: str
    address: str = field(repr=False)
    mailbox_digest: str
    host: str = field(repr=False)
    network: str = field(repr=False)
    choice: Choice
    wording: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OptIn:
    """A letter that asks for a yes: what the yes would be to, and whether it still counts."""

    id: int
    subscription_id: int
    choice: Choice
    wording: str
    asked_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that asked for a yes. used_at: when it was said, or overtaken by leaving."""

    list: str
    asked_at: datetime
    used_at: datetime | None


def hold(tx: Connection, *, answering: bool) -> None:
    """Return once nobody else asks, or answers, until `tx` ends. SQLite has one writer in any case."""
    if tx.dialect.name == "postgresql":
        lock = _ANSWERING_LOCK if answering else _ASKING_LOCK
        tx.execute(select(func.pg_advisory_xact_lock(lock)))


def add(tx: Connection, ask: Ask) -> int:
    """The row of a new ask."""
    row = {
        "list_slug": ask.list,
        "address": ask.address,
        "mailbox_digest": ask.mailbox_digest,
        "host": ask.host,
        "network": ask.network,
        **store_subscriptions.columns(ask.choice),
        "wording_id": wordings.number(tx, ask.wording),
        "at": ask.at,
        "letter": False,
    }
    return int(tx.scalar(insert(asks).values(**row).returning(asks.c.id)) or 0)


def waiting(tx: Connection, since: datetime, *, most: int) -> Sequence[tuple[int, int, Ask]]:
    """The asks that are next of those that nobody has answered: each with its row, its turn and what it is.

    The turn is how many letters answer asks of its network since then, once those that waited for longer have
    theirs; 0 for an ask from nowhere. The lowest is first, and among equals the oldest.
    """
    if not most:
        return ()
    had = (
        select(asks.c.network, func.count().label("letters"))
        .where(asks.c.at > since, asks.c.letter.is_(True), asks.c.network != "")
        .group_by(asks.c.network)
        .subquery()
    )
    place = func.row_number().over(partition_by=asks.c.network, order_by=asks.c.id)
    turn = case((asks.c.network == "", 0), else_=func.coalesce(had.c.letters, 0) + place - 1)
    query = (
        select(asks, wordings_table.c.text, turn.label("turn"))
        .join_from(asks, wordings_table)
        .outerjoin(had, had.c.network == asks.c.network)
        .where(asks.c.answered_at.is_(None))
        .order_by("turn", asks.c.id)
        .limit(most)
    )
    return [(row.id, row.turn, _ask(row)) for row in tx.execute(query)]


def of(tx: Connection, address: str) -> tuple[Ask, ...]:
    """What was asked for the address and nobody has answered, in its order."""
    query = select(asks, wordings_table.c.text).join_from(asks, wordings_table).order_by(asks.c.id)
    return tuple(map(_ask, tx.execute(query.where(func.lower(asks.c.address) == address.lower()))))


def unanswered_among(tx: Connection, numbers: Sequence[int]) -> set[int]:
    """Those of the asks that are there still, and that nobody has answered."""
    return {*tx.scalars(select(asks.c.id).where(asks.c.id.in_(numbers), asks.c.answered_at.is_(None)))}


def answered(tx: Connection, number: int, *, letter: bool, now: datetime) -> None:
    """Note that an ask is answered, by a letter or by none; its address is not kept."""
    values = {"answered_at": now, "letter": letter, "address": ""}
    tx.execute(update(asks).where(asks.c.id == number).values(**values))


def unanswered(tx: Connection, number: int, address: str) -> None:
    """Take back that an ask is answered: no server took its letter."""
    values = {"answered_at": None, "letter": False, "address": address}
    tx.execute(update(asks).where(asks.c.id == number).values(**values))


def asked(tx: Connection, since: datetime, *, host: str = "", network: str = "") -> int:
    """How many asks came since then, from a host, from a network, or in all."""
    return _count(tx, asks.c.at > since, *_from(host, network))


def letters(tx: Connection, since: datetime, *, mailbox: str = "") -> int:
    """How many letters went since then, to a mailbox or in all; when they were asked for does not matter."""
    narrow = [asks.c.mailbox_digest == mailbox] if mailbox else []
    return _count(tx, asks.c.answered_at > since, asks.c.letter.is_(True), *narrow)


def queue_length(tx: Connection, *, network: str = "") -> int:
    """How many asks nobody has answered, from a network or in all."""
    return _count(tx, asks.c.answered_at.is_(None), *_from("", network))


def add_opt_in(
    tx: Connection, subscription: Subscription, *, choice: Choice, wording: str, now: datetime
) -> bytes:
    """The key of a new letter's link."""
    key = secrets.token_bytes(KEY_BYTES)
    row = {"subscription_id": subscription.id, "key": key.hex(), **store_subscriptions.columns(choice)}
    tx.execute(insert(opt_ins).values(**row, wording_id=wordings.number(tx, wording), asked_at=now))
    return key


def opt_in(tx: Connection, key: bytes) -> OptIn | None:
    """The letter that the key stands for; None where there is none any more."""
    query = select(opt_ins, wordings_table.c.text).join_from(opt_ins, wordings_table)
    row = tx.execute(query.where(opt_ins.c.key == key.hex())).one_or_none()
    if row is None:
        return None
    choice = store_subscriptions.choice(row)
    return OptIn(row.id, row.subscription_id, choice, row.text, row.asked_at, row.used_at)


def subscription_key(tx: Connection, key: bytes) -> bytes | None:
    """The key of the subscription that the letter with that key is about; None where there is no letter."""
    query = select(subscriptions.c.key).join_from(opt_ins, subscriptions).where(opt_ins.c.key == key.hex())
    found: str | None = tx.scalar(query)
    return None if found is None else bytes.fromhex(found)


def letters_of(tx: Connection, subscriber: int) -> tuple[Letter, ...]:
    """The letters that asked the subscriber for a yes, in their order."""
    query = (
        select(subscriptions.c.list_slug, opt_ins.c.asked_at, opt_ins.c.used_at)
        .join_from(opt_ins, subscriptions)
        .where(subscriptions.c.subscriber_id == subscriber)
        .order_by(opt_ins.c.id)
    )
    return tuple(Letter(row.list_slug, row.asked_at, row.used_at) for row in tx.execute(query))


def use(
    tx: Connection, subscription: Subscription, *, now: datetime, asked_by: datetime | None = None
) -> None:
    """Let no letter of the subscription count any more. asked_by: of those up to then, None for all."""
    open_ones = (opt_ins.c.subscription_id == subscription.id) & opt_ins.c.used_at.is_(None)
    if asked_by is not None:
        open_ones &= opt_ins.c.asked_at <= asked_by
    tx.execute(update(opt_ins).where(open_ones).values(used_at=now))


def forget_opt_in(tx: Connection, found: OptIn) -> None:
    """Drop a letter that went nowhere."""
    tx.execute(delete(opt_ins).where(opt_ins.c.id == found.id))


def forget(tx: Connection, folded: str, *, mailbox: str) -> bool:
    """Drop what was asked for an address or a mailbox and not answered, and whether there was anything."""
    open_ones = asks.c.answered_at.is_(None)
    whose = (func.lower(asks.c.address) == folded) | (asks.c.mailbox_digest == mailbox)
    return tx.execute(delete(asks).where(open_ones, whose)).rowcount > 0


def forget_places(tx: Connection, *, hosts_before: datetime, networks_before: datetime) -> None:
    """Forget which host asked before one moment, and of which network before another."""
    tx.execute(update(asks).where(asks.c.at < hosts_before, asks.c.host != "").values(host=""))
    tx.execute(update(asks).where(asks.c.at < networks_before, asks.c.network != "").values(network=""))


def forget_old(tx: Connection, *, rows_before: datetime) -> None:
    """Forget the asks and the letters from before that moment."""
    lately = func.coalesce(asks.c.answered_at, asks.c.at)
    tx.execute(delete(asks).where(asks.c.at < rows_before, lately < rows_before))
    tx.execute(delete(opt_ins).where(opt_ins.c.asked_at < rows_before))


def unconfirmed(tx: Connection, *, rows_before: datetime) -> Sequence[int]:
    """The subscriptions from before that moment that nobody confirmed, and that no letter asks about."""
    return tx.scalars(select(subscriptions.c.id).where(_is_unconfirmed(rows_before))).all()


def forget_unconfirmed(tx: Connection, numbers: Sequence[int], *, rows_before: datetime) -> None:
    """Drop those of the subscriptions that are so still."""
    tx.execute(delete(subscriptions).where(subscriptions.c.id.in_(numbers), _is_unconfirmed(rows_before)))


def strangers(tx: Connection, *, rows_before: datetime) -> Sequence[int]:
    """The subscribers from before that moment that have no subscription."""
    return tx.scalars(select(subscribers.c.id).where(_is_stranger(rows_before))).all()


def forget_strangers(tx: Connection, numbers: Sequence[int], *, rows_before: datetime) -> None:
    """Drop those of the subscribers that are so still."""
    tx.execute(delete(subscribers).where(subscribers.c.id.in_(numbers), _is_stranger(rows_before)))


# Without NOT IN: for 300,000 readers PostgreSQL would go through all of them for each (measured: hours; this
# takes half a second).
def _is_unconfirmed(rows_before: datetime) -> ColumnElement[bool]:
    is_old = (subscriptions.c.status == "unconfirmed") & (subscriptions.c.created_at < rows_before)
    return is_old & ~exists().where(opt_ins.c.subscription_id == subscriptions.c.id)


def _is_stranger(rows_before: datetime) -> ColumnElement[bool]:
    is_on_a_list = exists().where(subscriptions.c.subscriber_id == subscribers.c.id)
    return (subscribers.c.created_at < rows_before) & ~is_on_a_list


def _ask(row: Row[Any]) -> Ask:
    return Ask(
        row.list_slug,
        row.address,
        row.mailbox_digest,
        row.host,
        row.network,
        store_subscriptions.choice(row),
        row.text,
        row.at,
    )


def _from(host: str, network: str) -> list[ColumnElement[bool]]:
    narrow = [asks.c.host == host] if host else []
    return [*narrow, asks.c.network == network] if network else narrow


def _count(tx: Connection, *which: ColumnElement[bool]) -> int:
    return tx.scalar(select(func.count()).where(*which)) or 0
