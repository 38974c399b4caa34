"""Connections and transactions, on SQLite and on PostgreSQL.

Owns how a database is opened and what its errors mean to an operator. Knows no table.
A transaction is committed whole when its block ends, and rolled back whole when anything is raised in it,
so that a process that dies leaves what it had committed and nothing else.
"""

import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, nullcontext
from functools import cache, partial
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from newsletter.errors import StoreError
from newsletter.store import advice, clock, files, servers

SQLITE_PREFIX = "sqlite:///"
# How long a writer waits for another one; a transaction of ours takes a tenth of a second.
BUSY_TIMEOUT_S = 10
# How long a writer waits within SQLite before it looks again.
_TURN_MS = 2
# How long a writer of SQLite rests, so that another one that looks finds the turn free. Measured: without a
# rest, one in twelve waited for 10 s in vain on a machine with more to do than it has processors.
_REST_S = 2 * _TURN_MS / 1000
# How long a writer that stands still may keep others waiting: a server then takes its transaction back. A
# process that is stopped, or whose machine is suspended, would hold what it has locked for as long.
_STANDSTILL_S = 10
# What a server says when it ends a connection: it stops, starts, or took back what stood still; or two
# transactions waited for each other, or a statement took longer than this role may take; or it only follows
# another server by now. Of a connection that is lost the driver says so without a code.
# Source: PostgreSQL documentation, appendix A.
_CUT_OFF = ("08", "57P", "57014", "25P03", "25006", "40", "None")
# What PostgreSQL's library says around the matter; the next step says it better.
_ASIDE = re.compile(r"connection failed: (?=connection to server)| Is the server running [^?]*\?")
# How long what was cut off is done again: a server is started anew, or another one takes over, meanwhile.
PATIENCE_S = 60.0
# How long it rests before it looks whether a server is there again.
_PAUSE_S = 0.2
# How long to wait for a server that does not answer.
_CONNECT_TIMEOUT_S = 10
# When a connection is given up whose other end has vanished without a word: else that takes a quarter of an
# hour, in which nobody writes down what became of a mail. After 10 s of silence it asks three times.
_VANISHED = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
# The same for the server, which else holds the locks of a machine that vanished between two statements of a
# pipeline, where no other limit ends it, for two hours; and the lead. While an answer is on its way that
# nobody takes, it does not ask: tcp_user_timeout, in ms, is for that.
_VANISHED_THERE = (
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; "
    "SET tcp_user_timeout = 25000"
)

_Done = TypeVar("_Done")


def connect(url: str, *, create: bool) -> Engine:
    """The database at `url`; nothing is asked of it yet. create: whether a file may be made where none is.

    Raises: StoreError for an address or a file that cannot be a database of ours.
    """
    # What a statement was about is somebody's address or key, and no log's business: hide_parameters.
    dumps = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
    if not url.startswith(SQLITE_PREFIX):
        return _postgresql(url, dumps)
    # The path is taken as it is written: a file's name may hold what has a meaning in an address.
    path = files.usable(url.removeprefix(SQLITE_PREFIX), create=create)
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": BUSY_TIMEOUT_S},
        json_serializer=dumps,
        hide_parameters=True,
        # A thread that waits for its turn has a connection; none waits for a connection before.
        max_overflow=-1,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def reading(database: Engine) -> Iterator[Connection]:
    """A transaction that reads, all of it as of one moment; it waits for no writer. Raises: StoreError."""
    options = {"isolation_level": "REPEATABLE READ"} if database.dialect.name == "postgresql" else {}
    with told(database), database.execution_options(**options).begin() as tx:
        clock.keep_right(database, tx)
        yield tx


@contextmanager
def writing(
    database: Engine, *, durable: bool = False, patience_s: float | None = None
) -> Iterator[Connection]:
    """A transaction that writes; on SQLite there is one at a time, and the next waits for it.

    durable: whether it outlives a power cut too, once it has ended; it waits for the disk.
    patience_s: how long it waits for another one that writes, None for as long as any.
    Raises: StoreError, and then nothing of this transaction is kept.
    """
    options = _writing_options(database, durable=durable, patience_s=patience_s)
    with told(database), database.execution_options(**options).begin() as tx:
        _limit_lock(tx, patience_s)
        clock.keep_right(database, tx)
        yield tx
    if database.dialect.name == "sqlite":
        time.sleep(_REST_S)


def again(database: Engine, do: Callable[[], _Done], *, patience_s: float = PATIENCE_S) -> _Done:
    """What comes of it, done until no transaction of it is cut off, for so long after the first that was.

    Of what does the same if it is done twice: whether what was cut off is kept is not known.
    Raises: StoreError, what was said last where the patience has an end.
    """
    since: float | None = None
    while True:
        began = time.monotonic()
        try:
            return do()
        except StoreError as error:
            now = time.monotonic()
            if since is None or now - began > patience_s:
                since = now
            if not error.cut_off or now - since > patience_s:
                raise
        # One that is kept may be of a server that only follows by now.
        database.dispose()
        time.sleep(_PAUSE_S)


