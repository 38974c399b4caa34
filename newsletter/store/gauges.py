"""How many there are of what an operator watches. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select

from newsletter.model import SlotState
from newsletter.store import asks, deliveries
from newsletter.store.sendings import State
from newsletter.store.tables import issues, notices, periods, sendings

# An issue of these states is on its way.
_UNDER_WAY = (State.FREEZING, State.RUNNING, State.PAUSED, State.STOPPED)


@dataclass(frozen=True, slots=True)
class Gauges:
    """How many there are.

    issues: by list and state. missed: periods, by list. under_way: issues on their way, by name, each with
    its state and its deliveries by status. notices, letters: that wait.
    """

    issues: Mapping[tuple[str, str], int]
    missed: Mapping[str, int]
    under_way: Mapping[str, tuple[str, Mapping[str, int]]]
    notices: int
    letters: int


def answers(tx: Connection) -> None:
    """Nothing, where the database answers and has its tables."""
    tx.execute(select(periods.c.id).limit(1))


def read(tx: Connection) -> Gauges:
    """How many there are now."""
    states = (issues.c.list_slug, issues.c.status)
    missed = periods.c.state == SlotState.MISSED
    return Gauges(
        issues={(row[0], row[1]): row[2] for row in _counted(tx, issues, *states)},
        missed={row[0]: row[1] for row in _counted(tx, periods, periods.c.list_slug, where=missed)},
        under_way=_under_way(tx),
        notices=_waiting(tx),
        letters=asks.queue_length(tx),
    )


def _under_way(tx: Connection) -> Mapping[str, tuple[str, Mapping[str, int]]]:
    query = select(issues.c.id, issues.c.list_slug, issues.c.number, sendings.c.state)
    rows = tx.execute(query.join_from(sendings, issues).where(sendings.c.state.in_(_UNDER_WAY))).all()
    return {
        f"{row.list_slug}/{row.number}": (
            row.state,
            {status.value: number for status, number in deliveries.counts(tx, row.id).items()},
        )
        for row in rows
    }


def _waiting(tx: Connection) -> int:
    query = select(func.count()).select_from(notices).where(notices.c.told_at.is_(None))
    return int(tx.scalar(query) or 0)


def _counted(
    tx: Connection, table: Table, *by: ColumnElement[Any], where: ColumnElement[bool] | None = None
) -> Any:
    query = select(*by, func.count()).select_from(table).group_by(*by)
    return tx.execute(query if where is None else query.where(where))
