"""What machines that serve one store may not undo of each other, and whose time they go by."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from newsletter import app, desk, store, subscribe, telling, web
from newsletter.errors import StoreError
from newsletter.model import Way
from newsletter.store import asks, leaving_file
from newsletter.store.leaving_file import Leaving
from newsletter.subscribe import asking
from tests.builders import NOW
from tests.people import Readers
from tests.site import ADDRESS, Site, settings

ROOT = Path(__file__).parents[2]
# Turns of each of two processes; by hand there are more: NEWSLETTER_TEST_RUNS=100.
ROUNDS = 10 * int(os.environ.get("NEWSLETTER_TEST_RUNS", "5"))
HOUR = timedelta(hours=1)
# What one process does to the same few readers, again and again, while the other does its own.
WEB = """
import random, sys
from newsletter import store
from newsletter.model import Choice
from tests.people import Readers
readers, chance = Readers(store.open_store(sys.argv[1]), letters_per_hour=10**6), random.Random(3)
for turn in range(int(sys.argv[2])):
    address = f"r{turn % 5}@example.org"
    readers.later(days=31)
    readers.ask(address)
    letters = readers.letters()
    for letter in letters + letters:
        readers.confirm(letter)
    for one in readers.of(address).values():
        readers.choose(one.key, Choice(cadence="monthly"))
        if chance.random() < 0.4:
            readers.leave(one.key)
"""
OPERATOR = """
import random, sys, tempfile
from pathlib import Path
from newsletter import store
from tests.integration.test_import import table, take
from tests.people import Readers
readers, chance = Readers(store.open_store(sys.argv[1])), random.Random(4)
folder = Path(tempfile.mkdtemp())
for turn in range(int(sys.argv[2])):
    address = f"r{turn % 5}@example.org"
    rows = [f"r{n}@example.org" for n in range(5)]
    take(readers.database, table(folder, "email", *rows, f"x{turn}@example.org"))
    readers.add(address)
    if chance.random() < 0.3:
        readers.remove(address)
    if chance.random() < 0.05:
        readers.erase(address)
"""


@pytest.fixture
def readers(database: Engine) -> Readers:
    return Readers(database)


@pytest.fixture
def server(postgresql_url: str) -> Iterator[Engine]:
    """An open store on a PostgreSQL server."""
    opened = store.open_store(postgresql_url)
    yield opened
    opened.dispose()


def test_imports_yeses_and_edits_of_the_same_readers_by_two_processes_leave_each_where_the_log_says(
    readers: Readers, database_url: str
) -> None:
    children = [
        subprocess.Popen([sys.executable, "-c", code, database_url, str(ROUNDS)], cwd=ROOT)
        for code in (WEB, OPERATOR)
    ]
    try:
        assert [child.wait(60 + 2 * ROUNDS) for child in children] == [0, 0]
    finally:
        for child in children:
            child.kill()
            child.wait()

    for address in (f"r{n}@example.org" for n in range(5)):
        state = ""
        for act in readers.acts(address):
            if act in ("confirmed", "added"):
                assert state != "confirmed"
                assert act == "confirmed" or state != "unsubscribed"
                state = "confirmed"
            elif act in ("left", "removed"):
                assert state != "unsubscribed"
                state = "unsubscribed"
            elif act == "chose":
                assert state == "confirmed"
        assert readers.status(address) == state or (not state and readers.status(address) == "unconfirmed")


def test_a_yes_that_another_machine_took_later_stands(readers: Readers, tmp_path: Path) -> None:
    key = readers.joined().key
    leaving_file.append(tmp_path / "leaving", Leaving(key, Way.WEB, readers.now + HOUR))
    readers.later(hours=2)
    readers.leave(key)
    readers.later(days=1)
    readers.confirm(readers.letter())

    assert subscribe.honour(readers.database, tmp_path / "leaving") == 0
    assert readers.status() == "confirmed"


def test_in_doubt_and_after_an_operator_entered_them_who_left_is_off(
    readers: Readers, tmp_path: Path
) -> None:
    key = readers.joined().key
    leaving_file.append(tmp_path / "leaving", Leaving(key, Way.WEB, readers.now - timedelta(minutes=10)))
    readers.add("bob@example.org")
    bob = readers.of("bob@example.org")["weekly"].key
    leaving_file.append(tmp_path / "leaving", Leaving(bob, Way.WEB, readers.now - HOUR))

    assert subscribe.honour(readers.database, tmp_path / "leaving") == 2


def test_a_letter_asked_for_after_leaving_still_counts(readers: Readers, tmp_path: Path) -> None:
    key = readers.joined().key
    readers.later(days=40)
    leaving_file.append(tmp_path / "leaving", Leaving(key, Way.WEB, readers.now))
    readers.leave(key)
    readers.later(hours=2)
    letter = readers.letter()
    subscribe.honour(readers.database, tmp_path / "leaving")

    assert readers.confirm(letter) is subscribe.Answer.CONFIRMED


def test_who_asks_waits_for_no_process_that_stands_still(
    server: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "BUSY_TIMEOUT_S", 0.2)
    with store.writing(server) as tx:
        asks.hold(tx, answering=False)
        with pytest.raises(StoreError, match="another process has been writing for long"):
            Readers(server).ask()


MANY = """
INSERT INTO subscribers (address, folded, canonical, created_at)
SELECT a, a, a, '2020-01-01' FROM (SELECT 'r' || n AS a FROM generate_series(1, 40000) AS n) AS x;
INSERT INTO subscriptions (subscriber_id, list_slug, key, status, themes, cadence, timezone, created_at)
SELECT id, 'weekly', md5(id::text), CASE WHEN id %% 40 = 0 THEN 'unconfirmed' ELSE 'confirmed' END,
       '[]', 'issue', '', '2020-01-01'
