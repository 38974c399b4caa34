"""A list with a schedule in a folder, and a clock that a test moves on: what comes of it, step after step.

Its source is a folder of digests. Mails go into a Maildir; a small look keeps them short.
"""

import json
import mailbox
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest
from sqlalchemy import select

from newsletter import app, store, telling
from newsletter.desk import Desk
from newsletter.dispatch import Dispatch
from newsletter.model import Event, IssueStatus, Period, SlotState
from newsletter.newsroom import Newsroom
from newsletter.store import periods, tables
from tests.builders import page_text
from tests.sendable import enrol

# A Monday; issues are on Tuesdays at nine in Berlin, which is eight in UTC.
MONDAY = datetime(2026, 1, 5, 12, tzinfo=UTC)
TUESDAY = datetime(2026, 1, 6, 8, tzinfo=UTC)
WEEK = timedelta(days=7)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
READERS = ("ada@example.org", "bob@example.org", "eve@example.org")
SCHEDULE = {"every": "week", "on": "Tuesday", "at": "09:00", "timezone": "Europe/Berlin"}
LOOK = """\
<mjml><mj-head><mj-title>Plain</mj-title></mj-head>
<mj-body><mj-section><mj-column>
<mj-text><h1>{{ issue.headline }}</h1><p><a href="{{ links.unsubscribe | address }}">Leave</a></p></mj-text>
</mj-column></mj-section></mj-body>
</mjml>
"""


@dataclass
class Office:
    """A folder with a configuration. now: what its clock says."""

    folder: Path
    url: str
    now: datetime = MONDAY
    events: list[Event] = field(default_factory=list)
    papers: int = 0

    def configure(self, **schedule: Any) -> None:
        """Write config.toml; schedule: of the list weekly, besides the usual."""
        chosen = SCHEDULE | schedule
        lines = "\n".join(f"{name} = {json.dumps(value)}" for name, value in chosen.items())
        self.folder.joinpath("config.toml").write_text(f"""\
base_url = "https://news.example.org"
database_url = "{self.url}"
secret_keys = ["for-tests-only-0123456789-abcdefghij"]
leave_address = "leave@news.example.org"
templates_dir = "looks"
[[sources]]
file = "digests/*.txt"
[lists.weekly]
sender = "Paper Weekly <digest@news.example.org>"
look = "plain"
[lists.weekly.schedule]
{lines}
[delivery]
backend = "maildir"
folder = "outbox"
[run]
operator = "ops@news.example.org"
""")

    def digest(self, papers: int = 1) -> Path:
        """A digest with so many papers that nobody has seen, in the folder of the source."""
        new = [
            (
                f"Larder {self.papers + n}: A Smaller KV Cache",
                f"The KV cache of long prompts fills the memory. We halve it {self.papers + n} times over.",
            )
            for n in range(1, papers + 1)
        ]
        self.papers += papers
        path = self.folder / "digests" / f"page{self.papers}.txt"
        path.write_text(page_text(*new), encoding="utf-8")
        return path

    @contextmanager
    def newsroom(self) -> Iterator[Newsroom]:
        settings = app.load_settings(self.folder / "config.toml")
        with app.open_newsroom(settings, clock=lambda: self.now) as newsroom:
            yield newsroom

    def step(self, *, at: datetime | None = None) -> list[str]:
        """The names of what happened in one step, of a process that ends then; what is due is delivered."""
        self.now = at or self.now
        settings = app.load_settings(self.folder / "config.toml")
        with self.newsroom() as newsroom:
            happened = list(newsroom.step())
            due = newsroom.due()
        with app.open_store(settings) as database:
            dispatch = Dispatch(database, settings, lambda: self.now)
            for edition in due:
                dispatch.enqueue(edition, progress=lambda _: None)
                dispatch.send(edition, wait=False, stopping=lambda: False, heard=lambda _: None)
        if due:
            with self.newsroom() as newsroom:
                happened += newsroom.step()
        self.events += happened
        return [event.name for event in happened]

    def until(self, end: datetime, *, every: timedelta = HOUR) -> None:
        """Take a step after each of those spans, up to a moment."""
        while self.now < end:
            self.step(at=min(end, self.now + every))

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        settings = app.load_settings(self.folder / "config.toml")
        with app.open_store(settings) as database:
            yield Desk(database, settings, lambda: self.now, telling.opened)

    def approve(self) -> str:
        """The name of the issue that somebody drafted and approved by hand."""
        with self.desk() as desk:
            edition, _ = desk.draft("weekly", on=None, since=None)
            desk.approve(desk.look(edition))
        return edition.name

    def statuses(self) -> dict[str, IssueStatus]:
        """How far each issue is, whoever made it."""
        with self.desk() as desk:
            return {edition.name: edition.status for edition in desk.every(None)}

    def periods(self) -> dict[str, SlotState]:
        """How far the issue of each period is, by its name, the latest first."""
        return {one.name: one.state for one in self.rows()}

    def rows(self) -> tuple[Period, ...]:
        with self.database() as database, store.reading(database) as tx:
            return periods.latest(tx, list="weekly", most=1000)

    def notices(self) -> list[str]:
        """The keys of what somebody is told, in their order."""
        with self.database() as database, store.reading(database) as tx:
            return [*tx.scalars(select(tables.notices.c.key).order_by(tables.notices.c.id))]

    def mails(self) -> list[str]:
        """The recipients of all mails that went, one for each mail."""
        folder = self.folder / "outbox"
        return sorted(str(mail["To"]) for mail in mailbox.Maildir(folder)) if folder.exists() else []

    @contextmanager
    def database(self) -> Iterator[store.Engine]:
        opened = store.open_store(self.url)
        try:
            yield opened
        finally:
            opened.dispose()


def office(folder: Path, url: str, *, readers: tuple[str, ...] = READERS, **schedule: Any) -> Office:
    """An office whose list has readers, a schedule and one digest of three papers, on a Monday."""
    folder.joinpath("digests").mkdir(parents=True)
    look = folder / "looks" / "plain"
    look.mkdir(parents=True)
    look.joinpath("issue.mjml.j2").write_text(LOOK, encoding="utf-8")
    made = Office(folder, url)
    made.configure(**schedule)
    made.digest(3)
    with made.database() as database:
        enrol(database, readers)
    return made


class Made(Protocol):
    """Makes the office of a test, with values of its schedule."""

    def __call__(self, **schedule: Any) -> Office: ...


@pytest.fixture
def made(tmp_path: Path) -> Made:
    def make(**schedule: Any) -> Office:
        found = office(tmp_path / "office", f"sqlite:///{tmp_path}/newsletter.db", **schedule)
        found.step()
        return found

    return make
