"""What outlives a run: papers, digests, where each paper was seen, and issues with their edits.

SQLite in one file by default, PostgreSQL by its address; the same code on both. `tables` and `migrations` say
what is kept. A file that is named for a noun (`papers`, `issues`, `deliveries`, `workers`) has one plain
function for each thing done with its rows. Those take an open transaction `tx` first: the verb above holds
the boundary, and decides what is one paper.

`connection` opens a database, `servers` reads the address of one, `advice` says what to do about its errors,
`schema` and `soundness` say how it stands, and `copying` moves it, with `fitting` and `moved`. Beside rows,
machines share `clock` (the time), `bell` (something is due) and `leading` (who keeps the schedule); `here`
says where a process is.
"""

from sqlalchemy import Connection, Engine

from newsletter.store import connection, schema
from newsletter.store.connection import PATIENCE_S, Writer, again, ask_all, reading, writing
from newsletter.store.schema import Health, health

__all__ = [
    "PATIENCE_S",
    "Connection",
    "Engine",
    "Health",
    "Writer",
    "again",
    "ask_all",
    "health",
    "open_store",
    "reading",
    "upgrade",
    "writing",
]


def open_store(url: str, *, create: bool = True) -> Engine:
    """The database at `url`, with the tables of this version; whoever opens it disposes of it.

    create: whether a new file or an empty database is given its tables.
    Raises: StoreError; SchemaOutdated, which says what to run.
    """
    database = connection.connect(url, create=create)
    try:
        with reading(database) as tx:
            found = schema.revision(tx)
        if found is None and create:
            schema.upgrade(database)
        schema.require(database)
    except BaseException:
        database.dispose()
        raise
    return database


def upgrade(url: str) -> tuple[str | None, str]:
    """The revisions of the tables before and after: they are brought to the newest, and kept where they are.

    Raises: StoreError; SchemaOutdated for a database that a newer program made.
    """
    database = connection.connect(url, create=True)
    try:
        return schema.upgrade(database)
    finally:
        database.dispose()