FROM subscribers
"""


def test_forgetting_does_not_go_through_all_readers_for_each_of_them(postgresql_url: str) -> None:
    """In as little memory as a server has for a million of them."""
    database = store.open_store(f"{postgresql_url}%20-cwork_mem%3D64kB")
    with store.writing(database) as tx:
        tx.exec_driver_sql(MANY)
    began = time.monotonic()
    Readers(database).tidy()
    took = time.monotonic() - began
    left = [Readers(database).rows(table) for table in ("subscribers", "subscriptions")]
    database.dispose()

    assert left == [39_000, 39_000]
    assert took < 20


def test_a_site_goes_by_the_time_of_its_server_alone(
    server: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two machines whose clocks are wrong, each in its own way."""
    clock, now = app.clock_of(server), datetime.now(UTC)
    monkeypatch.setattr(app, "utcnow", lambda: NOW - timedelta(days=400))
    chosen = settings(tmp_path)
    sent: list[str] = []
    opened = web.on(
        server,
        chosen,
        clock,
        desk=desk.Desk(server, chosen, clock, telling.opened),
        send=lambda mail, sender, recipient: sent.append(recipient),
    )
    site = Site(server, chosen, now=now)
    visitor = TestClient(opened.page, base_url="https://news.example.org")
    site.now -= timedelta(seconds=3)
    token = site.people.form_token("weekly")
    form = {"email": ADDRESS, "token": token, "theme": "kv-cache"}

    assert visitor.post("/weekly/subscribe", data=form).status_code == 200
    for job in opened.jobs:
        job.do()
    assert sent == [ADDRESS]
    with store.reading(server) as tx:
        [asked] = tx.scalars(text("SELECT asked_at FROM opt_ins"))
    assert abs(asked - now) < timedelta(minutes=2)


def test_who_finds_every_connection_taken_is_told_to_come_again(server: Engine, tmp_path: Path) -> None:
    site = Site(server, settings(tmp_path))
    path = site.link("preferences", site.join())
    server.pool._timeout = 0.2  # type: ignore[attr-defined]
    held = [server.connect() for _ in range(15)]
    answers = [site.client.get(page) for page in (path, "/weekly/", "/healthz")]
    for one in held:
        one.close()

    assert [(one.status_code, one.headers["retry-after"]) for one in answers] == [(503, "60")] * 3
    assert site.client.get(path).status_code == 200
