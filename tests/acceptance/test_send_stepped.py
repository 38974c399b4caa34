"""`newsletter send` to three readers, killed at each call by which it talks to the server or to the disk.

A library that is preloaded ends the process right before its n-th call of a kind. By default a few of those
calls, chosen by a seed; all of them, some hundred runs, with NEWSLETTER_TEST_STEPS=all. Judged by the file of
a server.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import environment
from tests.lacking import lacking
from tests.ledger_server import Ledger, serving
from tests.sendable import ISSUE, Post, configure, prepare
from tests.verdict import Verdict, judged

SOME = 24
_SOURCE = Path(__file__).parents[1] / "stepping.c"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("cc"):
        lacking("a C compiler is needed: apt install gcc")
    built = tmp_path_factory.mktemp("library") / "stepping.so"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(built), str(_SOURCE), "-ldl"], check=True)
    return built


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Post:
    """A folder that every run starts from a copy of."""
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


def _stepped(post: Post, library: Path, **told: str) -> int:
    """How a send ended under the library."""
    given = environment() | {"LD_PRELOAD": str(library)} | told
    command = post.command("send", ISSUE, "--json")
    return subprocess.run(command, cwd=post.folder, env=given, capture_output=True, timeout=120).returncode


def _steps(post: Post, library: Path) -> list[tuple[str, int]]:
    """Every call that one whole run makes, by its kind and number."""
    counts = post.folder / "counts"
    assert _stepped(post, library, STEP_COUNTS=str(counts)) == 0
    made = (line.split() for line in counts.read_text().splitlines())
    return [(call, number) for call, times in made for number in range(1, int(times) + 1)]


def _killed_at(post: Post, ledger: Ledger, library: Path, step: tuple[str, int]) -> tuple[bool, Verdict]:
    """Whether a run was killed there, and what came of it, started again."""
    call, number = step
    ended = _stepped(post, library, STEP_CALL=call, STEP_AT=str(number))
    post.send()
    return ended == -signal.SIGKILL, judged(post, ledger)


def test_killed_at_any_call_it_loses_nobody_and_mails_nobody_twice(
    ready: Post, tmp_path: Path, ledger: Ledger, library: Path
) -> None:
    steps = every = _steps(_copy(ready, tmp_path / "post", ledger), library)
    if os.environ.get("NEWSLETTER_TEST_STEPS") != "all":
        steps = random.Random(SOME).sample(every, SOME)  # noqa: S311
    wrong, killed, unknown = [], 0, Counter[int]()
    for at, step in enumerate(steps):
        died, verdict = _killed_at(_copy(ready, tmp_path / "post", ledger), ledger, library, step)
        killed += died
        unknown[len(verdict.unknown)] += 1
        if verdict.faults or verdict.open:
            wrong.append((step, verdict))
        print(f"{at + 1} of {len(steps)}: {step}, {died}, {verdict}", file=sys.stderr, flush=True)
    print(f"{killed} killed of {len(steps)} of {len(every)} steps; unknown in a run: {dict(unknown)}")

    assert not wrong
    # No two runs make quite the same calls, and the last ones may be missing.
    assert killed > 0.8 * len(steps)
