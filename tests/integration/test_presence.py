"""The row by which others see a process, and how often it looks for what is due."""

import pytest

from newsletter import store
from newsletter.daemon.couriers import Couriers
from newsletter.daemon.presence import Presence
from newsletter.store import processes
from newsletter.store.processes import Process, Role
from tests.running import Keeping, keeping, waited

__all__ = ["keeping"]


def present(keeping: Keeping) -> list[Process]:
    with store.reading(keeping.database) as tx:
        return [*processes.present(tx, now=keeping.now)]


def presence(keeping: Keeping) -> Presence:
    daemon = keeping.daemon
    return Presence(keeping.database, daemon, Role.RUN, clock=keeping.clock, leads=lambda: True)


def test_a_process_is_there_from_its_first_sign_of_life_until_it_leaves(keeping: Keeping) -> None:
    one = presence(keeping)
    one.beat()
    keeping.later(seconds=10)
    one.beat()

    [found] = present(keeping)
    assert (found.role, found.leads, found.seen_at) == (Role.RUN, True, keeping.now)
    one.leave()
    assert present(keeping) == []


def test_one_that_slept_until_it_was_forgotten_is_there_anew(keeping: Keeping) -> None:
    one = presence(keeping)
    one.beat()
    keeping.later(days=8)
    other = presence(keeping)
    other.beat()
    one.beat()

    assert [found.gone for found in present(keeping)] == [False, False]


def test_a_sign_of_life_that_cannot_be_given_ends_nothing_and_is_told_once(keeping: Keeping) -> None:
    one = presence(keeping)
    with store.writing(keeping.database) as tx:
        tx.exec_driver_sql("ALTER TABLE processes RENAME TO elsewhere")
    try:
        one.start()
        waited(lambda: str(keeping.events), lambda told: "trouble" in told, of=one)
        one.stop()
        one._thread.join()
    finally:
        with store.writing(keeping.database) as tx:
            tx.exec_driver_sql("ALTER TABLE elsewhere RENAME TO processes")

    assert keeping.told() == ["trouble"]


def test_the_longer_nothing_is_due_the_less_often_it_looks(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[float] = []
    one = Couriers(keeping.daemon)

    class Woken:
        def clear(self) -> None: ...

        def set(self) -> None: ...

        def wait(self, seconds: float) -> None:
            looks.append(seconds)
            if len(looks) == 7:
                keeping.daemon.stop()

    one._woken = Woken()  # type: ignore[assignment]
    one.start()
    one._looking.join()

    assert looks == [1, 2, 4, 8, 16, 30, 30]
