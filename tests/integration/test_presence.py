"""The row by which others see a process, and how often it looks for what is due."""

import threading
import time

import pytest

from newsletter import store
from newsletter.daemon.couriers import Couriers
from newsletter.daemon.leading import Leading
from newsletter.daemon.presence import Presence
from newsletter.daemon.working import Depot
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


def test_others_see_soon_that_it_leads(keeping: Keeping) -> None:
    leads = threading.Event()
    one = Presence(keeping.database, keeping.daemon, Role.RUN, clock=keeping.clock, leads=leads.is_set)

    def seen() -> str:
        return " ".join("leads" if found.leads else "stands by" for found in present(keeping))

    one.start()
    waited(seen, lambda said: said == "stands by", of="start")
    leads.set()
    began = time.monotonic()
    waited(seen, lambda said: said == "leads", of="lead")
    assert time.monotonic() - began < processes.BEAT.total_seconds() / 2
    one.stop()
    waited(lambda: str(one.ended()), lambda said: said == "True", of="end")


def test_one_that_slept_until_it_was_forgotten_is_there_anew(keeping: Keeping) -> None:
    one = presence(keeping)
    one.beat()
    keeping.later(days=8)
    other = presence(keeping)
    other.beat()
    one.beat()

    assert [found.gone for found in present(keeping)] == [False, False]


def test_one_that_starts_takes_the_place_of_one_that_is_gone(keeping: Keeping) -> None:
    before = [presence(keeping) for _ in range(3)]
    for one in before:
        one.beat()
    keeping.later(minutes=1)
    before[2].beat()
    presence(keeping).beat()

    assert [(found.id, found.gone) for found in present(keeping)] == [(2, True), (3, False), (4, False)]


def test_a_worker_delivers_though_nobody_looked_at_the_schedule_for_long(keeping: Keeping) -> None:
    depot = Depot(keeping.settings, keeping.database, keeping.daemon.rooms.dispatch)
    keeping.later(days=8)

    assert "nobody looked at the schedule" in keeping.daemon.rooms.held()
    assert depot.held() == ""


def test_only_who_leads_makes_steps_and_the_other_is_well_until_it_leads(
    keeping: Keeping, postgresql_url: str
) -> None:
    server = store.open_store(postgresql_url)
    both = [Leading(server, keeping.events.append) for _ in range(2)]
    first, second = [keeping.another(leading=one) for one in both]
    keeping.later(hours=2)

    assert second.step() != ()
    assert first.step() == ()
    assert (second.vitals.leads, first.vitals.leads, first.vitals.trouble) == (True, False, "")
    assert [one for one in keeping.told() if one.startswith("schedule")] == [
        "schedule.leads",
        "schedule.stands_by",
    ]
    both[1].end()
    keeping.later(days=1)
    assert second.step() == ()
    assert first.step() != ()
    both[0].end()
    server.dispose()


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
