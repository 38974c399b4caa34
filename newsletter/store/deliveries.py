"""The ledger: who is to get an issue, who has claimed it, and what came of it.

Owns the rows of `deliveries`. Which change is right is decided by whoever calls; what is guarded here is that
nobody changes a row that another worker has claimed, and that no mail ends whose reader has left.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    func,
    or_,
    select,
    text,
    update,
)

from newsletter.model import Delivery, DeliveryStatus
from newsletter.store import connection
from newsletter.store.connection import Asked
from newsletter.store.tables import deliveries, subscribers, subscriptions

_PENDING = deliveries.c.status == DeliveryStatus.PENDING
# The rows of each index that holds a part of them, in its own words.
_PARTS = ("status IN ('failed', 'unknown', 'skipped')", "status = 'pending'")
# Characters of what a server said that are kept of an attempt.
_WORDS = 300
# Rows that are changed by one statement: SQLite takes 32,766 values.
_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is this worker's to make, with what its mail needs. key: of the subscription."""

    id: int
    subscriber: int
    pattern: int
    attempts: int
    domain: str
    address: str = field(repr=False)
    folded: str = field(repr=False)
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What becomes of a row after an attempt. not_before: for one that is to be tried again."""

    id: int
    status: DeliveryStatus
    at: datetime
    not_before: datetime
    attempts: int
    code: int = 0
    enhanced: str = ""
    cause: str = ""


def claim(
    tx: Connection,
    issue: int,
    *,
    worker: int,
    until: datetime,
    most: int,
    now: datetime,
    only: str = "",
    without: Collection[str] = (),
) -> list[Claimed]:
    """Deliveries that are due and nobody else's, claimed for the worker until then, in the order they go.

    only: a domain of readers, "" for every one but `without`.
    """
    query = (
        _CLAIMED.where(deliveries.c.issue_id == issue, _PENDING, deliveries.c.not_before <= now)
        .where(or_(deliveries.c.worker_id.is_(None), deliveries.c.leased_until < now))
        .order_by(deliveries.c.not_before, deliveries.c.pattern_id, deliveries.c.id)
        .limit(most)
        .with_for_update(of=deliveries, skip_locked=True)
    )
    if only:
        query = query.where(deliveries.c.domain == only)
    elif without:
        query = query.where(deliveries.c.domain.not_in(sorted(without)))
    found = [_claimed(row) for row in tx.execute(query)]
    numbers = connection.among(tx, [one.id for one in found])
    connection.ask_all(tx, [(_CLAIM, (worker, _moment(tx, until), numbers))])
    return found


def taking(tx: Connection, numbers: Sequence[int], *, worker: int, now: datetime) -> Asked:
    """What to ask, so that rows are `sending` from now on: the rows are those that are.

    They were pending, the worker's, and their readers are confirmed still. Asked again, it says the same.
    """
    return _TAKE, (_moment(tx, now), connection.among(tx, numbers), worker)


def staying(tx: Connection, numbers: Sequence[int], *, worker: int) -> Asked:
    """What to ask about rows: those are pending, the worker's, and their readers are confirmed still."""
    return _STILL, (connection.among(tx, numbers), worker)


def recording(tx: Connection, rows: Iterable[Recorded], *, worker: int) -> list[Asked]:
    """What to say, so that it is written down what came of attempts of this worker.

    Nothing changes for a row that somebody else has claimed or settled meanwhile.
    """
    values: list[tuple[Any, ...]] = [
        (
            row.status.value,
            row.attempts,
            _moment(tx, row.not_before),
            _moment(tx, row.at),
            row.code,
            row.enhanced[:16],
            row.cause[:_WORDS],
            row.id,
        )
        for row in rows
    ]
    if values and tx.dialect.name == "postgresql":
        # Measured: two thirds of the server's time that a statement for each row takes.
        return [(_RECORD_ALL, (*map(list, zip(*values, strict=True)), worker))]
    return [(_RECORD, (*one, worker)) for one in values]


def skip(tx: Connection, numbers: Sequence[int], *, cause: str, worker: int, now: datetime) -> None:
    """Those pending rows of the worker will not go."""
    own = _PENDING & (deliveries.c.worker_id == worker)
    values = {"status": DeliveryStatus.SKIPPED, "cause": cause, "at": now}
    _change(tx, numbers, values | _UNCLAIMED, where=own)


def give_back(tx: Connection, numbers: Sequence[int], *, worker: int) -> None:
    """Let others claim those pending rows of the worker."""
    _change(tx, numbers, _UNCLAIMED, where=_PENDING & (deliveries.c.worker_id == worker))


def unclaim(tx: Connection, issue: int, *, worker: int, until: datetime) -> None:
    """Let others claim what the worker claimed until just then: a claim that it does not know of."""
    own = (deliveries.c.issue_id == issue) & _PENDING & (deliveries.c.worker_id == worker)
    tx.execute(update(deliveries).where(own, deliveries.c.leased_until == until).values(**_UNCLAIMED))


