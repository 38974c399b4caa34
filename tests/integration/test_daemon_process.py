"""`newsletter run` and `newsletter tick` as processes: their signals, their log, and two of them at once."""

import json
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import time as time_of_day
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from newsletter import store
from newsletter.daemon.words import Words
from newsletter.store import tables
from tests.builders import CACHE_PAPER, page_text
from tests.ledger_server import Ledger, Ways, serving
from tests.running import DEADLINE_S, SCHEDULE, Process, due_a_minute_ago, running
from tests.sendable import Post, configure, enrol, states

READERS = 400
SITE = """\
[lists.weekly]
title = "{}"
[run]
web = true
[web]
port = 0
"""
KEYS = 'secret_keys = ["for-tests-only-0123456789-abcdefghij"]\n'


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with serving(tmp_path, Ways(delay_s=0.02)) as server:
        yield server


def site(folder: Path, url: str, port: int, readers: int = READERS, **delivery: object) -> Post:
    """A folder with papers and readers, whose list has a slot that is due."""
    folder.mkdir()
    configure(folder, url=url, port=port, small=True, connections=2, **delivery)
    (folder / "page.txt").write_text(page_text(CACHE_PAPER), encoding="utf-8")
    post = Post(folder, url, [f"reader{number}@example.org" for number in range(1, readers + 1)])
    post.do("ingest", "page.txt")
    database = store.open_store(url)
    enrol(database, post.addresses)
    database.dispose()
    due_a_minute_ago(folder, url)
    return post


def idle(folder: Path, more: str = "") -> None:
    """A folder whose list has no slot today, and a free port for its status."""
    text = SCHEDULE.replace('"day"', '"week"\non = "monday"\nstarting = 2099-01-05').format(at=time_of_day(9))
    (folder / "config.toml").write_text(f"{KEYS}{text}\n{more}", encoding="utf-8")


def counted(post: Post, table: str) -> int:
    database = store.open_store(post.url)
    with store.reading(database) as tx:
        found = tx.scalar(select(func.count()).select_from(tables.metadata.tables[table]))
    database.dispose()
    return int(found or 0)


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_it_says_what_comes_next_and_ends_when_it_is_told_to(tmp_path: Path, sig: signal.Signals) -> None:
    idle(tmp_path)
    with running(tmp_path) as run:
        run.until("schedule.next")
        assert run.ends(sig) == 0

    lines = [line.split(" ", 3)[2:] for line in run.log().splitlines()]
    lacks = ["schedule.lacks"] * 3  # a source, a mail server, somebody to tell
    assert [line[0] for line in lines] == ["run.started", "schedule.next", *lacks, "run.ending", "run.ended"]
    assert 'at="Mon 5 Jan 2099 09:00 UTC"' not in run.log()  # further away than anybody plans
    assert "list=weekly" in run.log()
    assert (tmp_path / "run.stdout").read_text() == ""


@pytest.mark.parametrize("command", ["run", "tick"])
def test_without_a_schedule_it_says_how_to_write_one(tmp_path: Path, command: str) -> None:
    (tmp_path / "config.toml").write_text("[lists.weekly]\n")
    with running(tmp_path, command) as run:
        assert run.process.wait(DEADLINE_S) == 2

    assert run.log().startswith("error: no list has a schedule; add to config.toml, such as: [lists.weekly.")


def test_a_configuration_that_is_wrong_is_told_and_changes_nothing(tmp_path: Path) -> None:
    idle(tmp_path)
    good = (tmp_path / "config.toml").read_text()
    with running(tmp_path) as run:
        run.until("schedule.next")
        (tmp_path / "config.toml").write_text(good.replace('"monday"', '"8"') + "\n[run]\nlogs = 1\n")
        run.tell(signal.SIGHUP)
        run.until("config.refused", times=2)
        (tmp_path / "config.toml").write_text(good.replace('"monday"', '"friday"') + '\n[run]\nlog = "json"')
        run.tell(signal.SIGHUP)
        run.until('"config.read"')
        assert run.ends() == 0

    refused = [line for line in run.log().splitlines() if "config.refused" in line]
    assert [bool(re.search("error config.refused why=.*line [0-9]+: ", line)) for line in refused] == [
        True
    ] * 2
    [_, then] = [line for line in run.log().splitlines() if "schedule.next" in line]
    assert "friday" in json.loads(then)["rule"]


