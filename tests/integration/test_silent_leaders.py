"""The connection of a leader is ended only where it is certain that its process stands still."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from newsletter import app, store
from newsletter.errors import StoreError
from newsletter.store import connection, here, processes
from newsletter.store.leading import Lead
from newsletter.store.processes import Role

# Far less than it takes to connect, and to look.
NOTHING_S, LONG_S = 0.001, 600.0


@pytest.fixture
def server(postgresql_url: str) -> Iterator[Engine]:
    opened = store.open_store(postgresql_url)
    yield opened
    opened.dispose()


@pytest.fixture
def leader(server: Engine) -> Iterator[Lead]:
    """A leader whose process gave a sign of life when it began, and none since."""
    lead = Lead(server, lively=True)
    assert lead.is_held()
    with store.writing(server) as tx:
        processes.join(tx, Role.RUN, version="1", now=app.clock_of(server)())
    time.sleep(0.05)
    yield lead
    lead.close()


def test_another_leads_and_the_one_that_stood_still_finds_out(server: Engine, leader: Lead) -> None:
    other = Lead(server, lively=True, silent_s=NOTHING_S)

    assert other.is_held()

    at = here.place()
    assert other.said.startswith(f"{at.host}, process {at.pid} leads, and has given no sign of life for ")
    with pytest.raises(StoreError):
        leader.is_held()
    assert (leader.is_held(), leader.said) == (False, "")
    other.close()


def test_one_that_gave_a_sign_of_life_lately_goes_on(server: Engine, leader: Lead) -> None:
    other = Lead(server, lively=True, silent_s=LONG_S)

    assert (other.is_held(), other.said, leader.is_held()) == (False, "", True)


def test_one_that_has_just_begun_goes_on_though_nobody_knows_its_process(server: Engine) -> None:
    leader, other = Lead(server, lively=True), Lead(server, silent_s=LONG_S)

    assert (leader.is_held(), other.is_held(), leader.is_held()) == (True, False, True)
    leader.close()


def test_one_that_gives_no_signs_of_life_by_its_nature_goes_on(server: Engine) -> None:
    tick, other = Lead(server), Lead(server, lively=True, silent_s=NOTHING_S)
    assert tick.is_held()
    time.sleep(0.05)

    assert (other.is_held(), other.said, tick.is_held()) == (False, "", True)
    tick.close()


def test_a_role_that_may_not_end_it_says_what_to_do(
    server: Engine, leader: Lead, postgresql_url: str
) -> None:
    with store.writing(server) as tx:
        role = f"stranger_{tx.scalar(text('SELECT current_schema()'))}"
        for words in (
            f"CREATE ROLE {role}",
            f"GRANT USAGE ON SCHEMA {role.removeprefix('stranger_')} TO {role}",
            f"GRANT SELECT ON processes TO {role}",
        ):
            tx.execute(text(words))
    stranger = connection.connect(f"{postgresql_url}%20-crole%3D{role}", create=False)
    other = Lead(stranger, silent_s=NOTHING_S)
    try:
        assert (other.is_held(), leader.is_held()) == (False, True)
        assert "this role may not end its connection" in other.said
        assert other.said.endswith("; end that process")
    finally:
        stranger.dispose()
        with store.writing(server) as tx:
            tx.execute(text(f"DROP OWNED BY {role}"))
            tx.execute(text(f"DROP ROLE {role}"))
