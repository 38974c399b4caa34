"""Many workers deliver one issue while they, and the database server, are killed: nobody is mailed twice.

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
from tests.sendable import Post, prepare
from tests.verdict import RUNS, Verdict, judged
from tests.working import enqueue, until_finished, until_taken

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
    """Keeps so many workers there, and ends a random one of them, or the server, as a seed chooses."""

    post: Post
    ledger: Ledger
    server: Cluster
    chance: random.Random
    workers: list["subprocess.Popen[str]"] = field(default_factory=list)
    killed: int = 0
    restarts: list[str] = field(default_factory=list)

    def start(self) -> None:
        with (self.post.folder / "said").open("a") as said:
            self.workers.append(self.post.start("worker", stdout=said, stderr=said))

    def go(self) -> None:
        """Kill and restart, spread over the mails that are to go."""
        for _ in range(AT_ONCE):
            self.start()
        restarts = {*self.chance.sample(range(1, KILLS), RESTARTS)}
        for turn in range(KILLS):
            until_taken(self.ledger, READERS * (turn + 1) // (KILLS + 2))
            time.sleep(self.chance.uniform(0, 0.1))
            self._kill()
            if turn in restarts:
                how = self.chance.choice(["immediate", "fast"])
                self.server.restart(how)
                self.restarts.append(how)
            self.start()
        until_finished(self.post)

    def _kill(self) -> None:
        # One that found no server when it opened the database has ended: as by a service manager, it is
        # started again.
        for worker in [one for one in self.workers if one.poll() is not None]:
            self.workers.remove(worker)
            self.start()
        one = self.workers.pop(self.chance.randrange(len(self.workers)))
        one.kill()
        self.killed += one.wait() == -signal.SIGKILL


@pytest.fixture
def killer(post: Post, ledger: Ledger, server: Cluster) -> Iterator[Killer]:
    made = Killer(post, ledger, server, random.Random(RUNS))  # noqa: S311
    yield made
    for worker in made.workers:
        worker.kill()
        worker.wait()


def test_killed_at_any_moment_with_their_server_they_lose_nobody_and_mail_nobody_twice(
    killer: Killer, post: Post, ledger: Ledger
) -> None:
    enqueue(post)
    began = time.monotonic()
    killer.go()
    verdict = judged(post, ledger)
    _print(killer, verdict, time.monotonic() - began)

    assert (verdict.faults, verdict.open) == (0, {}), verdict
    assert killer.killed == KILLS
    assert "Traceback" not in (said := (post.folder / "said").read_text()), said
    assert len(verdict.unknown) <= 2 * CONNECTIONS * KILLS


def _print(killer: Killer, verdict: Verdict, seconds: float) -> None:
    print(
        f"{READERS} readers, {killer.killed} killed, restarts {killer.restarts}: "
        f"lost {len(verdict.lost)}, twice {len(verdict.twice)}, "
        f"unknown {len(verdict.unknown)} of which served {verdict.unknown_served}, {seconds:.0f} s"
    )
