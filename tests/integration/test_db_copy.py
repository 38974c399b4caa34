"""`newsletter db copy`: an installation moves from a file into PostgreSQL, whole or not at all."""

import json
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, event, func, insert, select, text
from typer.testing import CliRunner, Result

from newsletter import app, store
from newsletter.cli import commands
from newsletter.errors import StoreError
from newsletter.store import connection, fences, moved, processes, tables
from newsletter.store.processes import Role
from tests import dying, readers, stored
from tests.builders import CACHE_PAPER, NOW, OTHER_PAPER, digest, paper
from tests.desk import environment
from tests.stored import Schemas

runner = CliRunner()


@pytest.fixture
def file(tmp_path: Path, empty_file: Path) -> Path:
    """An installation with two readers and two papers; one more of each was there before."""
    path = tmp_path / "newsletter.db"
    path.write_bytes(empty_file.read_bytes())
    database = store.open_store(f"sqlite:///{path}")
    stored.ingest(
        database, digest(paper(*CACHE_PAPER), paper(*OTHER_PAPER, authors=("Zoë Łukasiewicz 王\t\\N",)))
    )
    for name in ("ada", "bob", "eve"):
        readers.reader(database, f"{name}@example.net")
    with store.writing(database) as tx:
        tx.execute(delete(tables.subscribers).where(tables.subscribers.c.address == "eve@example.net"))
    database.dispose()
    return path


