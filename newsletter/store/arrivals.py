"""People who come many at a time: laid beside the tables, looked up and entered by a few statements for all.

Owns the rows of one part of an import while its transaction lasts. Who may be entered is decided above; what
is in the tables already is never changed here.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    func,
    insert,
    literal,
    select,
    text,
)
from sqlalchemy.schema import CreateTable

from newsletter.links import KEY_BYTES
from newsletter.model import Act, Choice, SubscriptionStatus, Way
from newsletter.store import connection, wordings
from newsletter.store import subscriptions as store_subscriptions
from newsletter.store.tables import UtcDateTime, consents, subscribers, subscriptions

# KB of pages that SQLite keeps in memory: addresses come in any order, and touch pages all over an index.
_PAGES_KB = 64_000
# As long as a writer of SQLite waits.
_LOCK_TIMEOUT = "10s"

_arrivals = Table(
    "arrivals",
    MetaData(),
    Column("line", Integer),
    Column("address", Text),
    Column("folded", Text),
    Column("canonical", Text),
    Column("key", String(32)),
    Column("themes", subscriptions.c.themes.type),
    Column("cadence", String(16)),
    Column("timezone", Text),
    Column("confirmed_at", UtcDateTime),
    prefixes=["TEMPORARY"],
)
_seen = Table("arrivals_seen", MetaData(), Column("folded", Text, primary_key=True), prefixes=["TEMPORARY"])
_COLUMNS = ", ".join(column.name for column in _arrivals.columns)


class Arrival(NamedTuple):
    """One person of a table. line: what they are told apart by. confirmed_at: when they said yes."""

    line: int
    address: str
    folded: str
    canonical: str
    choice: Choice
    confirmed_at: datetime


class Standing(NamedTuple):
    """How somebody of the part stands with the list already."""

    line: int
    status: SubscriptionStatus
    since: datetime


def hold(tx: Connection) -> None:
    """Return once nobody else acts on anybody until `tx` ends. On SQLite a writing transaction is that."""
    if tx.dialect.name == "postgresql":
        tx.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
        store_subscriptions.hold_all(tx)
    else:
        tx.exec_driver_sql(f"PRAGMA cache_size = -{_PAGES_KB}")


def lay_out(tx: Connection, arrivals: Sequence[Arrival]) -> None:
    """Put these people beside the tables, in place of those before."""
    for table in (_arrivals, _seen):
        tx.execute(CreateTable(table, if_not_exists=True))
    tx.execute(_arrivals.delete())
    # Each key is its own, drawn at random: two links must not tell that their readers came in one file.
    rows = _rows(tx, arrivals, secrets.token_hex(KEY_BYTES * len(arrivals)))
    if tx.dialect.name == "postgresql":
        _copy(tx, rows)
        return
    if not arrivals:
        return
    marks = ", ".join("?" * len(_arrivals.columns))
    # Past SQLAlchemy, which would look at each of the values: measured, a third of the whole import.
    tx.exec_driver_sql(f"INSERT INTO arrivals ({_COLUMNS}) VALUES ({marks})", [*rows])  # noqa: S608  our names


def standing(tx: Connection, *, list: str) -> list[Standing]:
    """How those stand with the list who have to do with it already."""
    query = (
        select(_arrivals.c.line, subscriptions.c.status, subscriptions.c.created_at)
        .join_from(_arrivals, subscribers, subscribers.c.folded == _arrivals.c.folded)
        .join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)
        # Coalesced, because SQLite would start from everybody of the list: measured, 100 times as long.
        .where(func.coalesce(subscriptions.c.list_slug, "") == list)
    )
    return [Standing(row.line, SubscriptionStatus(row.status), row.created_at) for row in tx.execute(query)]


def enter(tx: Connection, *, list: str, wording: str, now: datetime) -> int:
    """How many were entered: all who had nothing to do with the list. Each has a line in the consent log."""
    who = select(
        *(_arrivals.c[name] for name in ("address", "folded", "canonical")), literal(now, UtcDateTime)
    )
    people = connection.inserting(tx, subscribers).from_select(
        ["address", "folded", "canonical", "created_at"], who.where(_all())
    )
    tx.execute(people.on_conflict_do_nothing())
    chosen = [_arrivals.c[name] for name in ("key", "themes", "cadence", "timezone", "confirmed_at")]
    fixed = {"list_slug": list, "status": SubscriptionStatus.CONFIRMED.value}
    what = select(
        subscribers.c.id,
        *chosen,
        literal(now, UtcDateTime),
        *map(literal, fixed.values()),
    ).join_from(_arrivals, subscribers, subscribers.c.folded == _arrivals.c.folded)
    names = ["subscriber_id", *(column.name for column in chosen), "created_at", *fixed]
    tx.execute(
        connection.inserting(tx, subscriptions)
        .from_select(names, what.where(_all()))
        .on_conflict_do_nothing()
    )
    fixed = {"list_slug": list, "act": Act.ADDED.value, "way": Way.IMPORT.value}
    told = select(
        subscriptions.c.subscriber_id,
        literal(now, UtcDateTime),
        literal(wordings.number(tx, wording)),
        *map(literal, fixed.values()),
    ).join_from(_arrivals, subscriptions, subscriptions.c.key == _arrivals.c.key)
    log = insert(consents).from_select(["subscriber_id", "at", "wording_id", *fixed], told)
    return tx.execute(log).rowcount


def come_again(tx: Connection) -> set[int]:
    """The lines of those who were laid out before; the others are remembered from now on."""
    met = select(_arrivals.c.line).join_from(_arrivals, _seen, _seen.c.folded == _arrivals.c.folded)
    lines = set(tx.scalars(met))
    these = connection.inserting(tx, _seen).from_select(["folded"], select(_arrivals.c.folded).where(_all()))
    tx.execute(these.on_conflict_do_nothing())
    return lines


def forget_seen(tx: Connection) -> None:
    """Remember nobody."""
    tx.execute(CreateTable(_seen, if_not_exists=True))
    tx.execute(_seen.delete())


def _all() -> Any:
    # Without a condition SQLite reads ON CONFLICT as the condition of a join ("Parsing Ambiguity").
    return _arrivals.c.line >= 0


def _rows(tx: Connection, arrivals: Iterable[Arrival], keys: str) -> Iterable[tuple[Any, ...]]:
    """The rows as the driver takes them, each with its own part of the keys."""
    to_json, to_moment = _as_driver(tx, "themes"), _as_driver(tx, "confirmed_at")
    digits = 2 * KEY_BYTES
    chosen: dict[Choice, tuple[Any, ...]] = {}
    moments: dict[datetime, Any] = {}
    for at, (line, address, folded, canonical, choice, confirmed_at) in enumerate(arrivals):
        columns = chosen.get(choice)
        if columns is None:
            columns = to_json([*choice.themes]), choice.cadence.value, choice.timezone
            chosen[choice] = columns
        moment = moments.get(confirmed_at)
        if moment is None:
            moment = moments[confirmed_at] = to_moment(confirmed_at)
        key = keys[at * digits : (at + 1) * digits]
        yield (line, address, folded, canonical, key, *columns, moment)


def _as_driver(tx: Connection, column: str) -> Callable[[Any], Any]:
    """What makes a value of the column one that the driver takes."""
    kind = _arrivals.c[column].type.dialect_impl(tx.dialect)
    return kind.bind_processor(tx.dialect) or (lambda value: value)


def _copy(tx: Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    raw: Any = tx.connection.cursor()
    try:
        with raw.copy(f"COPY arrivals ({_COLUMNS}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    finally:
        raw.close()
    # Else the server guesses how many rows there are, and reads all of its tables for each part.
    tx.execute(text("ANALYZE arrivals"))
