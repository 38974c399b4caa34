"""An installation moves into PostgreSQL in the midst of a send: nobody is mailed twice, nobody forgotten.

Judged by the file of a server that writes down each mail before it answers.
"""

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.store import connection
from tests.ledger_server import Ledger, Ways, serving
from tests.sendable import ISSUE, Post, answer, configure, prepare, states
from tests.stored import dump
from tests.verdict import judged

READERS = 1_000


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with serving(tmp_path, Ways(delay_s=0.02)) as server:
        yield server


@pytest.fixture
def post(tmp_path: Path, ledger: Ledger) -> Post:
    return prepare(tmp_path / "post", READERS, port=ledger.port, small=True, connections=4)


def sending(post: Post, ledger: Ledger, *, mails: int = READERS // 4) -> subprocess.Popen[str]:
    """A sender in the midst of it, after so many mails."""
    sender = post.start("send", ISSUE, "--json")
    while len(ledger.path.read_bytes().splitlines()) < mails:
        assert sender.poll() is None
        time.sleep(0.005)
    return sender


def moved(post: Post, ledger: Ledger, url: str, *, connections: int = 4) -> Post:
    """The same installation, whose configuration names the server."""
    configure(post.folder, url=url, port=ledger.port, small=True, connections=connections)
    return Post(post.folder, url, post.addresses)


def rows(url: str) -> object:
    database = connection.connect(url, create=False)
    found = dump(database)
    database.dispose()
    return found


def test_an_issue_half_sent_by_a_process_that_was_killed_goes_on_where_it_was(
    post: Post, ledger: Ledger, postgresql_url: str
) -> None:
    sender = sending(post, ledger)
    sender.send_signal(signal.SIGKILL)
    sender.communicate()
    before, there = states(post), moved(post, ledger, postgresql_url)

    done = there.run("db", "copy", "newsletter.db")

    assert done.returncode == 0, done.stderr
    assert rows(there.url) == rows(post.url)
    assert states(there) == before
    assert before["pending"]
    there.send()
    verdict = judged(there, ledger)
    assert (verdict.faults, verdict.open) == (0, {}), verdict
    assert states(there)["sent"] | verdict.unknown == set(post.addresses)
    assert len(verdict.unknown) <= 4


def test_a_file_that_was_copied_sends_nothing_and_says_where_it_went(
    post: Post, ledger: Ledger, postgresql_url: str
) -> None:
    there = moved(post, ledger, postgresql_url)
    assert there.run("db", "copy", "newsletter.db").returncode == 0
    configure(post.folder, url=post.url, port=ledger.port, small=True, connections=4)

    for command in (["send", ISSUE], ["status"], ["db", "upgrade"], ["subscribers", "list"]):
        done = post.run(*command)
        assert done.returncode == 1
        assert "newsletter.db: was copied to postgresql://" in done.stderr, done.stderr
        assert (
            "set database_url to that, or, where nothing was sent from there, run: newsletter db"
            in done.stderr
        )

    assert ledger.entries() == []


def test_a_process_that_sends_is_in_the_way_and_one_that_is_passed_over_mails_nobody_twice(
    tmp_path: Path, postgresql_url: str
) -> None:
    with serving(tmp_path, Ways(delay_s=0.2)) as ledger:
        post = prepare(tmp_path / "post", 400, port=ledger.port, small=True, connections=4)
        sender = sending(post, ledger, mails=20)
        there = moved(post, ledger, postgresql_url, connections=40)

        refused = there.run("db", "copy", "newsletter.db")
        passed_over = there.run("db", "copy", "newsletter.db", "--anyway")
        said = sender.communicate(timeout=120)[1]
        answer(there.start("send", ISSUE, "--json"))
        verdict = judged(there, ledger)

    assert (refused.returncode, passed_over.returncode) == (1, 0)
    assert "a process that sends (process" in refused.stderr
    assert "stop it and run this again; where you know that it is gone: --anyway" in refused.stderr
    assert "it was copied to postgresql" in said, said
    assert (verdict.faults, verdict.open) == (0, {}), verdict
    assert len(verdict.unknown) <= 4
