"""APScheduler as the clock that calls steps, with jobs that only count."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from newsletter.daemon.clockwork import EVERY, Clockwork

DEADLINE_S = 30
Made = Callable[..., Clockwork]


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def made() -> Iterator[Made]:
    """Makes a clockwork that has ended when the test has."""
    every: list[Clockwork] = []

    def make(**jobs: Callable[[], object]) -> Clockwork:
        every.append(Clockwork(jobs, clock=now))
        return every[-1]

    yield make
    for one in every:
        one.stop()


def until(good: Callable[[], object]) -> None:
    end = time.monotonic() + DEADLINE_S
    while not good():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_each_job_runs_at_once_and_then_waits(made: Made) -> None:
    ran: list[str] = []
    clockwork = made(step=lambda: ran.append("step"), notices=lambda: ran.append("notices"))
    clockwork.start()

    until(lambda: len(ran) == 2 and clockwork.ended())
    assert sorted(ran) == ["notices", "step"]
    assert not clockwork.set_right()


def test_where_the_clock_was_put_back_a_job_does_not_wait_for_the_old_time(made: Made) -> None:
    ran: list[datetime] = []
    clockwork = made(step=lambda: ran.append(now()))
    clockwork.start()
    until(lambda: ran and clockwork.ended())

    # As it is when the clock of the machine is put back by two hours after a step.
    [job] = clockwork._scheduler.get_jobs()
    job.modify(next_run_time=now() + timedelta(hours=2))
    assert clockwork.set_right()
    until(lambda: len(ran) == 2)
    assert not clockwork.set_right()


def test_a_job_that_takes_long_is_not_begun_a_second_time(made: Made) -> None:
    ran: list[int] = []
    go_on = threading.Event()
    clockwork = made(step=lambda: (ran.append(1), go_on.wait(DEADLINE_S)))
    clockwork.start()
    until(lambda: ran)
    [job] = clockwork._scheduler.get_jobs()
    for _ in range(3):
        job.modify(next_run_time=now())
        time.sleep(0.05)

    assert (ran, clockwork.ended()) == ([1], False)
    go_on.set()
    until(clockwork.ended)


@pytest.mark.parametrize("late", [timedelta(hours=3), timedelta(days=365 * 56)])
def test_one_that_is_late_runs_once_and_at_once(made: Made, late: timedelta) -> None:
    ran: list[int] = []
    clockwork = made(step=lambda: ran.append(1))
    [job] = clockwork._scheduler.get_jobs()
    job.modify(next_run_time=now() - late)
    clockwork.start()

    until(lambda: ran and clockwork.ended())
    time.sleep(0.1)
    assert ran == [1]
    assert job.next_run_time - now() <= EVERY
