"""A year of three lists, their readers and what befalls the machine; a model knows who should have what."""

import json
import os
import random
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select

from newsletter import app, deliver, store, subscribe
from newsletter.message import delivery_key
from newsletter.model import Cadence, Choice, DeliveryStatus, Edition, IssueStatus, SubscriptionStatus, Way
from newsletter.store import deliveries, issues, sendings, subscriptions, tables
from tests.builders import page_text
from tests.ledger_server import Ledger
from tests.newsrooms import LOOK

_ROOT = Path(__file__).parents[1]
LISTS = ("berlin", "cairo", "havana")
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
# A Thursday.
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
_CONFIG = """\
base_url = "https://news.example.org"
database_url = "sqlite:///newsletter.db"
secret_keys = ["for-tests-only-0123456789-abcdefghij"]
leave_address = "leave@news.example.org"
templates_dir = "looks"
[[sources]]
file = "digests/*.*"
{lists}
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
[delivery]
connections = 4
durable = false
retry_minutes = [5, 15, 60]
[run]
operator = "ops@news.example.org"
"""
_LIST = """\
[lists.{slug}]
title = "{slug}"
sender = "Paper Weekly <{slug}@news.example.org>"
look = "plain"
limit = 8
[lists.{slug}.schedule]
every = "week"
{rule}
editor = "editor@news.example.org"
"""
_RULES = {
    "berlin": 'on = "Tuesday"\nat = "09:00"\ntimezone = "Europe/Berlin"\nlead_hours = 12',
    # At a time that their clocks skip in spring, when it is midnight.
    "cairo": 'on = "Friday"\nat = "00:30"\ntimezone = "Africa/Cairo"',
    "havana": 'on = "Sunday"\nat = "00:30"\ntimezone = "America/Havana"\nreader_time = true',
}
_ZONES = ("", "Asia/Tokyo", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago")


@dataclass
class Reader:
    """Somebody on one list. left: when they left it, None while they are there."""

    address: str
    list: str
    key: bytes
    cadence: Cadence
    themes: tuple[str, ...]
    joined: datetime
    left: datetime | None = None


@dataclass
class Year:
    """The folder of the process, what it sends to, and what a model knows."""

    folder: Path
    ledger: Ledger
    chance: random.Random
    readers: list[Reader] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None
    now: datetime = NEW_YEAR
    killed: int = 0
    events: Counter[str] = field(default_factory=Counter)
    # What readers had of issues that a restored database knows nothing of, by the ids of mails.
    forgotten: set[str] = field(default_factory=set)
    papers: int = 0

    @property
    def database_file(self) -> Path:
        return self.folder / "newsletter.db"

    @contextmanager
    def database(self) -> Iterator[store.Engine]:
        opened = store.open_store(f"sqlite:///{self.database_file}")
        try:
            yield opened
        finally:
            opened.dispose()

    def step(self, at: datetime, *, killed: bool = False) -> list[str]:
        """The names of what happened at that moment, () where the process was killed in the midst of it."""
        self.now = at
        if self.process is None:
            command, root = (
                [sys.executable, "-m", "tests.simulated", str(self.folder)],
                Path(__file__).parents[1],
            )
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            self.process = subprocess.Popen(command, text=True, cwd=root, **pipes)
        process = self.process
        assert process.stdin
        assert process.stdout
        process.stdin.write(f"{at.isoformat()}\n")
        process.stdin.flush()
        if killed:
            time.sleep(self.chance.uniform(0.0, 0.5))
            self.kill()
            return []
        said = process.stdout.readline()
        assert said, "the process ended by itself"
        happened = [name for name, _ in json.loads(said)]
        self.events.update(happened)
        return happened

    def kill(self) -> None:
        """End the process, as a power cut does."""
        if self.process is not None:
            self.killed += 1
            self.process.send_signal(signal.SIGKILL)
            self.process.communicate()
            self.process = None

    def stop(self) -> None:
        """Let the process come to its end."""
        if self.process is not None:
            self.process.communicate("")
            self.process = None

    def digest(self, count: int = 6) -> None:
        """A page of papers that nobody has seen, in the folder of the source."""
        numbers = range(self.papers + 1, self.papers + count + 1)
        self.papers += count
        about = ("KV cache of long prompts", "pipeline parallelism of large models", "plain reading of maps")
        pairs = [
            (f"Towpath {n}: On the {about[n % 3]}", f"The {about[n % 3]} is slow. We speed it up {n} times.")
            for n in numbers
        ]
        path = self.folder / "digests" / f"page{numbers[-1]:05}.txt"
        path.write_text(page_text(*pairs), encoding="utf-8")

    def real(self, name: str) -> None:
        """A real digest, where there are any, in the folder of the source."""
        if folder := os.environ.get("NEWSLETTER_REAL_INPUTS"):
            shutil.copy(Path(folder, name), self.folder / "digests" / Path(name).name)

    def join(self, count: int, slug: str, *, cadence: Cadence = Cadence.ISSUE) -> None:
        """New confirmed readers of a list; some chose a theme, some a time zone."""
        with self.database() as database, store.writing(database) as tx:
            last = tx.scalar(select(func.coalesce(func.max(tables.subscribers.c.id), 0))) or 0
            for number in range(last + 1, last + count + 1):
                themes = ("kv-cache",) if number % 7 == 0 else ()
                one = Reader(
                    f"r{number}@example.org", slug, secrets.token_bytes(16), cadence, themes, self.now
                )
                choice = Choice(themes, cadence, _ZONES[number % len(_ZONES)])
                tx.execute(
                    insert(tables.subscribers).values(
                        id=number,
                        address=one.address,
                        folded=one.address,
                        canonical=one.address,
                        created_at=self.now,
                    )
                )
                tx.execute(
                    insert(tables.subscriptions).values(
                        subscriber_id=number,
                        list_slug=slug,
                        key=one.key.hex(),
                        status=SubscriptionStatus.CONFIRMED,
                        **subscriptions.columns(choice),
                        created_at=self.now,
                        confirmed_at=self.now,
                    )
                )
                self.readers.append(one)

    def leave(self, count: int) -> None:
        """Some readers leave their lists."""
        there = [reader for reader in self.readers if reader.left is None]
        with self.database() as database:
            for reader in self.chance.sample(there, count):
                subscribe.leave(database, reader.key, way=Way.WEB, now=self.now)
                reader.left = self.now

    def settle(self) -> int:
        """How many unknown mails the server's log settled, as an operator has it do."""
        with self.database() as database:
            with store.reading(database) as tx:
                open_ones = [
                    edition
                    for edition in issues.every(tx)
                    if deliveries.counts(tx, edition.id)[DeliveryStatus.UNKNOWN]
                ]
            log = [*self._log()] if open_ones else []
            return sum(sum(deliver.reconcile(database, edition, log, now=self.now)) for edition in open_ones)

    def backup(self) -> None:
        """Keep a copy of the database as it is now."""
        with (
            closing(sqlite3.connect(self.database_file)) as live,
            closing(sqlite3.connect(self.folder / "backup.db")) as copy,
        ):
            live.backup(copy)

    def restore(self) -> None:
        """Bring the copy back; what the model knows of issues since then is kept apart."""
        self.stop()
        before = {edition.name: ids for edition, ids in self.wanted()}
        for suffix in ("", "-wal", "-shm"):
            self.database_file.with_name(f"newsletter.db{suffix}").unlink(missing_ok=True)
        shutil.copy(self.folder / "backup.db", self.database_file)
        known = {edition.name for edition, _ in self.wanted()}
        lost = [ids for name, ids in before.items() if name not in known]
        assert lost
        self.forgotten = set().union(*lost)

    def resume(self) -> None:
        """An operator's word that the schedule goes on."""
        self.stop()
        settings = app.load_settings(self.folder / "config.toml")
        with app.open_newsroom(settings, clock=lambda: self.now) as newsroom:
            newsroom.resume()

    def wanted(self) -> list[tuple[Edition, set[str]]]:
        """Each issue that was sent, and the ids of the mails that there should be of it."""
        found = []
        with self.database() as database, store.reading(database) as tx:
            for edition in issues.every(tx):
                if edition.status is not IssueStatus.SENT:
                    continue
                sending, content = sendings.of(tx, edition.id), issues.content(tx, edition)
                assert sending
                assert content
                themes = {section["theme"] for section in content["sections"]}
                cadence = Cadence.MONTHLY if edition.recap else Cadence.ISSUE
                ids = {
                    delivery_key(edition.list, edition.number, reader.key)
                    for reader in self.readers
                    if reader.list == edition.list
                    and reader.cadence is cadence
                    and reader.joined < sending.started_at
                    and (reader.left is None or reader.left > sending.started_at)
                    and (not reader.themes or themes.intersection(reader.themes))
                }
                found.append((edition, ids))
        return found

    def served(self) -> Counter[str]:
        """How often the server took each mail to a reader, by its id."""
        entries = self.ledger.entries()
        return Counter(one.message_id.partition("@")[0] for one in entries if one.recipient.startswith("r"))

    def weeks(self, slug: str) -> dict[str, str]:
        """How the issue of each week of a list ended."""
        with self.database() as database, store.reading(database) as tx:
            chosen = (tables.periods.c.name, tables.periods.c.state)
            query = select(*chosen).where(tables.periods.c.list_slug == slug)
            return {row.name: row.state for row in tx.execute(query) if "-W" in row.name}

    def _log(self) -> Iterator[str]:
        """The ledger as Postfix would have written it."""
        for number, entry in enumerate(self.ledger.entries(), start=1):
            yield f"postfix/cleanup[7]: {number:X}: message-id=<{entry.message_id}>"
            yield f"postfix/qmgr[8]: {number:X}: from=<a@b>, size=1, nrcpt=1 (queue active)"


def prepare(folder: Path, ledger: Ledger, *, readers: int, seed: int) -> Year:
    """A folder with three lists and readers, on New Year's Day."""
    folder.joinpath("digests").mkdir(parents=True)
    look = folder / "looks" / "plain"
    look.mkdir(parents=True)
    look.joinpath("issue.mjml.j2").write_text(LOOK, encoding="utf-8")
    lists = "".join(_LIST.format(slug=slug, rule=_RULES[slug]) for slug in LISTS)
    folder.joinpath("config.toml").write_text(_CONFIG.format(lists=lists, port=ledger.port), encoding="utf-8")
    year = Year(folder, ledger, random.Random(seed))  # noqa: S311
    for slug in LISTS:
        year.join(readers // len(LISTS), slug)
        year.join(readers // 20, slug, cadence=Cadence.MONTHLY)
    year.digest()
    return year


def moments(begin: datetime, end: datetime) -> Iterator[datetime]:
    """When the process looks: every six hours, and often in the hours in which an issue goes."""
    at = begin
    while at < end:
        yield at
        if _is_busy(at):
            at += timedelta(minutes=30)
        else:
            at += 3 * HOUR if _is_busy(at + 3 * HOUR) else 6 * HOUR


def _is_busy(at: datetime) -> bool:
    # Tuesday morning; Thursday evening to midnight; Sunday morning (all in UTC).
    hours: dict[int, Sequence[int]] = {1: range(6, 11), 3: range(21, 24), 4: range(2), 6: range(3, 8)}
    return at.hour in hours.get(at.weekday(), ())
