"""Who is on which list: looked through, written out, and counted.

Reads only. What is written out comes in one pass, some thousand rows at a time, whatever there are.
"""

import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, cast, func, or_, select

from newsletter.model import Subscription, SubscriptionStatus
from newsletter.store import subscriptions as store_subscriptions
from newsletter.store.tables import consents, subscribers, subscriptions, suppressions

_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Which:
    """Which subscriptions are meant: all, as far as nothing is said. like: a part of the address."""

    list: str | None = None
    status: SubscriptionStatus | None = None
    theme: str | None = None
    like: str = ""


def newest(tx: Connection, which: Which, *, most: int) -> tuple[list[Subscription], int]:
    """The subscriptions that were made last, newest first, and how many there are in all."""
    query = _query(which).order_by(subscriptions.c.id.desc()).limit(most)
    number = select(func.count()).select_from(subscriptions)
    if which.like:
        number = number.join(subscribers)
    return [store_subscriptions.from_row(row) for row in tx.execute(query)], tx.scalar(
        number.where(*_narrow(which))
    ) or 0


def every(tx: Connection, which: Which) -> Generator[Subscription, None, None]:
    """The subscriptions in the order in which they were made."""
    query = _query(which).order_by(subscriptions.c.id).execution_options(yield_per=_AT_ONCE)
    with tx.execute(query) as rows:
        yield from map(store_subscriptions.from_row, rows)


def statuses(tx: Connection, list: str | None) -> dict[tuple[str, SubscriptionStatus], int]:
    """How many subscriptions of each list have each status."""
    query = select(subscriptions.c.list_slug, subscriptions.c.status, func.count())
    query = query.where(*_of(subscriptions.c.list_slug, list)).group_by(*query.selected_columns[:2])
    return {(slug, SubscriptionStatus(status)): number for slug, status, number in tx.execute(query)}


def days(tx: Connection, list: str | None, *, since: datetime) -> list[tuple[str, str, int]]:
    """How many lines of the consent log each day (UTC, in ISO form) has since then, by act."""
    day = _day(tx, consents.c.at)
    query = select(day, consents.c.act, func.count()).where(consents.c.at >= since)
    query = query.where(*_of(consents.c.list_slug, list)).group_by(day, consents.c.act)
    return [(str(day), act, number) for day, act, number in tx.execute(query)]


def choices(tx: Connection, list: str | None) -> list[tuple[tuple[str, ...], str, int]]:
    """How many confirmed subscriptions have each choice: themes, () for all, and cadence."""
    themes = cast(subscriptions.c.themes, Text)
    query = select(func.min(themes), subscriptions.c.cadence, func.count())
    query = query.where(subscriptions.c.status == SubscriptionStatus.CONFIRMED)
    query = query.where(*_of(subscriptions.c.list_slug, list)).group_by(themes, subscriptions.c.cadence)
    return [(tuple(json.loads(text)), cadence, number) for text, cadence, number in tx.execute(query)]


def early(tx: Connection, list: str | None, *, days: int, until: datetime) -> tuple[int, int]:
    """Of those who joined before a moment: how many left within so many days, and how many they are."""
    joined = subscriptions.c.confirmed_at
    if tx.dialect.name == "postgresql":
        stayed = func.extract("epoch", subscriptions.c.left_at - joined) / 86400
    else:
        stayed = func.julianday(subscriptions.c.left_at) - func.julianday(joined)
    left = func.count().filter(subscriptions.c.left_at.is_not(None), stayed <= days)
    query = select(left, func.count()).where(joined < until, *_of(subscriptions.c.list_slug, list))
    row = tx.execute(query).one()
    return row[0], row[1]


def suppressed(tx: Connection) -> dict[str, int]:
    """How many addresses must not be written to, by reason."""
    query = select(suppressions.c.reason, func.count().label("number")).group_by(suppressions.c.reason)
    return {row.reason: row.number for row in tx.execute(query)}


def _query(which: Which) -> Select[Any]:
    return store_subscriptions.with_subscriber().where(*_narrow(which))


def _narrow(which: Which) -> Iterator[ColumnElement[bool]]:
    yield from _of(subscriptions.c.list_slug, which.list)
    if which.status:
        yield subscriptions.c.status == which.status
    if which.theme:
        themes = cast(subscriptions.c.themes, Text)
        # Who chose no theme gets every one.
        yield or_(themes == "[]", themes.contains(f'"{which.theme}"', autoescape=True))
    if which.like:
        yield subscribers.c.folded.contains(which.like.lower(), autoescape=True)


def _of(column: ColumnElement[Any], list: str | None) -> Iterator[ColumnElement[bool]]:
    if list is not None:
        yield column == list


def _day(tx: Connection, column: ColumnElement[Any]) -> ColumnElement[Any]:
    if tx.dialect.name == "postgresql":
        return func.to_char(func.timezone("UTC", column), "YYYY-MM-DD")
    return func.substr(cast(column, Text), 1, 10)
