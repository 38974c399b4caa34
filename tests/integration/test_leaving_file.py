"""Leaving while the database cannot be written: what a reader was told holds, whatever dies."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event

from newsletter import store, subscribe
from newsletter.errors import StoreError
from newsletter.model import Way
from newsletter.store import leaving_file, subscriptions
from newsletter.store.leaving_file import Leaving
from newsletter.subscribe.leaving import PATIENCE_S
from tests.builders import NOW
from tests.people import Readers

ROOT = Path(__file__).parents[2]
# Lines of each writer, and deaths of one; by hand there are more: NEWSLETTER_TEST_RUNS=100.
KILLS = int(os.environ.get("NEWSLETTER_TEST_RUNS", "5"))
LINES = 40 * KILLS


@pytest.fixture
def readers(database: Engine) -> Readers:
    return Readers(database)


@pytest.fixture
def queue(tmp_path: Path) -> Path:
    return tmp_path / "newsletter.leaving"


@pytest.fixture
def stuck(readers: Readers, database_url: str) -> Iterator[Readers]:
    """The same readers through a database that cannot be written."""
    database = read_only(database_url)
    yield Readers(database, readers.now)
    database.dispose()


def read_only(url: str) -> Engine:
    if url.startswith("sqlite"):
        database = store.open_store(url)
        event.listen(database, "connect", lambda raw, _: raw.execute("PRAGMA query_only = ON"))
        database.dispose()
        return database
    url = url.replace("options=", "options=-cdefault_transaction_read_only%3Don%20")
    return store.open_store(url)


def leaving(number: int, *, everything: bool = False) -> Leaving:
    return Leaving(number.to_bytes(16, "big"), Way.ONE_CLICK, NOW, everything)


def waiting(queue: Path) -> tuple[Leaving, ...]:
    with leaving_file.taken(queue) as found:
        return found


def kept(queue: Path) -> list[int]:
    """The numbers of those who stand in the file, which stays as it is."""
    with pytest.raises(InterruptedError), leaving_file.taken(queue) as found:
        raise InterruptedError
    return [int.from_bytes(one.key, "big") for one in found]


def test_who_leaves_while_nothing_can_be_written_is_off_once_it_can(
    readers: Readers, stuck: Readers, queue: Path
) -> None:
    key = readers.joined().key
    began = time.monotonic()
    stuck.leave_or_queue(key, queue)
    stuck.leave_or_queue(key, queue)
    assert time.monotonic() - began < 1

    with pytest.raises(StoreError):
        subscribe.honour(stuck.database, queue)
    assert subscribe.honour(readers.database, queue) == 1
    assert readers.status() == "unsubscribed"
    assert [(one.act, one.way, one.at) for one in readers.log()][2:] == [("left", "one-click", NOW)]
    assert queue.read_bytes() == b""
    assert subscribe.honour(readers.database, queue) == 0


def test_who_leaves_everything_meanwhile_leaves_everything(
    readers: Readers, stuck: Readers, queue: Path
) -> None:
    readers.add(list="daily")
    readers.add()
    key = readers.of()["weekly"].key
    subscribe.leave_or_queue(stuck.database, key, way=Way.WEB, now=NOW, queue=queue, everything=True)

    assert subscribe.honour(readers.database, queue) == 2


def test_who_leaves_while_another_one_writes_waits_for_two_seconds_at_most(
    readers: Readers, queue: Path
) -> None:
    key = readers.joined().key
    with store.writing(readers.database) as tx:
        subscriptions.hold(tx, "ada@example.org")
        began = time.monotonic()
        readers.leave_or_queue(key, queue)
        took = time.monotonic() - began

    assert PATIENCE_S <= took < PATIENCE_S + 1
    assert subscribe.honour(readers.database, queue) == 1


def test_a_database_that_is_gone_is_no_hindrance(queue: Path, tmp_path: Path) -> None:
    database = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    Readers(database).leave_or_queue(b"k" * 16, queue)

    assert [one.key for one in waiting(queue)] == [b"k" * 16]


def test_the_file_is_for_nobody_else_and_holds_no_address(queue: Path) -> None:
    leaving_file.append(queue, leaving(7))

    assert queue.stat().st_mode & 0o777 == 0o600
    assert set(json.loads(queue.read_text())) == {"key", "way", "at"}
    assert leaving(7).key.hex() not in repr(leaving(7))


def test_half_a_line_and_garbage_cost_nobody_else_their_leaving(queue: Path) -> None:
    leaving_file.append(queue, leaving(1))
    whole = queue.read_bytes().strip()
    junk = [whole[:50], b"\xff\xfe", b"null", b"[1]", b"{}", b'"key"', b"[" * 900, b"x" * 5000, b"{" * 990]
    short = whole.replace(leaving(1).key.hex().encode(), b"00ff")
    no_zone = whole.replace(b"+00:00", b"")
    for line in [*junk, short, no_zone, whole[:80]]:
        with queue.open("ab") as file:
            file.write(b"\n" + line)
        leaving_file.append(queue, leaving(2))
    leaving_file.append(queue, leaving(2, everything=True))

    assert waiting(queue) == (leaving(1), leaving(2), leaving(2, everything=True))


def test_the_file_is_emptied_only_where_its_block_ends_well(queue: Path) -> None:
    leaving_file.append(queue, leaving(1))
    assert kept(queue) == kept(queue) == [1]

    assert waiting(queue) == (leaving(1),)
    assert waiting(queue) == ()


def test_who_leaves_while_the_file_is_read_waits_for_nothing_and_is_not_lost(queue: Path) -> None:
    leaving_file.append(queue, leaving(1))
    with leaving_file.taken(queue), leaving_file.taken(queue) as found:
        assert found == (leaving(1),)
        leaving_file.append(queue, leaving(2))

    assert waiting(queue) == (leaving(1), leaving(2))


def test_of_two_who_read_at_once_neither_takes_what_came_after_the_other(queue: Path) -> None:
    leaving_file.append(queue, leaving(1))
    with leaving_file.taken(queue):
        assert waiting(queue) == (leaving(1),)
        leaving_file.append(queue, leaving(2))

    assert waiting(queue) == (leaving(2),)


def make_folder(path: Path) -> None:
    path.mkdir()


def make_link(path: Path) -> None:
    other = path.with_name("foreign")
    other.write_text("not ours")
    path.symlink_to(other)


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_device(path: Path) -> None:
    path.symlink_to("/dev/full")


@pytest.mark.parametrize("make", [make_folder, make_link, make_pipe, make_device])
def test_what_is_no_file_is_told_in_a_line_and_left_alone(queue: Path, make) -> None:  # type: ignore[no-untyped-def]
    make(queue)

    with pytest.raises(StoreError, match=r"\.leaving: cannot keep that a reader left: .*leaving_file"):
        leaving_file.append(queue, leaving(1))
    with pytest.raises(StoreError, match=r"\.leaving: cannot read who left: .*leaving_file"):
        waiting(queue)
    assert not queue.with_name("foreign").exists() or queue.with_name("foreign").read_text() == "not ours"


def test_a_folder_that_is_not_there_is_told_once_somebody_leaves(tmp_path: Path) -> None:
    assert waiting(tmp_path / "none" / "newsletter.leaving") == ()

    with pytest.raises(StoreError, match="No such file or directory; make the file and its folder writable"):
        leaving_file.append(tmp_path / "none" / "newsletter.leaving", leaving(1))


def test_a_full_disk_is_told_and_loses_nobody_before(queue: Path) -> None:
    """RLIMIT_FSIZE stands for the disk: a write beyond it fails, or is cut short."""
    code = """
