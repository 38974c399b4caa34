"""What came back: one row for each mail and kind, and how the ledger knows whom it is about.

Owns the rows of `bounces`, and the one change that a report makes in the ledger. What follows for an
address is decided above.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, literal_column, or_, select, update

from newsletter.model import Act, Bounce, BounceKind, DeliveryStatus
from newsletter.store import connection
from newsletter.store.tables import bounces, consents, deliveries, issues, subscribers, subscriptions

# What texts have in common that are alike: many servers end theirs with a number of the mail.
_BEGINNING = func.substr(bounces.c.text, literal_column("1"), literal_column("40"))
# Acts by which somebody showed that there is a mailbox: a yes from it, or an operator who looked.
_ALIVE = (Act.CONFIRMED, Act.LIFTED)


@dataclass(frozen=True, slots=True)
class Mailed:
    """A delivery as a report finds it. at: of its last change; key: of its subscription."""

    id: int
    status: DeliveryStatus
    issue: int
    list: str
    subscriber: int
    address: str = field(repr=False)
    folded: str = field(repr=False)
    key: bytes = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Fate:
    """What is known of one mail to a subscriber. kinds: of what came back of it."""

    at: datetime
    kinds: frozenset[BounceKind]


@dataclass(frozen=True, slots=True)
class Kept:
    """Bounces that are alike. address: "" where they are of several readers. last: when the last came."""

    kind: BounceKind
    code: int
    enhanced: str
    text: str
    number: int
    last: datetime
    address: str = field(default="", repr=False)
    list: str = ""
    issue: int | None = None


def mailed(tx: Connection, delivery: int) -> Mailed | None:
    """The delivery of that number; None where its reader or its issue is forgotten."""
    query = (
        select(
            deliveries.c.id,
            deliveries.c.status,
            deliveries.c.issue_id,
            deliveries.c.at,
            subscriptions.c.list_slug,
            subscriptions.c.key,
            subscriptions.c.subscriber_id,
            subscribers.c.address,
            subscribers.c.folded,
        )
        .join_from(deliveries, subscriptions)
        .join(subscribers)
        .where(deliveries.c.id == delivery)
    )
    row = tx.execute(query).one_or_none()
    if row is None:
        return None
    return Mailed(
        id=row.id,
        status=DeliveryStatus(row.status),
        issue=row.issue_id,
        list=row.list_slug,
        subscriber=row.subscriber_id,
        address=row.address,
        folded=row.folded,
        key=bytes.fromhex(row.key),
        at=row.at,
    )


def was_taken(tx: Connection, delivery: int) -> bool:
    """Make a delivery a sent one that may have been one, and whether it was."""
    unknown = (deliveries.c.id == delivery) & (deliveries.c.status == DeliveryStatus.UNKNOWN)
    values = {"status": DeliveryStatus.SENT, "cause": "a report shows that it was taken"}
    return tx.execute(update(deliveries).where(unknown).values(**values)).rowcount > 0


def folded(tx: Connection, numbers: Iterable[int]) -> dict[int, str]:
    """The addresses of those subscribers who are not forgotten, folded, by their numbers."""
    query = select(subscribers.c.id, subscribers.c.folded).where(subscribers.c.id.in_([*numbers]))
    return {row.id: row.folded for row in tx.execute(query)}


def add(tx: Connection, bounce: Bounce, *, now: datetime) -> bool:
    """Keep the bounce, and whether it is new; one of the same token is kept already."""
    row = {
        "token": bounce.token,
        "subscriber_id": bounce.subscriber,
        "issue_id": bounce.issue,
        "kind": bounce.kind,
        "code": bounce.code,
        "enhanced": bounce.enhanced,
        "text": bounce.text,
        "at": now,
    }
    new = connection.inserting(tx, bounces).values(**row).on_conflict_do_nothing()
    return tx.execute(new.returning(bounces.c.id)).first() is not None


def alive_at(tx: Connection, subscriber: int) -> datetime | None:
    """When it was last shown that the mailbox is there; None where it never was."""
    shown = (consents.c.subscriber_id == subscriber) & consents.c.act.in_(_ALIVE)
    found: datetime | None = tx.scalar(select(func.max(consents.c.at)).where(shown))
    return found


def fates(tx: Connection, subscriber: int, *, most: int) -> list[Fate]:
    """What became of the last mails to a subscriber, on whatever list, the newest first."""
    its = and_(bounces.c.issue_id == deliveries.c.issue_id, bounces.c.subscriber_id == subscriber)
    query = (
        select(deliveries.c.id, deliveries.c.at, bounces.c.kind)
        .join_from(deliveries, subscriptions)
        .outerjoin(bounces, its)
        .where(subscriptions.c.subscriber_id == subscriber)
        .where(or_(deliveries.c.status == DeliveryStatus.SENT, bounces.c.id.is_not(None)))
        .order_by(deliveries.c.id.desc())
        .limit(most)
    )
    found: dict[int, tuple[datetime, set[BounceKind]]] = {}
    for row in tx.execute(query):
        _, kinds = found.setdefault(row.id, (row.at, set()))
        kinds.update([BounceKind(row.kind)] if row.kind else ())
    return [Fate(at, frozenset(kinds)) for at, kinds in found.values()]


def kinds(tx: Connection, *, since: datetime) -> Mapping[str, int]:
    """How many came back since then, by kind."""
    query = select(bounces.c.kind, func.count()).where(bounces.c.at >= since).group_by(bounces.c.kind)
    return {row[0]: row[1] for row in tx.execute(query)}


def alike(
    tx: Connection, *, since: datetime, kind: BounceKind | None, most: int
) -> tuple[Sequence[Kept], int]:
    """What came back since then, alike together, the most frequent first, and how many rows that are."""
    columns = (bounces.c.kind, bounces.c.code, bounces.c.enhanced)
    figures = (func.count().label("number"), func.max(bounces.c.at).label("last"))
    query = select(*columns, func.min(bounces.c.text).label("text"), *figures)
    query = query.where(*_which(since, kind)).group_by(*columns, _BEGINNING)
    total = tx.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(func.count().desc(), *columns, func.min(bounces.c.text)).limit(most)
    return [_came(row, row.number, row.last) for row in tx.execute(ordered)], total


def each(
    tx: Connection,
    *,
    since: datetime,
    kind: BounceKind | None = None,
    subscriber: int | None = None,
    most: int,
) -> tuple[Sequence[Kept], int]:
    """What came back since then, the newest first, with the readers' addresses; and how many there are.

    subscriber: whose, None for everybody's.
    """
    which = [*_which(since, kind)] + ([bounces.c.subscriber_id == subscriber] if subscriber else [])
    total = tx.scalar(select(func.count()).select_from(bounces).where(*which)) or 0
    query = (
        select(bounces, subscribers.c.address, issues.c.list_slug, issues.c.number)
        .join_from(bounces, subscribers)
        .outerjoin(issues, issues.c.id == bounces.c.issue_id)
        .where(*which)
        .order_by(bounces.c.id.desc())
        .limit(most)
    )
    found = [
        _came(row, 1, row.at, address=row.address, list=row.list_slug or "", issue=row.number)
        for row in tx.execute(query)
    ]
    return found, total


def _which(since: datetime, kind: BounceKind | None) -> Iterable[Any]:
    yield bounces.c.at >= since
    if kind:
        yield bounces.c.kind == kind


def _came(row: Row[Any], number: int, last: datetime, **values: Any) -> Kept:
    return Kept(BounceKind(row.kind), row.code, row.enhanced, row.text, number, last, **values)
