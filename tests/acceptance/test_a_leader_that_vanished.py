"""Two machines keep one schedule, and the one that leads loses its network: the other takes over."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import hosts
from tests.builders import CACHE_PAPER, page_text
from tests.clusters import Cluster, cluster
from tests.desk import environment
from tests.hosts import Host, Network
from tests.running import SCHEDULE, waited
from tests.sendable import Post, configure

# The server gives up the leader's connection after 25 s, and whoever stands by looks every 30 s.
WITHIN_S = 60


@pytest.fixture
def network() -> Iterator[Network]:
    with hosts.network(2) as made:
        yield made


@pytest.fixture
def server(network: Network) -> Iterator[Cluster]:
    with cluster(host=hosts.SERVER, before=network.server()) as made:
        yield made


def prepare(folder: Path, url: str) -> None:
    """A list whose schedule has no slot soon."""
    folder.mkdir()
    configure(folder, url=url, port=1, small=True)
    (folder / "page.txt").write_text(page_text(CACHE_PAPER), encoding="utf-8")
    with (folder / "config.toml").open("a") as file:
        file.write(
            "\n" + SCHEDULE.replace("{at:%H:%M}", "09:00").replace('"day"', '"day"\nstarting = 2099-01-05')
        )


def start(host: Host, folder: Path) -> "subprocess.Popen[str]":
    with (folder / "stderr").open("w") as said:
        command = host.command(sys.executable, "-m", "newsletter", "run")
        return subprocess.Popen(command, cwd=folder, env=environment(), stderr=said, text=True)


def test_another_leads_within_a_minute(tmp_path: Path, network: Network, server: Cluster) -> None:
    url = server.remote_url
    with ExitStack() as until:
        logs = []
        for host, word in zip(network.hosts, ("schedule.leads", "schedule.stands_by"), strict=True):
            folder = tmp_path / host.name
            if host is network.hosts[0]:
                prepare(folder, server.url)
                Post(folder, server.url, []).do("ingest", "page.txt")
                folder.joinpath("config.toml").write_text(
                    folder.joinpath("config.toml").read_text().replace(server.url, url)
                )
            else:
                prepare(folder, url)
            process = start(host, folder)
            until.callback(process.wait)
            until.callback(process.kill)
            logs.append(folder / "stderr")
            waited(logs[-1].read_text, lambda said, word=word: word in said, of=host)

        began = time.monotonic()
        network.hosts[0].cut()
        waited(logs[1].read_text, lambda said: "schedule.leads" in said, of=network)
        seconds = time.monotonic() - began
        assert seconds < WITHIN_S
        network.hosts[0].mend()
        waited(logs[0].read_text, lambda said: said.count("schedule.stands_by") == 1, of=network)
    print(f"the other led after {seconds:.0f} s")
