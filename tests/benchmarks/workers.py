"""What more workers bring: python -m tests.benchmarks.workers [--connections N] [--network-ms N] [--out F].

1, 2 and 4 processes send one issue (mails of 60 KB) from one PostgreSQL, which waits for its disk, to a
relay that takes 20 ms for each turn. Beside them as many of Postfix's smtp-source, which keep no ledger. All
in turn; medians. Rates are those of the time in which all are at work, as the relay counts: from a tenth
of the mails, and all connections, to four fifths. Seconds of processors are of the same time.

--connections: of each process. --network-ms: how much longer the way to the database and back is.
Needs: cc, PostgreSQL's own programs; without smtp-source the peer is left out.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from tests import sendable, sinks
from tests.benchmarks import cluster, far
from tests.benchmarks.processors import cpu_s

GOALS = {2: 1.9, 4: 3.5}
# The whole mail of sendable.prepare, for the peer that sends any bytes.
_LENGTH = 62_000
_LOOK_S = 0.05
# Transactions, and bytes of the log that is written before all else.
_WRITTEN = """
    SELECT xact_commit, pg_current_wal_lsn() - '0/0' FROM pg_stat_database WHERE datname = current_database()
"""
# An issue as it was before it was sent.
_ANEW = (
    "TRUNCATE deliveries",
    "DELETE FROM pattern_choices",
    "DELETE FROM patterns",
    "DELETE FROM sendings",
    "DELETE FROM workers",
    "UPDATE issues SET status = 'approved'",
    "CHECKPOINT",
)


@dataclass(frozen=True, slots=True)
class Look:
    """What was counted at a moment: mails that the relay took, and seconds of processors."""

    at: float
    mails: int
    connections: int
    cpu: dict[str, float]


@dataclass(frozen=True, slots=True)
class Bench:
    """Where everything is that takes part."""

    server: cluster.Cluster
    post: sendable.Post
    folder: Path
    mails: int
    connections: int
    there_and_back_ms: float

    def ours(self, count: int, *, relay: str = "relay") -> dict[str, float]:
        """So many `newsletter send` at once."""
        for statement in _ANEW:
            self.server.ask(statement)
        with sinks.running(relay, self.folder) as sink:
            sendable.configure(
                self.post.folder, url=self.post.url, port=sink.port, connections=self.connections
            )
            before = self.server.ask(_WRITTEN)[0]
            senders = [self.post.start("send", sendable.ISSUE, "--json") for _ in range(count)]
            looks = watched(sink, self.server, senders)
            for sender in senders:
                sendable.answer(sender)
            after = self.server.ask(_WRITTEN)[0]
        assert sink.taken() == self.mails, (sink.taken(), self.mails)
        found = rates(looks, self.mails, self.connections * count)
        found["transactions per mail"] = (after[0] - before[0]) / self.mails
        found["WAL bytes per mail"] = float(after[1] - before[1]) / self.mails
        return found

    def peer(self, count: int) -> dict[str, float]:
        """So many smtp-source at once, each with its part of the mails."""
        with sinks.running("relay", self.folder) as sink:
            sizes = f"-s {self.connections} -m {self.mails // count} -l {_LENGTH}"
            options = f"-d {sizes} -f a@example.org -t b@example.org"
            command = ["smtp-source", *options.split(), f"127.0.0.1:{sink.port}"]
            senders = [subprocess.Popen(command, text=True) for _ in range(count)]
            looks = watched(sink, self.server, senders)
            return rates(looks, self.mails // count * count, self.connections * count)


def watched(
    sink: sinks.Sink, server: cluster.Cluster, senders: Sequence[subprocess.Popen[str]]
) -> list[Look]:
    """What was counted, again and again, until the senders had ended."""
    looks = []
    while any(sender.poll() is None for sender in senders):
        cpu = {
            "workers": sum(cpu_s(sender.pid) for sender in senders),
            "server": server.cpu_s(),
            "relay": cpu_s(sink.pid),
        }
        looks.append(Look(time.perf_counter(), *sink.so_far(), cpu))
        time.sleep(_LOOK_S)
    return looks


def rates(looks: Sequence[Look], mails: int, there: int) -> dict[str, float]:
    """Mails a second in the middle of a run, and microseconds of processors for each.

    It begins when all connections are there, so many, and ends before the first has nothing more to do.
    """
    first = next(look for look in looks if look.mails >= mails * 0.1 and look.connections >= there)
    last = next(look for look in looks if look.mails >= mails * 0.8)
    took, sent = last.at - first.at, last.mails - first.mails
    spent = {name: (last.cpu[name] - first.cpu[name]) for name in first.cpu}
    return {
        "mails/s": sent / took,
        **{f"{name} us": seconds / sent * 1e6 for name, seconds in spent.items()},
        "processors": sum(spent.values()) / took,
    }


@contextmanager
def bench(mails: int, *, connections: int = 20, network_ms: float = 0) -> Iterator[Bench]:
    """An issue with so many readers in a cluster of its own."""
    with tempfile.TemporaryDirectory(prefix="workers-") as name, cluster.running() as server:
        folder = Path(name)
        sinks.build(folder)
        post = sendable.prepare(folder / "post", mails, port=1, url=server.url(), choosy=0)
        server.ask("VACUUM ANALYZE")
        with far.way(server.port, network_ms) if network_ms else nullcontext(server.port) as port:
            url = server.url(port=port)
            yield Bench(server, replace(post, url=url), folder, mails, connections, _there_and_back_ms(url))


def _there_and_back_ms(url: str) -> float:
    """How long an answer of the server takes that has nothing to do, the median of some."""
    took = []
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for _ in range(50):
            began = time.perf_counter()
            connection.execute("SELECT 1")
            took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def race(bench: Bench, counts: Sequence[int], *, rounds: int, peer: bool) -> dict[str, Any]:
    """The median of each, by name and number of processes."""
    clients: dict[str, Callable[[int], dict[str, float]]] = {"newsletter": bench.ours}
    if peer:
        clients["smtp-source"] = bench.peer
    runs: dict[tuple[str, int], list[dict[str, float]]] = {}
    for number in range(rounds):
        for count in counts:
            for name, send in clients.items():
                found = send(count)
                runs.setdefault((name, count), []).append(found)
                print(f"{number + 1}: {name} x{count} {found['mails/s']:,.0f}/s", file=sys.stderr, flush=True)
    return {
        f"{name} x{count}": {
            **{key: round(statistics.median(one[key] for one in all), 2) for key in all[0]},
            "runs": [round(one["mails/s"]) for one in all],
        }
        for (name, count), all in runs.items()
    }


def table(report: dict[str, Any]) -> str:
    """The report for people."""
    lines = [f"there and back to the database: {report['there and back ms']} ms"]
    lines += [f"load before {report['load before']}, after {report['load after']}; cores {os.cpu_count()}"]
    found = report["rates"]
    for name, rates in found.items():
        client, _, count = name.partition(" x")
        ratio = rates["mails/s"] / found[f"{client} x1"]["mails/s"] if f"{client} x1" in found else 0
        goal = GOALS.get(int(count), 1)
        lines += ["", f"{name}: {ratio:.2f} times one (goal {goal}); runs {rates['runs']}"]
        lines += [f"  {key:<24}{value:>12,.2f}" for key, value in rates.items() if key != "runs"]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mails", type=int, default=12_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2, 4])
    parser.add_argument("--connections", type=int, default=20)
    parser.add_argument("--network-ms", type=float, default=0)
    parser.add_argument("--out", type=Path, help="where the report goes as JSON; default: to stdout")
    given = parser.parse_args()
    report: dict[str, Any] = {"load before": os.getloadavg(), "network ms": given.network_ms}
    with bench(given.mails, connections=given.connections, network_ms=given.network_ms) as ready:
        peer = shutil.which("smtp-source", path=os.environ["PATH"] + ":/usr/sbin") is not None
        report["there and back ms"] = round(ready.there_and_back_ms, 2)
        report["rates"] = race(ready, given.workers, rounds=given.rounds, peer=peer)
    report["load after"] = os.getloadavg()
    print(table(report), file=sys.stderr if given.out is None else sys.stdout)
    text = json.dumps(report, indent=1)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
