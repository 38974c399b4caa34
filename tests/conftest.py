"""What several tests start from: an empty database, once in a file and once on a PostgreSQL server."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine

from newsletter import store
from tests.stored import Schemas, schema_of_its_own

# A property holds or not, however busy the machine is.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite store that holds nothing, for copies: making its tables takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "newsletter.db"
    store.open_store(f"sqlite:///{path}").dispose()
    return path


@pytest.fixture(scope="session")
def schemas() -> Iterator[Schemas]:
    """Stores on a PostgreSQL server that hold nothing, for one test after the other."""
    every = Schemas(_server())
    yield every
    every.drop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database: without any table, unless the test has asked for an open store."""
    is_open = "database" in request.fixturenames
    if request.param == "postgresql":
        schemas = request.getfixturevalue("schemas") if is_open else None
        with schemas.lent() if schemas else schema_of_its_own(_server()) as url:
            yield url
        return
    if is_open:
        shutil.copy(request.getfixturevalue("empty_file"), tmp_path / "newsletter.db")
    yield f"sqlite:///{tmp_path}/newsletter.db"


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """The address of a database without any table, on a PostgreSQL server."""
    with schema_of_its_own(_server()) as url:
        yield url


def _server() -> str:
    server = os.environ.get("NEWSLETTER_TEST_PG")
    if not server:
        pytest.skip("set NEWSLETTER_TEST_PG to the address of a PostgreSQL database for tests")
    return server


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    """An open store that holds nothing."""
    opened = store.open_store(database_url)
    yield opened
    opened.dispose()
