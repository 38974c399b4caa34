"""The clock that calls steps and notices, on APScheduler. It decides nothing: what is due is rows.

One job does not run twice at a time, and one that was late runs once (APScheduler: `coalesce`,
`max_instances`, `misfire_grace_time`). Nothing of it is kept: a process that starts makes its jobs anew.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

# How often each job runs.
EVERY = timedelta(seconds=30)


class _Every(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Counts from now on, whenever the last time was.

    That of APScheduler lists every half minute that went by: a million where the clock was put forward by a
    year, which takes seconds, and 60 million where it began in 1970.
    """

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The next time."""
        return now + EVERY


class Clockwork:
    """Calls each job at once and then every half a minute. clock: the machine's."""

    def __init__(self, jobs: Mapping[str, Callable[[], object]], *, clock: Callable[[], datetime]) -> None:
        # It warns of each run that it leaves out while a job takes longer than its interval, which is normal.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._clock = clock
        self._at_work = 0
        self._lock = threading.Lock()
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(len(jobs))},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        for name, do in jobs.items():
            self._scheduler.add_job(partial(self._do, do), _Every(), id=name, next_run_time=clock())

    def start(self) -> None:
        """Let it run, in threads of its own."""
        self._scheduler.start()

    def stop(self) -> None:
        """Call nothing more; what was called may be at work still."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def ended(self) -> bool:
        """Whether nothing that it called is at work."""
        return not self._at_work

    def set_right(self) -> bool:
        """Whether a job was further away than it can be, and runs at once now.

        Where the machine's clock was put back, APScheduler would wait until it shows the old time again.
        """
        late = [job for job in self._scheduler.get_jobs() if job.next_run_time > self._clock() + 2 * EVERY]
        for job in late:
            job.modify(next_run_time=self._clock())
        return bool(late)

    def soon(self, name: str) -> None:
        """Have a job run now, and then every half a minute; one that is at work is left to it."""
        if self._scheduler.running:
            self._scheduler.modify_job(name, next_run_time=self._clock())

    def _do(self, do: Callable[[], object]) -> None:
        with self._lock:
            self._at_work += 1
        try:
            do()
        finally:
            with self._lock:
                self._at_work -= 1
