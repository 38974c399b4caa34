"""`newsletter send`, killed and stopped at any moment and started again: nobody is lost, nobody mailed twice.

Judged by the file of a server that writes each mail down 20 ms before it answers.
"""

import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ledger_server import Ledger, Ways, serving
from tests.sendable import ISSUE, Post, prepare
from tests.verdict import READERS, RUNS, STOPS, judged

CONNECTIONS = 10
# Of the server's answer to the end of a mail.
DELAY_S = 0.02
# How long a process may take to stop when it is asked to.
PATIENCE_S = 30
# How long the program takes until its first mail, on a machine that does other things too.
START_S = 1.5


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with serving(tmp_path, Ways(delay_s=DELAY_S)) as server:
        yield server


@pytest.fixture
def post(tmp_path: Path, database_url: str, ledger: Ledger) -> Post:
    return prepare(
        tmp_path / "post",
        READERS,
        port=ledger.port,
        url=database_url,
        small=True,
        connections=CONNECTIONS,
    )


class Hand:
    """Ends senders at moments that a seed chooses: one in three while it starts, others while they send."""

    def __init__(self, post: Post, ledger: Ledger, seed: int) -> None:
        self._post, self._ledger = post, ledger
        self._chance = random.Random(seed)  # noqa: S311

    def end_one(self, name: signal.Signals, *, turns_left: int) -> tuple[subprocess.Popen[str], float]:
        """A sender that was ended, and how long it took to end."""
        sender = self._post.start("send", ISSUE, "--json")
        if self._chance.randrange(3) == 0:
            time.sleep(self._chance.uniform(0, START_S))
        else:
            self._until_it_sends(sender)
            left = READERS - self._served()
            whole_s = left * DELAY_S / CONNECTIONS
            time.sleep(self._chance.uniform(0, 2 * whole_s / turns_left))
        sender.send_signal(name)
        began = time.monotonic()
        sender.communicate(timeout=PATIENCE_S)
        return sender, time.monotonic() - began

    def _served(self) -> int:
        return self._ledger.path.read_bytes().count(b"\n")

    def _until_it_sends(self, sender: subprocess.Popen[str]) -> None:
        before = self._ledger.path.stat().st_size
        while self._ledger.path.stat().st_size == before and sender.poll() is None:
            time.sleep(0.005)


def test_killed_at_any_moment_it_loses_nobody_and_mails_nobody_twice(post: Post, ledger: Ledger) -> None:
    hand, killed = Hand(post, ledger, seed=RUNS), 0
    for turn in range(RUNS):
        sender, _ = hand.end_one(signal.SIGKILL, turns_left=RUNS - turn)
        killed += sender.returncode == -signal.SIGKILL
    said = post.send()
    verdict = judged(post, ledger)
    print(
        f"{killed} killed; unknown {len(verdict.unknown)}, of which served {verdict.unknown_served}; {said}"
    )

    assert (verdict.faults, verdict.open) == (0, {}), verdict
    assert killed > RUNS / 2
    assert len(verdict.unknown) <= 2 * CONNECTIONS * killed
    assert said["unknown"] == len(verdict.unknown)


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_ends_soon_and_leaves_nobody_unknown(
    post: Post, ledger: Ledger, name: signal.Signals
) -> None:
    hand, slowest = Hand(post, ledger, seed=STOPS), 0.0
    for turn in range(STOPS):
        _, took_s = hand.end_one(name, turns_left=STOPS - turn)
        slowest = max(slowest, took_s)
    said = post.send()
    verdict = judged(post, ledger)
    print(f"slowest stop {slowest:.2f} s; {said}")

    assert (verdict.faults, verdict.unknown, verdict.open) == (0, set(), {}), verdict
    assert (said["sent"], slowest < PATIENCE_S) == (READERS, True)
