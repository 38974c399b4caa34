"""Two machines deliver one issue, and one loses its network: nobody is lost, nobody mailed twice.

Each machine has a relay of its own, which it reaches all the time; the database is on a third one.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import hosts
from tests.clusters import cluster
from tests.desk import environment
from tests.hosts import Host
from tests.ledger_server import Ledger, Ways, serving
from tests.sendable import ISSUE, Post, answer, configure, prepare
from tests.verdict import judged
from tests.working import until_taken

READERS = 2_000
CONNECTIONS = 3
LEASE_S = 4.0


@dataclass(frozen=True, slots=True)
class Machine:
    """A host with a relay, and the folder from which it sends."""

    host: Host
    folder: Path
    ledger: Ledger

    def start(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            self.host.command(sys.executable, "-m", "newsletter", "send", ISSUE, "--json"),
            cwd=self.folder,
            env=environment(),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def served(self) -> int:
        return len(self.ledger.entries())


@dataclass(frozen=True, slots=True)
class Scene:
    """Machines, and the issue as whoever has the database sees it."""

    post: Post
    machines: list[Machine]

    def served(self) -> Ledger:
        """What all relays together took."""
        path = self.post.folder / "all.tsv"
        path.write_text("".join(one.ledger.path.read_text() for one in self.machines))
        return Ledger(0, path)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with ExitStack() as until:
        network = until.enter_context(hosts.network(2))
        server = until.enter_context(cluster(host=hosts.SERVER, before=network.server()))
        post = prepare(tmp_path / "post", READERS, port=1, url=server.url, small=True)
        machines = []
        for host in network.hosts:
            folder = tmp_path / host.name
            folder.mkdir()
            before = hosts.within(host.namespace)
            ledger = until.enter_context(serving(folder, Ways(delay_s=0.02), before=before))
            given = {"connections": CONNECTIONS, "lease_s": LEASE_S}
            configure(folder, url=server.remote_url, port=ledger.port, small=True, **given)
            machines.append(Machine(host, folder, ledger))
        yield Scene(post, machines)


def test_a_machine_that_loses_the_database_stops_and_its_late_words_count(scene: Scene) -> None:
    one, other = scene.machines
    senders = []
    for machine in scene.machines:
        senders.append(machine.start())
        until_taken(machine.ledger, 20)

    one.host.cut()
    time.sleep(1)
    before = one.served()
    # Of all rows that the machine had claimed, but those whose mails were at their end.
    said = answer(senders[1], timeout_s=100)
    assert (one.served(), senders[0].poll()) == (before, None)
    assert 0 <= said["unknown"] <= 2 * CONNECTIONS
    assert READERS - 2 * CONNECTIONS <= before + other.served() <= READERS

    one.host.mend()
    answer(senders[0])
    verdict = judged(scene.post, scene.served())
    assert (verdict.faults, verdict.open, verdict.unknown) == (0, {}, set()), verdict
