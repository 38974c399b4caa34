"""What a transaction promises: to outlive a power cut, to lose patience, to tell nobody's address."""

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text

from newsletter import store
from newsletter.errors import StoreError
from newsletter.store import connection, tables
from tests.people import Readers


@pytest.mark.parametrize("durable", [True, False])
def test_what_somebody_was_told_is_on_disk(tmp_path: Path, *, durable: bool) -> None:
    """2 is FULL, 1 NORMAL. Source: SQLite, "PRAGMA synchronous"."""
    database = store.open_store(f"sqlite:///{tmp_path}/newsletter.db")
    for wanted in (durable, not durable, durable):
        with store.writing(database, durable=wanted) as tx:
            assert tx.scalar(text("PRAGMA synchronous")) == (2 if wanted else 1)
    database.dispose()


def test_each_verb_that_tells_somebody_outlives_a_power_cut(tmp_path: Path) -> None:
    database = store.open_store(f"sqlite:///{tmp_path}/newsletter.db")
    readers, seen = Readers(database), list[str]()
    trace = seen.append
    with database.connect() as kept:
        raw = kept.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.set_trace_callback(trace)
    key = readers.joined().key
    readers.leave(key)
    readers.add("bob@example.org")
    readers.remove("bob@example.org")
    readers.suppress()
    readers.lift()
    readers.erase()

    full = [line for line in seen if line.startswith("PRAGMA synchronous")]
    assert full == [f"PRAGMA synchronous = {how}" for how in ["NORMAL", *["FULL"] * 8]]
    database.dispose()


def test_a_writer_that_stands_still_is_made_to_let_go(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_STANDSTILL_S", 0.3)
    database = store.open_store(postgresql_url)
    lock = text("LOCK TABLE workers")
    still = store.Writer(database, patience_s=5)

    def stand_still() -> None:
        with still.writing() as tx:
            tx.execute(lock)
            # Its process is stopped here, as far as the server sees.
            with store.writing(database, patience_s=5) as other:
                other.execute(lock)
            tx.execute(lock)

    with pytest.raises(StoreError) as said:
        stand_still()
    with still.writing() as tx:
        tx.execute(lock)

    assert said.value.cut_off
    still.close()
    database.dispose()


def test_several_statements_are_asked_at_once(database: Engine) -> None:
    with store.writing(database) as tx:
        asked = [
            ("INSERT INTO paces (name, free_at) VALUES (?, '2026-01-06')", ("a",)),
            ("SELECT name FROM paces WHERE name = ?", ("a",)),
            ("SELECT name FROM paces WHERE name = ?", ("b",)),
        ]

        assert [[tuple(row) for row in rows] for rows in store.ask_all(tx, asked)] == [[], [("a",)], []]


def test_the_first_of_several_statements_that_fails_is_told_and_nothing_is_kept(database: Engine) -> None:
    writer, row = store.Writer(database), ("INSERT INTO paces (name, free_at) VALUES ('a', '2026-01-06')", ())

    with pytest.raises(StoreError, match="nowhere") as said, writer.writing() as tx:
        store.ask_all(tx, [row, ("SELECT 1 FROM nowhere", ()), row])
    with writer.writing() as tx:
        assert store.ask_all(tx, [("SELECT name FROM paces", ())]) == [[]]

    assert not said.value.cut_off
    writer.close()


def test_what_a_writer_waits_for_at_most_is_for_its_own_connection(postgresql_url: str) -> None:
    database = store.open_store(postgresql_url)
    writer, shown = store.Writer(database, patience_s=5), text("SHOW lock_timeout")
    with writer.writing() as tx:
        assert tx.scalar(shown) == "5s"
    writer.close()

    with store.writing(database) as tx:
        assert tx.scalar(shown) == "0"
    database.dispose()


def test_what_is_erased_is_not_left_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "newsletter.db"
    database = store.open_store(f"sqlite:///{path}")
    readers = Readers(database)
    for n in range(50):
        readers.add(f"unmistakable{n}@example.org")
    for n in range(50):
        readers.erase(f"unmistakable{n}@example.org")
    database.dispose()

    assert b"unmistakable" not in b"".join(one.read_bytes() for one in tmp_path.glob("newsletter.db*"))


def test_a_transaction_loses_patience_when_it_was_told_to(database: Engine) -> None:
    began = time.monotonic()
    with store.writing(database) as tx:
        tx.execute(tables.wordings.insert().values(id=1, text="a"))
        with (
            pytest.raises(StoreError, match="another process has been writing for long; try again after it"),
            store.writing(database, patience_s=0.3) as other,
        ):
            other.execute(tables.wordings.insert().values(id=1, text="b"))

    assert 0.3 <= time.monotonic() - began < 5


def test_many_threads_that_wait_for_their_turn_all_come_to_it(database: Engine) -> None:
    def write(number: int) -> None:
        with store.writing(database) as tx:
            tx.execute(tables.wordings.insert().values(text=str(number)))

    with ThreadPoolExecutor(40) as pool:
        assert len([*pool.map(write, range(120))]) == 120
    with store.reading(database) as tx:
        assert tx.scalar(select(func.count()).select_from(tables.wordings)) == 120


def test_what_a_waiting_transaction_reads_is_what_was_committed_meanwhile(database_url: str) -> None:
    """Whatever isolation an operator has set as the default."""
    if database_url.startswith("postgresql"):
        strict = "-cdefault_transaction_isolation%3Dserializable%20"
        database_url = database_url.replace("options=", f"options={strict}")
    database = store.open_store(database_url)
    readers = Readers(database)
    key = readers.joined().key
    with ThreadPoolExecutor(8) as pool:
        left = [*pool.map(lambda _: readers.leave(key), range(24))]

    assert sorted(map(len, left)) == [0] * 23 + [1]
    database.dispose()


def test_a_database_with_no_connection_left_is_told_in_a_line(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_CONNECT_TIMEOUT_S", 0.1)
    database = store.open_store(database_url)
    if database.dialect.name == "sqlite":
        pytest.skip("SQLite has a connection for each")
    held = [database.connect() for _ in range(15)]

    with pytest.raises(StoreError, match="too much is asked of it at once; try again later"):
        Readers(database).of()
    for one in held:
        one.close()
    database.dispose()
