"""A worker whose PostgreSQL server ends and comes again: it stays, and goes on by itself."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clusters import Cluster, cluster
from tests.ledger_server import Ledger, Ways, serving
from tests.sendable import Post, prepare
from tests.verdict import judged
from tests.working import enqueue, until_finished, until_taken, workers

READERS = 1_000


@pytest.fixture
def server() -> Iterator[Cluster]:
    with cluster() as made:
        yield made


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with serving(tmp_path, Ways(delay_s=0.02)) as made:
        yield made


@pytest.fixture
def post(tmp_path: Path, server: Cluster, ledger: Ledger) -> Post:
    folder = tmp_path / "post"
    return prepare(folder, READERS, port=ledger.port, url=server.url, small=True, connections=2)


def test_idle_it_is_there_again_and_hears_of_what_is_due(post: Post, server: Cluster, ledger: Ledger) -> None:
    with workers(post.folder, 1) as [worker]:
        time.sleep(3)
        server.stop()
        worker.until("trouble what=bell")
        server.start()
        worker.until("trouble.over what=bell")
        enqueue(post)
        until_finished(post)
        [shown] = json.loads(post.run("status", "--json").stdout)["processes"]
        assert worker.ends() == 0

    assert (shown["gone"], shown["pid"]) == (False, worker.process.pid)
    assert worker.log().count("trouble what=bell") <= 3  # each of what it says once
    assert ledger.recipients() == dict.fromkeys(post.addresses, 1)


def test_in_the_midst_of_an_issue_nobody_is_lost_or_mailed_twice(
    post: Post, server: Cluster, ledger: Ledger
) -> None:
    with workers(post.folder, 2) as both:
        enqueue(post)
        for part in (4, 2):
            until_taken(ledger, READERS // part)
            server.restart("immediate")
        until_finished(post)
        assert [one.ends() for one in both] == [0, 0]

    verdict = judged(post, ledger)
    assert (verdict.faults, verdict.open) == (0, {}), verdict
