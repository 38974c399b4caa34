"""What a server's limits, and a server that is gone, do to those who deliver: nothing is lost."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import Engine, text

from newsletter import store
from newsletter.errors import StoreError
from newsletter.model import DeliveryStatus
from tests.clusters import Cluster, cluster
from tests.delivering import SENT, Delivering, delivering, names

# Far below what the trigger takes for each statement that changes the ledger.
_LIMITED = "{url}%20-cstatement_timeout%3D150ms%20-clock_timeout%3D150ms"
_SLOW = """
    CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(0.25); RETURN NULL; END $$;
    CREATE TRIGGER slow AFTER UPDATE ON deliveries FOR EACH STATEMENT EXECUTE FUNCTION slow();
"""


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[Engine]:
    url = request.getfixturevalue("postgresql_url")
    store.open_store(url).dispose()  # tables are made without a limit
    opened = store.open_store(_LIMITED.format(url=url))
    yield opened
    opened.dispose()


def test_limits_that_are_set_for_others_do_not_cut_the_ledger_off(database: Engine) -> None:
    way = delivering(database, names(3))
    way.enqueue()
    with store.writing(database) as tx:
        tx.execute(text(_SLOW))

    way.run(patience_s=5)

    assert set(way.statuses().values()) == {SENT}


def test_a_lock_that_another_one_holds_is_waited_for_longer_than_others_may(database: Engine) -> None:
    way, held = delivering(database, names(3)), Event()
    way.enqueue()

    def hold() -> None:
        with store.writing(database, patience_s=5) as tx:
            tx.execute(text("SELECT state FROM sendings FOR UPDATE"))
            held.set()
            time.sleep(0.6)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        held.wait()
        way.run(patience_s=5)
        holding.result()

    assert set(way.statuses().values()) == {SENT}


def test_a_limit_that_nothing_can_be_done_within_is_told_with_what_helps(database: Engine) -> None:
    tries = []

    def sleep() -> None:
        tries.append(1)
        with store.reading(database) as tx:
            tx.execute(text("SELECT pg_sleep(1)"))

    with pytest.raises(StoreError, match=r"statement timeout; .*ALTER ROLE") as said:
        store.again(database, sleep, patience_s=1)

    assert (len(tries) > 1, said.value.cut_off) == (True, True)


def test_what_no_repetition_helps_is_not_done_again(database: Engine) -> None:
    tries = []

    def mistake() -> None:
        tries.append(1)
        with store.reading(database) as tx:
            tx.execute(text("SELECT nothing"))

    with pytest.raises(StoreError, match="does not exist"):
        store.again(database, mistake)

    assert len(tries) == 1


def test_a_server_that_only_follows_by_now_is_asked_again(database: Engine) -> None:
    """As one that was the primary before: by the next connection it is the other one."""
    tries = []

    def write() -> int:
        tries.append(1)
        with store.writing(database) as tx:
            if len(tries) == 1:
                tx.execute(text("SET TRANSACTION READ ONLY"))
            tx.execute(text("CREATE TABLE written (id int)"))
        return len(tries)

    assert store.again(database, write) == 2


@pytest.fixture
def server() -> Iterator[Cluster]:
    with cluster() as made:
        yield made


def test_a_server_that_is_away_for_longer_than_the_patience_stops_the_run_and_the_next_goes_on(
    server: Cluster,
) -> None:
    database = store.open_store(server.url)
    way = delivering(database, names(4))
    way.enqueue()
    ledger = way.ledger(patience_s=1)
    ledger.join()
    first = ledger.claim(2)[0].claimed
    assert ledger.commit([], [first], []).ends == {first.id}

    server.stop("immediate")
    began = time.monotonic()
    with pytest.raises(StoreError, match="see that the server runs and that database_url is right"):
        ledger.commit([], [], [])
    assert 1 <= time.monotonic() - began < 10
    server.start()
    way.later(minutes=5)
    way.run()

    assert _by_status(way) == {DeliveryStatus.UNKNOWN: 1, SENT: 3}
    database.dispose()


def _by_status(way: Delivering) -> dict[DeliveryStatus, int]:
    found = [*way.statuses().values()]
    return {status: found.count(status) for status in set(found)}
