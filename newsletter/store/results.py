"""What became of issues, counted: rows of the ledger, of what came back, and of the consent log.

Reads only, and gives numbers: no address, no key. What they mean is said above.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, and_, cast, func, literal, select

from newsletter.model import Act, Cadence, DeliveryStatus, IssueStatus, Way
from newsletter.store.tables import bounces, consents, deliveries, issues, sendings, subscriptions

_THEMES = cast(subscriptions.c.themes, Text)
# Characters by which causes are told apart: servers end theirs with a number of the mail.
_BEGINNING = 60
# Mails that a reader has, or may have.
_CAME = (DeliveryStatus.SENT, DeliveryStatus.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Began:
    """An issue that went, or is going. recap: the month that it sums up, "" for an issue of its own."""

    id: int
    list: str
    number: int
    date: Date
    recap: str
    state: str
    started_at: datetime
    finished_at: datetime | None

    @property
    def for_whom(self) -> Cadence:
        """Who gets it."""
        return Cadence.MONTHLY if self.recap else Cadence.ISSUE


@dataclass(frozen=True, slots=True)
class Departure:
    """A reader who left by themselves: when, and what they had chosen."""

    list: str
    at: datetime
    themes: tuple[str, ...]
    cadence: Cadence


@dataclass(frozen=True, slots=True)
class Cause:
    """Why so many rows ended so. said: what a server said, or we."""

    status: DeliveryStatus
    code: int
    enhanced: str
    said: str
    number: int


def began(tx: Connection, *, list: str | None = None, since: datetime | None = None) -> tuple[Began, ...]:
    """The issues that began to go, in the order in which they did. list: None for every list."""
    columns = (issues.c.id, issues.c.list_slug, issues.c.number, issues.c.date, issues.c.recap)
    its = (sendings.c.state, sendings.c.started_at, sendings.c.finished_at)
    query = select(*columns, *its).join_from(sendings, issues).order_by(sendings.c.started_at, issues.c.id)
    if list is not None:
        query = query.where(issues.c.list_slug == list)
    if since is not None:
        query = query.where(sendings.c.started_at >= since)
    return tuple(
        Began(
            row.id,
            row.list_slug,
            row.number,
            row.date,
            row.recap or "",
            row.state,
            row.started_at,
            row.finished_at,
        )
        for row in tx.execute(query)
    )


def papers_by_theme(
    tx: Connection, *, list: str | None, since: Date
) -> tuple[tuple[str, int, Date, Mapping[str, int]], ...]:
    """List, number and date of each approved issue from that day on, with the papers of each theme."""
    query = select(issues.c.list_slug, issues.c.number, issues.c.date, issues.c.theme_counts)
    query = query.where(
        issues.c.approved_at.is_not(None),
        issues.c.status != IssueStatus.CANCELLED,
        issues.c.recap.is_(None),
        issues.c.date >= since,
    )
    if list is not None:
        query = query.where(issues.c.list_slug == list)
    rows = tx.execute(query.order_by(issues.c.date, issues.c.list_slug, issues.c.number))
    return tuple((row.list_slug, row.number, row.date, row.theme_counts or {}) for row in rows)


def causes(tx: Connection, issue: int) -> Sequence[Cause]:
    """Why rows of the issue failed or were skipped, the most frequent first."""
    beginning = func.substr(deliveries.c.cause, literal(1), literal(_BEGINNING)).label("said")
    columns = (deliveries.c.status, deliveries.c.code, deliveries.c.enhanced)
    inner = select(*columns, beginning).where(
        deliveries.c.issue_id == issue,
        deliveries.c.status.in_((DeliveryStatus.FAILED, DeliveryStatus.SKIPPED)),
    )
    each = inner.subquery()
    query = select(*each.c, func.count().label("number")).group_by(*each.c)
    rows = tx.execute(query.order_by(func.count().desc(), *each.c))
    return [Cause(DeliveryStatus(row.status), row.code, row.enhanced, row.said, row.number) for row in rows]


def bounced(tx: Connection, numbers: Collection[int]) -> Mapping[tuple[int, str], int]:
    """How much came back of each issue by kind, after a server had taken it.

    What a server said at once is in the ledger: it is no later than the row of its mail.
    """
    its = and_(
        subscriptions.c.subscriber_id == bounces.c.subscriber_id,
        subscriptions.c.list_slug == issues.c.list_slug,
    )
    mail = and_(
        deliveries.c.issue_id == bounces.c.issue_id, deliveries.c.subscription_id == subscriptions.c.id
    )
    query = (
        select(bounces.c.issue_id, bounces.c.kind, func.count())
        .join_from(bounces, issues, issues.c.id == bounces.c.issue_id)
        .join(subscriptions, its)
        .join(deliveries, mail)
        .where(bounces.c.issue_id.in_(numbers), deliveries.c.status.in_(_CAME))
        .where(bounces.c.at > deliveries.c.at)
        .group_by(bounces.c.issue_id, bounces.c.kind)
    )
    return {(issue, kind): number for issue, kind, number in tx.execute(query)}


def departures(
    tx: Connection, *, list: str | None, since: datetime, until: datetime | None = None
) -> Sequence[Departure]:
    """The readers who left by themselves from one moment to another, without those who complained."""
    log = consents.c
    its = and_(subscriptions.c.subscriber_id == log.subscriber_id, subscriptions.c.list_slug == log.list_slug)
    query = select(log.list_slug, log.at, _THEMES.label("themes"), subscriptions.c.cadence)
    query = query.join_from(consents, subscriptions, its)
    query = query.where(log.act == Act.LEFT, log.way != Way.REPORT, log.at >= since)
    if list is not None:
        query = query.where(log.list_slug == list)
    if until is not None:
        query = query.where(log.at < until)
    return [
        Departure(row.list_slug, row.at, tuple(json.loads(row.themes)), Cadence(row.cadence))
        for row in tx.execute(query)
    ]


def lines(
    tx: Connection, list: str, acts: Collection[Act], *, since: datetime | None, until: datetime
) -> int:
    """How many lines of the consent log say one of these, after one moment, or ever, up to another."""
    query = select(func.count()).where(
        consents.c.list_slug == list, consents.c.act.in_(acts), consents.c.at <= until
    )
    return tx.scalar(query if since is None else query.where(consents.c.at > since)) or 0


def readers_by_choice(tx: Connection, issue: int) -> Mapping[tuple[str, ...], int]:
    """How many have the issue, or may have it, by the themes that they choose."""
    query = (
        select(_THEMES.label("themes"), func.count().label("number"))
        .join_from(deliveries, subscriptions)
        .where(deliveries.c.issue_id == issue, deliveries.c.status.in_(_CAME))
        .group_by(_THEMES)
    )
    return {tuple(json.loads(row.themes)): row.number for row in tx.execute(query)}


def at_first_try(tx: Connection, issue: int, *, until: datetime | None) -> tuple[int, datetime | None]:
    """How many mails a server took at the first try, and when the last of them went.

    until: the end of its sending, after which operators settle what is not known; None before it.
    """
    query = select(func.count(), func.max(deliveries.c.at)).where(
        deliveries.c.issue_id == issue,
        deliveries.c.status == DeliveryStatus.SENT,
        deliveries.c.attempts == 1,
    )
    row: Any = tx.execute(query if until is None else query.where(deliveries.c.at <= until)).one()
    return row[0], row[1]


def title(tx: Connection, issue: int) -> str:
    """What the list was called in the issue; "" where that is not kept."""
    content = tx.scalar(select(issues.c.content).where(issues.c.id == issue)) or {}
    return str(content.get("list", {}).get("title", ""))
