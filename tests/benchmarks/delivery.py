"""How fast an issue goes out, beside others: python -m tests.benchmarks.delivery [--quick] [--out FILE].

The same two-part mail of 60 KB, with the address, Message-ID and links of its reader, from this machine to
itself. Ours is `newsletter send` as a process, its ledger included: by the seconds that it says, and by the
clock on the wall; with 20 connections, beside it with 30, and with a ledger that does not wait for the disk.
The others are timed from their first mail: smtp-source (Postfix's own; the same bytes for everybody),
nodemailer's pool (5, 10 and 20 connections; the best counts), aiosmtplib and smtplib with a message for each
reader. All in turn, five times; medians. The sinks in C count: it has to be what was sent.

Three relays: smtp-sink (Postfix's), the sink in C (which is never the limit), and the sink in C at 20 ms for
each turn and 5 ms more at the end of a mail. Then signatures (DKIM, RSA-2048), and the memory of a send.
Needs: cc, node and npm, postfix (smtp-sink, smtp-source). Packages are installed into a temporary folder.
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
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests import sendable, sinks

HERE = Path(__file__).parent
PEERS = HERE / "peers"
# The relays, and how many mails a fast, a middling and a slow client sends to each.
MAILS = {"smtp-sink": (20_000, 1_000, 300), "c-sink": (20_000, 1_000, 300), "relay": (3_000, 1_000, 300)}
ROUNDS = 5
CONNECTIONS = 20
# The rate of ours over that of another, into each relay.
GOALS = {
    ("smtp-sink", "smtp-source"): 1.0,
    ("smtp-sink", "nodemailer"): 6.5,
    ("c-sink", "nodemailer"): 25.0,
    ("relay", "smtp-source"): 3.0,
    ("relay", "nodemailer"): 2.5,
}
DKIM_GOAL = 700  # mails a second and core
MEMORY_GOAL_MB = 150


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody who sends. send: to a port, so many mails; the rates that came of it, by what was timed."""

    name: str
    speed: int  # 0 fast, 1 middling, 2 slow: which number of mails
    send: Callable[[int, int], dict[str, float]]


@contextmanager
def workshop() -> Iterator[Path]:
    """A temporary folder with the peers and the sink in C."""
    with tempfile.TemporaryDirectory(prefix="delivery-") as name:
        folder = Path(name)
        sinks.build(folder)
        for command in (
            ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", name, "nodemailer@10"],
            [sys.executable, "-m", "venv", str(folder / "venv")],
            [str(folder / "venv/bin/pip"), "install", "--quiet", "aiosmtplib>=5,<6"],
        ):
            subprocess.run(command, check=True, cwd=folder, stdout=sys.stderr)
        yield folder


@contextmanager
def timing() -> Iterator[dict[str, float]]:
    """The seconds of the wall and of the processors that processes take which end in the block."""
    took: dict[str, float] = {}
    began, before = time.perf_counter(), os.times()
    yield took
    after = os.times()
    took["wall"] = time.perf_counter() - began
    took["cpu"] = sum(after[2:4]) - sum(before[2:4])


def measured(mails: int, own_s: float, took: dict[str, float]) -> dict[str, float]:
    """Mails a second by what the client says and by the wall, and microseconds of processors for each."""
    return {"own": mails / own_s, "wall": mails / took["wall"], "cpu": took["cpu"] / mails * 1e6}


