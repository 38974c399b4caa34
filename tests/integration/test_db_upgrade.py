"""`newsletter db upgrade` from the oldest tables: killed, run twice at once, or by an older program."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text

from newsletter import store
from newsletter.errors import SchemaOutdated
from newsletter.store import connection, schema
from tests import dying, stored
from tests.desk import environment
from tests.stored import FASTER
from tests.verdict import RUNS

# Every so many steps the program is killed once; with NEWSLETTER_TEST_RUNS=200 at each.
_APART = 1 if RUNS >= 200 else 31
_OLDEST = "0001"


@pytest.fixture
def old_url(database_url: str) -> str:
    """The address of a store of the oldest revision, with papers."""
    database = connection.connect(database_url, create=True)
    with store.writing(database) as tx:
        settings = Config(attributes={"connection": tx})
        settings.set_main_option("script_location", "newsletter.store:migrations")
        command.upgrade(settings, _OLDEST)
    stored.ingest(database, stored.many(3))
    database.dispose()
    return database_url


def seen(url: str) -> tuple[str | None, list[str], list[object]]:
    """The revision, the tables, and the papers."""
    database = connection.connect(url, create=False)
    with store.reading(database) as tx:
        papers = [tuple(row) for row in tx.execute(text("SELECT id, title, url FROM papers ORDER BY id"))]
        found = schema.revision(tx), sorted(inspect(tx).get_table_names()), [*papers]
    database.dispose()
    return found


def test_an_upgrade_that_is_killed_leaves_the_old_tables_or_the_new_ones(old_url: str) -> None:
    before, code, at = seen(old_url), -9, 0
    while code == -9:
        # Killed at the very end, the new ones are there.
        assert seen(old_url) == before or seen(old_url)[::2] == (schema.REVISION, before[2])
        env = environment() | {"NEWSLETTER__DATABASE_URL": old_url}
        code = subprocess.run(dying.command(at, "db", "upgrade"), env=env, capture_output=True).returncode
        at += _APART

    revision, _, papers = seen(old_url)
    assert (code, at > 3 * _APART) == (0, True)
    assert (revision, papers) == (schema.REVISION, before[2])
    opened = store.open_store(old_url)
    assert not [one for one in store.health(opened).problems if not one.startswith(FASTER)]
    opened.dispose()


def test_of_several_upgrades_at_once_one_makes_the_tables(old_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = sorted(pool.map(store.upgrade, [old_url] * 4), key=str)

    assert found == [(_OLDEST, schema.REVISION), *[(schema.REVISION, schema.REVISION)] * 3]


@pytest.mark.parametrize("act", ["upgrade", "open"])
def test_an_older_program_leaves_newer_tables_alone(database_url: str, act: str) -> None:
    store.open_store(database_url).dispose()
    database = connection.connect(database_url, create=False)
    with store.writing(database) as tx:
        tx.execute(text("UPDATE newsletter_revision SET version_num = '0099'"))
        tx.execute(text("DROP TABLE notices"))
    database.dispose()

    with pytest.raises(SchemaOutdated, match="install the newsletter that made them, or a newer one"):
        (store.upgrade if act == "upgrade" else store.open_store)(database_url)
    assert "notices" not in seen(database_url)[1]
