"""Several `newsletter send` of one issue at once: nobody is mailed twice."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ledger_server import Ledger, Ways, serving
from tests.sendable import ISSUE, Post, answer, prepare
from tests.verdict import judged

READERS = 2_000


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with serving(tmp_path, Ways(delay_s=0.02)) as server:
        yield server


@pytest.fixture
def post(tmp_path: Path, database_url: str, ledger: Ledger) -> Post:
    folder = tmp_path / "post"
    return prepare(folder, READERS, port=ledger.port, url=database_url, small=True, connections=4)


def start(post: Post, count: int, *, apart_s: float = 0.0) -> list[subprocess.Popen[str]]:
    senders = []
    for _ in range(count):
        senders.append(post.start("send", ISSUE, "--json"))
        time.sleep(apart_s)
    return senders


@pytest.mark.parametrize("apart_s", [0.0, 0.8])
def test_four_at_once_mail_everybody_once(post: Post, ledger: Ledger, apart_s: float) -> None:
    for sender in start(post, 4, apart_s=apart_s):
        answer(sender)

    assert ledger.recipients() == dict.fromkeys(post.addresses, 1)
    assert (judged(post, ledger).faults, judged(post, ledger).unknown) == (0, set())
