"""Whether a PostgreSQL server and the tables on it are in order.

Looks only; each problem is a line with its next step. What the tables have to be is said by `tables`.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, text

from newsletter.store import tables

# The oldest version that all statements here were tried with.
_OLDEST = 14
_BY_HAND = "restore the database from a backup, or put it right by hand"
_LOST = "a mail that a server took could be forgotten by a power cut, and go again"
# The settings that a power cut is met with, each with what it may not be.
_KEEPING = {"fsync": ("off",), "full_page_writes": ("off",), "synchronous_commit": ("off", "local")}
_SETTINGS = text("SELECT name, reset_val FROM pg_settings WHERE name = ANY(:names)")
_INVALID = text("""
SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
WHERE relnamespace = current_schema()::regnamespace AND NOT (indisvalid AND indisready) ORDER BY 1
""")
_UNCHECKED = text("""
SELECT conrelid::regclass::text, quote_ident(conname) FROM pg_constraint
WHERE connamespace = current_schema()::regnamespace AND NOT convalidated ORDER BY 1, 2
""")
_SLEEPING = text("""
SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE relnamespace = current_schema()::regnamespace AND tgisinternal AND tgenabled IN ('D', 'R') ORDER BY 1
""")
_SEQUENCES = text("""
SELECT t.relname, a.attname, s.oid::regclass::text AS name
FROM pg_depend AS d JOIN pg_class AS s ON s.oid = d.objid AND s.relkind = 'S'
JOIN pg_class AS t ON t.oid = d.refobjid
JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE t.relnamespace = current_schema()::regnamespace ORDER BY 1
""")


def problems(tx: Connection, *, version_table: str) -> tuple[str, ...]:
    """What is not in order, each in a line; nothing where all is well. Of a file: its tables."""
    if tx.dialect.name == "sqlite":
        return tuple(f"{said}; {_BY_HAND}" for said in shape(tx, version_table=version_table))
    found = [*too_old(_number(tx)), *_of_settings(tx), *_of_tables(tx, version_table), *_of_indexes(tx)]
    return (*found, *_of_sequences(tx))


def too_old(version: int) -> Iterator[str]:
    """Whether the server is too old. version: as `server_version_num` says it, such as 150004."""
    if version // 10_000 < _OLDEST:
        yield f"PostgreSQL {version // 10_000} is too old; upgrade the server to {_OLDEST} or newer"


def shape(tx: Connection, *, version_table: str) -> tuple[str, ...]:
    """Where the tables are not those of this version, on either kind of database, each in words."""
    # Alembic takes as long to load as a whole render.
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def is_of_this(_: object, name: str | None, *__: object) -> bool:
        return tx.dialect.name == "sqlite" or name not in tables.SPARED

    options = {"compare_type": True, "version_table": version_table, "include_object": is_of_this}
    context = MigrationContext.configure(tx, opts=options)
    return tuple(dict.fromkeys(_difference(one) for one in compare_metadata(context, tables.metadata)))


def _number(tx: Connection) -> int:
    return int(tx.scalar(text("SHOW server_version_num")))


def _of_settings(tx: Connection) -> Iterator[str]:
    if tx.scalar(text("SELECT pg_is_in_recovery()")):
        yield "the server is a standby, which takes no writes; name the one that does in database_url"
    elif tx.scalar(text("SHOW default_transaction_read_only")) == "on":
        yield "the database is set to be read only; set default_transaction_read_only = off"
    encoding = tx.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8":
        step = "make a new one: createdb --encoding=UTF8 --template=template0 NAME"
        yield f"the database is in {encoding}, which cannot hold every name and title; {step}"
    for name, value in tx.execute(_SETTINGS, {"names": [*_KEEPING]}):
        if value in _KEEPING[name]:
            yield f"{name} is {value}: {_LOST}; set {name} = on on the server"


def _of_tables(tx: Connection, version_table: str) -> Iterator[str]:
    for said in shape(tx, version_table=version_table):
        yield f"{said}; {_BY_HAND}"
    for table, name in tx.execute(_UNCHECKED):
        step = f"run: ALTER TABLE {table} VALIDATE CONSTRAINT {name}"
        yield f"{table}: {name} was not checked for all rows; some may name rows that are gone; {step}"
    for (table,) in tx.execute(_SLEEPING):
        step = f"run: ALTER TABLE {table} ENABLE TRIGGER ALL"
        yield f"{table}: its keys are not checked, so that rows may name rows that are gone; {step}"


def _of_indexes(tx: Connection) -> Iterator[str]:
    for (name,) in tx.execute(_INVALID):
        yield f"index {name} is not valid, so that nothing uses it; run: REINDEX INDEX {name}"


def _of_sequences(tx: Connection) -> Iterator[str]:
    for table, column, name in tx.execute(_SEQUENCES).all():
        # The number of a fence rises by itself, and is never drawn.
        if table not in tables.metadata.tables or table == tables.fences.name:
            continue
        query = f'SELECT last_value, is_called, (SELECT max("{column}") FROM {table}) FROM {name}'  # noqa: S608
        last, is_called, highest = tx.execute(text(query)).one()
        if (highest or 0) > last - (not is_called):
            step = f"run: SELECT setval('{name}', {highest})"
            yield f"{table}: the next number is given already, and new rows would be refused; {step}"


def _difference(found: Any) -> str:
    """A difference as Alembic tells it, in words. Source: its documentation, `compare_metadata`."""
    if isinstance(found, list):  # of one column, of which several things may differ
        return f"{found[0][2]}: column {found[0][3]} is of another kind than it should be"
    act, *what = found
    verb, _, kind = act.partition("_")
    is_there = {"add": "is missing", "remove": "is none of this version"}[verb]
    if kind == "table":
        return f"table {what[0].name} {is_there}"
    if kind == "column":
        return f"{what[1]}: column {what[2].name} {is_there}"
    return f"{what[0].table.name}: {_KINDS.get(kind, kind)} {what[0].name} {is_there}"


_KINDS = {"index": "index", "constraint": "key", "fk": "key"}
