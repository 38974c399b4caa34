"""Which periods of a list came up, and how far the issue of each is.

Owns the rows of `periods`, `rules` and `moments`. Which change is right is decided above; what is guarded
here is that a period has one row, and that a row which was changed by somebody else meanwhile stays as it is.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from newsletter.model import ENDED, Period, Slot, SlotState
from newsletter.store import connection
from newsletter.store.tables import moments, periods, rules


def begin(tx: Connection, list: str, slot: Slot, state: SlotState, *, note: str = "", now: datetime) -> bool:
    """Whether that period of the list had no row before; it has one now."""
    row = {"list_slug": list, "name": slot.period, "slot_at": slot.at, "state": state, "note": note}
    query = connection.inserting(tx, periods).values(**row, tries=0, turned_at=now)
    # Not by its rowcount, which PostgreSQL's driver says to be -1 of an INSERT with its key.
    return tx.execute(query.on_conflict_do_nothing().returning(periods.c.id)).first() is not None


def turn(
    tx: Connection, period: Period, to: SlotState, *, note: str = "", issue: int | None = None, now: datetime
) -> bool:
    """Whether the period was as it was looked at; then it has that state and note now.

    issue: the row of its issue, None for leaving that.
    """
    where = (periods.c.id == period.id) & (periods.c.state == period.state)
    row: dict[str, Any] = {"state": to, "note": note, "turned_at": now}
    if issue is not None:
        row["issue_id"] = issue
    return tx.execute(update(periods).where(where).values(**row)).rowcount == 1


def tried(tx: Connection, period: Period, *, note: str, now: datetime) -> None:
    """Keep that its papers were collected once more, and what came of it."""
    row = {"tries": periods.c.tries + 1, "tried_at": now, "note": note}
    tx.execute(update(periods).where(periods.c.id == period.id).values(**row))


def move(tx: Connection, period: Period, at: datetime) -> None:
    """Keep that its issue goes at another time (`schedule.moved`)."""
    tx.execute(update(periods).where(periods.c.id == period.id).values(slot_at=at))


def under_way(tx: Connection, *, list: str | None = None) -> tuple[Period, ...]:
    """The periods to whose issues something may still happen, the earliest first."""
    query = select(periods).where(periods.c.state.not_in(ENDED)).order_by(periods.c.slot_at, periods.c.id)
    return tuple(
        map(_period, tx.execute(query if list is None else query.where(periods.c.list_slug == list)))
    )


def latest(tx: Connection, *, list: str, most: int) -> tuple[Period, ...]:
    """The periods of the list that came up last, the latest first."""
    query = select(periods).where(periods.c.list_slug == list)
    query = query.order_by(periods.c.slot_at.desc(), periods.c.id.desc()).limit(most)
    return tuple(map(_period, tx.execute(query)))


def of_issue(tx: Connection, issue: int) -> Period | None:
    """The period whose issue that is, the last one of several; None for one that was made by hand.

    A draft that did not go in its period is the issue of the next one.
    """
    query = select(periods).where(periods.c.issue_id == issue).order_by(periods.c.id.desc())
    row = tx.execute(query.limit(1)).one_or_none()
    return None if row is None else _period(row)


def names(tx: Connection, list: str, *, since: datetime) -> dict[str, datetime]:
    """The periods of the list that came up, by name, with when their issues go: those after that moment."""
    query = select(periods.c.name, periods.c.slot_at).where(
        periods.c.list_slug == list, periods.c.slot_at >= since
    )
    return {row.name: row.slot_at for row in tx.execute(query)}


def since(tx: Connection, list: str, words: str) -> datetime | None:
    """Since when the rule of the list, in those words, holds; None where another one did, or none."""
    found: datetime | None = tx.scalar(
        select(rules.c.since).where(rules.c.list_slug == list, rules.c.words == words)
    )
    return found


def set_rule(tx: Connection, list: str, words: str, *, now: datetime) -> datetime:
    """Since when the rule of the list, in those words, holds: from now on, where it is another one.

    One that holds from a moment to come was written by a clock that was wrong, and holds from now on too.
    """
    row = {"words": words, "since": now}
    query = connection.inserting(tx, rules).values(list_slug=list, **row)
    other = (rules.c.words != words) | (rules.c.since > now)
    tx.execute(query.on_conflict_do_update(index_elements=["list_slug"], set_=row, where=other))
    moment: datetime = tx.execute(select(rules.c.since).where(rules.c.list_slug == list)).scalar_one()
    return moment


def restart(tx: Connection, *, now: datetime) -> None:
    """Every rule holds from now on: what it named before is nothing that was missed."""
    tx.execute(update(rules).values(since=now))


def moment(tx: Connection, name: str) -> datetime | None:
    """When that was last done; None where it never was."""
    found: datetime | None = tx.scalar(select(moments.c.at).where(moments.c.name == name))
    return found


def set_moment(tx: Connection, name: str, at: datetime) -> None:
    """That was last done then."""
    query = connection.inserting(tx, moments).values(name=name, at=at)
    tx.execute(query.on_conflict_do_update(index_elements=["name"], set_={"at": at}))


def _period(row: Row[Any]) -> Period:
    return Period(
        id=row.id,
        list=row.list_slug,
        name=row.name,
        slot_at=row.slot_at,
        state=SlotState(row.state),
        issue=row.issue_id,
        note=row.note,
        tries=row.tries,
        tried_at=row.tried_at,
        turned_at=row.turned_at,
    )
