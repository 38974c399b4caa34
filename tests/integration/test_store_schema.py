"""Databases: how one comes to its tables, and which are refused, with what to do next."""

import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event, insert, inspect, select, text
from sqlalchemy.exc import StatementError

from newsletter import store
from newsletter.errors import SchemaOutdated, StoreError
from newsletter.store import connection, files, schema, tables
from tests.builders import NOW, digest, paper
from tests.stored import content, dump, ingest, many

ROOT = Path(__file__).parents[2]


def test_the_migrations_make_the_tables_that_the_code_uses(database: Engine) -> None:
    with store.reading(database) as tx:
        options = {"compare_type": True, "version_table": schema.VERSION_TABLE}
        wanted = {"include_object": _is_of(tx.dialect.name)}
        context = MigrationContext.configure(tx, opts=options | wanted)

        assert compare_metadata(context, tables.metadata) == []


def _is_of(dialect: str) -> Callable[..., bool]:
    """Whether a database of that kind is to have it: SQLite alone has keys that PostgreSQL is spared."""
    spared = {"fk_deliveries_issue_id_issues", "fk_deliveries_pattern_id_patterns"}
    return lambda _, name, *__: dialect == "sqlite" or name not in spared


def test_migrated_tables_are_those_of_a_fresh_database(database_url: str) -> None:
    database = connection.connect(database_url, create=True)
    with store.writing(database) as tx:
        tables.metadata.create_all(tx)
        fresh = shape(tx)
        tables.metadata.drop_all(tx)

    schema.upgrade(database)

    with store.reading(database) as tx:
        assert shape(tx) == fresh
    database.dispose()


def shape(tx: store.Connection) -> dict[str, list[object]]:
    inspector = inspect(tx)
    return {
        name: [
            [{**column, "type": repr(column["type"])} for column in inspector.get_columns(name)],
            inspector.get_pk_constraint(name),
            sorted(inspector.get_foreign_keys(name), key=lambda key: str(key["name"])),
            sorted(inspector.get_unique_constraints(name), key=lambda key: str(key["name"])),
            sorted(repr(index_of(found)) for found in inspector.get_indexes(name)),
        ]
        for name in tables.metadata.tables
    }


def index_of(found: Mapping[str, Any]) -> dict[str, object]:
    """An index, its condition as text, so that two can be compared."""
    options = {name: str(value) for name, value in found["dialect_options"].items()}
    return {**found, "dialect_options": options}


def test_papers_of_an_older_database_are_kept(database_url: str) -> None:
    database = connection.connect(database_url, create=True)
    with store.writing(database) as tx:
        settings = Config(attributes={"connection": tx})
        settings.set_main_option("script_location", "newsletter.store:migrations")
        command.upgrade(settings, "0001")
    ingest(database, many(3))
    database.dispose()
    with pytest.raises(SchemaOutdated, match="are of revision 0001, this version needs " + schema.REVISION):
        store.open_store(database_url)

    assert store.upgrade(database_url) == ("0001", schema.REVISION)

    opened = store.open_store(database_url)
    assert len(content(opened)["papers"]) == 3
    assert store.health(opened).counts["issues"] == 0
    opened.dispose()


def test_the_revision_of_the_code_is_the_newest_migration() -> None:
    versions = ScriptDirectory(ROOT / "newsletter" / "store" / "migrations")

    assert versions.get_current_head() == schema.REVISION
    numbers = [found.revision for found in versions.walk_revisions()]
    assert numbers == sorted(numbers, reverse=True)


def test_opening_again_finds_what_was_kept(database_url: str) -> None:
    first = store.open_store(database_url)
    ingest(first, many(3))
    before = dump(first)
    first.dispose()

    second = store.open_store(database_url)

    assert dump(second) == before
    assert store.upgrade(database_url) == (schema.REVISION, schema.REVISION)
    second.dispose()


@pytest.mark.parametrize(
    ("revision", "message"),
    [
        ("0000", f"are of revision 0000, this version needs {schema.REVISION}; run: newsletter db upgrade"),
        ("0099", f"are of revision 0099, this version knows {schema.REVISION} and older; install the"),
    ],
)
def test_tables_of_another_version_are_refused(database_url: str, revision: str, message: str) -> None:
    database = store.open_store(database_url)
    with store.writing(database) as tx:
        tx.execute(text("UPDATE newsletter_revision SET version_num = :to"), {"to": revision})
    database.dispose()

    with pytest.raises(SchemaOutdated, match=message):
        store.open_store(database_url)


