"""Rates hold over all that deliver from one database, and none of them has a share of its own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import Engine

from newsletter.pace import AHEAD, Pace
from tests.delivering import Delivering, closed, delivering, names

EVERY, SLOW = timedelta(milliseconds=50), timedelta(milliseconds=250)
SECONDS = 4

__all__ = ["closed"]


def test_four_that_claim_at_once_keep_the_rates_together(database: Engine) -> None:
    slow = [f"reader{number}@slow.example" for number in range(30)]
    issue = delivering(database, [*names(80), *slow])
    issue.pace = Pace(EVERY, (("slow.example", SLOW),))
    issue.enqueue()

    places = claimed_by_four(issue)

    to_slow = sorted(at for at, domain in places if domain == "slow.example")
    to_others = sorted(at for at, domain in places if domain != "slow.example")
    assert min(after - before for before, after in pairwise(to_slow)) >= SLOW
    assert min(after - before for before, after in pairwise(to_others)) >= EVERY
    # And the rates are reached: as many as there are places from the first claim to the last, both counted.
    span = SECONDS * timedelta(seconds=1) + AHEAD
    assert (len(to_slow), len(places)) == (span / SLOW + 1, span / EVERY + 1)


def claimed_by_four(issue: Delivering) -> list[tuple[datetime, str]]:
    """When each mail may go, and to which domain, of four ledgers that claim at once each second."""
    ledgers = [issue.ledger() for _ in range(4)]
    for ledger in ledgers:
        ledger.join()
    found: list[tuple[datetime, str]] = []
    with ThreadPoolExecutor(4) as threads:
        for _ in range(SECONDS + 1):
            for rows in threads.map(lambda ledger: ledger.claim(500), ledgers):
                found += [(due.go_at, due.claimed.domain) for due in rows]
            issue.later(seconds=1)
    return found