import resource, signal, sys
from pathlib import Path
from newsletter.errors import StoreError
from newsletter.store import leaving_file
from tests.integration.test_leaving_file import leaving
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
for number in range(20):
    try:
        leaving_file.append(Path(sys.argv[1]), leaving(number))
    except StoreError as error:
        assert "cannot keep that a reader left: File too large" in str(error), error
        continue
    print(number)
"""
    told = run(code, queue)
    assert 3 < len(told) < 20
    assert kept(queue) == told
    leaving_file.append(queue, leaving(99))
    assert kept(queue) == [*told, 99]


def run(code: str, *given: object) -> list[int]:
    command = [sys.executable, "-c", code, *map(str, given)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert not done.stderr, done.stderr
    return [*map(int, done.stdout.split())]


# Prints each number once its line is on disk, as a reader is told then.
WRITER = """
import os, sys
from pathlib import Path
from newsletter.store import leaving_file
from tests.integration.test_leaving_file import leaving
for number in range(int(sys.argv[2]), int(sys.argv[3])):
    leaving_file.append(Path(sys.argv[1]), leaving(number))
    os.write(1, b"%d\\n" % number)
"""


def writer(queue: Path, first: int, last: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WRITER, str(queue), str(first), str(last)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)


def test_of_two_writers_and_a_reader_at_once_no_line_is_lost(queue: Path) -> None:
    writers = [writer(queue, 0, LINES), writer(queue, LINES, 2 * LINES)]
    found: set[int] = set()
    while any(one.poll() is None for one in writers):
        found.update(int.from_bytes(one.key, "big") for one in waiting(queue))
    found.update(int.from_bytes(one.key, "big") for one in waiting(queue))

    told = [int(line) for one in writers for line in one.communicate()[0].split()]
    assert sorted(told) == [*range(2 * LINES)]
    assert found == {*range(2 * LINES)}


def test_a_writer_that_is_killed_loses_nobody_whom_it_told(queue: Path) -> None:
    told: set[int] = set()
    for turn in range(KILLS):
        child = writer(queue, turn * 10_000, turn * 10_000 + 10_000)
        assert child.stdout is not None
        told.update(int(child.stdout.readline()) for _ in range(4))
        time.sleep(turn % 12 * 0.003)
        child.send_signal(signal.SIGKILL)
        told.update(map(int, child.communicate()[0].split(b"\n")[:-1]))
    assert told <= {*kept(queue)}
    assert len(told) > 3 * KILLS


# Honours the file in a child that dies before its first statement or change of the file, then before its
# second, and so on, until one comes to its end. Prints for each how many are off, and how many stand there.
HONOURING = """
import itertools, os, signal, sys
from pathlib import Path

