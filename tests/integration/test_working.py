"""`newsletter worker` as processes: several machines that deliver one issue from one PostgreSQL server."""

import json
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsletter import store
from newsletter.store import processes
from newsletter.store.processes import Role
from tests.ledger_server import Ledger, Ways, serving
from tests.running import DEADLINE_S, running
from tests.sendable import ISSUE, Post, answer, prepare
from tests.verdict import judged
from tests.working import enqueue, enqueue_a_part, rows, until_finished, until_taken, workers

# More than two processes claim at a time.
READERS = 1_200


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with serving(tmp_path, Ways(delay_s=0.02)) as server:
        yield server


@pytest.fixture
def post(tmp_path: Path, postgresql_url: str, ledger: Ledger) -> Post:
    folder = tmp_path / "post"
    return prepare(folder, READERS, port=ledger.port, url=postgresql_url, small=True, connections=2)


def assert_each_reader_has_it_once(post: Post, ledger: Ledger) -> None:
    verdict = judged(post, ledger)
    assert ledger.recipients() == dict.fromkeys(post.addresses, 1)
    assert (verdict.faults, verdict.unknown, verdict.open) == (0, set(), {})


def test_a_worker_needs_a_server_and_says_what_delivers_without_one(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[lists.weekly]\n")
    with running(tmp_path, "worker") as worker:
        assert worker.process.wait(DEADLINE_S) == 2

    assert worker.log().startswith("error: database_url: a worker shares the database with other machines")
    assert "newsletter run or newsletter send" in worker.log()


def test_workers_without_a_schedule_begin_at_once_when_an_issue_is_due(post: Post, ledger: Ledger) -> None:
    with workers(post.folder, 2) as both:
        # They look after 1, 3, 7 and 15 seconds, and then after 31.
        time.sleep(16)
        enqueue(post)
        began = time.monotonic()
        until_taken(ledger, 1)
        assert time.monotonic() - began < 8
        until_finished(post)
        assert [one.ends() for one in both] == [0, 0]

    assert_each_reader_has_it_once(post, ledger)


def test_an_operator_who_sends_by_hand_joins_the_workers(post: Post, ledger: Ledger) -> None:
    with workers(post.folder, 2):
        enqueue(post)
        said = answer(post.start("send", ISSUE, "--json"))

    assert (said["sent"], said["state"]) == (READERS, "finished")
    assert_each_reader_has_it_once(post, ledger)


def test_several_workers_take_over_readers_that_were_half_written_down(post: Post, ledger: Ledger) -> None:
    enqueue_a_part(post, minutes_ago=5)
    with workers(post.folder, 3):
        until_finished(post)

    assert_each_reader_has_it_once(post, ledger)


def test_whoever_writes_readers_down_is_left_to_it(post: Post, ledger: Ledger) -> None:
    enqueue_a_part(post, minutes_ago=0)
    with workers(post.folder, 1):
        time.sleep(5)

    assert (len(ledger.entries()), rows(post, "deliveries")) == (0, READERS // 2)


def test_a_worker_that_is_killed_leaves_its_readers_to_the_others(post: Post, ledger: Ledger) -> None:
    with workers(post.folder, 3) as three:
        enqueue(post)
        until_taken(ledger, READERS // 4)
        three[0].ends(signal.SIGKILL)
        until_finished(post)

    verdict = judged(post, ledger)
    assert (verdict.faults, verdict.open) == (0, {})
    assert len(verdict.unknown) <= 2  # one for each of its connections


def test_one_who_is_told_to_end_goes_well_and_the_others_go_on(post: Post, ledger: Ledger) -> None:
    with workers(post.folder, 2) as both:
        enqueue(post)
        until_taken(ledger, READERS // 8)
        assert both[0].ends() == 0
        until_finished(post)
        assert rows(post, "processes") == 1
        assert both[1].ends() == 0

    assert rows(post, "processes") == 0
    assert_each_reader_has_it_once(post, ledger)


def test_a_worker_reads_its_configuration_again_and_keeps_the_old_one_where_it_is_wrong(post: Post) -> None:
    good = (post.folder / "config.toml").read_text()
    with workers(post.folder, 1) as [worker]:
        (post.folder / "config.toml").write_text(good.replace(post.url, "sqlite:///newsletter.db"))
        worker.tell(signal.SIGHUP)
        worker.until("config.refused why=.*a worker shares the database")
        (post.folder / "config.toml").write_text(good + '\n[run]\nlog = "json"\n')
        worker.tell(signal.SIGHUP)
        worker.until('"config.read"')
        assert worker.ends() == 0

    assert json.loads(worker.log().splitlines()[-1])["event"] == "worker.ended"


def test_status_shows_who_is_there_what_for_and_who_is_gone(post: Post, ledger: Ledger) -> None:
    database = store.open_store(post.url)
    with store.writing(database) as tx:
        processes.join(tx, Role.RUN, version="0", now=datetime.now(UTC) - timedelta(hours=1))
    database.dispose()
    with workers(post.folder, 1) as [worker]:
        enqueue(post)
        until_taken(ledger, 1)
        shown = json.loads(post.run("status", "--json").stdout)["processes"]
        table = post.run("status").stdout

    assert [(one["role"], one["gone"], one["leads"], one["issues"]) for one in shown] == [
        ("run", True, False, 0),
        ("worker", False, False, 1),
    ]
    assert shown[1]["pid"] == worker.process.pid
    assert "halfway" not in table
    assert "gone, " in table
