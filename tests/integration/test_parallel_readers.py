"""A hundred clicks at once are one, and none of them is lost or meets a deadlock."""

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import Engine

from newsletter.subscribe import Answer
from tests.people import ADA, Readers

THREADS = 25


@pytest.fixture
def readers(database: Engine) -> Readers:
    return Readers(database)


def at_once(*deeds: Callable[[], object]) -> Sequence[object]:
    """What each of the deeds came to, which begin at the same moment."""
    start = Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> object:
        start.wait(timeout=30)
        return deed()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return [*pool.map(run, deeds)]


def test_a_hundred_yeses_at_once_are_one(readers: Readers) -> None:
    letter = readers.letter()
    for _ in range(4):
        answers = at_once(*[partial(readers.confirm, letter)] * THREADS)
        assert set(answers) == {Answer.CONFIRMED}

    assert readers.acts() == ["asked", "confirmed"]


def test_a_hundred_leaves_at_once_are_one(readers: Readers) -> None:
    key = readers.joined().key
    left = [one for _ in range(4) for one in at_once(*[partial(readers.leave, key)] * THREADS)]

    assert sorted(map(len, left)) == [0] * 99 + [1]
    assert readers.acts() == ["asked", "confirmed", "left"]


def test_leaving_everything_through_two_links_at_once_leaves_each_list_once(readers: Readers) -> None:
    for _ in range(10):
        keys = [readers.joined(list=name).key for name in readers.lists if readers.later(days=31)]
        at_once(*[partial(readers.leave, key, everything=True) for key in keys * 4])

    assert readers.acts().count("left") == readers.acts().count("confirmed") == 20


def test_yeses_to_two_letters_and_leaves_at_once_meet_no_deadlock(readers: Readers) -> None:
    for _ in range(12):
        readers.later(days=31)
        first = readers.letter()
        readers.later(days=2)
        second = readers.letter()
        key = readers.of()["weekly"].key
        deeds = [partial(readers.confirm, letter) for letter in (first, second)]
        at_once(*[*deeds, partial(readers.leave, key)] * 6)
        assert readers.status() == "unsubscribed"

    acts = [act for act in readers.acts() if act != "asked"]
    assert 1 <= acts.count("left") <= 12
    assert ("confirmed", "confirmed") not in itertools.pairwise(acts)


def test_erasing_at_the_same_moment_as_anything_else_wins(readers: Readers) -> None:
    for n in range(15):
        address = f"r{n}@example.org"
        letter = readers.letter(address)
        readers.ask(f"R{n}@example.org", list="daily")
        key = readers.of(address)["weekly"].key
        at_once(
            partial(readers.erase, address),
            partial(readers.confirm, letter),
            partial(readers.leave, key),
            readers.letters,
            partial(readers.add, address, list="daily"),
            readers.tidy,
            partial(readers.put_back, letter),
        )
        assert readers.of(address) == {}
        assert readers.lift(address)


def test_asking_adding_and_erasing_of_strangers_at_once_leaves_nobody_who_was_erased(
    readers: Readers,
) -> None:
    for n in range(15):
        address = f"stranger{n}@example.org"
        readers.ask(address)
        deeds = [partial(readers.add, address), partial(readers.erase, address)]
        at_once(readers.letters, *deeds, readers.letters)
        assert readers.of(address) == {}


def test_adding_one_address_to_two_lists_at_once_makes_one_subscriber(readers: Readers) -> None:
    at_once(*[partial(readers.add, list=name) for name in readers.lists * 5])

    assert readers.rows("subscribers") == 1
    assert readers.acts() == ["added", "added"]
    assert set(readers.of(ADA)) == {"weekly", "daily"}
