"""Carriers that write mails to files: the end is a rename, a mail again is the same file."""

import os
import resource
import signal
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from newsletter.backends import BACKENDS
from newsletter.backends.carrier import Carrier, Parcel
from newsletter.errors import BackendUnavailable
from newsletter.model import Envelope, Outcome, Phase, Verdict

MAIL = b"Subject: Paper Weekly\r\n\r\nHello\r\n.\r\nthere\r\n"
FILES = ("maildir", "eml")


@pytest.fixture(params=FILES)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def carrier(backend: str, tmp_path: Path) -> Carrier:
    return opened(backend, tmp_path)


def opened(backend: str, folder: Path) -> Carrier:
    return BACKENDS[backend](folder / "out", durable=False)


def parcel(number: int = 7, mail: bytes = MAIL) -> Parcel:
    return Parcel(number, Envelope("bounce@news.example.org", "ada@example.org"), mail)


def delivered(carrier: Carrier, *parcels: Parcel) -> list[tuple[int, Verdict]]:
    """What handing the parcels over comes to."""
    for one in parcels:
        carrier.put(one)
    carrier.release(carrier.turn(0).ripe)
    return [(one.number, outcome.verdict) for one, outcome in carrier.turn(0).done]


def places(folder: Path) -> dict[str, bytes]:
    """The mails that a reader of the folder sees, by their names."""
    out = folder / "out"
    found = [*(out / "new").iterdir()] if (out / "new").exists() else [*out.glob("[!.]*")]
    return {path.name: path.read_bytes() for path in found}


def everything(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("backend", "expected"),
    [("eml", {"delivery-7.eml": MAIL}), ("maildir", {"delivery-7": MAIL.replace(b"\r\n", b"\n")})],
    indirect=["backend"],
)
def test_a_mail_stands_whole_under_the_name_of_its_delivery(
    carrier: Carrier, tmp_path: Path, expected: dict[str, bytes]
) -> None:
    assert delivered(carrier, parcel()) == [(7, Verdict.ACCEPTED)]
    assert places(tmp_path) == expected


def test_no_reader_of_the_folder_sees_a_mail_before_its_end(carrier: Carrier, tmp_path: Path) -> None:
    carrier.put(parcel())
    turn = carrier.turn(0)

    assert ([one.number for one in turn.ripe], turn.done) == ([7], [])
    assert places(tmp_path) == {}


def test_a_mail_taken_back_leaves_nothing(carrier: Carrier, tmp_path: Path) -> None:
    carrier.put(parcel())
    carrier.withdraw(carrier.turn(0).ripe)

    turn = carrier.turn(0)
    assert (turn.ripe, turn.done, everything(tmp_path)) == ([], [], [])


def test_each_parcel_is_told_once(carrier: Carrier) -> None:
    numbers = [number for number, _ in delivered(carrier, *map(parcel, range(1, 6)))]

    assert numbers == [1, 2, 3, 4, 5]
    turn = carrier.turn(0)
    assert (turn.ripe, turn.done, turn.trouble) == ([], [], "")


def test_a_mail_handed_over_again_replaces_itself(backend: str, carrier: Carrier, tmp_path: Path) -> None:
    delivered(carrier, parcel())

    assert delivered(opened(backend, tmp_path), parcel()) == [(7, Verdict.ACCEPTED)]
    assert len(everything(tmp_path)) == 1


def test_a_mail_that_was_read_already_is_not_new_again(tmp_path: Path) -> None:
    delivered(opened("maildir", tmp_path), parcel())
    read = tmp_path / "out" / "cur" / "delivery-7:2,S"
    (tmp_path / "out" / "new" / "delivery-7").rename(read)

    assert delivered(opened("maildir", tmp_path), parcel()) == [(7, Verdict.ACCEPTED)]
    assert everything(tmp_path) == [read]


def test_two_processes_with_one_delivery_do_not_disturb_each_other(
    backend: str, carrier: Carrier, tmp_path: Path
) -> None:
    other = opened(backend, tmp_path)
    carrier.put(parcel())
    other.put(parcel())
    carrier.withdraw(carrier.turn(0).ripe)

    other.release(other.turn(0).ripe)
    assert [outcome.verdict for _, outcome in other.turn(0).done] == [Verdict.ACCEPTED]


