"""Who leads among several processes of one PostgreSQL server, what wakes them, and whose time they go by."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from newsletter import app, store
from newsletter.errors import StoreError
from newsletter.store import bell, clock, processes
from newsletter.store.leading import Lead
from newsletter.store.processes import Role
from tests.builders import NOW

_END_ALL = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name")


@pytest.fixture
def url(postgresql_url: str, request: pytest.FixtureRequest) -> str:
    return f"{postgresql_url}&application_name={request.node.name[:60]}"


@pytest.fixture
def database(url: str) -> Iterator[Engine]:
    opened = store.open_store(url)
    yield opened
    opened.dispose()


def cut_off(postgresql_url: str, database: Engine) -> None:
    """Have the server end every connection of the database."""
    other = store.open_store(postgresql_url)
    with store.writing(other) as tx:
        tx.execute(_END_ALL, {"name": database.url.query["application_name"]})
    other.dispose()


def test_one_leads_until_it_lets_go_and_then_the_next(database: Engine) -> None:
    first, second = Lead(database), Lead(database)

    assert (first.is_held(), second.is_held(), first.is_held()) == (True, False, True)
    first.close()
    assert (second.is_held(), first.is_held()) == (True, False)
    second.close()


def test_who_lost_the_connection_does_not_lead_and_says_so(postgresql_url: str, database: Engine) -> None:
    first, second = Lead(database), Lead(database)
    assert first.is_held()
    cut_off(postgresql_url, database)

    with pytest.raises(StoreError) as said:
        first.is_held()
    assert said.value.cut_off
    assert (second.is_held(), first.is_held()) == (True, False)
    second.close()


def test_a_bell_is_heard_at_once_by_all_and_only_when_it_was_rung_for_good(database: Engine) -> None:
    bells = [bell.Bell(database), bell.Bell(database)]
    assert [one.heard(within_s=0) for one in bells] == [True, True]  # what came before was not heard
    assert not bells[0].heard(within_s=0.1)

    def ring() -> None:
        with store.writing(database) as tx:
            bell.ring(tx)

    threading.Timer(0.2, ring).start()
    with ThreadPoolExecutor(2) as pool:
        began = time.monotonic()
        assert [*pool.map(lambda one: one.heard(within_s=20), bells)] == [True, True]
    assert time.monotonic() - began < 10
    for one in bells:
        one.close()


def test_a_bell_whose_connection_was_lost_listens_anew(postgresql_url: str, database: Engine) -> None:
    one = bell.Bell(database)
    one.heard(within_s=0)
    cut_off(postgresql_url, database)

    with pytest.raises(StoreError):
        one.heard(within_s=5)
    assert one.heard(within_s=5)
    one.close()


def test_the_time_of_a_server_is_that_of_all_its_machines(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever this machine's clock shows."""
    monkeypatch.setattr(app, "utcnow", lambda: NOW - timedelta(days=400))
    told = app.clock_of(database)

    assert abs(told() - datetime.now(UTC)) < timedelta(seconds=5)


def test_the_time_goes_on_between_two_questions_and_is_set_right_by_the_next(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    even = [1000.0]
    monkeypatch.setattr(clock, "_even_s", lambda: even[0])
    told = clock.DatabaseClock()
    with store.reading(database) as tx:
        told.keep_right(tx)
        first = told()
        even[0] += 4
        told.keep_right(tx)
        assert told() - first == timedelta(seconds=4)
        even[0] += 4
        told.keep_right(tx)

    assert told() - first < timedelta(seconds=4)


def test_a_process_is_there_until_it_ends_or_is_silent_for_long(database: Engine) -> None:
    with store.writing(database) as tx:
        worker = processes.join(tx, Role.WORKER, version="1", now=NOW)
        daemon = processes.join(tx, Role.RUN, version="1", now=NOW)
        processes.seen(tx, daemon, leads=True, now=NOW + timedelta(seconds=30))
        found = processes.present(tx, now=NOW + timedelta(seconds=40))
        assert [(one.leads, one.gone) for one in found] == [(False, True), (True, False)]
        processes.leave(tx, worker)
        assert [one.id for one in processes.present(tx, now=NOW)] == [daemon]
        processes.join(tx, Role.RUN, version="1", now=NOW + timedelta(days=8))
        assert not processes.seen(tx, daemon, leads=False, now=NOW)
