"""Who an issue goes to: the readers of its list, written down as rows of the ledger before any mail goes."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, literal, select

from newsletter.model import Cadence, DeliveryStatus
from newsletter.store import connection
from newsletter.store.sendings import THEMES, wanting
from newsletter.store.tables import deliveries, pattern_choices, subscribers, subscriptions


def add_audience(
    tx: Connection,
    issue: int,
    *,
    list: str,
    cadence: Cadence,
    between: tuple[int, int],
    later: Mapping[datetime, Collection[str]],
    now: datetime,
) -> int:
    """How many readers of the list and cadence were written down for the issue, by number of subscription.

    between: after the first number, up to the second. Only those whose choice has a pattern. Of several
    addresses of one mailbox the oldest subscription counts. later: the moments before which no mail goes to
    readers of those time zones; to all others it may go now. Doing it again adds nothing.
    """
    columns = _row(tx, issue, not_before=_not_before(later, now), now=now)
    query = (
        select(*columns.values())
        .join_from(subscriptions, subscribers)
        .join(
            pattern_choices,
            (pattern_choices.c.issue_id == issue) & (pattern_choices.c.themes == THEMES),
        )
        .where(wanting(list, cadence), subscriptions.c.id > between[0], subscriptions.c.id <= between[1])
        .order_by(subscriptions.c.id)
    )
    new = connection.inserting(tx, deliveries).from_select([*columns], query)
    return tx.execute(new.on_conflict_do_nothing()).rowcount


def zones(tx: Connection, *, list: str, cadence: Cadence, between: tuple[int, int]) -> tuple[str, ...]:
    """The time zones that those readers of the list chose, as they were written; those of no choice not."""
    query = (
        select(subscriptions.c.timezone)
        .distinct()
        .where(wanting(list, cadence), subscriptions.c.id > between[0], subscriptions.c.id <= between[1])
        .where(subscriptions.c.timezone != "")
        .order_by(subscriptions.c.timezone)
    )
    return tuple(tx.scalars(query))


def last_reader(tx: Connection, *, list: str) -> int:
    """The highest number of a subscription to the list, 0 where there is none."""
    return tx.scalar(select(func.max(subscriptions.c.id)).where(subscriptions.c.list_slug == list)) or 0


def _row(
    tx: Connection, issue: int, *, not_before: ColumnElement[datetime], now: datetime
) -> dict[str, ColumnElement[Any]]:
    """A delivery of the issue as it begins, by the columns of the ledger."""
    nothing = pattern_choices.c.pattern_id.is_(None)
    return {
        "issue_id": literal(issue),
        "subscription_id": subscriptions.c.id,
        "mailbox": subscribers.c.canonical,
        "domain": _domain(tx),
        "pattern_id": pattern_choices.c.pattern_id,
        "status": case((nothing, DeliveryStatus.SKIPPED.value), else_=DeliveryStatus.PENDING.value),
        "attempts": literal(0),
        "not_before": not_before,
        "at": literal(now, deliveries.c.at.type),
        "code": literal(0),
        "enhanced": literal(""),
        "cause": case((nothing, "the issue has nothing of the chosen themes"), else_=""),
    }


def _not_before(later: Mapping[datetime, Collection[str]], now: datetime) -> ColumnElement[datetime]:
    kind = deliveries.c.not_before.type
    whens = [
        (subscriptions.c.timezone.in_(sorted(zones)), literal(moment, kind))
        for moment, zones in sorted(later.items())
    ]
    return case(*whens, else_=literal(now, kind)) if whens else literal(now, kind)


def _domain(tx: Connection) -> ColumnElement[str]:
    """What follows the @ of an address; each database has its own word for where that is."""
    where = func.strpos if tx.dialect.name == "postgresql" else func.instr
    return func.substr(subscribers.c.folded, where(subscribers.c.folded, "@") + 1)
