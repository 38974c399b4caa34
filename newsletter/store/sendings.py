"""Issues on their way: how far each is, and the mails that it is made of.

Owns the rows of `sendings`, `patterns` and `pattern_choices`.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Text, cast, func, insert, or_, select, update

from newsletter.model import Cadence, DeliveryStatus, SlotState, SubscriptionStatus
from newsletter.store import bell, connection
from newsletter.store.connection import Asked
from newsletter.store.tables import deliveries, pattern_choices, patterns, periods, sendings, subscriptions

# As text, so that both databases can compare it: the JSON of PostgreSQL has no equality.
THEMES = cast(subscriptions.c.themes, Text)
# Asked in every round.
_STATE = "SELECT state FROM sendings WHERE issue_id = ?"


class State(StrEnum):
    """How an issue on its way stands."""

    FREEZING = "freezing"  # its audience is being written down; no mail goes yet
    RUNNING = "running"  # whoever delivers may take its mails
    PAUSED = "paused"  # an operator halted it
    STOPPED = "stopped"  # it halted itself; the reason says what is wrong
    CANCELLED = "cancelled"  # what had not gone will not go
    FINISHED = "finished"  # nothing is left to go


@dataclass(frozen=True, slots=True)
class Sending:
    """An issue on its way. reason: why it does not go on, "" while it does. sender: a bare address."""

    issue: int
    state: State
    reason: str
    sender: str
    started_at: datetime
    finished_at: datetime | None


def begin(tx: Connection, issue: int, *, sender: str, now: datetime) -> Sending:
    """The sending of the issue; made where there is none."""
    row = {"issue_id": issue, "state": State.FREEZING, "reason": "", "sender": sender, "started_at": now}
    tx.execute(connection.inserting(tx, sendings).values(**row).on_conflict_do_nothing())
    found = of(tx, issue)
    if found is None:
        raise LookupError(issue)  # pragma: no cover - it was there a moment ago
    return found


def of(tx: Connection, issue: int) -> Sending | None:
    """The sending of the issue; None where it was never sent."""
    row = tx.execute(select(sendings).where(sendings.c.issue_id == issue)).one_or_none()
    if row is None:
        return None
    return Sending(row.issue_id, State(row.state), row.reason, row.sender, row.started_at, row.finished_at)


def due(tx: Connection, *, now: datetime) -> frozenset[int]:
    """The issues that somebody should deliver now: a mail is due, or the end is to be found.

    One whose audience a schedule writes down is left to that until it is whole; once its time was over, to
    whoever sends it by hand.
    """
    pending = (deliveries.c.issue_id == sendings.c.issue_id) & (deliveries.c.status == DeliveryStatus.PENDING)
    next_due = select(func.min(deliveries.c.not_before)).where(pending).scalar_subquery()
    begun = (sendings.c.state == State.RUNNING) & or_(next_due.is_(None), next_due <= now)
    by_schedule = select(periods.c.id).where(
        periods.c.issue_id == sendings.c.issue_id,
        periods.c.state.in_((SlotState.GOING, SlotState.MISSED)),
    )
    by_hand = (sendings.c.state == State.FREEZING) & ~by_schedule.exists()
    return frozenset(tx.scalars(select(sendings.c.issue_id).where(or_(begun, by_hand))))


def is_recap_wanted(tx: Connection, *, list: str) -> bool:
    """Whether a reader of the list wants no more than a recap of each month."""
    query = select(subscriptions.c.id).where(
        subscriptions.c.list_slug == list,
        subscriptions.c.status == SubscriptionStatus.CONFIRMED,
        subscriptions.c.cadence == Cadence.MONTHLY,
    )
    return tx.execute(query.limit(1)).first() is not None


def state(tx: Connection, issue: int) -> State:
    """How the issue stands."""
    return State(connection.ask(tx, _STATE, issue)[0][0])


def asking_state(issue: int) -> Asked:
    """What to ask, for the same as by `state`."""
    return _STATE, (issue,)


def hold(tx: Connection, issue: int) -> State:
    """How the issue stands; nobody else changes that until `tx` ends."""
    query = select(sendings.c.state).where(sendings.c.issue_id == issue).with_for_update()
    return State(tx.execute(query).scalar_one())


def is_free(tx: Connection, issue: int) -> bool:
    """Whether nobody holds the issue at this moment; on SQLite nobody else does while `tx` writes."""
    query = select(sendings.c.state).where(sendings.c.issue_id == issue)
    return tx.execute(query.with_for_update(skip_locked=True)).first() is not None


def turn(
    tx: Connection, issue: int, to: State, *, reason: str = "", finished_at: datetime | None = None
) -> None:
    """Give the issue another state."""
    row = {"state": to, "reason": reason, "finished_at": finished_at}
    tx.execute(update(sendings).where(sendings.c.issue_id == issue).values(**row))
    if to is State.RUNNING:
        bell.ring(tx)


def wanting(list: str, cadence: Cadence) -> ColumnElement[bool]:
    """Which subscriptions get an issue of the list that is for readers of that cadence."""
    return (
        (subscriptions.c.list_slug == list)
        & (subscriptions.c.status == SubscriptionStatus.CONFIRMED)
        & (subscriptions.c.cadence == cadence)
    )


def choices(tx: Connection, issue: int, *, list: str, cadence: Cadence) -> Mapping[str, int]:
    """What those readers of the list chose that the issue has no pattern for, and how many chose so.

    A choice is the JSON of its themes.
    """
    known = select(pattern_choices.c.themes).where(pattern_choices.c.issue_id == issue)
    query = (
        select(THEMES.label("themes"), func.count().label("readers"))
        .where(wanting(list, cadence), THEMES.not_in(known))
        .group_by(THEMES)
        .order_by(THEMES)
    )
    return {row.themes: row.readers for row in tx.execute(query)}


def add_pattern(tx: Connection, issue: int, mail: bytes) -> int:
    """The number of a new pattern of the issue."""
    row = {"issue_id": issue, "mail": zlib.compress(mail)}
    number: int = tx.execute(insert(patterns).values(**row).returning(patterns.c.id)).scalar_one()
    return number


def choose(tx: Connection, issue: int, themes: str, pattern: int | None) -> None:
    """Give that pattern to those who chose these themes, None for no mail at all; the first word counts."""
    row = {"issue_id": issue, "themes": themes, "pattern_id": pattern}
    tx.execute(connection.inserting(tx, pattern_choices).values(**row).on_conflict_do_nothing())


def pattern(tx: Connection, number: int) -> bytes:
    """The mail that the pattern is."""
    mail: bytes = tx.execute(select(patterns.c.mail).where(patterns.c.id == number)).scalar_one()
    return zlib.decompress(mail)


def largest(tx: Connection) -> int:
    """The bytes of the largest mail of the issue that was sent last, 0 where none was."""
    last = select(sendings.c.issue_id).order_by(sendings.c.started_at.desc()).limit(1).scalar_subquery()
    numbers = tx.scalars(select(patterns.c.id).where(patterns.c.issue_id == last)).all()
    return max((len(pattern(tx, number)) for number in numbers), default=0)