class Ours:
    """`newsletter send`, each time from a fresh copy of a folder that was prepared once for each size."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._prepared: dict[int, sendable.Post] = {}

    def __call__(self, port: int, mails: int, **delivery: object) -> dict[str, float]:
        post = self.copy(mails)
        given = {"connections": CONNECTIONS, **delivery}
        sendable.configure(post.folder, url=post.url, port=port, **given)
        with timing() as took:
            said = post.send()
        shutil.rmtree(post.folder)
        assert said["sent"] == mails, said
        return measured(mails, said["seconds"], took)

    def copy(self, mails: int) -> sendable.Post:
        """A folder from which so many mails can be sent, once."""
        if mails not in self._prepared:
            folder = self._folder / f"prepared{mails}"
            self._prepared[mails] = sendable.prepare(folder, mails, port=1, choosy=0)
        first = self._prepared[mails]
        folder = self._folder / "turn"
        shutil.copytree(first.folder, folder)
        return sendable.Post(folder, f"sqlite:///{folder}/newsletter.db", first.addresses)


def write_bodies(ours: Ours, folder: Path) -> int:
    """The bytes of a whole mail; its text and HTML lie in the folder, as the peers take them."""
    post = ours.copy(20)
    done = post.run("issues", "render", sendable.ISSUE, "--out", "shown")
    assert done.returncode == 0, done.stderr
    for name in ("issue.txt", "issue.html"):
        shutil.copy(post.folder / "shown" / name, folder)
    length = (post.folder / "shown" / "issue.eml").stat().st_size
    shutil.rmtree(post.folder)
    return length


def clients(folder: Path, ours: Ours, length: int) -> list[Client]:
    """Everybody who takes part."""

    def run(command: Sequence[str], mails: int) -> dict[str, float]:
        with timing() as took:
            said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder).stdout
        return measured(mails, float(said or took["wall"]), took)

    def smtp_source(port: int, mails: int) -> dict[str, float]:
        options = f"-d -s {CONNECTIONS} -m {mails} -l {length} -f digest@news.example.org -t ada@example.org"
        return run(["smtp-source", *options.split(), f"127.0.0.1:{port}"], mails)

    def nodemailer(pool: int) -> Callable[[int, int], dict[str, float]]:
        script = str(shutil.copy(PEERS / "nodemailer_pool.js", folder))
        return lambda port, mails: run(["node", script, str(port), str(pool), str(mails), "."], mails)

    def python(library: str, connections: int) -> Callable[[int, int], dict[str, float]]:
        command = [str(folder / "venv/bin/python"), str(PEERS / "message_per_reader.py"), library]
        return lambda port, mails: run([*command, str(port), str(connections), str(mails), "."], mails)

    return [
        Client("newsletter", 0, ours),
        Client("newsletter (30)", 0, partial(ours, connections=30)),
        Client("newsletter (not durable)", 0, partial(ours, durable=False)),
        Client("smtp-source", 0, smtp_source),
        *(Client(f"nodemailer {pool}", 1, nodemailer(pool)) for pool in (5, 10, 20)),
        Client("aiosmtplib", 2, python("aiosmtplib", 10)),
        Client("smtplib", 2, python("smtplib", 1)),
    ]


def race(
    relay: str, taking_part: Sequence[Client], folder: Path, *, rounds: int, share: float
) -> dict[str, Any]:
    """The median rates (mails a second) of each into that relay, all in turn."""
    found: dict[str, dict[str, list[float]]] = {
        one.name: {"own": [], "wall": [], "cpu": []} for one in taking_part
    }
    sent = {}
    for number in range(rounds):
        for one in taking_part:
            mails = sent[one.name] = max(20, round(MAILS[relay][one.speed] * share))
            with sinks.running(relay, folder) as sink:
                rates = one.send(sink.port, mails)
            assert sink.taken() in (None, mails), (one.name, sink.taken(), mails)
            for kind, rate in rates.items():
                found[one.name].setdefault(kind, []).append(rate)
            print(f"{relay} {number + 1}: {one.name} {rates['own']:,.0f}/s", file=sys.stderr, flush=True)
    return {
        name: {
            "mails": sent[name],
            **{kind: round(statistics.median(all), 1) for kind, all in rates.items()},
            "runs": [round(rate, 1) for rate in rates["own"]],
        }
        for name, rates in found.items()
    }


def ratios(results: dict[str, dict[str, dict[str, float]]]) -> list[dict[str, Any]]:
    """Ours over the others, beside the goals."""
    rows = []
    for (relay, peer), goal in GOALS.items():
        if relay not in results or "newsletter" not in results[relay]:
            continue
        others = [rates["own"] for name, rates in results[relay].items() if name.startswith(peer)]
        if others:
            ours = results[relay]["newsletter"]
            own, wall = (round(ours[kind] / max(others), 2) for kind in ("own", "wall"))
            rows.append({"relay": relay, "peer": peer, "goal": goal, "ratio": own, "ratio by wall": wall})
    return rows


def signed(folder: Path, ours: Ours, *, mails: int) -> dict[str, float]:
    """The rate with a signature on each mail, and what the machine can sign at all, on one core."""
    key = folder / "dkim.pem"
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", str(key)],
        check=True,
        capture_output=True,
    )
    table = f'\n[[dkim]]\ndomain = "news.example.org"\nselector = "news1"\nkey_file = "{key}"\n'
    post = ours.copy(mails)
    with sinks.running("c-sink", folder) as sink:
        sendable.configure(post.folder, url=post.url, port=sink.port, connections=CONNECTIONS)
        with post.folder.joinpath("config.toml").open("a") as config:
            config.write(table)
        with timing() as took:
            said = post.send()
    shutil.rmtree(post.folder)
    assert said["sent"] == mails, said
    return {
        **measured(mails, said["seconds"], took),
        "per cpu second": mails / took["cpu"],
        "primitive": primitive(key),
    }


def primitive(key: Path) -> float:
    """Signatures a second by that key, in this interpreter, on one core."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    private = serialization.load_pem_private_key(key.read_bytes(), None)
    assert isinstance(private, rsa.RSAPrivateKey)
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < 1:
        private.sign(b"x" * 400, padding.PKCS1v15(), hashes.SHA256())
        count += 1
    return count / (time.perf_counter() - began)


