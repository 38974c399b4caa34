"""Claimed deliveries wait for their times, and a process that was late sends nothing in a burst."""

from datetime import datetime, timedelta
from itertools import count

from newsletter.deliver.claiming import Due
from newsletter.deliver.waiting import Waiting
from newsletter.store.deliveries import Claimed
from tests.builders import NOW

NONE, GAP, SLOW = timedelta(0), timedelta(milliseconds=100), timedelta(milliseconds=500)
MS = timedelta(milliseconds=1)
_NUMBERS = count(1)


def due(go_at: datetime, *, apart: timedelta = GAP, own: timedelta = NONE) -> Due:
    number = next(_NUMBERS)
    domain = "slow.example" if own else "example.org"
    return Due(Claimed(number, number, 1, 0, domain, "", "", b""), go_at, apart, own)


def waiting(*rows: Due) -> Waiting:
    made = Waiting()
    made.add(rows)
    return made


def begun(rows: Waiting, *, since: timedelta, every: timedelta = 10 * MS) -> list[tuple[int, str]]:
    """At which ms each mail began, and to which domain, where it is asked so often from then on."""
    found = []
    for turn in range(400):
        at = since + turn * every
        found += [(at // MS, one.domain) for one in rows.take(100, now=NOW + at)]
    return found


def test_without_a_rate_all_begin_at_once() -> None:
    rows = waiting(*(due(NOW, apart=NONE) for _ in range(9)))

    assert (rows.wait_s(NOW), len(rows.take(5, now=NOW)), len(rows.take(5, now=NOW))) == (0, 5, 4)
    assert len(rows) == 0


def test_each_begins_in_its_place_and_the_wait_for_it_is_known() -> None:
    rows = waiting(*(due(NOW + number * GAP) for number in range(3)))

    assert [len(rows.take(9, now=NOW)), rows.wait_s(NOW)] == [1, 0.1]
    assert [at for at, _ in begun(rows, since=NONE)] == [100, 200]


def test_a_process_that_was_late_keeps_the_distance_all_the_same() -> None:
    rows = waiting(*(due(NOW + number * GAP) for number in range(10)))

    assert [at for at, _ in begun(rows, since=5 * timedelta(seconds=1))] == [
        5000 + 100 * number for number in range(10)
    ]


def test_a_little_lateness_is_made_up_for_so_that_the_rate_is_reached() -> None:
    rows = waiting(*(due(NOW + number * GAP) for number in range(40)))

    went = begun(rows, since=NONE, every=70 * MS)

    assert went[-1][0] - 39 * 100 < 70
    assert len(went) == 40


def test_those_of_a_slow_domain_that_are_late_hold_up_nobody_else() -> None:
    slow = [due(NOW, own=SLOW) for _ in range(3)]
    rows = waiting(*slow, *(due(NOW + timedelta(seconds=1)) for _ in range(3)))

    went = begun(rows, since=timedelta(seconds=2))

    assert [at for at, domain in went if domain == "slow.example"] == [2000, 2500, 3000]
    assert [at for at, domain in went if domain != "slow.example"] == [2100, 2200, 2300]


def test_who_is_late_takes_no_more_places_until_it_has_caught_up() -> None:
    rows = waiting(*(due(NOW + number * GAP) for number in range(9)))

    late = [rows.is_late(NOW + number * GAP) for number in (0, 3, 4)]
    rows.clear()
    rows.add([due(NOW, apart=NONE)])

    assert late == [False, False, True]
    assert not rows.is_late(NOW + timedelta(hours=1))


def test_a_clock_that_was_put_back_keeps_nobody_waiting() -> None:
    rows = waiting(due(NOW), due(NOW + GAP))
    rows.take(1, now=NOW)
    before = NOW - timedelta(hours=1)

    assert rows.wait_s(before) == 0
    assert len(rows.take(9, now=before)) == 1