def test_mails_are_for_this_user_alone(carrier: Carrier, tmp_path: Path) -> None:
    delivered(carrier, parcel())

    modes = {stat.S_IMODE(path.stat().st_mode) for path in everything(tmp_path)}
    assert (modes, stat.S_IMODE((tmp_path / "out").stat().st_mode)) == ({0o600}, 0o700)


def test_room_shrinks_with_mails_that_wait_for_their_end(carrier: Carrier) -> None:
    before = carrier.room()
    carrier.put(parcel())
    assert carrier.room() == before - 1

    carrier.release(carrier.turn(0).ripe)
    assert carrier.room() == before


@pytest.mark.parametrize("now", [True, False])
def test_what_has_no_place_when_it_closes_is_returned(carrier: Carrier, tmp_path: Path, *, now: bool) -> None:
    delivered(carrier, parcel(1))
    carrier.put(parcel(2))
    carrier.turn(0)
    carrier.put(parcel(3))

    told = carrier.close(now=now)
    assert [(one.number, outcome.verdict) for one, outcome in told] == [
        (2, Verdict.RETURNED),
        (3, Verdict.RETURNED),
    ]
    assert len(everything(tmp_path)) == 1


def test_what_was_released_and_not_told_is_told_when_it_closes(carrier: Carrier) -> None:
    carrier.put(parcel())
    carrier.release(carrier.turn(0).ripe)

    assert [outcome.verdict for _, outcome in carrier.close()] == [Verdict.ACCEPTED]
    assert carrier.close() == []


def test_a_mail_the_disk_has_no_room_for_is_returned_and_may_go_later(
    carrier: Carrier, tmp_path: Path
) -> None:
    with files_of_at_most(1000):
        carrier.put(parcel(mail=MAIL * 100))
        turn = carrier.turn(0)
    assert [(one.number, outcome.verdict) for one, outcome in turn.done] == [(7, Verdict.RETURNED)]
    assert turn.trouble.startswith(str(tmp_path))
    assert (carrier.room(), everything(tmp_path)) == (1, [])

    assert delivered(carrier, parcel()) == [(7, Verdict.ACCEPTED)]
    assert (carrier.turn(0).trouble, carrier.room() > 1) == ("", True)


def test_a_folder_that_is_gone_returns_the_mail_and_is_fatal(carrier: Carrier, tmp_path: Path) -> None:
    carrier.put(parcel())
    ripe = carrier.turn(0).ripe
    (tmp_path / "out").rename(tmp_path / "elsewhere")
    carrier.release(ripe)

    turn = carrier.turn(0)
    assert [outcome for _, outcome in turn.done] == [
        Outcome(Verdict.RETURNED, Phase.BODY, text="cannot be written: No such file or directory")
    ]
    assert turn.fatal
    assert turn.trouble.endswith("make the folder writable, or set delivery.folder")


def test_a_place_that_cannot_be_a_folder_is_told_with_the_next_step(backend: str, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")

    with pytest.raises(BackendUnavailable, match=r"set delivery\.folder"):
        opened(backend, tmp_path)


@pytest.mark.parametrize(("hours", "left"), [(1, 1), (40, 0)])
def test_what_a_dead_process_left_goes_after_a_day_and_a_half(
    backend: str, carrier: Carrier, tmp_path: Path, hours: int, left: int
) -> None:
    carrier.put(parcel())
    [passing] = everything(tmp_path)
    then = passing.stat().st_mtime - hours * 3600
    os.utime(passing, (then, then))

    opened(backend, tmp_path)
    assert len(everything(tmp_path)) == left


def test_a_durable_mail_is_on_the_disk_before_it_is_in_its_place(backend: str, tmp_path: Path) -> None:
    carrier = BACKENDS[backend](tmp_path / "out", durable=True)

    assert len(delivered(carrier, *map(parcel, range(50)))) == 50
    assert len(places(tmp_path)) == 50


def test_a_mail_that_the_disk_does_not_keep_is_returned(backend: str, tmp_path: Path) -> None:
    carrier = BACKENDS[backend](tmp_path / "out", durable=True)
    carrier.put(parcel(1))
    [lost] = everything(tmp_path)
    lost.unlink()
    carrier.put(parcel(2))

    turn = carrier.turn(0)
    assert [one.number for one in turn.ripe] == [2]
    assert [(one.number, outcome.verdict) for one, outcome in turn.done] == [(1, Verdict.RETURNED)]
    assert carrier.room() == 0
    carrier.release(turn.ripe)
    assert carrier.room() > 1


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """While it lasts no file of this process may become larger, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler: Callable[..., object] | int | None = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