@pytest.fixture
def url(schemas: Schemas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.chdir(tmp_path)
    with schemas.lent() as url:
        monkeypatch.setenv("NEWSLETTER__DATABASE_URL", url)
        yield url


@pytest.fixture
def target(url: str) -> Iterator[Engine]:
    opened = store.open_store(url)
    yield opened
    opened.dispose()


def run(*arguments: str) -> Result:
    return runner.invoke(commands, ["db", "copy", *arguments])


def change(file: Path, statement: str, *values: object) -> None:
    """Change the file as no program of ours would."""
    with closing(sqlite3.connect(file)) as other, other:
        other.execute(statement, values)


def kept(url: str) -> dict[str, list[object]]:
    database = connection.connect(url, create=False)
    found = stored.dump(database)
    database.dispose()
    return found


def is_empty(database: Engine) -> bool:
    return not any(rows for name, rows in stored.dump(database).items() if name != "salts")


@pytest.mark.parametrize("name", ["newsletter.db", "sqlite:///newsletter.db"])
def test_every_row_is_the_same_there(file: Path, url: str, name: str) -> None:
    result = run(name)

    assert result.exit_code == 0, result.stderr
    assert kept(url) == kept(f"sqlite:///{file}")
    assert result.stdout.splitlines()[0] == "table\trows"
    assert "subscribers\t2" in result.stdout.splitlines()
    assert "newsletter.db is kept as it was, and can be deleted when all is well" in result.stderr


def test_readers_who_were_brought_in_come_along(file: Path, url: str) -> None:
    here = {"NEWSLETTER__DATABASE_URL": f"sqlite:///{file}"}
    came = ["subscribers", "import", "-", "--consent", "on paper"]
    assert runner.invoke(commands, came, input="zoe@example.net\n", env=here).exit_code == 0
    with closing(sqlite3.connect(file)) as other:
        assert other.execute("SELECT DISTINCT length(confirmed_at) FROM subscriptions").fetchall() == [(26,)]
    # As an import once wrote it.
    change(file, "UPDATE subscriptions SET confirmed_at = confirmed_at || '+00:00' WHERE id = 1")

    result = run("newsletter.db")

    assert result.exit_code == 0, result.stderr
    assert kept(url) == kept(f"sqlite:///{file}")


def test_the_copy_answers_as_json(file: Path, url: str) -> None:
    answer = json.loads(run("newsletter.db", "--json").stdout)

    assert (answer["source"], answer["rows"]["papers"], answer["rows"]["asks"]) == ("newsletter.db", 2, 0)


def test_the_tables_are_as_they_were_made(file: Path, url: str, target: Engine) -> None:
    with store.reading(target) as tx:
        before = [tx.execute(text(query)).all() for query in (_KEYS, _INDEXES)]

    assert run("newsletter.db").exit_code == 0

    with store.reading(target) as tx:
        assert [tx.execute(text(query)).all() for query in (_KEYS, _INDEXES)] == before
    assert store.health(target).remedy == ""


_KEYS = (
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint "
    "WHERE connamespace = current_schema()::regnamespace ORDER BY 1, 2"
)
_INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() ORDER BY indexname"


def test_a_number_that_was_given_is_never_given_again(file: Path, url: str, target: Engine) -> None:
    change(file, "DELETE FROM edits")
    change(file, "INSERT INTO sqlite_sequence VALUES ('edits', 41)")

    assert run("newsletter.db").exit_code == 0

    readers.reader(target, "new@example.net")
    with store.reading(target) as tx:
        new = select(tables.subscribers.c.id).where(tables.subscribers.c.address == "new@example.net")
        assert tx.scalar(new) == 4
        assert tx.scalar(text("SELECT nextval('edits_id_seq')")) == 42


def test_a_database_that_was_only_looked_at_is_filled(file: Path, url: str, target: Engine) -> None:
    with store.writing(target) as tx:
        fences.tell(tx, 7)
        processes.join(tx, Role.WORKER, version="1", now=NOW)

    result = run("newsletter.db")

    assert result.exit_code == 0, result.stderr
    assert kept(url) == kept(f"sqlite:///{file}")


def test_only_an_empty_database_is_filled(file: Path, url: str, target: Engine) -> None:
    with store.writing(target) as tx:
        tx.execute(insert(tables.moments).values(name="step", at=NOW))
    before = stored.dump(target)

    result = run("newsletter.db")

    assert result.exit_code == 1
    assert "holds rows already (of moments), and a copy goes into an empty database only" in result.stderr
    assert stored.dump(target) == before
    store.open_store(f"sqlite:///{file}").dispose()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("title = 'a' || char(0) || 'b'", "title: a NUL character, which PostgreSQL keeps in no text"),
        ("title = CAST(x'41ff' AS TEXT)", "title: text that is not UTF-8"),
        ("abstract = x'4142'", "abstract: bytes where text has to be"),
        ("upvotes = 3000000000", "upvotes: a larger number than the column takes"),
        ("upvotes = 'many'", "upvotes: not a whole number"),
        ("authors = '['", "authors: not JSON"),
        ("first_seen_at = 'then'", "first_seen_at: no date, or no moment"),
        ("published = '2026-02-40'", "published: no date, or no moment"),
    ],
)
def test_what_a_server_does_not_take_is_told_by_table_row_and_column(
    file: Path, url: str, target: Engine, value: str, said: str
) -> None:
    change(file, f"UPDATE papers SET {value} WHERE id = 2")  # noqa: S608

    result = run("newsletter.db")

    assert result.exit_code == 1
    assert f"papers, row 2, {said}" in result.stderr
    assert "; nothing was copied" in result.stderr
    assert is_empty(target)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE digests SET fingerprint = hex(zeroblob(40))", "digests, row 1, fingerprint: longer than 64"),
        (
            "UPDATE papers SET first_seen_at = '2026-02-31'",
            "CONTEXT: COPY papers, line 1, column first_seen_at",
        ),
        ("DELETE FROM papers WHERE id = 2", "damaged: paper_keys, row"),
    ],
)
def test_what_is_damaged_is_told_and_nothing_is_copied(
    file: Path, url: str, target: Engine, statement: str, said: str
) -> None:
    change(file, statement)

    result = run("newsletter.db")

    assert (result.exit_code, said in result.stderr) == (1, True)
    assert is_empty(target)


@pytest.mark.parametrize(
    ("revision", "said"),
    [
        ("0005", "run: NEWSLETTER__DATABASE_URL=sqlite:///newsletter.db newsletter db upgrade"),
        ("0099", "install the newsletter that made them, or a newer one"),
    ],
)
def test_a_file_of_another_version_is_refused(file: Path, url: str, revision: str, said: str) -> None:
    change(file, "UPDATE newsletter_revision SET version_num = ?", revision)

    assert said in run("newsletter.db").stderr


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("none.db", 1, "none.db: no such file; name the SQLite file that newsletter made"),
        ("postgresql://a:geheim@b/c", 2, "from one PostgreSQL database to another: pg_dump"),
        (".", 1, "no such file"),
    ],
)
def test_what_is_no_file_of_ours_is_refused(url: str, name: str, code: int, said: str) -> None:
    result = run(name)

    assert (result.exit_code, said in result.stderr, "geheim" in result.stderr) == (code, True, False)


