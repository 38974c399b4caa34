"""Many processes deliver one issue while they, and the database server, are killed: nobody is mailed twice.

Judged by the file of a mail server that writes each mail down 20 ms before it answers. The database is a
server of the test's own, so that a crash is one.
"""

import random
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.clusters import Cluster, cluster
from tests.ledger_server import Ledger, Ways, serving
from tests.sendable import ISSUE, Post, answer, prepare
from tests.verdict import RUNS, Verdict, judged

AT_ONCE = 4
CONNECTIONS = 4
DELAY_S = 0.02
# 100 kills and 10 restarts among 20,000 readers: NEWSLETTER_TEST_RUNS=100.
KILLS = RUNS if RUNS >= 100 else 5
RESTARTS = KILLS // 10 if RUNS >= 100 else 1
READERS = 20_000 if RUNS >= 100 else 1_500


@pytest.fixture
def server() -> Iterator[Cluster]:
    with cluster() as made:
        yield made


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with serving(tmp_path, Ways(delay_s=DELAY_S)) as relay:
        yield relay


@pytest.fixture
def post(tmp_path: Path, server: Cluster, ledger: Ledger) -> Post:
    given = {"port": ledger.port, "url": server.url, "connections": CONNECTIONS, "lease_s": 5.0}
    return prepare(tmp_path / "post", READERS, small=True, **given)  # type: ignore[arg-type]


@dataclass
class Killer:
    """Keeps so many senders at work, and ends a random one of them, or the server, as a seed chooses."""

    post: Post
    ledger: Ledger
    server: Cluster
    chance: random.Random
    senders: list["subprocess.Popen[str]"] = field(default_factory=list)
    killed: int = 0
    restarts: list[str] = field(default_factory=list)

    def start(self) -> None:
        self.senders.append(self.post.start("send", ISSUE, "--json"))

    def go(self) -> None:
        """Kill and restart, spread over the mails that are to go."""
        for _ in range(AT_ONCE):
            self.start()
        restarts = {*self.chance.sample(range(1, KILLS), RESTARTS)}
        for turn in range(KILLS):
            self._wait(until=READERS * (turn + 1) // (KILLS + 2))
            self._kill()
            if turn in restarts:
                how = self.chance.choice(["immediate", "fast"])
                self.server.restart(how)
                self.restarts.append(how)
            # One that finds no server when it opens the database says so, and begins nothing.
            self.start()
        for sender in self.senders:
            answer(sender)

    def _wait(self, *, until: int) -> None:
        while len(self.ledger.path.read_bytes().splitlines()) < until:
            assert any(sender.poll() is None for sender in self.senders), self.senders[-1].communicate()
            time.sleep(self.chance.uniform(0, 0.02))

    def _kill(self) -> None:
        one = self.senders.pop(self.chance.randrange(len(self.senders)))
        one.send_signal(signal.SIGKILL)
        one.communicate()
        self.killed += one.returncode == -signal.SIGKILL


def test_killed_at_any_moment_with_their_server_they_lose_nobody_and_mail_nobody_twice(
    post: Post, ledger: Ledger, server: Cluster
) -> None:
    killer = Killer(post, ledger, server, random.Random(RUNS))  # noqa: S311
    began = time.monotonic()
    killer.go()
    answer(post.start("send", ISSUE, "--json"))
    verdict = judged(post, ledger)
    _print(killer, verdict, time.monotonic() - began)

    assert (verdict.faults, verdict.open) == (0, {}), verdict
    assert killer.killed > KILLS / 2
    assert len(verdict.unknown) <= 2 * CONNECTIONS * killer.killed


def _print(killer: Killer, verdict: Verdict, seconds: float) -> None:
    print(
        f"{READERS} readers, {killer.killed} killed, restarts {killer.restarts}: "
        f"lost {len(verdict.lost)}, twice {len(verdict.twice)}, "
        f"unknown {len(verdict.unknown)} of which served {verdict.unknown_served}, {seconds:.0f} s"
    )
