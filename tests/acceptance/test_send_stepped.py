"""`newsletter send` to three readers, killed at each call by which it talks to the server or to the disk.

strace ends the process at its n-th call of a kind. By default a few of those calls, chosen by a seed; all of
them with NEWSLETTER_TEST_STEPS=all, some hundred runs. Judged by the file of a server.
"""

import os
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import environment
from tests.ledger_server import Ledger, serving
from tests.sendable import ISSUE, Post, configure, prepare
from tests.verdict import Verdict, judged

# Calls by which something leaves the process, comes in, or is kept.
CALLS = ("sendto", "sendmsg", "recvfrom", "recvmsg", "write", "writev", "pwrite64", "fsync", "fdatasync")
SOME = 24


def _traced(post: Post, *options: str) -> subprocess.CompletedProcess[str]:
    command = [
        "strace",
        "-f",
        "--seccomp-bpf",
        "-qq",
        "-o",
        "trace",
        *options,
        *post.command("send", ISSUE, "--json"),
    ]
    return subprocess.run(
        command, cwd=post.folder, env=environment(), capture_output=True, text=True, timeout=120
    )


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Post:
    """A folder that every run starts from a copy of."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed: apt install strace")
    if subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], capture_output=True).returncode:
        pytest.skip("strace may not trace here; in a container it needs --cap-add SYS_PTRACE")
    return prepare(tmp_path_factory.mktemp("ready"), 3, port=1, small=True, choosy=2, connections=2)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with serving(tmp_path) as server:
        yield server


def _copy(ready: Post, folder: Path, ledger: Ledger) -> Post:
    """The folder anew, and nobody served yet."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ready.folder, folder)
    post = Post(folder, f"sqlite:///{folder}/newsletter.db", ready.addresses)
    configure(folder, url=post.url, port=ledger.port, small=True, connections=2)
    ledger.path.write_bytes(b"")
    return post


def _steps(ready: Post, folder: Path, ledger: Ledger) -> list[tuple[str, int]]:
    """Every call of those kinds that one whole run makes, by its kind and number in its thread."""
    post = _copy(ready, folder, ledger)
    done = _traced(post, "-e", f"trace={','.join(CALLS)}")
    assert done.returncode == 0, done.stderr
    made = Counter(re.findall(r"^(\d+) +(\w+)\(", (folder / "trace").read_text(errors="replace"), re.M))
    most = Counter[str]()
    for (_, call), times in made.items():
        most[call] = max(most[call], times)
    return [(call, number) for call, times in sorted(most.items()) for number in range(1, times + 1)]


def _killed_at(post: Post, ledger: Ledger, call: str, number: int) -> tuple[bool, Verdict]:
    """Whether a run was killed there, and what came of it, started again."""
    done = _traced(post, "-e", f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:when={number}")
    post.send()
    return done.returncode in (137, -9), judged(post, ledger)


def test_killed_at_any_call_it_loses_nobody_and_mails_nobody_twice(
    ready: Post, tmp_path: Path, ledger: Ledger
) -> None:
    steps = every = _steps(ready, tmp_path / "post", ledger)
    if os.environ.get("NEWSLETTER_TEST_STEPS") != "all":
        steps = random.Random(len(CALLS)).sample(every, SOME)  # noqa: S311
    wrong, killed, unknown = [], 0, Counter[int]()
    for at, (call, number) in enumerate(steps):
        died, verdict = _killed_at(_copy(ready, tmp_path / "post", ledger), ledger, call, number)
        killed += died
        unknown[len(verdict.unknown)] += 1
        if verdict.faults or verdict.open:
            wrong.append((call, number, verdict))
        print(f"{at + 1} of {len(steps)}: {call} {number}, {died}, {verdict}", file=sys.stderr, flush=True)
    print(f"{killed} killed of {len(steps)} of {len(every)} steps; unknown in a run: {dict(unknown)}")

    assert not wrong
    # No two runs make quite the same calls, and the last ones may be missing.
    assert killed > 0.8 * len(steps)
