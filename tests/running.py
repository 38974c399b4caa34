"""The process that keeps the schedule, for tests: with a newsroom that does no more than they need.

Run as `python -m tests.running COMMAND`, it is the program with that newsroom.
"""

import contextlib
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import Engine

from newsletter import app, config, schedule, store
from newsletter.cli import main
from newsletter.config import Settings
from newsletter.daemon import Daemon, rooms
from newsletter.desk import Desk
from newsletter.model import Edition, Event, Schedule, Slot, SlotState
from newsletter.newsroom import Newsroom
from newsletter.store import deliveries, issues, periods
from tests import readers, stored
from tests.builders import CACHE_PAPER, NOW, OTHER_PAPER, digest, paper
from tests.desk import environment

# Far more than any of it takes.
DEADLINE_S = 60
SCHEDULE = '[lists.weekly.schedule]\nevery = "day"\nat = "{at:%H:%M}"\n'


class PlainNewsroom(Newsroom):
    """Drafts what the store holds when a slot is due, and approves it. trouble: raised by each step."""

    trouble: Exception | None = None
    why_held: str = ""

    def step(self) -> tuple[Event, ...]:
        if self.trouble:
            raise self.trouble
        return tuple(event for slug in rooms.scheduled(self._settings) for event in self._step_of(slug))

    def held(self) -> str:
        return self.why_held

    def due(self) -> tuple[Edition, ...]:
        with store.reading(self._database) as tx:
            return tuple(one for one in issues.every(tx) if self._is_due(tx, one))

    def _is_due(self, tx: store.Connection, edition: Edition) -> bool:
        if edition.status == "approved":
            return True
        at = deliveries.next_due(tx, edition.id)
        return edition.status == "sending" and at is not None and at <= self._clock()

    def _step_of(self, slug: str) -> Iterator[Event]:
        now = self._clock()
        chosen = config.schedule(self._settings, slug)
        assert chosen
        with store.writing(self._database) as tx:
            slot = _slot_due(tx, slug, chosen, now)
            if slot and periods.begin(tx, slug, slot, SlotState.OPEN, now=now):
                yield Event("period.begun", {"list": slug, "period": slot.period})
        with store.reading(self._database) as tx:
            begun = [one for one in periods.under_way(tx, list=slug) if one.state is SlotState.OPEN]
        for period in begun:
            edition, _ = self._desk.draft(slug, on=now.date(), since=None)
            approved, new = self._desk.approve(self._desk.look(edition))
            with store.writing(self._database) as tx:
                periods.turn(tx, period, SlotState.GOING, issue=approved.id, now=now)
            if new:
                yield Event("issue.approved", {"list": slug, "issue": approved.number})


def _slot_due(tx: store.Connection, slug: str, chosen: Schedule, now: datetime) -> Slot | None:
    since = periods.since(tx, slug, schedule.words(chosen.rule), now=now)
    named = schedule.slots(chosen.rule, after=since, until=now)
    known = periods.known(tx, slug, [slot.period for slot in named])
    late = chosen.max_lateness
    return schedule.decide(
        chosen.rule, since=since, known=known, lead=chosen.lead, max_lateness=late, now=now
    ).due


def due_a_minute_ago(folder: Path, url: str) -> None:
    """Give the list weekly of that folder a slot that has just come, of a rule that held an hour before."""
    now = datetime.now(UTC)
    at = now - timedelta(minutes=1)
    with (folder / "config.toml").open("a") as file:
        file.write("\n" + SCHEDULE.format(at=at))
    rule = schedule.rule(every="day", at=[at.time().replace(second=0, microsecond=0)])
    database = store.open_store(url)
    with store.writing(database) as tx:
        periods.since(tx, "weekly", schedule.words(rule), now=now - timedelta(hours=1))
    database.dispose()