def renew(tx: Connection, issue: int, *, worker: int, until: datetime) -> None:
    """Keep what the worker has claimed until then."""
    own = (deliveries.c.issue_id == issue) & _PENDING & (deliveries.c.worker_id == worker)
    tx.execute(update(deliveries).where(own).values(leased_until=until))


def abandon(tx: Connection, gone: Collection[int], *, now: datetime) -> int:
    """How many rows nobody knows about, now that those workers are gone: their mails may have arrived."""
    theirs = deliveries.c.worker_id.in_(gone) & (deliveries.c.status == DeliveryStatus.SENDING)
    cause = "the process ended before an answer came"
    values = {"status": DeliveryStatus.UNKNOWN, "cause": cause, "at": now}
    return tx.execute(update(deliveries).where(theirs).values(**values)).rowcount


def free(tx: Connection, issue: int, gone: Collection[int]) -> None:
    """Let others claim what those workers had claimed of the issue."""
    theirs = (deliveries.c.issue_id == issue) & _PENDING & deliveries.c.worker_id.in_(gone)
    tx.execute(update(deliveries).where(theirs).values(**_UNCLAIMED))


def cancel(tx: Connection, issue: int, *, now: datetime) -> int:
    """How many pending rows of the issue will not go now."""
    values = {"status": DeliveryStatus.SKIPPED, "cause": "cancelled", "at": now}
    where = (deliveries.c.issue_id == issue) & _PENDING
    return tx.execute(update(deliveries).where(where).values(**values, **_UNCLAIMED)).rowcount


def doubt(tx: Connection, *, cause: str, now: datetime) -> int:
    """How many rows of all issues are unknown now: those that were under way, and those that were due."""
    under_way = deliveries.c.status == DeliveryStatus.SENDING
    values = {"status": DeliveryStatus.UNKNOWN, "cause": cause, "at": now, **_UNCLAIMED}
    where = or_(under_way, _PENDING & (deliveries.c.not_before <= now))
    return tx.execute(update(deliveries).where(where).values(**values)).rowcount


def settle(
    tx: Connection,
    numbers: Sequence[int],
    to: DeliveryStatus,
    *,
    of: DeliveryStatus,
    cause: str,
    now: datetime,
) -> int:
    """How many rows of that status have the other one now. One that is to go again may go at once."""
    values: dict[str, Any] = {"status": to, "cause": cause, "at": now, "not_before": now}
    return _change(tx, numbers, values | _UNCLAIMED, where=deliveries.c.status == of)


def counts(tx: Connection, issue: int) -> Mapping[DeliveryStatus, int]:
    """How many rows of the issue have each status; 0 for those that none has."""
    return tallies(tx, [issue])[issue]


def tallies(tx: Connection, issues: Sequence[int]) -> Mapping[int, Mapping[DeliveryStatus, int]]:
    """How many rows of each issue have each status; 0 for those that none has. `tx` sees one moment.

    Of a million rows nearly all were sent: the others have an index, and are taken from the whole.
    """
    found: dict[int, Counter[DeliveryStatus]] = {
        issue: Counter(dict.fromkeys(DeliveryStatus, 0)) for issue in issues
    }
    number, its, status = func.count(), deliveries.c.issue_id, deliveries.c.status
    for part in _PARTS:
        query = select(its, status, number).where(text(part), its.in_(issues)).group_by(its, status)
        for issue, one, rows in tx.execute(query):
            found[issue][DeliveryStatus(one)] = rows
    # Never more than the mails under way at once; grouped, SQLite would go through every row of the issues.
    for issue in tx.scalars(select(its).where(text("status = 'sending'"))):
        if issue in found:
            found[issue][DeliveryStatus.SENDING] += 1
    for issue, rows in tx.execute(select(its, number).where(its.in_(issues)).group_by(its)):
        found[issue][DeliveryStatus.SENT] = rows - found[issue].total()
    return found


def sent(tx: Connection, *, since: datetime) -> int:
    """How many mails servers have taken since then, of all issues."""
    query = select(func.count()).where(deliveries.c.status == DeliveryStatus.SENT, deliveries.c.at >= since)
    return tx.scalar(query) or 0


def deferred(tx: Connection, issue: int) -> int:
    """How many pending rows of the issue were tried before."""
    query = select(func.count()).where(deliveries.c.issue_id == issue, _PENDING, deliveries.c.attempts > 0)
    return tx.scalar(query) or 0


def next_due(tx: Connection, issue: int) -> datetime | None:
    """When the next pending row of the issue may go; None where none is left."""
    query = select(deliveries.c.not_before).where(deliveries.c.issue_id == issue, _PENDING)
    moment: datetime | None = tx.scalar(query.order_by(deliveries.c.not_before).limit(1))
    return moment


def is_claimed(tx: Connection, issue: int, *, now: datetime) -> bool:
    """Whether a worker is at the issue: a row that is to go is claimed, and its lease has not ended."""
    query = select(deliveries.c.id).where(
        deliveries.c.issue_id == issue,
        _PENDING,
        deliveries.c.worker_id.is_not(None),
        deliveries.c.leased_until >= now,
    )
    return tx.scalar(query.limit(1)) is not None