class Writer:
    """Transactions that write, one after the other, on one connection: for whoever has hundreds a second.

    It does what `writing` does, without what opening a connection costs, and without a rest: between its
    transactions whoever has so many waits for something else. Not for two threads at a time.
    """

    def __init__(self, database: Engine, *, durable: bool = False, patience_s: float | None = None) -> None:
        self._database = database
        self._patience_s = patience_s
        self._options = _writing_options(database, durable=durable, patience_s=patience_s)
        self._connection: Connection | None = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction. Raises: StoreError, and then nothing of it is kept."""
        try:
            with told(self._database):
                if self._connection is None:
                    self._connection = self._opened()
                with self._connection.begin():
                    clock.keep_right(self._database, self._connection)
                    yield self._connection
        except StoreError:
            # The next transaction begins on a connection that is surely whole.
            if self._connection is not None:
                self._connection.invalidate()
            self.close()
            raise

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            if self._database.dialect.name == "postgresql" and not self._connection.invalidated:
                # With its limits it is nobody else's.
                self._connection.detach()
            self._connection.close()
            self._connection = None

    def _opened(self) -> Connection:
        opened = self._database.connect().execution_options(**self._options)
        # Once, not in each transaction: with a network to the database that would be one way more each time.
        with opened.begin():
            _limit_lock(opened, self._patience_s, local=False)
        return opened


def _writing_options(database: Engine, *, durable: bool, patience_s: float | None) -> dict[str, Any]:
    options: dict[str, Any] = {"writes": True, "durable": durable, "patience_s": patience_s}
    if database.dialect.name == "postgresql":
        # Whoever has waited for a lock has to see what was committed meanwhile.
        options["isolation_level"] = "READ COMMITTED"
    return options


def _limit_lock(tx: Connection, patience_s: float | None, *, local: bool = True) -> None:
    if tx.dialect.name == "postgresql" and patience_s is not None:
        # Whatever is set for others: what is not written down in time may have gone all the same. Waiting for
        # a lock ends first, since it says what is wrong.
        limits = {
            "lock_timeout": patience_s,
            "statement_timeout": 2 * patience_s,
            "idle_in_transaction_session_timeout": _STANDSTILL_S,
        }
        set_to = "SET LOCAL" if local else "SET"
        tx.exec_driver_sql("; ".join(f"{set_to} {name} = {s * 1000:.0f}" for name, s in limits.items()))


def own(database: Engine) -> Any:
    """A connection of the driver that no pool has, on which each statement stands by itself; to be closed.

    Raises: what the driver raises (`told`).
    """
    pooled = database.raw_connection()
    driver: Any = pooled.driver_connection
    pooled.detach()
    try:
        driver.rollback()
        driver.autocommit = True
    except BaseException:
        driver.close()
        raise
    return driver


def inserting(tx: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that may say what becomes of a row that is there already: each database has its own."""
    return postgresql.insert(table) if tx.dialect.name == "postgresql" else sqlite.insert(table)


def ask(tx: Connection, statement: str, *values: object) -> list[Any]:
    """The rows of a statement that is said to the driver itself; in ours a value is ?, a list is id {among}.

    For what is said hundreds of times a second: SQLAlchemy takes three times as long to put it together as
    SQLite to do it.
    """
    with closing(_driver(tx).cursor()) as cursor:
        cursor.execute(_spoken(tx.dialect.name, statement), values)
        rows: list[Any] = cursor.fetchall()
        return rows


# A statement of `ask`, and its values.
Asked = tuple[str, tuple[object, ...]]


def ask_all(tx: Connection, asked: Sequence[Asked]) -> list[list[Any]]:
    """The rows of each statement, in their order; of one that has none to give, none.

    They go out together, in PostgreSQL's pipeline mode: one way to the server and back for all of them.
    """
    raw = _driver(tx)
    with ExitStack() as stack:
        cursors = [stack.enter_context(closing(raw.cursor())) for _ in asked]
        with raw.pipeline() if tx.dialect.name == "postgresql" else nullcontext():
            for cursor, (statement, values) in zip(cursors, asked, strict=True):
                cursor.execute(_spoken(tx.dialect.name, statement), values)
        return [cursor.fetchall() if cursor.description else [] for cursor in cursors]


def _driver(tx: Connection) -> Any:
    return tx.connection.dbapi_connection


@cache
def _spoken(dialect: str, statement: str) -> str:
    if dialect == "postgresql":
        return statement.replace("{among}", "= ANY(?)").replace("?", "%s")
    return statement.replace("{among}", "IN (SELECT value FROM json_each(?))")


