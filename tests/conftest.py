"""What several tests start from: an empty database, once in a file and once on a PostgreSQL server."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine

from newsletter import store
from tests.stored import schema_of_its_own

# A property holds or not, however busy the machine is.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/newsletter.db"
    else:
        yield from _on_a_server()


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """The address of a database without any table, on a PostgreSQL server."""
    yield from _on_a_server()


def _on_a_server() -> Iterator[str]:
    server = os.environ.get("NEWSLETTER_TEST_PG")
    if not server:
        pytest.skip("set NEWSLETTER_TEST_PG to the address of a PostgreSQL database for tests")
    with schema_of_its_own(server) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    """An open store that holds nothing."""
    opened = store.open_store(database_url)
    yield opened
    opened.dispose()
