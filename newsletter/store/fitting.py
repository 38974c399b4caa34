"""What a SQLite file holds that a PostgreSQL server would not take, by table, row and column.

SQLite takes any value in any column; a server does not. Looks only: it changes nothing.
"""

from collections.abc import Iterator
from sqlite3 import Connection as File
from sqlite3 import OperationalError

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, Integer, LargeBinary, String, Table

from newsletter.store import tables
from newsletter.store.tables import UtcDateTime

# Source: PostgreSQL documentation, "Numeric Types".
_INTEGER, _BIG = 2**31, 2**63
# How many faults are told.
_TOLD = 5


def misfits(file: File) -> tuple[str, ...]:
    """The first values that do not fit, each in a line: "papers, row 7, title: …"; the row is its rowid."""
    found: list[str] = []
    for table in tables.metadata.sorted_tables:
        found += _of(file, table)
        if len(found) >= _TOLD:
            break
    return tuple(found[:_TOLD])


def not_text(file: File) -> tuple[str, ...]:
    """The same for text that is no UTF-8. It reads every value: for a file of which that is known."""
    keep, file.text_factory = file.text_factory, bytes
    try:
        return tuple(_undecoded(file))[:_TOLD]
    finally:
        file.text_factory = keep


def _of(file: File, table: Table) -> Iterator[str]:
    # Each row is read once: a table may have a million.
    wrong = [(column.name, *one) for column in table.columns for one in _conditions(column)]
    conditions = [condition for _, condition, _ in wrong]
    query = (
        f'SELECT rowid, {", ".join(conditions)} FROM "{table.name}" '  # noqa: S608
        f"WHERE {' OR '.join(conditions)} LIMIT {_TOLD}"
    )
    for row, *are in file.execute(query):
        for (name, _, why), is_so in zip(wrong, are, strict=True):
            if is_so:
                yield f"{table.name}, row {row}, {name}: {why}"


def _conditions(column: Column[object]) -> Iterator[tuple[str, str]]:
    """What would be wrong with a value of the column, as SQLite says it and in words."""
    name, kind = f'"{column.name}"', column.type
    if not column.nullable:
        yield f"{name} IS NULL", "nothing where something has to be"
    if isinstance(kind, Boolean):
        yield f"{name} NOT IN (0, 1)", "neither true nor false"
    elif isinstance(kind, Integer):
        most = _BIG if isinstance(kind, BigInteger) else _INTEGER
        yield f"typeof({name}) NOT IN ('integer', 'null')", "not a whole number"
        yield f"{name} NOT BETWEEN {-most} AND {most - 1}", "a larger number than the column takes"
    elif isinstance(kind, LargeBinary):
        yield f"typeof({name}) NOT IN ('blob', 'null')", "text where bytes have to be"
    elif isinstance(kind, String | JSON | Date | UtcDateTime):
        yield f"typeof({name}) NOT IN ('text', 'null')", "bytes where text has to be"
        yield f"instr({name}, char(0)) > 0", "a NUL character, which PostgreSQL keeps in no text"
        if isinstance(kind, Date | UtcDateTime):
            yield f"{name} IS NOT NULL AND datetime({name}) IS NULL", "no date, or no moment"
        if isinstance(kind, JSON):
            yield f"NOT json_valid({name})", "not JSON"
        if length := getattr(kind, "length", None):
            yield f"length({name}) > {length}", f"longer than {length} characters"


def _undecoded(file: File) -> Iterator[str]:
    for table in tables.metadata.sorted_tables:
        names = [column.name for column in table.columns if not isinstance(column.type, LargeBinary)]
        listed = ", ".join(f'"{name}"' for name in names)
        for row, *values in file.execute(f'SELECT rowid, {listed} FROM "{table.name}"'):  # noqa: S608
            for name, value in zip(names, values, strict=True):
                if isinstance(value, bytes) and not _is_utf8(value):
                    yield f"{table.name}, row {row}, {name}: text that is not UTF-8"


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_about_text(error: OperationalError) -> bool:
    """Whether SQLite could not give a text because it is no UTF-8; the driver has no code for that."""
    return "Could not decode" in str(error)
