"""What every way to hand mails over keeps to: nothing arrives before its release, each is told once."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from newsletter.backends import BACKENDS
from newsletter.backends.carrier import Carrier, Parcel
from newsletter.backends.smtp import Server
from newsletter.backends.smtp.carrier import Limits
from newsletter.model import Outcome, Verdict
from tests.carried import MAIL, carry, parcel
from tests.smtp_server import SmtpServer


@dataclass
class Way:
    """A carrier, and what has arrived by it."""

    carrier: Carrier
    arrived: Callable[[], list[bytes]]


@contextmanager
def by_smtp(folder: Path, *, pipelining: bool = True) -> Iterator[Way]:
    with SmtpServer(offered=["PIPELINING"] if pipelining else ["HELP"]) as server:
        at = Server("127.0.0.1", server.port, security="none", verify=False)
        carrier = BACKENDS["smtp"](at, Limits(connections=2), name="news.example.org")
        yield Way(carrier, lambda: [mail.content for mail in server.mails])


@contextmanager
def in_turns(folder: Path) -> Iterator[Way]:
    with by_smtp(folder, pipelining=False) as way:
        yield way


@contextmanager
def as_files(folder: Path) -> Iterator[Way]:
    carrier = BACKENDS["eml"](folder / "out", durable=False)
    yield Way(carrier, lambda: [path.read_bytes() for path in folder.glob("out/[!.]*")])


@contextmanager
def as_maildir(folder: Path) -> Iterator[Way]:
    def arrived() -> list[bytes]:
        return [path.read_bytes().replace(b"\n", b"\r\n") for path in folder.glob("out/new/*")]

    yield Way(BACKENDS["maildir"](folder / "out", durable=False), arrived)


# By the name in BACKENDS, and what follows a space tells apart what is one backend.
WAYS: dict[str, Callable[[Path], AbstractContextManager[Way]]] = {
    "smtp": by_smtp,
    "smtp in turns": in_turns,
    "eml": as_files,
    "maildir": as_maildir,
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Way]:
    with WAYS[request.param](tmp_path) as way:
        yield way
        way.carrier.close(now=True)


def ripe_of(way: Way, *numbers: int) -> list[Parcel]:
    """Parcels of which only the ends are missing."""
    waiting, ripe = [parcel(number) for number in numbers], []
    while len(ripe) < len(numbers):
        while waiting and way.carrier.room():
            way.carrier.put(waiting.pop())
        ripe += way.carrier.turn(0.05).ripe
    return ripe


def told(done: list[tuple[Parcel, Outcome]]) -> list[tuple[int, str]]:
    return sorted((one.number, str(outcome.verdict)) for one, outcome in done)


def test_every_backend_is_held_to_it() -> None:
    assert {name.partition(" ")[0] for name in WAYS} == set(BACKENDS)


def test_mails_arrive_byte_for_byte_and_each_is_told_once(way: Way) -> None:
    carried = carry(way.carrier, [parcel(number) for number in range(1, 31)])
    told_later = way.carrier.close()

    assert carried.verdicts() == dict.fromkeys(range(1, 31), "accepted")
    assert way.arrived() == [MAIL] * 30
    assert (told_later, way.carrier.close()) == ([], [])


def test_nothing_arrives_before_its_release(way: Way) -> None:
    ripe_of(way, 1)

    turn = way.carrier.turn(0.1)

    assert (turn.ripe, turn.done, way.arrived()) == ([], [], [])


def test_what_is_taken_back_never_arrives_and_is_not_told(way: Way) -> None:
    way.carrier.withdraw(ripe_of(way, 1))

    turn = way.carrier.turn(0.1)
    done = turn.done + way.carrier.close()

    assert (done, way.arrived()) == ([], [])


def test_the_way_is_open_again_after_a_mail_was_taken_back(way: Way) -> None:
    way.carrier.withdraw(ripe_of(way, 1))

    assert carry(way.carrier, [parcel(2)]).verdicts() == {2: "accepted"}
    assert way.arrived() == [MAIL]


def test_room_is_for_as_many_as_it_says(way: Way) -> None:
    carry(way.carrier, [parcel(1)])

    before = way.carrier.room()
    way.carrier.put(parcel(2))

    assert before > 0
    assert way.carrier.room() == before - 1


def test_each_is_told_once_even_beyond_the_room(way: Way) -> None:
    carry(way.carrier, [parcel(1)])
    numbers = list(range(2, way.carrier.room() + 5))
    done: list[tuple[Parcel, Outcome]] = []

    for number in numbers:
        way.carrier.put(parcel(number))
    while len(done) < len(numbers):
        turn = way.carrier.turn(0.05)
        way.carrier.release(turn.ripe)
        done += turn.done

    assert [number for number, _ in told(done)] == numbers
    assert len(way.arrived()) == 1 + [verdict for _, verdict in told(done)].count("accepted")


@pytest.mark.parametrize("now", [True, False])
def test_closing_tells_what_was_under_way_and_nothing_twice(way: Way, now: bool) -> None:
    carry(way.carrier, [parcel(1)])
    ripe_of(way, 2)

    done = told(way.carrier.close(now=now))

    assert done == [(2, "returned")]
    assert way.arrived() == [MAIL]
    turn = way.carrier.turn(0.0)
    assert (turn.ripe, turn.done, turn.fatal, way.carrier.close()) == ([], [], False, [])


def test_closing_waits_for_the_answer_to_an_end_unless_it_is_to_be_now(way: Way) -> None:
    way.carrier.release(ripe_of(way, 1))

    assert told(way.carrier.close()) == [(1, Verdict.ACCEPTED)]


def test_a_carrier_that_never_carried_closes(way: Way) -> None:
    assert way.carrier.close() == []
