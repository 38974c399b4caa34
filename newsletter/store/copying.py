"""A whole installation, copied from a SQLite file into an empty PostgreSQL database.

Every row of every table is the same there, with its numbers, so that an issue that was half sent goes on
where it was. All of it is one transaction of the server: whoever dies in it leaves an empty database. The
file is held for as long, so that nobody writes it meanwhile, and marked (`moved`) just before the server
commits: who dies between the two leaves a file that says where it was to go, and can be copied there again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection as File
from sqlite3 import OperationalError
from typing import Any

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, DropIndex

from newsletter.errors import StoreError
from newsletter.store import connection, fitting, moved, schema, tables
from newsletter.store.tables import UtcDateTime, fences, processes, salts

# Rows between two signs of progress.
_STEP = 10_000
# A copy takes as long as it takes, whatever a role or a server allows a statement.
_LIMITS = ("statement_timeout", "idle_in_transaction_session_timeout")
# But nobody else has anything to do in the new database, and whoever has is told of.
_PATIENCE_MS = 10_000
# What an empty database has once it was looked at: a salt is made with the tables, a machine tells what its
# fence knows, and a process that it is there. The file has its own.
_OF_ITSELF = (salts.name, fences.name, processes.name)
# A moment is kept in UTC, mostly without saying so.
_MOMENT = """replace("{0}", '+00:00', '') || '+00'"""
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
# Keys and indexes are made of all rows at once: measured, checking each row as it comes takes thrice as long.
_CONSTRAINTS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND contype IN ('u', 'f')
ORDER BY contype DESC, conname
"""


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied, and where to. rows: of each table, in the order in which they went."""

    source: str
    target: str
    rows: dict[str, int]


def rows_of(source: Engine) -> int:
    """How many rows there are to copy. Raises: StoreError for a file that is not of this version."""
    with connection.reading(source) as tx:
        _require_revision(source, tx)
        return sum(_count(_driver(tx), table) for table in tables.metadata.sorted_tables)


def copy(
    source: Engine,
    target: Engine,
    *,
    check: Callable[[Connection], None],
    now: datetime,
    progress: Callable[[int], None],
) -> Copied:
    """How many rows of each table are in the target now; the source is marked as copied.

    check: raises what speaks against it, as the source stands while nobody writes it. progress: is told how
    many rows are in. Raises: StoreError, and then neither database has changed.
    """
    to = connection.name(target)
    with connection.writing(target, durable=True) as new:
        server = _driver(new)
        _limit(server)
        _require_empty(target, server)
        with connection.writing(source, durable=True) as old:
            _require_revision(source, old)
            _require_whole(source, old, to)
            check(old)
            with _explained(source, _driver(old)), _without_keys(server):
                rows = _copied(_driver(old), server, progress)
            _set_sequences(_driver(old), server)
            # These alone: those of others in the database may be held, for as long as they like.
            server.execute(f"ANALYZE {', '.join(table.name for table in tables.metadata.sorted_tables)}")
            moved.mark(old, to, now=now)
    return Copied(connection.name(source), to, rows)


def undo(source: Engine) -> moved.Moved | None:
    """Where the file was said to have been copied to; it is the store again. None where it had no mark."""
    with connection.writing(source, durable=True) as tx:
        found = _mark(tx)
        moved.unmark(tx)
    return found


def _driver(tx: Connection) -> Any:
    return tx.connection.dbapi_connection


def _limit(server: Any) -> None:
    for name in _LIMITS:
        server.execute(f"SET LOCAL {name} = 0")
    server.execute(f"SET LOCAL lock_timeout = {_PATIENCE_MS}")


def _require_empty(target: Engine, server: Any) -> None:
    """Hold all tables, each of which has to be empty but for what comes of looking at it."""
    names = [table.name for table in tables.metadata.sorted_tables]
    server.execute(f"LOCK TABLE {', '.join(names)}")
    for name in names:
        if name not in _OF_ITSELF and server.execute(f"SELECT FROM {name} LIMIT 1").rowcount:
            raise StoreError(
                f"{connection.name(target)}: holds rows already (of {name}), and a copy goes into an empty "
                "database only; make a new one, and name it in database_url"
            )
    for name in _OF_ITSELF:
        server.execute(f"DELETE FROM {name}")  # noqa: S608


def _require_revision(source: Engine, tx: Connection) -> None:
    where = connection.name(source)
    found = schema.revision(tx, copied=True)
    if found is None:
        raise StoreError(f"{where}: an empty database, in which there is nothing to copy")
    if found < schema.REVISION:
        raise StoreError(
            f"{where}: its tables are of revision {found}, and a copy needs {schema.REVISION}; "
            f"run: NEWSLETTER__DATABASE_URL=sqlite:///{where} newsletter db upgrade"
        )
    schema.require_known(source, found)


def _require_whole(source: Engine, tx: Connection, to: str) -> None:
    where = connection.name(source)
    if (found := _mark(tx)) and found.to != to:
        raise StoreError(
            f"{where}: {found}; where that copy is not in use: newsletter db copy --undo {where}"
        )
    if damage := schema.damage(tx, quickly=True):
        more = f" and {len(damage) - 1:,} more" if len(damage) > 1 else ""
        raise StoreError(f"{where}: damaged: {damage[0]}{more}; restore it from a backup; nothing was copied")
    if found_amiss := fitting.misfits(_driver(tx)):
        raise StoreError(_unfit(where, found_amiss))


def _mark(tx: Connection) -> moved.Moved | None:
    query = "SELECT 1 FROM sqlite_master WHERE name = ?"
    return moved.of(tx) if _driver(tx).execute(query, (moved.TABLE,)).fetchone() else None


def _unfit(where: str, amiss: tuple[str, ...]) -> str:
    step = "correct or delete them there, in a copy of the file first; nothing was copied"
    return f"{where}: holds what PostgreSQL does not take: {'; '.join(amiss)}; {step}"


@contextmanager
def _explained(source: Engine, file: File) -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if not fitting.is_about_text(error):
            raise
        raise StoreError(_unfit(connection.name(source), fitting.not_text(file))) from error


@contextmanager
def _without_keys(server: Any) -> Iterator[None]:
    """The tables without foreign and unique keys and without indexes, which are there again at the end."""
    keys = server.execute(_CONSTRAINTS).fetchall()
    indexes = [index for table in tables.metadata.sorted_tables for index in table.indexes]
    for table, name, _ in reversed(keys):
        server.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for index in indexes:
        server.execute(str(DropIndex(index, if_exists=True).compile(dialect=_DIALECT)))
    yield
    for index in indexes:
        server.execute(str(CreateIndex(index).compile(dialect=_DIALECT)))
    for table, name, definition in keys:
        server.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def _copied(file: File, server: Any, progress: Callable[[int], None]) -> dict[str, int]:
    rows: dict[str, int] = {}
    for table in tables.metadata.sorted_tables:
        before = sum(rows.values())
        for number in _copy_table(file, server, table):
            progress(before + number)
        rows[table.name] = _count(file, table)
        came = server.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0]  # noqa: S608
        if came != rows[table.name]:
            raise StoreError(f"{table.name}: of {rows[table.name]:,} rows {came:,} came; nothing was copied")
        progress(before + came)
    return rows


def _copy_table(file: File, server: Any, table: Table) -> Iterator[int]:
    """How many rows are in by now, now and then."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    values = ", ".join(
        _MOMENT.format(column.name) if isinstance(column.type, UtcDateTime) else f'"{column.name}"'
        for column in table.columns
    )
    rows = file.execute(f'SELECT {values} FROM "{table.name}"')  # noqa: S608
    with server.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as writer:
        for number, row in enumerate(rows, start=1):
            writer.write_row(row)
            if number % _STEP == 0:
                yield number


def _count(file: File, table: Table) -> int:
    number: int = file.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()[0]  # noqa: S608
    return number


def _set_sequences(file: File, server: Any) -> None:
    """Let the next numbers be new ones: also none of a row that was deleted is given again."""
    last = dict(file.execute("SELECT name, seq FROM sqlite_sequence"))
    for table in tables.metadata.sorted_tables:
        for column in table.primary_key.columns:
            name, *_ = server.execute(
                "SELECT pg_get_serial_sequence(%s, %s)", (table.name, column.name)
            ).fetchone()
            if name is None:
                continue
            query = f'SELECT coalesce(max("{column.name}"), 0) FROM {table.name}'  # noqa: S608
            highest = max(server.execute(query).fetchone()[0], last.get(table.name, 0))
            if highest:
                server.execute("SELECT setval(%s, %s)", (name, highest))