from sqlalchemy import event

from newsletter import store, subscribe
from tests.integration.test_leaving_file import NAMES, kept
from tests.people import Readers

url, queue = sys.argv[1], Path(sys.argv[2])


def dying(at):
    steps, sync = itertools.count(), os.fsync

    def step(*_):
        if next(steps) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    def fsync(number):
        step()
        sync(number)

    if (child := os.fork()) == 0:
        os.fsync = fsync
        database = store.open_store(url)
        for name in ("before_cursor_execute", "commit"):
            event.listen(database, name, step)
        sys.addaudithook(lambda name, _: step() if name == "fcntl.flock" else None)
        subscribe.honour(database, queue)
        os._exit(0)
    return os.waitpid(child, 0)[1]


for at in itertools.count():
    ended = dying(at)
    database = store.open_store(url)
    off = [Readers(database).status(name) for name in NAMES].count("unsubscribed")
    database.dispose()
    print(off * 10 + len(kept(queue)))
    if not ended:
        break
"""
NAMES = ("a@example.org", "b@example.org")


def test_dying_while_the_file_is_honoured_loses_nobody(
    readers: Readers, queue: Path, database_url: str
) -> None:
    for name in NAMES:
        readers.add(name)
        leaving_file.append(queue, Leaving(readers.of(name)["weekly"].key, Way.WEB, NOW))
    readers.database.dispose()

    seen = run(HONOURING, database_url, queue)

    # Off and in the file: first none and two, then for a moment both, in the end two and none.
    assert seen == sorted(seen, key=[2, 22, 20].index)
    assert {*seen} == {2, 22, 20}
    assert len(seen) > 6
    assert [readers.acts(name) for name in NAMES] == [["added", "left"]] * 2


def test_a_large_file_is_read_in_little_memory(queue: Path) -> None:
    """A hundred thousand times the same reader, whose mail client would not be told."""
    leaving_file.append(queue, leaving(1))
    queue.write_bytes(queue.read_bytes() * 100_000 + b"x" * 5_000_000)
    code = """
import resource, sys
from pathlib import Path
from newsletter.store import leaving_file
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with leaving_file.taken(Path(sys.argv[1])) as found:
    print(len(found))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1000)
"""
    found, megabytes = run(code, queue)

    assert found == 1
    assert megabytes < 5
