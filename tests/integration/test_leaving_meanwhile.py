"""Readers leave, bounce and are erased while two workers have claimed their mails: none goes after that.

A thousand of them: NEWSLETTER_TEST_RUNS=1000.
"""

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from sqlalchemy import Engine

from newsletter.deliver import Ledger
from newsletter.model import Outcome, Phase, Verdict
from tests.delivering import SENT, SKIPPED, Delivering, delivering, names
from tests.people import Readers

READERS = max(120, int(os.environ.get("NEWSLETTER_TEST_RUNS", "0")))
_TAKEN = Outcome(Verdict.ACCEPTED, Phase.BODY, code=250)
# Mails of a round.
_ROUND = 4


@dataclass
class Goings:
    """When each reader was told that no mail comes any more, and when each mail was let go."""

    way: Delivering
    readers: Readers
    chance: random.Random
    gone: dict[str, float] = field(default_factory=dict)
    went: dict[str, float] = field(default_factory=dict)

    def send(self, ledger: Ledger) -> None:
        """What a worker does, round by round: a mail begins in one and ends in the next."""
        ledger.join()
        while due := ledger.claim(20):
            for start in range(0, len(due), _ROUND):
                rows = [one.claimed for one in due[start : start + _ROUND]]
                begun = ledger.commit([], [], rows).begins
                at = time.monotonic()
                ends = ledger.commit([], [one for one in rows if one.id in begun], []).ends
                self.went |= {one.address: at for one in rows if one.id in ends}
                ledger.commit([(one, _TAKEN) for one in rows if one.id in ends], [], [])
        ledger.leave()
        ledger.close()

    def go(self, addresses: list[str]) -> None:
        """Let those readers go, one way or another, one after the other."""
        for address in addresses:
            self.chance.choice([self.way.leaves, self.readers.suppress, self.readers.erase])(address)
            self.gone[address] = time.monotonic()


def test_nothing_goes_to_one_who_was_told_that_nothing_comes_any_more(database: Engine) -> None:
    addresses = names(READERS)
    goings = Goings(delivering(database, addresses), Readers(database), random.Random(8))  # noqa: S311
    goings.way.enqueue()
    leaving = goings.chance.sample(addresses, READERS // 2)

    with ThreadPoolExecutor(3) as pool:
        done = [pool.submit(goings.send, goings.way.ledger()) for _ in range(2)]
        done.append(pool.submit(goings.go, leaving))
        for one in done:
            one.result(timeout=240)

    late = {who for who, at in goings.went.items() if at > goings.gone.get(who, at)}
    assert late == set()
    assert goings.went.keys() >= set(addresses) - set(leaving)
    assert set(goings.way.statuses().values()) <= {SENT, SKIPPED}
    assert 0 < len(goings.went) < READERS