def among(tx: Connection, values: Iterable[int | str]) -> object:
    """A list as a value of `ask`."""
    return [*values] if tx.dialect.name == "postgresql" else json.dumps([*values])


def name(database: Engine) -> str:
    """What messages call the database: its file, or its address without the password."""
    if database.dialect.name == "sqlite":
        return str(database.url.database)
    return servers.shown(database.url)


def _postgresql(url: str, dumps: partial[str]) -> Engine:
    try:
        address = servers.address(url)
        given = {"connect_timeout": _CONNECT_TIMEOUT_S, "client_encoding": "utf8", **_VANISHED}
        database = create_engine(
            address,
            connect_args={name: value for name, value in given.items() if name not in address.query},
            json_serializer=dumps,
            hide_parameters=True,
            # A server that was started anew has forgotten the connections that are kept.
            pool_pre_ping=True,
            pool_timeout=_CONNECT_TIMEOUT_S,
        )
    except ModuleNotFoundError as error:
        raise StoreError(
            "database_url: PostgreSQL needs its driver; run: pip install 'psycopg[binary]'"
        ) from error
    except (ArgumentError, ValueError):
        # Without the original, which may show a part of the password.
        problem = "not an address of the form postgresql://USER:PASSWORD@HOST/NAME"
        raise StoreError(f"database_url: {problem}; write @ and / in a password as %40 and %2F") from None
    event.listen(database, "connect", _prepare_postgresql)
    clock.keep(database)
    return database


def _prepare_postgresql(connection: Any, _: object) -> None:
    connection.execute(_VANISHED_THERE)
    # Without it a mail that a server took would be forgotten, and go again, where the machine of the database
    # loses its power. Where it is stricter than that, it stays.
    [found] = connection.execute("SHOW synchronous_commit").fetchone()
    if found in ("off", "local"):
        connection.execute("SET synchronous_commit = on")
    connection.commit()


def _prepare_sqlite(connection: Any, _: object) -> None:
    # sqlite3 would begin transactions by itself and too late: _begin_sqlite does.
    # Source: SQLAlchemy, "Enabling Non-Legacy SQLite Transactional Modes".
    connection.isolation_level = None
    # secure_delete: what is forgotten is not left in a free page of the file; some builds leave it.
    for pragma in ("foreign_keys = ON", "synchronous = NORMAL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        connection.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: Connection) -> None:
    raw: Any = connection.connection.dbapi_connection
    options = connection.get_execution_options()
    if not options.get("writes"):
        raw.execute("BEGIN")
        return
    # SQLite alone would look ten times a second, and hardly ever between two transactions of a busy writer:
    # measured, the last of six waited until all others had ended. Looked for often, they take turns.
    patience_s = options.get("patience_s")
    until = time.monotonic() + (BUSY_TIMEOUT_S if patience_s is None else patience_s)
    # NORMAL: after a power cut the last commits may be missing, never half there, and reading the digest
    # again brings them back. FULL is for what must not be forgotten once somebody was told.
    raw.execute(f"PRAGMA synchronous = {'FULL' if options.get('durable') else 'NORMAL'}")
    raw.execute(f"PRAGMA busy_timeout = {_TURN_MS}")
    try:
        while not _begun(raw, last=time.monotonic() > until):
            pass
    finally:
        raw.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}")


def _begun(raw: Any, *, last: bool) -> bool:
    try:
        # IMMEDIATE: a writer waits before it reads, since what it has read may not change until it writes.
        raw.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        # Busy has kinds, such as that another one repairs what a process left that was killed.
        if last or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


@contextmanager
def told(database: Engine) -> Iterator[None]:
    """Whatever the database says while the block runs is a StoreError."""
    try:
        yield
    except PoolExhausted as error:
        raise StoreError(f"{name(database)}: too much is asked of it at once; try again later") from error
    except (DBAPIError, _errors_of(database)) as error:  # the driver's own: of `ask`, and of a beginning
        original = getattr(error, "orig", error)
        said = _ASIDE.sub("", " ".join(str(original).split()))
        step = advice.step(said, getattr(original, "sqlstate", None))
        lost = database.dialect.name == "postgresql" and _is_cut_off(original, database)
        raise StoreError(f"{name(database)}: {said}{'; ' * bool(step)}{step}", cut_off=lost) from error


def _is_cut_off(error: Any, database: Engine) -> bool:
    kinds = (database.dialect.loaded_dbapi.OperationalError, database.dialect.loaded_dbapi.InternalError)
    return isinstance(error, kinds) and str(error.sqlstate).startswith(_CUT_OFF)


def _errors_of(database: Engine) -> type[Exception]:
    found: type[Exception] = database.dialect.loaded_dbapi.Error
    return found
