"""Two machines whose clocks are 20 minutes apart deliver one issue from one PostgreSQL server."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.desk import environment
from tests.ledger_server import Ledger, Ways, serving
from tests.running import DEADLINE_S
from tests.sendable import Post, prepare
from tests.verdict import judged
from tests.working import enqueue, until_finished, until_taken

# More than one process claims at a time, and enough for several leases.
READERS = 1_200
LEASE_S = 3.0
APART = ("600", "-600")
RATE_PER_S = 100


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with serving(tmp_path, Ways(delay_s=0.02)) as server:
        yield server


@contextmanager
def workers(post: Post) -> Iterator[list[Path]]:
    """The logs of two workers that have begun."""
    with ExitStack() as until:
        logs = []
        for seconds in APART:
            log = post.folder / f"{seconds}.stderr"
            file = until.enter_context(log.open("w"))
            command = [sys.executable, "-m", "tests.off_clock", seconds, "worker"]
            process = subprocess.Popen(command, cwd=post.folder, env=environment(), stderr=file)
            until.callback(process.wait)
            until.callback(process.kill)
            logs.append(log)
        latest = time.monotonic() + DEADLINE_S
        while not all("worker.started" in log.read_text() for log in logs):
            assert time.monotonic() < latest
            time.sleep(0.1)
        yield logs


def test_leases_hold_and_nobody_is_lost_doubled_or_unknown(
    tmp_path: Path, postgresql_url: str, ledger: Ledger
) -> None:
    given = {"connections": 2, "lease_s": LEASE_S}
    post = prepare(tmp_path / "post", READERS, port=ledger.port, url=postgresql_url, small=True, **given)
    with workers(post) as logs:
        enqueue(post)
        until_finished(post)
        told = [log.read_text() for log in logs]

    verdict = judged(post, ledger)
    assert ledger.recipients() == dict.fromkeys(post.addresses, 1)
    assert (verdict.faults, verdict.unknown, verdict.open) == (0, set(), {})
    assert all("delivery.started" in one for one in told)


def test_a_rate_holds_for_both_together(tmp_path: Path, postgresql_url: str, ledger: Ledger) -> None:
    given = {"connections": 2, "lease_s": LEASE_S, "rate": f"{RATE_PER_S}/s"}
    post = prepare(tmp_path / "post", READERS, port=ledger.port, url=postgresql_url, small=True, **given)
    with workers(post):
        enqueue(post)
        until_taken(ledger, 1)
        began = time.monotonic()
        until_finished(post)
        seconds = time.monotonic() - began

    assert ledger.recipients() == dict.fromkeys(post.addresses, 1)
    assert seconds > 0.9 * READERS / RATE_PER_S