def memory(folder: Path, ours: Ours, sizes: Sequence[int]) -> dict[str, float]:
    """The most memory of a send to so many readers, in MB, measured by the system."""
    found = {}
    for mails in sizes:
        post = ours.copy(mails)
        with sinks.running("c-sink", folder) as sink:
            sendable.configure(post.folder, url=post.url, port=sink.port, connections=CONNECTIONS)
            process = post.start("send", sendable.ISSUE, "--json", stdout=subprocess.DEVNULL, stderr=None)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        shutil.rmtree(post.folder)
        assert sink.taken() == mails, (sink.taken(), mails)
        found[f"{mails:,}"] = used.ru_maxrss / 1024
        print(f"memory {mails:,}: {used.ru_maxrss / 1024:.0f} MB", file=sys.stderr, flush=True)
    return found


def table(report: dict[str, Any]) -> str:
    """The report for people."""
    lines = [f"load before {report['load before']}, after {report['load after']}; cores {os.cpu_count()}"]
    for relay, rates in report["rates"].items():
        lines += ["", f"{relay:<14}{'mails':>10}{'own/s':>10}{'wall/s':>10}{'µs cpu':>10}   runs"]
        for name, found in rates.items():
            runs = " ".join(f"{rate:,.0f}" for rate in found["runs"])
            numbers = "".join(f"{found[kind]:>10,.0f}" for kind in ("mails", "own", "wall", "cpu"))
            lines.append(f"{name:<14}{numbers}   {runs}")
    lines += ["", f"{'goal':<28}{'wanted':>8}{'found':>8}{'by wall':>9}"]
    for row in report["ratios"]:
        name = f"{row['relay']} / {row['peer']}"
        lines.append(f"{name:<28}{row['goal']:>8}{row['ratio']:>8}{row['ratio by wall']:>9}")
    for name in ("dkim", "memory"):
        if found := report.get(name):
            lines += ["", f"{name}: " + ", ".join(f"{key} {value:,.0f}" for key, value in found.items())]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a twentieth of the mails, one round")
    parser.add_argument("--only", nargs="*", default=[*MAILS, "dkim", "memory"], help="parts to run")
    parser.add_argument("--without", nargs="*", default=[], help="clients to leave out, by how they begin")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--out", type=Path, help="where the report goes as JSON; default: to stdout")
    given = parser.parse_args()
    share, rounds = (0.05, 1) if given.quick else (1.0, given.rounds)
    report: dict[str, Any] = {"load before": os.getloadavg(), "rates": {}}
    with workshop() as folder:
        ours = Ours(folder)
        length = write_bodies(ours, folder)
        taking_part = [
            one for one in clients(folder, ours, length) if not one.name.startswith(tuple(given.without))
        ]
        rates = {
            relay: race(relay, taking_part, folder, rounds=rounds, share=share)
            for relay in MAILS
            if relay in given.only
        }
        report |= {"rates": rates, "ratios": ratios(rates)}
        if "dkim" in given.only:
            report["dkim"] = signed(folder, ours, mails=round(5_000 * share))
        if "memory" in given.only:
            sizes = [10_000] if given.quick else given.sizes
            report["memory"] = memory(folder, ours, sizes)
    report["load after"] = os.getloadavg()
    print(table(report), file=sys.stderr if given.out is None else sys.stdout)
    text = json.dumps(report, indent=1)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
