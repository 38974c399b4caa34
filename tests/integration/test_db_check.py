"""`newsletter db check`: what is not in order with a database, and what helps; each fault is a real one."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, insert, text
from typer.testing import CliRunner, Result

from newsletter import store
from newsletter.cli import commands
from newsletter.errors import StoreError
from newsletter.store import connection, fences, soundness, tables
from tests import clusters, stored
from tests.builders import NOW
from tests.clusters import Cluster

_KEY = "paper_keys DROP CONSTRAINT fk_paper_keys_paper_id_papers"
_AGAIN = "paper_keys ADD CONSTRAINT again FOREIGN KEY (paper_id) REFERENCES papers (id) NOT VALID"
_INVALID = "indisvalid = false WHERE indexrelid = 'ix_consents_subscriber_id'::regclass"


def problems(url: str, *statements: str) -> tuple[str, ...]:
    """What is said of the database after those statements."""
    database = connection.connect(url, create=False)
    with store.writing(database) as tx:
        for statement in statements:
            tx.execute(text(statement))
    found = store.health(database).problems
    database.dispose()
    return found


def test_nothing_is_said_of_a_store_that_is_in_order(database: Engine, database_url: str) -> None:
    with store.writing(database) as tx:
        fences.rise(tx)
    assert [one for one in problems(database_url) if not one.startswith(stored.FASTER)] == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DROP TABLE notices", "table notices is missing; restore the database from a backup"),
        ("CREATE TABLE bookmarks (id INTEGER)", "table bookmarks is none of this version"),
        ("ALTER TABLE papers DROP COLUMN version", "papers: column version is missing"),
        ("ALTER TABLE papers ADD COLUMN stars INTEGER", "papers: column stars is none of this version"),
        ("DROP INDEX ix_consents_subscriber_id", "consents: index ix_consents_subscriber_id is missing"),
        ("CREATE INDEX mine ON papers (title)", "papers: index mine is none of this version"),
    ],
)
def test_tables_that_are_not_those_of_this_version_are_told(
    database: Engine, database_url: str, statement: str, said: str
) -> None:
    assert any(one.startswith(said) for one in problems(database_url, statement))


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (
            [f"UPDATE pg_index SET {_INVALID}"],  # noqa: S608
            "index ix_consents_subscriber_id is not valid, so that nothing uses it; run: REINDEX",
        ),
        (
            ["INSERT INTO wordings (id, text) VALUES (7, 'yes')"],
            "wordings: the next number is given already, and new rows would be refused; run: SELECT setval('",
        ),
        (
            [f"ALTER TABLE {_KEY}", f"ALTER TABLE {_AGAIN}"],
            "paper_keys: again was not checked for all rows; some may name rows that are gone; run",
        ),
        (
            ["ALTER TABLE consents DISABLE TRIGGER ALL"],
            "consents: its keys are not checked, so that rows may name rows that are gone; run: ALTER TABLE",
        ),
        (
            ["ALTER TABLE papers ALTER COLUMN title TYPE varchar(9)"],
            "papers: column title is of another kind",
        ),
    ],
)
def test_what_only_a_server_can_have_is_told_with_what_helps(
    postgresql_url: str, statements: list[str], said: str
) -> None:
    store.open_store(postgresql_url).dispose()

    assert any(one.startswith(said) for one in problems(postgresql_url, *statements))


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("synchronous_commit=off", "synchronous_commit is off: a mail that a server took could be forgotten"),
        ("synchronous_commit=local", "synchronous_commit is local: "),
        ("default_transaction_read_only=on", "the database is set to be read only"),
    ],
)
def test_a_setting_that_risks_what_was_written_is_told(postgresql_url: str, setting: str, said: str) -> None:
    store.open_store(postgresql_url).dispose()
    database = store.open_store(
        postgresql_url.replace("options=", f"options=-c{setting.replace('=', '%3D')}%20")
    )

    assert any(one.startswith(said) for one in store.health(database).problems)
    database.dispose()


@pytest.mark.parametrize(("version", "old"), [(130_012, True), (140_000, False), (150_018, False)])
def test_a_server_that_is_too_old_is_told(version: int, *, old: bool) -> None:
    assert [*soundness.too_old(version)] == [
        "PostgreSQL 13 is too old; upgrade the server to 14 or newer"
    ] * old


@pytest.fixture(scope="module")
def unsafe() -> Iterator[Cluster]:
    """A server that a power cut harms, with a database that is not in UTF-8."""
    with clusters.cluster(fsync="off", full_page_writes="off") as made:
        made.ask("CREATE DATABASE narrow ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
        yield made


def check(url: str, monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.setenv("NEWSLETTER__DATABASE_URL", url)
    return CliRunner().invoke(commands, ["db", "check"])


def test_a_server_that_a_power_cut_harms_is_told(unsafe: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    store.open_store(unsafe.url).dispose()

    result = check(unsafe.url, monkeypatch)

    assert result.exit_code == 1
    assert result.stdout.splitlines()[0].endswith("\tnot in order")
    why = "a mail that a server took could be forgotten by a power cut, and go again"
    for name in ("fsync", "full_page_writes"):
        assert f"error: {name} is off: {why}; set {name} = on on the server" in result.stderr.splitlines()
    assert "restore" not in result.stderr


def test_a_database_that_cannot_hold_every_title_is_told(
    unsafe: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = unsafe.url.replace("/news?", "/narrow?")
    database = store.open_store(url)

    assert "error: the database is in LATIN1, which cannot hold every name" in check(url, monkeypatch).stderr
    with (
        pytest.raises(StoreError, match="not in UTF-8; run: newsletter db check"),
        store.writing(database) as tx,
    ):
        tx.execute(insert(tables.moments).values(name="王", at=NOW))
    database.dispose()


def test_a_standby_is_told(unsafe: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    store.open_store(unsafe.url).dispose()
    with clusters.standby(unsafe) as other:
        result = check(other.url, monkeypatch)
        doctor = CliRunner().invoke(commands, ["doctor", "--no-network"])

    assert "error: the server is a standby, which takes no writes; name the one that does" in result.stderr
    assert "standby" in doctor.stdout