def test_a_newer_database_is_not_upgraded(database_url: str) -> None:
    database = store.open_store(database_url)
    with store.writing(database) as tx:
        tx.execute(text("UPDATE newsletter_revision SET version_num = '0099'"))
    database.dispose()

    with pytest.raises(SchemaOutdated, match="revision 0099"):
        store.upgrade(database_url)


def test_tables_of_another_program_are_left_alone(database_url: str) -> None:
    database = connection.connect(database_url, create=True)
    with store.writing(database) as tx:
        tx.execute(text("CREATE TABLE bookmarks (id INTEGER)"))
    database.dispose()

    for opening in (store.open_store, store.upgrade):
        with pytest.raises(StoreError, match=r"holds tables \(bookmarks, …\) that newsletter did not make"):
            opening(database_url)


def test_an_upgrade_that_breaks_off_leaves_nothing_and_can_be_run_again(database_url: str) -> None:
    database = connection.connect(database_url, create=True)

    def break_off(_: object, __: object, statement: str, *rest: object) -> None:
        if "CREATE TABLE sightings" in statement:
            raise KeyboardInterrupt

    event.listen(database, "before_cursor_execute", break_off)
    with pytest.raises(KeyboardInterrupt):
        schema.upgrade(database)
    event.remove(database, "before_cursor_execute", break_off)

    with store.reading(database) as tx:
        assert inspect(tx).get_table_names() == []
    assert schema.upgrade(database) == (None, schema.REVISION)
    database.dispose()


def test_several_processes_may_make_one_database_at_once(database_url: str) -> None:
    code = "import sys; from newsletter import store; store.open_store(sys.argv[1])"
    arguments = [sys.executable, "-c", code, database_url]

    with ThreadPoolExecutor() as pool:
        runs = list(
            pool.map(
                lambda _: subprocess.run(arguments, cwd=ROOT, capture_output=True, check=False), range(4)
            )
        )

    assert [run.stderr.decode() for run in runs] == [""] * 4
    store.open_store(database_url).dispose()


def test_a_moment_without_a_zone_is_refused(database: Engine) -> None:
    with pytest.raises(StatementError, match="naive moment"):
        ingest(database, digest(paper()), now=NOW.replace(tzinfo=None))


def test_a_moment_is_the_same_whatever_zone_it_was_told_in(database: Engine) -> None:
    in_india = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    ingest(database, digest(paper()), now=in_india)

    with store.reading(database) as tx:
        moment = tx.scalars(select(tables.digests.c.read_at)).one()
    assert (moment, moment.utcoffset()) == (NOW, timedelta(0))
    assert isinstance(moment, datetime)


def test_what_fails_in_a_transaction_is_not_kept(database: Engine) -> None:
    with pytest.raises(StoreError), store.writing(database) as tx:
        tx.execute(insert(tables.paper_keys).values(key="title:a", paper_id=7))

    assert dump(database)["paper_keys"] == []


# SQLite


def test_a_new_file_is_for_its_owner_and_keeps_a_log(tmp_path: Path) -> None:
    database = store.open_store(f"sqlite:///{tmp_path}/new 100%?#.db")

    with database.connect() as tx:
        pragmas = [tx.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS]
        assert pragmas == list(PRAGMAS.values())
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {f"new 100%?#.db{end}": 0o600 for end in ("", "-wal", "-shm")}
    database.dispose()


PRAGMAS = {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 10_000}


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("none/newsletter.db", "no folder .*none; make it, or name another file in database_url"),
        ("folder", "this is a folder; name a file in it in database_url"),
        ("page.txt", "file is not a database; name a database that newsletter made, or a new file"),
        ("cut.db", "the file is damaged; restore it from a backup"),
    ],
)
def test_a_place_that_holds_no_database_is_refused(tmp_path: Path, path: str, message: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "page.txt").write_text("new\n\nDaily Papers\n" * 100, encoding="utf-8")
    database = store.open_store(f"sqlite:///{tmp_path}/cut.db")
    ingest(database, many(50))
    database.dispose()
    os.truncate(tmp_path / "cut.db", 8192)

    with pytest.raises(StoreError, match=message):
        store.open_store(f"sqlite:///{tmp_path / path}")


def test_no_database_is_made_only_to_look_at_it(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"none\.db: no database yet; newsletter ingest makes it"):
        store.open_store(f"sqlite:///{tmp_path}/none.db", create=False)
    (tmp_path / "empty.db").touch()
    with pytest.raises(StoreError, match="an empty database; run: newsletter db upgrade"):
        store.open_store(f"sqlite:///{tmp_path}/empty.db", create=False)

    assert [path.name for path in tmp_path.iterdir()] == ["empty.db"]


