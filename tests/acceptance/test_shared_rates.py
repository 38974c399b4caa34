"""Rates hold over all processes that deliver from one database, and none of them has a share of its own."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter import store
from tests.ledger_server import Ledger, serving
from tests.sendable import ISSUE, answer, enrol, prepare

RATE, SLOW = 50, 10
# Mails to others than the slow domain, and to that: each rate has three seconds of work.
OTHERS, TO_SLOW = 120, 30
# Seconds for which a process may be held up on a busy machine: its mails are late then, and the next are not.
LATE_S = 1.0


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with serving(tmp_path) as server:
        yield server


def test_four_processes_keep_rates_together(tmp_path: Path, postgresql_url: str, ledger: Ledger) -> None:
    given = {"rate": f"{RATE}/s", "domain_rates.'slow.example'": f"{SLOW}/s", "connections": 4}
    post = prepare(tmp_path, OTHERS, port=ledger.port, url=postgresql_url, small=True, choosy=0, **given)
    database = store.open_store(postgresql_url)
    enrol(database, [f"reader{number}@slow.example" for number in range(TO_SLOW)])
    database.dispose()

    senders = [post.start("send", ISSUE, "--json") for _ in range(4)]
    came = moments(ledger, OTHERS + TO_SLOW)
    for sender in senders:
        answer(sender)

    every = [at for at, _ in came]
    slow = [at for at, recipient in came if recipient.endswith("@slow.example")]
    assert (len(every), len(slow)) == (OTHERS + TO_SLOW, TO_SLOW)
    assert burst(every, RATE) <= RATE * LATE_S
    assert burst(slow, SLOW) <= SLOW * LATE_S
    # Each on its own would have been done in a quarter of the time.
    assert every[-1] - every[0] > (OTHERS + TO_SLOW) / RATE - LATE_S


def moments(ledger: Ledger, mails: int) -> list[tuple[float, str]]:
    """When each mail came, and to whom; looked at a hundred times a second."""
    came: list[tuple[float, str]] = []
    until = time.monotonic() + 60
    while len(came) < mails and time.monotonic() < until:
        new = ledger.entries()[len(came) :]
        came += [(time.monotonic(), entry.recipient) for entry in new]
        time.sleep(0.01)
    return came


def burst(moments: list[float], rate: float) -> float:
    """The most mails by which any span of time has more than the rate allows, the first one aside."""
    most = least = 0.0
    for number, at in enumerate(moments):
        ahead = number - (at - moments[0]) * rate
        least = min(least, ahead)
        most = max(most, ahead - least)
    return most
