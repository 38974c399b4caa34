"""Rates hold over all that deliver from one database, and none of them has a share of its own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import Engine

from newsletter import store
from newsletter.pace import AHEAD, Pace
from newsletter.store import paces
from tests.delivering import Delivering, closed, delivering, names
from tests.fakes import ScriptedCarrier

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
    to_all = sorted(at for at, _ in places)
    assert min(after - before for before, after in pairwise(to_slow)) >= SLOW
    # Those to the slow domain among them, which go later than others that were claimed with them.
    assert min(after - before for before, after in pairwise(to_all)) >= EVERY
    # And the rates are reached: as many as there are places from the first claim to the last, both counted.
    span = SECONDS * timedelta(seconds=1) + AHEAD
    assert (len(to_slow), len(places)) == (span / SLOW + 1, span / EVERY + 1)


def test_mails_to_a_slow_domain_alone_leave_the_places_between_to_others(database: Engine) -> None:
    slow = [f"reader{number}@slow.example" for number in range(9)]
    issue = delivering(database, slow)
    issue.pace = Pace(EVERY, (("slow.example", SLOW),))
    issue.enqueue()
    ledger = issue.ledger()
    ledger.join()

    claimed = ledger.claim(500)

    assert [due.go_at - issue.now for due in claimed] == [number * SLOW for number in range(5)]
    with store.writing(database) as tx:
        assert paces.free_at(tx, "*", now=issue.now) == issue.now + 5 * EVERY


def test_one_that_waited_while_another_took_places_takes_none_of_them_again(database: Engine) -> None:
    issue = delivering(database, names(80))
    issue.pace = Pace(EVERY)
    issue.enqueue()
    first, waited = issue.ledger(), issue.ledger()
    first.join()
    waited.join()
    issue.later(seconds=0.5)
    taken = first.claim(500)
    issue.later(seconds=-0.5)  # when it looked at the clock, before it waited

    assert (len(taken), waited.claim(500)) == (AHEAD / EVERY + 1, [])


def test_a_run_that_stood_still_sends_what_it_missed_at_the_rate(database: Engine) -> None:
    """A test moves the clock: by 1 ms each time that it is asked, and once by 3 s."""
    issue = delivering(database, names(40))
    issue.pace = Pace(EVERY)
    issue.enqueue()
    went: list[datetime] = []
    carrier = ScriptedCarrier(width=40)

    def moves() -> None:
        went.extend([issue.now] * len(carrier.begun))
        issue.later(milliseconds=5)
        if len(went) == 10:
            went.append(issue.now)
            issue.later(seconds=3)

    carrier.before_turn = moves
    issue.run(carrier)

    window = timedelta(seconds=1)
    assert len(carrier.ended) == 40
    most = max(sum(at <= other < at + window for other in went) for at in went)
    assert most <= window / EVERY + AHEAD / EVERY / 5


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