def is_open(tx: Connection, issue: int) -> bool:
    """Whether a row of the issue is pending or sending."""
    states = (DeliveryStatus.PENDING, DeliveryStatus.SENDING)
    query = select(deliveries.c.id).where(deliveries.c.issue_id == issue, deliveries.c.status.in_(states))
    return tx.execute(query.limit(1)).first() is not None


def listed(
    tx: Connection, issue: int, statuses: Collection[DeliveryStatus], *, most: int | None = None
) -> list[Delivery]:
    """The rows of the issue with one of those statuses, by number, each with its address."""
    columns = ("id", "status", "attempts", "at", "cause")
    query = (
        select(*(deliveries.c[name] for name in columns), subscribers.c.address)
        .join_from(deliveries, subscriptions)
        .join(subscribers)
        .where(deliveries.c.issue_id == issue, deliveries.c.status.in_(statuses))
        .order_by(deliveries.c.id)
        .limit(most)
    )
    return [
        Delivery(
            row.id,
            DeliveryStatus(row.status),
            row.address,
            row.attempts,
            row.at,
            row.cause,
        )
        for row in tx.execute(query)
    ]


def keys(tx: Connection, issue: int, status: DeliveryStatus, *, answered: bool = False) -> dict[int, bytes]:
    """The keys of the subscriptions behind the rows of that status, by the number of the row.

    answered: only of those to whose mail a server said yes.
    """
    query = (
        select(deliveries.c.id, subscriptions.c.key)
        .join_from(deliveries, subscriptions)
        .where(deliveries.c.issue_id == issue, deliveries.c.status == status)
    )
    if answered:
        query = query.where(deliveries.c.code.between(200, 299))
    return {row.id: bytes.fromhex(row.key) for row in tx.execute(query)}


def _claimed(row: Any) -> Claimed:
    number, subscriber, pattern, attempts, domain, address, folded, key = row
    return Claimed(number, subscriber, pattern, attempts, domain, address, folded, bytes.fromhex(key))


def _change(
    tx: Connection,
    numbers: Sequence[int],
    values: Mapping[str, Any],
    *,
    where: ColumnElement[bool],
) -> int:
    query = update(deliveries).where(where).values(**values)
    parts = (numbers[start : start + _AT_ONCE] for start in range(0, len(numbers), _AT_ONCE))
    return sum(tx.execute(query.where(deliveries.c.id.in_(part))).rowcount for part in parts)


_UNCLAIMED: dict[str, Any] = {"worker_id": None, "leased_until": None}
_CLAIMED: Select[Any] = (
    select(
        deliveries.c.id,
        subscriptions.c.subscriber_id,
        deliveries.c.pattern_id,
        deliveries.c.attempts,
        deliveries.c.domain,
        subscribers.c.address,
        subscribers.c.folded,
        subscriptions.c.key,
    )
    .join_from(deliveries, subscriptions)
    .join(subscribers)
)
_CLAIM = "UPDATE deliveries SET worker_id = ?, leased_until = ? WHERE id {among}"
# A row of this worker may be `unknown` by now, where another one took it for gone: its own word counts.
_MINE = """
    id {among} AND status IN ('pending', 'sending') AND worker_id = ? AND EXISTS (
        SELECT 1 FROM subscriptions AS its
        WHERE its.id = deliveries.subscription_id AND its.status = 'confirmed'
    )
"""
_TAKE = f"UPDATE deliveries SET status = 'sending', at = ? WHERE {_MINE} RETURNING id"  # noqa: S608 - no values
_STILL = f"SELECT id FROM deliveries WHERE {_MINE}"  # noqa: S608 - no values
_RECORD = """
    UPDATE deliveries
    SET status = ?, attempts = ?, not_before = ?, at = ?, code = ?, enhanced = ?, cause = ?,
        worker_id = NULL, leased_until = NULL
    WHERE id = ? AND worker_id = ? AND status IN ('pending', 'sending', 'unknown')
"""
_RECORD_ALL = """
    UPDATE deliveries
    SET status = came.status, attempts = came.attempts, not_before = came.not_before, at = came.at,
        code = came.code, enhanced = came.enhanced, cause = came.cause, worker_id = NULL, leased_until = NULL
    FROM unnest(
        ?::text[], ?::int[], ?::timestamptz[], ?::timestamptz[], ?::int[], ?::text[], ?::text[], ?::int[]
    ) AS came(status, attempts, not_before, at, code, enhanced, cause, id)
    WHERE deliveries.id = came.id AND worker_id = ? AND deliveries.status IN ('pending', 'sending', 'unknown')
"""


def _moment(tx: Connection, moment: datetime) -> object:
    """The moment as `UtcDateTime` keeps it."""
    return moment if tx.dialect.name == "postgresql" else _text(moment)


# The rows of a round have one moment, as a rule.
@lru_cache(maxsize=64)
def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