def test_a_signal_that_interrupts_no_waiting_is_heard_all_the_same() -> None:
    words = Words()
    before = signal.signal(signal.SIGHUP, words.hear)

    def send() -> None:
        time.sleep(0.2)
        signal.pthread_kill(threading.get_ident(), signal.SIGHUP)

    threading.Thread(target=send).start()
    try:
        assert words.next() == signal.SIGHUP
    finally:
        signal.signal(signal.SIGHUP, before)


def test_two_daemons_and_a_tick_make_one_issue_of_a_slot_that_each_reader_gets_once(
    tmp_path: Path, database_url: str, ledger: Ledger
) -> None:
    post = site(tmp_path / "post", database_url, ledger.port)
    with (
        running(post.folder, name="one") as one,
        running(post.folder, name="two") as two,
        running(post.folder, "tick", name="tick") as tick,
    ):
        both = (one, two)
        while states(post).get("sent", set()) != {*post.addresses}:
            time.sleep(0.1)
        assert tick.process.wait(DEADLINE_S) == 0
        assert [run.ends() for run in both] == [0, 0]

    assert ledger.recipients() == dict.fromkeys(post.addresses, 1)
    assert (counted(post, "issues"), counted(post, "periods")) == (1, 1)
    logs = one.log() + two.log() + tick.log()
    assert logs.count("period.begun") == logs.count("issue.approved") == 1
    assert "Traceback" not in logs


def test_two_ticks_in_the_same_second_make_one_issue(
    tmp_path: Path, database_url: str, ledger: Ledger
) -> None:
    post = site(tmp_path / "post", database_url, ledger.port, 40)
    with running(post.folder, "tick", name="one") as one, running(post.folder, "tick", name="two") as two:
        assert [run.process.wait(DEADLINE_S) for run in (one, two)] == [0, 0]
    with running(post.folder, "tick", "--json", name="three") as three:
        assert three.process.wait(DEADLINE_S) == 0

    assert ledger.recipients() == dict.fromkeys(post.addresses, 1)
    assert counted(post, "issues") == 1
    told = json.loads((post.folder / "three.stdout").read_text())
    assert {one["event"] for one in told} <= {"issue.sent"}


def test_told_to_end_it_ends_what_is_under_way_and_the_next_one_goes_on(
    tmp_path: Path, ledger: Ledger
) -> None:
    post = site(tmp_path / "post", f"sqlite:///{tmp_path}/post/newsletter.db", ledger.port, 1_000)
    with running(post.folder, name="one") as one:
        while len(ledger.entries()) < 50:
            time.sleep(0.01)
        began = time.monotonic()
        assert one.ends() == 0
    assert time.monotonic() - began < 30
    kept = states(post)
    assert kept["sent"] == ledger.recipients().keys()
    assert kept.keys() == {"sent", "pending"}

    with running(post.folder, "tick", name="two") as two:
        assert two.process.wait(DEADLINE_S * 2) == 0
    assert ledger.recipients() == dict.fromkeys(post.addresses, 1)
    assert "delivery.ended list=weekly issue=1" in two.log()


def test_a_second_word_ends_it_at_once(tmp_path: Path) -> None:
    with serving(tmp_path, Ways(delay_s=120)) as ledger:
        post = site(tmp_path / "post", f"sqlite:///{tmp_path}/post/newsletter.db", ledger.port, 10)
        with running(post.folder) as run:
            while not ledger.entries():
                time.sleep(0.01)
            run.tell(signal.SIGTERM)
            run.until("run.ending")
            began = time.monotonic()
            assert run.ends() == 1
        assert time.monotonic() - began < 10

    kept = states(post)
    assert set().union(*kept.values()) == {*post.addresses}
    assert kept.get("unknown", kept.get("sending", set())) == ledger.recipients().keys()