@dataclass
class Keeping:
    """A daemon over a store, and a clock that tests turn. events: what it told."""

    database: Engine
    folder: Path
    now: datetime = NOW
    events: list[Event] = field(default_factory=list)
    settings: Settings = field(init=False)
    newsroom: PlainNewsroom = field(init=False)
    daemon: Daemon = field(init=False)

    def __post_init__(self) -> None:
        self.settings = self.configured()
        self.daemon = self.another()
        self.newsroom = cast(PlainNewsroom, self.daemon.rooms.newsroom)

    def configured(self, **values: Any) -> Settings:
        """Settings with a schedule of every day, whose mails become files."""
        given: dict[str, Any] = {
            "lists": {"weekly": {"title": "Paper Weekly", "schedule": {"every": "day", "at": "09:30"}}},
            "delivery": {"backend": "eml", "folder": self.folder / "outbox"},
            "fence_file": self.folder / "newsletter.fence",
            **values,
        }
        return readers.settings(self.folder, **given)

    def clock(self) -> datetime:
        return self.now

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def another(self, *, settings: Settings | None = None, alone: bool = False) -> Daemon:
        """A daemon of its own on the same store."""
        opened = rooms.opened(settings or self.settings, self.database, clock=self.clock)
        desk = Desk(self.database, opened.settings, self.clock, app.telling)
        newsroom = PlainNewsroom(
            self.database, opened.settings, self.clock, desk=desk, dispatch=opened.dispatch
        )
        return Daemon(
            replace(opened, newsroom=newsroom),
            clock=self.clock,
            tell=self.events.append,
            even=lambda: self.now.timestamp(),
            alone=alone,
        )

    def told(self) -> list[str]:
        """The names of the events since it was asked before."""
        names = [one.name for one in self.events]
        self.events.clear()
        return names

    def mails(self) -> int:
        return len([*(self.folder / "outbox").rglob("*.eml")])


@pytest.fixture
def keeping(database: Engine, tmp_path: Path) -> Keeping:
    """A daemon before its first slot, with two readers and papers for an issue."""
    for name in ("ada", "bob"):
        readers.reader(database, f"{name}@example.net")
    stored.ingest(database, digest(paper(*CACHE_PAPER), paper(*OTHER_PAPER)))
    keeping = Keeping(database, tmp_path, now=NOW - timedelta(hours=1))
    keeping.daemon.step()
    return keeping


@dataclass
class Process:
    """A `newsletter run`, or another command, in a folder. What it says is in files of the folder."""

    folder: Path
    process: subprocess.Popen[str]
    stderr: Path = field(repr=False)

    def log(self) -> str:
        return self.stderr.read_text(encoding="utf-8")

    def until(self, pattern: str, *, times: int = 1) -> str:
        """The log, once it holds that so often."""
        return waited(self.log, lambda text: len(re.findall(pattern, text)) >= times, of=self)

    def tell(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ends(self, number: signal.Signals = signal.SIGTERM) -> int:
        """The exit status, once it was told to end."""
        self.tell(number)
        return self.process.wait(DEADLINE_S)


def waited(look: Callable[[], str], good: Callable[[str], bool], *, of: object) -> str:
    """What is seen, once it is good."""
    until = time.monotonic() + DEADLINE_S
    while not good(seen := look()):
        assert time.monotonic() < until, (of, seen)
        time.sleep(0.02)
    return seen


@contextlib.contextmanager
def running(folder: Path, *arguments: str, name: str = "run") -> Iterator[Process]:
    """The program in that folder, with the newsroom of tests; killed at the end, where it runs still."""
    said = folder / f"{name}.stderr"
    with said.open("w") as stderr, (folder / f"{name}.stdout").open("w") as stdout:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.running", *(arguments or ("run",))],
            cwd=folder,
            env=environment(),
            stdout=stdout,
            stderr=stderr,
            text=True,
        )
    try:
        yield Process(folder, process, said)
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    rooms.Newsroom = PlainNewsroom  # type: ignore[misc]
    main()
