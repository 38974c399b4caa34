"""Several `newsletter run` on one PostgreSQL server: one leads the schedule, the others take over from it."""

import re
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from newsletter import store
from tests.builders import CACHE_PAPER, page_text
from tests.ledger_server import Ledger, Ways, serving
from tests.running import DEADLINE_S, Process, due_a_minute_ago, running, waited
from tests.sendable import Post, configure, enrol, states
from tests.working import rows

READERS = 40
# Whoever leads holds the one advisory lock that a test's schema has.
_END_LEADER = text(
    "SELECT pg_terminate_backend(l.pid) FROM pg_locks AS l WHERE l.locktype = 'advisory' AND l.granted "
    "AND ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended(current_schema(), 7639774377)"
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with serving(tmp_path, Ways()) as server:
        yield server


@pytest.fixture
def post(tmp_path: Path, postgresql_url: str, ledger: Ledger) -> Post:
    """A list with readers and papers, whose schedule has no slot yet."""
    folder = tmp_path / "post"
    folder.mkdir()
    configure(folder, url=postgresql_url, port=ledger.port, small=True, connections=2)
    (folder / "page.txt").write_text(page_text(CACHE_PAPER), encoding="utf-8")
    post = Post(folder, postgresql_url, [f"reader{number}@example.org" for number in range(1, READERS + 1)])
    post.do("ingest", "page.txt")
    database = store.open_store(postgresql_url)
    enrol(database, post.addresses)
    database.dispose()
    due_a_minute_ago(folder, postgresql_url)
    return post


@contextmanager
def runs(post: Post, count: int) -> Iterator[list[Process]]:
    with ExitStack() as started:
        found = [started.enter_context(running(post.folder, name=f"run{number}")) for number in range(count)]
        for one in found:
            one.until("schedule.(leads|stands_by)")
        yield found


def leaders(several: Sequence[Process]) -> list[Process]:
    """Those that said last that they lead."""
    last = [(one, re.findall(r"schedule\.(leads|stands_by)", one.log())) for one in several]
    return [one for one, said in last if said and said[-1] == "leads" and one.process.poll() is None]


def seconds_until_another_leads(others: Sequence[Process]) -> float:
    began = time.monotonic()
    waited(lambda: str(len(leaders(others))), lambda seen: seen == "1", of=others)
    return time.monotonic() - began


def shows_one_that_leads_two_that_wait_and_one_gone(shown: str) -> bool:
    return [shown.count(word) for word in ("run, leads", "run, stands by", "gone")] == [1, 2, 1]


def assert_one_issue(post: Post, ledger: Ledger) -> None:
    waited(lambda: str(states(post)), lambda _: states(post) == {"sent": {*post.addresses}}, of=post)
    assert ledger.recipients() == dict.fromkeys(post.addresses, 1)
    assert (rows(post, "issues"), rows(post, "periods")) == (1, 1)


def test_four_make_one_issue_and_when_the_leader_is_killed_another_leads_within_a_minute(
    post: Post, ledger: Ledger
) -> None:
    with runs(post, 4) as four:
        assert_one_issue(post, ledger)
        [leader] = leaders(four)
        leader.ends(signal.SIGKILL)
        assert seconds_until_another_leads([one for one in four if one is not leader]) < 45
        # Each tells of itself every ten seconds.
        waited(lambda: post.run("status").stdout, shows_one_that_leads_two_that_wait_and_one_gone, of=post)

    assert sum(one.log().count("period.begun") for one in four) == 1


def test_a_leader_that_ends_well_has_another_lead_at_once(post: Post, ledger: Ledger) -> None:
    with runs(post, 2) as both:
        assert_one_issue(post, ledger)
        [leader] = leaders(both)
        [other] = [one for one in both if one is not leader]
        leader.tell(signal.SIGTERM)
        assert seconds_until_another_leads([other]) < 10
        assert leader.process.wait(DEADLINE_S) == 0

    assert other.log().count("schedule.stands_by") == 1


def test_one_that_stands_by_is_well_and_tells_that_it_does_not_lead(post: Post) -> None:
    with running(post.folder, name="first") as first, socket.create_server(("127.0.0.1", 0)) as free:
        first.until("schedule.leads")
        port = free.getsockname()[1]
        free.close()
        with (post.folder / "config.toml").open("a") as file:
            file.write(f"\n[run]\nstatus_port = {port}\n")
        with running(post.folder, name="second") as second:
            second.until("schedule.stands_by")
            assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
            assert "newsletter_leads 0.0" in httpx.get(f"http://127.0.0.1:{port}/metrics").text


def test_a_leader_that_stands_still_has_another_lead_within_a_minute_and_stands_by_afterwards(
    post: Post, ledger: Ledger
) -> None:
    with runs(post, 2) as both:
        assert_one_issue(post, ledger)
        [leader] = leaders(both)
        [other] = [one for one in both if one is not leader]
        leader.tell(signal.SIGSTOP)
        assert 20 < seconds_until_another_leads([other]) < 60
        leader.tell(signal.SIGCONT)
        leader.until("schedule.stands_by")
        assert leaders(both) == [other]
        assert [one.ends() for one in both] == [0, 0]

    assert re.search(r"schedule.leader_silent.*process \d+ leads.*its connection was ended", other.log())
    assert_one_issue(post, ledger)


@pytest.mark.parametrize("after_s", [0.0, 0.3, 1.0])
def test_a_leader_cut_off_in_the_midst_of_a_step_leaves_one_issue_all_the_same(
    post: Post, ledger: Ledger, after_s: float
) -> None:
    with running(post.folder, name="one") as one, running(post.folder, name="two") as two:
        waited(lambda: one.log() + two.log(), lambda told: "schedule.leads" in told, of=one)
        time.sleep(after_s)
        database = store.open_store(post.url)
        with store.writing(database) as tx:
            assert tx.scalar(_END_LEADER)
        database.dispose()
        assert_one_issue(post, ledger)
        assert [run.ends() for run in (one, two)] == [0, 0]

    assert (one.log() + two.log()).count("period.begun") == 1


def test_a_tick_leaves_the_step_to_who_leads_and_says_so(post: Post, ledger: Ledger) -> None:
    with runs(post, 1), running(post.folder, "tick", name="tick") as tick:
        assert tick.process.wait(DEADLINE_S) == 0
        assert "schedule.led_by_another" in tick.log()
        assert_one_issue(post, ledger)