MOUNTS = """overlay / overlay rw 0 0
proc /proc proc rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sda1 /home/ada/my\\040disk ext4 rw 0 0
//server/share /mnt/share cifs rw 0 0
/dev/sdb1 /mnt/share ext4 rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/newsletter.db", None),
        ("/home/ada/newsletter.db", "nfs4"),
        ("/home/ada/my disk/newsletter.db", None),
        ("/homework/newsletter.db", None),
        ("/mnt/share/newsletter.db", None),
    ],
)
def test_a_file_on_a_network_is_told_from_a_local_one(path: str, kind: str | None) -> None:
    assert files.network_file_system(Path(path), MOUNTS) == kind


def test_a_file_on_a_network_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mounts").write_text(f"server:/x {tmp_path} nfs rw 0 0\n", encoding="utf-8")
    monkeypatch.setattr(files, "_MOUNTS", tmp_path / "mounts")

    with pytest.raises(StoreError, match=r"on a network file system \(nfs\), where SQLite loses data; name"):
        store.open_store(f"sqlite:///{tmp_path}/newsletter.db")


@pytest.mark.parametrize("locked", ["file", "folder"])
def test_a_place_that_may_not_be_written_is_told(locked: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, to run as a user with fewer rights")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "newsletter.db")
        if locked == "file":
            store.open_store(f"sqlite:///{path}").dispose()
        Path(folder).chmod(0o755)

        told = as_nobody(f"sqlite:///{path}")

    assert told.startswith(f"StoreError: {path}: ")
    assert "writable for this user, or set database_url" in told


def as_nobody(url: str) -> str:
    """What is told to a user who may write nowhere. Loaded first as root, who may read the code."""
    code = """
import os, sqlite3, sys
import alembic.command, sqlalchemy.dialects.sqlite
from newsletter import errors, store
os.setuid(65534)
try:
    store.upgrade(sys.argv[1])
except errors.StoreError as error:
    print(f"StoreError: {error}")
"""
    command = [sys.executable, "-c", code, url]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_a_writer_that_never_ends_is_told_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = store.open_store(f"sqlite:///{tmp_path}/newsletter.db")
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_S", 0)
    other = sqlite3.connect(tmp_path / "newsletter.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreError, match="database is locked; another process has been writing for long"):
        ingest(database, many(1))

    assert content(database)["papers"] == []
    other.close()
    ingest(database, many(1))
    database.dispose()


def test_a_writer_gets_its_turn_while_another_writes_on_and_on(tmp_path: Path) -> None:
    database = store.open_store(f"sqlite:///{tmp_path}/newsletter.db")
    had_its_turn = threading.Event()
    until = time.monotonic() + 30

    def write_on() -> bool:
        while not had_its_turn.is_set() and time.monotonic() < until:
            with store.writing(database):
                time.sleep(0.05)
        return had_its_turn.is_set()

    with ThreadPoolExecutor() as pool:
        other = pool.submit(write_on)
        for _ in range(3):
            time.sleep(0.1)
            with store.writing(database):
                pass
        had_its_turn.set()

        assert other.result()
    database.dispose()


def test_damage_is_found(tmp_path: Path) -> None:
    database = store.open_store(f"sqlite:///{tmp_path}/newsletter.db")
    ingest(database, many(50))
    assert store.health(database).problems == ()
    with sqlite3.connect(tmp_path / "newsletter.db") as other:
        other.execute("DELETE FROM papers WHERE id = 7")
    other.close()

    assert "sightings, row 7: names a row of papers that is gone" in store.health(database).problems
    database.dispose()


# PostgreSQL


def test_a_server_that_does_not_answer_is_told_without_the_password() -> None:
    with pytest.raises(StoreError) as caught:
        store.open_store("postgresql://ada:geheim@127.0.0.1:1/papers")

    told = str(caught.value)
    assert told.startswith("postgresql://ada:***@127.0.0.1:1/papers: ")
    assert "Connection refused" in told
    assert "see that the server runs and that database_url is right" in told
    assert "geheim" not in told
    assert "\n" not in told


def test_an_address_that_cannot_be_read_is_told_without_the_password() -> None:
    with pytest.raises(StoreError, match="write @ and / in a password as %40 and %2F") as caught:
        store.open_store("postgresql://ada:geheim@server:port/papers")

    assert "geheim" not in str(caught.value)