def test_nothing_is_copied_into_a_file(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    result = run("newsletter.db")

    assert result.exit_code == 2
    assert "database_url: names a SQLite file; let it be postgresql://" in result.stderr


def test_a_process_that_runs_on_the_file_is_named(file: Path, url: str) -> None:
    database = store.open_store(f"sqlite:///{file}")
    with store.writing(database) as tx:
        processes.join(tx, Role.RUN, version="1", now=app.utcnow())
    database.dispose()

    result = run("newsletter.db")

    assert "newsletter run (process " in result.stderr
    assert (
        "is at work on it; stop it and run this again; where you know that it is gone: --anyway"
        in result.stderr
    )
    assert run("newsletter.db", "--anyway").exit_code == 0


def test_a_file_that_was_copied_can_be_the_store_again(file: Path, url: str) -> None:
    before = kept(f"sqlite:///{file}")
    run("newsletter.db")
    with pytest.raises(StoreError, match="was copied to postgresql"):
        store.open_store(f"sqlite:///{file}")

    result = run("--undo", "newsletter.db")

    assert result.stdout.startswith("newsletter.db: the store again; it was copied to postgresql://")
    database = store.open_store(f"sqlite:///{file}")
    assert stored.dump(database) == before
    readers.reader(database, "new@example.net")
    database.dispose()
    assert run("--undo", "newsletter.db").stdout == "newsletter.db: was not copied\n"


def test_a_process_that_had_the_file_open_writes_nothing_any_more(file: Path, url: str) -> None:
    database = store.open_store(f"sqlite:///{file}")

    run("newsletter.db")

    with pytest.raises(StoreError, match=r"it was copied to postgresql.*; set database_url to that"):
        readers.reader(database, "new@example.net")
    database.dispose()


def test_who_dies_in_it_leaves_an_empty_database_and_it_can_be_made_again(
    file: Path, url: str, target: Engine
) -> None:
    before, code, at = kept(f"sqlite:///{file}"), -9, 3
    while code == -9:
        assert is_empty(target)
        done = subprocess.run(
            dying.command(at, "db", "copy", "newsletter.db"),
            env=environment() | {"NEWSLETTER__DATABASE_URL": url},
        )
        code, at = done.returncode, at + 47

    assert (code, at > 100) == (0, True)
    assert stored.dump(target) == before


def test_who_dies_before_the_server_has_it_leaves_a_file_that_can_be_copied_again(
    file: Path, url: str, target: Engine
) -> None:
    def end(tx: store.Connection) -> None:
        if tx.dialect.name == "postgresql" and tx.scalar(select(func.count()).select_from(tables.papers)):
            raise KeyboardInterrupt

    event.listen(Engine, "commit", end)
    try:
        run("newsletter.db")
    finally:
        event.remove(Engine, "commit", end)
    with pytest.raises(StoreError, match="was copied to"):
        store.open_store(f"sqlite:///{file}")
    assert is_empty(target)

    assert run("newsletter.db").exit_code == 0
    assert kept(url) == kept(f"sqlite:///{file}")


def test_a_file_that_went_elsewhere_is_not_copied_a_second_time(file: Path, url: str) -> None:
    database = store.open_store(f"sqlite:///{file}")
    with store.writing(database) as tx:
        moved.mark(tx, "postgresql+psycopg://other/papers", now=NOW)
    database.dispose()

    result = run("newsletter.db")

    assert "was copied to postgresql+psycopg://other/papers on 20" in result.stderr
    assert "where that copy is not in use: newsletter db copy --undo newsletter.db" in result.stderr


def test_tables_of_others_in_the_same_database_are_not_waited_for(
    file: Path, url: str, schemas: Schemas
) -> None:
    with schemas.lent() as other:
        opened = store.open_store(other)
        with store.writing(opened) as tx:
            tx.execute(text("LOCK TABLE papers"))
            assert run("newsletter.db").exit_code == 0
        opened.dispose()
