"""What several tests start from: an empty database, once in a file and once on a PostgreSQL server."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import Engine, create_engine, text

from newsletter import store


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/newsletter.db"
        return
    server = os.environ.get("NEWSLETTER_TEST_PG")
    if not server:
        pytest.skip("set NEWSLETTER_TEST_PG to the address of a PostgreSQL database for tests")
    schema = f"test_{secrets.token_hex(8)}"
    admin = create_engine(server)
    with admin.begin() as tx:
        tx.execute(text(f"CREATE SCHEMA {schema}"))
    options = quote(f"-csearch_path={schema}")
    yield f"{server}{'&' if '?' in server else '?'}options={options}"
    with admin.begin() as tx:
        tx.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    admin.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    """An open store that holds nothing."""
    opened = store.open_store(database_url)
    yield opened
    opened.dispose()
