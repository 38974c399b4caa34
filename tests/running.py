"""The process that keeps the schedule, for tests: in a process of its own, or turn by turn in this one."""

import contextlib
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import Engine

from newsletter import app, schedule, store, telling
from newsletter.config import Settings
from newsletter.daemon import Daemon, rooms
from newsletter.daemon.leading import Leading
from newsletter.desk import Desk
from newsletter.model import Event
from newsletter.newsroom import Newsroom
from newsletter.store import periods
from tests import readers, stored
from tests.builders import CACHE_PAPER, NOW, OTHER_PAPER, digest, paper
from tests.desk import environment

# Far more than any of it takes.
DEADLINE_S = 60
SCHEDULE = '[lists.weekly.schedule]\nevery = "day"\nat = "{at:%H:%M}"\n'


class Troubled(Newsroom):
    """A newsroom whose trouble a test chooses. trouble: raised by each step; why_held: what holds it."""

    trouble: Exception | None = None
    why_held: str = ""

    def step(self) -> tuple[Event, ...]:
        if self.trouble:
            raise self.trouble
        return super().step()

    def held(self) -> str:
        return self.why_held or super().held()


def due_a_minute_ago(folder: Path, url: str) -> None:
    """Give the list weekly of that folder a slot that has just come, of a rule that held an hour before."""
    now = datetime.now(UTC)
    at = now - timedelta(minutes=1)
    with (folder / "config.toml").open("a") as file:
        file.write("\n" + SCHEDULE.format(at=at))
    rule = schedule.rule(every="day", at=[at.time().replace(second=0, microsecond=0)])
    database = store.open_store(url)
    with store.writing(database) as tx:
        periods.set_rule(tx, "weekly", schedule.words(rule), now=now - timedelta(hours=1))
    database.dispose()


@dataclass
class Keeping:
    """A daemon over a store, and a clock that tests turn. events: what it told."""

    database: Engine
    folder: Path
    now: datetime = NOW
    events: list[Event] = field(default_factory=list)
    settings: Settings = field(init=False)
    newsroom: Troubled = field(init=False)
    daemon: Daemon = field(init=False)

    def __post_init__(self) -> None:
        self.settings = self.configured()
        self.daemon = self.another()
        self.newsroom = cast(Troubled, self.daemon.rooms.newsroom)

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

    def another(
        self, *, settings: Settings | None = None, alone: bool = False, leading: Leading | None = None
    ) -> Daemon:
        """A daemon of its own on the same store."""
        opened = rooms.opened(settings or self.settings, self.database, clock=self.clock)
        desk = Desk(self.database, opened.settings, self.clock, telling.opened)
        newsroom = Troubled(
            self.database,
            opened.settings,
            self.clock,
            desk=desk,
            dispatch=opened.dispatch,
            write=partial(app.write_issue, opened.settings),
        )
        return Daemon(
            replace(opened, newsroom=newsroom),
            clock=self.clock,
            tell=self.events.append,
            even=lambda: self.now.timestamp(),
            alone=alone,
            leading=leading,
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
    """The program in that folder; killed at the end, where it runs still."""
    said = folder / f"{name}.stderr"
    with said.open("w") as stderr, (folder / f"{name}.stdout").open("w") as stdout:
        process = subprocess.Popen(
            [sys.executable, "-m", "newsletter", *(arguments or ("run",))],
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