def test_the_log_of_a_whole_issue_names_no_reader_token_or_key(tmp_path: Path) -> None:
    with serving(tmp_path, Ways(mood=(10, 20), seed=7)) as ledger:
        post = site(tmp_path / "post", f"sqlite:///{tmp_path}/post/newsletter.db", ledger.port, 200)
        with running(post.folder) as run:
            run.until("delivery.ended")
            assert run.ends() == 0

    database = store.open_store(post.url)
    with store.reading(database) as tx:
        keys = list(tx.scalars(select(tables.subscriptions.c.key)))
    database.dispose()
    log = run.log().lower()
    assert "failed=" in log
    assert not any(word in log for word in (*post.addresses, *keys, "for-tests-only", "@"))
    assert not re.search("[a-z2-7]{52}", log)


def test_a_request_in_flight_is_answered_when_it_ends(tmp_path: Path) -> None:
    idle(tmp_path, SITE.format("Larder Weekly"))
    head = b"POST /weekly/subscribe HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n"
    form = b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    with running(tmp_path) as run:
        [port] = re.findall(r"site.listening at=http://127.0.0.1:(\d+)/", run.until("schedule.next"))
        with socket.create_connection(("127.0.0.1", int(port))) as visitor:
            visitor.settimeout(DEADLINE_S)
            visitor.sendall(head + form + b"email")
            assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
            run.tell(signal.SIGTERM)
            run.until("run.ending")
            visitor.sendall(b"=a@b.")
            answer = b"".join(iter(lambda: visitor.recv(65536), b""))
        assert run.process.wait(DEADLINE_S) == 0

    assert answer.startswith(b"HTTP/1.1 4")
    assert b"Larder Weekly" in answer


def test_it_serves_the_site_and_what_a_new_configuration_says_of_it(tmp_path: Path) -> None:
    idle(tmp_path, SITE.format("Larder Weekly"))
    good = (tmp_path / "config.toml").read_text()
    with running(tmp_path) as run:
        [address] = re.findall(r"site.listening at=(\S+)", run.until("schedule.next"))
        before = httpx.get(address + "weekly/subscribe").text
        (tmp_path / "config.toml").write_text(good.replace("Larder", "Pantry"))
        run.tell(signal.SIGHUP)
        run.until("config.read")
        after = httpx.get(address + "weekly/subscribe").text
        assert httpx.get(address + "healthz").text == "ok\n"
        assert run.ends() == 0

    assert ("Larder Weekly" in before, "Pantry Weekly" in after) == (True, True)
    assert "letters.wait" in run.log()


def test_a_port_that_is_taken_is_told_at_the_start(tmp_path: Path) -> None:
    with serving(tmp_path, Ways()) as other:
        idle(tmp_path, f"[run]\nstatus_port = {other.port}\n")
        with running(tmp_path) as run:
            assert run.process.wait(DEADLINE_S) == 2

    assert (
        f"cannot listen at 127.0.0.1:{other.port}: Address already in use; set run.status_host" in run.log()
    )


def test_an_idle_process_sleeps(tmp_path: Path) -> None:
    idle(tmp_path)
    with running(tmp_path) as run:
        run.until("schedule.next")
        time.sleep(1)
        before = _used(run)
        time.sleep(4)
        after = _used(run)
        assert run.ends() == 0

    seconds, wakeups = (late - early for late, early in zip(after, before, strict=True))
    assert seconds <= 0.1
    assert wakeups <= 20


def _used(run: Process) -> tuple[float, int]:
    """Seconds of processor time, and how often a thread of the process went to sleep."""
    folder = Path(f"/proc/{run.process.pid}")
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    slept = [(task / "status").read_text() for task in (folder / "task").iterdir()]
    ticks = int(subprocess.check_output(["getconf", "CLK_TCK"]))
    found = [int(re.findall(r"\nvoluntary_ctxt_switches:\s+(\d+)", text)[0]) for text in slept]
    return (int(fields[11]) + int(fields[12])) / ticks, sum(found)
