"""How fast mails may go, and when one that was put off is tried again."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from newsletter import pace
from newsletter.pace import Retry
from tests.builders import NOW

MINUTE = timedelta(minutes=1)
RETRY = Retry((MINUTE, 5 * MINUTE, 15 * MINUTE), timedelta(hours=24))


@pytest.mark.parametrize(
    ("rate", "between"),
    [
        ("14/s", timedelta(seconds=1 / 14)),
        ("2/second", timedelta(seconds=0.5)),
        ("500/min", timedelta(seconds=0.12)),
        ("1/hour", timedelta(hours=1)),
        ("10000/day", timedelta(seconds=8.64)),
        ("", None),
    ],
)
def test_a_rate_is_the_time_between_two_mails(rate: str, between: timedelta | None) -> None:
    assert pace.interval(rate) == between


def taken(between: timedelta, moments: list[datetime]) -> list[datetime]:
    """When the mails go that are asked for at these moments, each time ten of them."""
    free_at, went = NOW, []
    for now in moments:
        found = [*pace.places(between, free_at, now=now, most=10)]
        went += found
        free_at = found[-1] + between if found else free_at
    return went


@given(
    some.integers(min_value=1, max_value=5000),
    some.lists(some.integers(min_value=0, max_value=60_000), max_size=30).map(sorted),
)
def test_no_two_mails_are_nearer_than_the_rate_says(between_ms: int, at_ms: list[int]) -> None:
    between = timedelta(milliseconds=between_ms)

    went = taken(between, [NOW + timedelta(milliseconds=at) for at in at_ms])

    assert all(later - earlier >= between for earlier, later in pairwise(went))


def test_a_pause_is_not_made_up_for_by_a_burst() -> None:
    went = taken(timedelta(seconds=1), [NOW, NOW + timedelta(hours=1)])

    assert went == [NOW, NOW + timedelta(seconds=1)] + [
        NOW + timedelta(hours=1, seconds=second) for second in range(2)
    ]


def test_who_waited_while_others_took_their_places_takes_none_of_them_again() -> None:
    second = timedelta(seconds=1)

    assert [*pace.places(second / 20, NOW + 3 * second, now=NOW, most=10)] == []
    assert [*pace.places(second, NOW + timedelta(hours=1), now=NOW, most=1)] == [NOW]  # it was put back


def test_a_rate_that_grows_begins_at_a_twentieth() -> None:
    second = timedelta(seconds=1)

    def after(minutes: int) -> timedelta:
        return pace.ramped(second, ramp_up=100 * MINUTE, since=minutes * MINUTE)

    assert [after(0), after(1), after(50), after(100), after(1000)] == [
        20 * second,
        20 * second,
        2 * second,
        second,
        second,
    ]
    assert pace.ramped(second, ramp_up=timedelta(0), since=timedelta(0)) == second


def test_waits_grow_and_the_last_one_is_repeated() -> None:
    waits = [pace.retry_at(RETRY, attempts=attempts, now=NOW, chance=0.0) for attempts in range(1, 6)]

    assert [at and at - NOW for at in waits] == [MINUTE, 5 * MINUTE, *[15 * MINUTE] * 3]


@given(some.floats(min_value=0, max_value=1), some.integers(min_value=1, max_value=50))
def test_chance_spreads_a_wait_by_a_quarter_at_the_most(chance: float, attempts: int) -> None:
    at = pace.retry_at(RETRY, attempts=attempts, now=NOW, chance=chance)
    least = pace.retry_at(RETRY, attempts=attempts, now=NOW, chance=0)

    assert at
    assert least
    assert least - NOW <= at - NOW <= (least - NOW) * 1.25


def test_what_has_waited_for_a_day_is_given_up_whenever_it_began() -> None:
    waited = [pace.retry_at(RETRY, attempts=attempts, now=NOW, chance=0) for attempts in (97, 98)]

    assert waited == [NOW + 15 * MINUTE, None]


def test_a_mail_of_a_slower_rate_takes_the_place_within_whose_time_it_goes() -> None:
    ms = timedelta(milliseconds=1)
    seats = [NOW + 50 * number * ms for number in range(21)]

    taken = [*pace.seated(260 * ms, NOW + 30 * ms, seats, now=NOW, apart=50 * ms)]

    assert [(number, (at - NOW) // ms) for number, at in taken] == [(0, 30), (5, 290), (11, 550), (16, 810)]


def test_a_mail_whose_place_another_one_has_goes_in_the_next() -> None:
    ms = timedelta(milliseconds=1)
    seats = [NOW, NOW + 50 * ms, NOW + 150 * ms]  # the one between has been taken

    assert [*pace.seated(100 * ms, NOW + 100 * ms, seats, now=NOW, apart=50 * ms)] == [(2, NOW + 150 * ms)]


def test_without_a_rate_that_all_share_a_mail_goes_at_its_own_time() -> None:
    second = timedelta(seconds=1)

    taken = [*pace.seated(second, NOW, [NOW] * 9, now=NOW, apart=timedelta(0))]

    assert taken == [(0, NOW), (1, NOW + second)]
