"""Which server a database is on: for roles that may ask nothing, and after a move to a new server."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from newsletter import store
from newsletter.errors import StoreError
from newsletter.fence import Fence
from newsletter.store import fences
from tests.builders import NOW
from tests.clusters import Cluster, cluster


@pytest.fixture
def server() -> Iterator[Cluster]:
    with cluster() as made:
        yield made


@pytest.fixture
def plain(server: Cluster) -> Iterator[Engine]:
    """A database of a role that has no rights beside it."""
    server.ask("CREATE ROLE plain LOGIN")
    server.ask("GRANT CREATE ON SCHEMA public TO plain")
    opened = store.open_store(server.url.replace("//postgres@", "//plain@"))
    yield opened
    opened.dispose()


def rise(fence: Fence) -> int:
    with store.writing(fence.database) as tx:
        number = fence.rise(tx)
        assert tx.scalar(text("SELECT 1")) == 1  # the transaction goes on
    fence.keep(number)
    return number


def test_a_role_without_rights_is_told_which_server_it_is(plain: Engine, tmp_path: Path) -> None:
    assert rise(Fence(plain, tmp_path / "fence")) == 1

    with store.reading(plain) as tx:
        assert fences.read(tx).here.database


@pytest.mark.parametrize("function", ["pg_control_system()", "pg_walfile_name(pg_lsn)"])
def test_where_the_server_does_not_say_mails_go_all_the_same(
    server: Cluster, plain: Engine, tmp_path: Path, function: str
) -> None:
    fence = Fence(plain, tmp_path / "fence")
    rise(fence)
    server.ask(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")

    assert (rise(fence), fence.restored()) == (2, "")
    with store.reading(plain) as tx:
        found = fences.read(tx)
    # What others know, whose roles are told, is kept.
    assert (found.here.database, found.rose.database != "") == ("", True)


def test_a_database_that_moved_to_a_new_server_waits_for_a_word_and_is_told_which(
    server: Cluster, plain: Engine, tmp_path: Path
) -> None:
    before = Fence(plain, tmp_path / "fence")
    rise(before)
    with cluster() as other:
        moved(server, other)
        opened = store.open_store(other.url)
        after = Fence(opened, before.path)
        said = after.restored()
        with pytest.raises(StoreError, match=r"nothing goes: another server .* or the database was moved"):
            after.require()
        after.accept(zones={}, now=NOW)
        assert (rise(after) > 1, after.restored()) == (True, "")
        opened.dispose()

    assert said.endswith("look at newsletter status, then run: newsletter schedule resume")


def moved(server: Cluster, other: Cluster) -> None:
    """Copy the database as PostgreSQL's own programs do."""
    place = ["-h", str(server.folder), "-p", str(server.port), "-U", "postgres", "--no-owner", "news"]
    dump = subprocess.run([str(server.programs / "pg_dump"), *place], capture_output=True, check=True)
    psql = [str(other.programs / "psql"), "-h", str(other.folder), "-p", str(other.port), "-U", "postgres"]
    subprocess.run([*psql, "-Xq", "news"], input=dump.stdout, capture_output=True, check=True)
