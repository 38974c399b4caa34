"""Several `newsletter send` of one issue at once: nobody is mailed twice."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from newsletter import store
from newsletter.errors import StoreError
from tests.ledger_server import Ledger, Ways, serving
from tests.running import DEADLINE_S
from tests.sendable import ISSUE, Post, answer, prepare, states
from tests.verdict import judged

READERS = 2_000
_END_ALL = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'a sender'")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with serving(tmp_path, Ways(delay_s=0.02)) as server:
        yield server


@pytest.fixture
def post(tmp_path: Path, database_url: str, ledger: Ledger) -> Post:
    folder = tmp_path / "post"
    return prepare(folder, READERS, port=ledger.port, url=database_url, small=True, connections=4)


def start(post: Post, count: int, *, apart_s: float = 0.0) -> list[subprocess.Popen[str]]:
    senders = []
    for _ in range(count):
        senders.append(post.start("send", ISSUE, "--json"))
        time.sleep(apart_s)
    return senders


def stop(sender: subprocess.Popen[str], url: str) -> None:
    """Have it stand still, but not while it writes: of SQLite nobody else could write as long as it does."""
    database = store.open_store(url)
    is_free = False
    while not is_free:
        os.kill(sender.pid, signal.SIGSTOP)
        try:
            with store.writing(database, patience_s=0.2):
                is_free = True
        except StoreError:
            os.kill(sender.pid, signal.SIGCONT)
            time.sleep(0.02)
    database.dispose()


@pytest.mark.parametrize(("count", "apart_s"), [(4, 0.0), (4, 0.8), (8, 0.0)])
def test_several_at_once_mail_everybody_once(post: Post, ledger: Ledger, count: int, apart_s: float) -> None:
    for sender in start(post, count, apart_s=apart_s):
        answer(sender)

    assert ledger.recipients() == dict.fromkeys(post.addresses, 1)
    assert (judged(post, ledger).faults, judged(post, ledger).unknown) == (0, set())


def test_two_hear_an_operator_pause_go_on_and_cancel(
    tmp_path: Path, database_url: str, ledger: Ledger
) -> None:
    # So slow that there is something left whenever an operator's word is heard.
    post = prepare(tmp_path / "post", READERS, port=ledger.port, url=database_url, small=True, connections=1)
    senders = start(post, 2)
    _until(ledger, READERS // 10)
    assert post.run("deliveries", "pause", ISSUE).returncode == 0
    paused = _still(ledger)
    assert (paused < READERS, [sender.poll() for sender in senders]) == (True, [None, None])

    assert post.run("deliveries", "resume", ISSUE).returncode == 0
    _until(ledger, paused + READERS // 10)
    assert post.run("deliveries", "cancel", ISSUE).returncode == 0
    for sender in senders:
        answer(sender)

    kept = states(post)
    assert kept["sent"] == ledger.recipients().keys()
    assert kept["sent"] | kept["skipped"] == set(post.addresses)
    assert len(kept["sent"]) < READERS


def _until(ledger: Ledger, mails: int) -> None:
    while len(ledger.entries()) < mails:
        time.sleep(0.01)


def _still(ledger: Ledger) -> int:
    """How many mails came, once none came for two seconds."""
    before, until = -1, time.monotonic() + DEADLINE_S
    while (now := len(ledger.entries())) > before:
        assert time.monotonic() < until, now
        before = now
        time.sleep(2)
    return now


def test_one_that_stood_still_past_its_lease_repeats_nothing(
    tmp_path: Path, database_url: str, ledger: Ledger
) -> None:
    given = {"connections": 4, "lease_s": 1.0}
    post = prepare(tmp_path / "post", READERS, port=ledger.port, url=database_url, small=True, **given)
    [still] = start(post, 1)
    _until(ledger, READERS // 20)
    stop(still, database_url)
    try:
        time.sleep(2.5)
        answer(post.start("send", ISSUE, "--json"))
    finally:
        os.kill(still.pid, signal.SIGCONT)
    answer(still)
    verdict = judged(post, ledger)

    assert (verdict.faults, verdict.open) == (0, {}), verdict
    # What it had at the end of a mail is one for each connection.
    assert len(verdict.unknown) <= 4


def test_a_database_server_that_ends_every_connection_loses_nothing(
    tmp_path: Path, postgresql_url: str, ledger: Ledger
) -> None:
    url = f"{postgresql_url}&application_name=a%20sender"
    post = prepare(tmp_path / "post", READERS, port=ledger.port, url=url, small=True, connections=4)
    sender, server, ended = post.start("send", ISSUE, "--json"), create_engine(postgresql_url), 0
    _until(ledger, READERS // 20)
    while sender.poll() is None:
        with server.connect() as asked:
            ended += len(asked.execute(_END_ALL).all())
        time.sleep(1)
    server.dispose()
    answer(sender)
    verdict = judged(post, ledger)

    assert ended >= 5
    assert (verdict.faults, verdict.open, verdict.unknown) == (0, {}, set()), verdict


def test_four_that_stand_still_by_turns_repeat_nothing(
    tmp_path: Path, database_url: str, ledger: Ledger
) -> None:
    given = {"connections": 4, "lease_s": 0.5}
    post = prepare(tmp_path / "post", READERS, port=ledger.port, url=database_url, small=True, **given)
    senders, chance = start(post, 4), random.Random(4)  # noqa: S311
    while any(sender.poll() is None for sender in senders):
        one = chance.choice(senders)
        one.send_signal(signal.SIGSTOP)
        time.sleep(chance.choice((0.05, 0.8)))
        one.send_signal(signal.SIGCONT)
        time.sleep(chance.uniform(0, 0.3))
    for sender in senders:
        answer(sender)
    answer(post.start("send", ISSUE, "--json"))
    verdict = judged(post, ledger)

    assert (verdict.faults, verdict.open) == (0, {}), verdict
