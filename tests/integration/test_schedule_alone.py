"""What APScheduler does by itself with a weekly line of cron, and what comes of it here.

A trigger is walked as a scheduler walks it: the next time is asked for when the one before has come.
"""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from apscheduler.events import EVENT_JOB_EXECUTED, EVENT_JOB_MISSED
from apscheduler.executors.base import run_job
from apscheduler.job import Job
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from newsletter import schedule
from newsletter.model import Rule

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Where and when a weekly issue is due, and how many APScheduler 3.11 makes of it in the week around.
FAILURES = [
    ("Europe/Berlin", "2026-10-25 02:30", 2),
    ("Australia/Lord_Howe", "2026-04-05 01:45", 2),
    ("Africa/Casablanca", "2026-02-15 02:30", 2),
    ("Africa/Cairo", "2026-04-24 00:30", 0),
    ("America/Havana", "2026-03-08 00:30", 0),
    ("Pacific/Apia", "2011-12-30 09:00", 0),
]
# Where it does right, once in the week: the clock skips the time, but not up to midnight.
RIGHT = [("Europe/Berlin", "2026-03-29 02:30", 1), ("America/Nuuk", "2026-03-28 23:30", 1)]


def fired(trigger: CronTrigger, since: datetime, until: datetime) -> Iterator[datetime]:
    now = since.astimezone(trigger.timezone)
    run = trigger.get_next_fire_time(None, now)
    while run is not None and run.astimezone(UTC) <= until:
        yield run
        now = (run.astimezone(UTC) + timedelta(milliseconds=10)).astimezone(trigger.timezone)
        run = trigger.get_next_fire_time(run, now)


@pytest.mark.parametrize(("zone", "written", "number"), FAILURES + RIGHT)
def test_a_trigger_alone_fires_twice_or_never_where_a_rule_has_one_slot(
    zone: str, written: str, number: int
) -> None:
    local = datetime.fromisoformat(written)
    day, place = DAYS[local.weekday()], ZoneInfo(zone)
    since = local.replace(tzinfo=place).astimezone(UTC) - timedelta(days=3)
    rule = schedule.rule(every="week", on=[day], at=[local.time()], zone=zone)

    alone = fired(
        CronTrigger(day_of_week=day, hour=local.hour, minute=local.minute, timezone=place),
        since,
        since + timedelta(days=6),
    )
    ours = schedule.slots(rule, after=since, until=since + timedelta(days=6))

    assert len([*alone]) == number
    assert len(ours) == 1


@pytest.mark.parametrize(("grace", "event"), [(1, EVENT_JOB_MISSED), (None, EVENT_JOB_EXECUTED)])
def test_a_job_alone_is_dropped_when_it_is_late_by_three_seconds(grace: int | None, event: int) -> None:
    late = datetime.now(UTC) - timedelta(seconds=2.9)

    [told] = run_job(job(NOW, misfire_grace_time=grace), "default", [late], logging.getLogger().name)

    assert told.code == event


def test_an_issue_that_is_late_by_three_seconds_goes() -> None:
    rule = schedule.rule(every="week", on=["tue"], at=[NOW.time()])

    found = decided(rule, now=NOW + timedelta(seconds=2.9))

    assert found.due is not None
    assert found.due.period == "2026-W48"


def test_two_schedulers_on_one_job_store_both_have_the_job(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/jobs.db"
    stores = [SQLAlchemyJobStore(url=address), SQLAlchemyJobStore(url=address)]
    for one in stores:
        one.start(BackgroundScheduler(timezone="UTC"), "default")
    stores[0].add_job(job(NOW, misfire_grace_time=1))

    due = [one.get_due_jobs(NOW) for one in stores]
    for one in stores:
        one.shutdown()

    # Each of them would run it, and write down the next time afterwards; ours: test_periods.
    assert [[found.id for found in jobs] for jobs in due] == [["weekly"], ["weekly"]]


@pytest.mark.parametrize("number", range(7))
def test_a_number_of_a_weekday_means_another_day_to_apscheduler_than_to_cron(number: int) -> None:
    first = next(
        fired(CronTrigger.from_crontab(f"0 9 * * {number}", timezone="UTC"), NOW, NOW + timedelta(days=8))
    )

    of_cron = (first.weekday() + 1) % 7  # crontab(5): 0 is Sunday
    assert of_cron != number
    with pytest.raises(ValueError, match="a number means another day to each program"):
        schedule.rule(cron=f"0 9 * * {number}")


def decided(rule: Rule, *, now: datetime) -> schedule.Decision:
    return schedule.decide(
        rule,
        since=now - timedelta(days=1),
        known=(),
        lead=timedelta(0),
        max_lateness=timedelta(hours=12),
        now=now,
    )


def job(at: datetime, *, misfire_grace_time: int | None) -> Job:
    return Job(
        BackgroundScheduler(timezone="UTC"),
        id="weekly",
        trigger=CronTrigger(day_of_week="tue", hour=8, timezone="UTC"),
        executor="default",
        func=len,
        args=("",),
        kwargs={},
        name="weekly",
        misfire_grace_time=misfire_grace_time,
        coalesce=True,
        max_instances=1,
        next_run_time=at,
    )
