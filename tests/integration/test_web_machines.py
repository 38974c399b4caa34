"""The site on two machines of two processes each, over one PostgreSQL server: what holds over all of them."""

import os
import re
import secrets
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import httpx
import pytest

from newsletter import store
from newsletter.store import connection
from tests.asks_over_http import TRUSTING, WRITABLE, Stranger, place
from tests.integration.test_web_siblings import children
from tests.machines import Machine, machines
from tests.mailboxes import MailServer
from tests.people import Readers
from tests.published import TODAY, publish
from tests.site import Site, settings
from tests.stored import Schemas

# Far more than any of it takes.
DEADLINE_S = 60
BUTTON = {"List-Unsubscribe": "One-Click"}


@dataclass
class Place:
    """Machines that serve a site, seen from outside, and what lies in their store."""

    machines: list[Machine]
    site: Site
    server: MailServer

    def __post_init__(self) -> None:
        self.stranger = Stranger([one.port for one in self.machines])
        self.readers = Readers(self.site.database)

    def at_once(self, times: int, method: str, path: str, form: dict[str, str]) -> Counter[int]:
        """How often each status came, of so many requests at the same time that go to each in turn."""
        turns = cycle(self.machines)

        def one(_: int) -> int:
            address = f"http://127.0.0.1:{next(turns).port}{path}"
            return httpx.request(method, address, data=form, timeout=DEADLINE_S).status_code

        with ThreadPoolExecutor(20) as pool:
            return Counter(pool.map(one, range(times)))

    def asked_at_once(self, asks: list[tuple[str, str]]) -> Counter[int]:
        """How often each status came, of asks for an address from a place, which go to each in turn."""
        ports = [one.port for one in self.machines]

        def some(number: int) -> list[int]:
            with closing(Stranger(ports, self.stranger.token)) as stranger:
                return [stranger.ask(*one)[0][0] for one in asks[number::8]]

        with ThreadPoolExecutor(8) as pool:
            return Counter(status for found in pool.map(some, range(8)) for status in found)

    def letters(self, *domain: str) -> list[str]:
        """The recipients of the letters that went, whose address ends so."""
        return [one for mail in self.server.mails for one in mail.rcpt_tos if one.endswith(domain)]

    def link(self, address: str) -> str:
        """The path in the letter to that address, once it is there."""
        until(lambda: address in self.letters(address))
        [mail] = [mail.content for mail in self.server.mails if address in mail.rcpt_tos]
        found = re.search(rb"/weekly/confirm/(?:=\r\n|\w)+", mail)
        assert found
        return found[0].replace(b"=\r\n", b"").decode()


def until(holds: Callable[[], object]) -> None:
    limit = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.05)


@contextmanager
def away(url: str) -> Iterator[tuple[str, Callable[[], None], Callable[[], None]]]:
    """The address of the same database for somebody whom it lets in, or not: what closes it, and opens it."""
    name = f"test_{secrets.token_hex(8)}"
    admin = connection.connect(url, create=False)

    def say(*statements: str) -> None:
        with admin.begin() as tx:
            for one in statements:
                tx.exec_driver_sql(one)

    say(f"CREATE ROLE {name} LOGIN SUPERUSER")
    ended = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{name}'"  # noqa: S608
    try:
        yield (
            admin.url.set(username=name).render_as_string(hide_password=False),
            lambda: say(f"ALTER ROLE {name} NOLOGIN", ended),
            lambda: say(f"ALTER ROLE {name} LOGIN"),
        )
    finally:
        say(ended, f"REASSIGN OWNED BY {name} TO CURRENT_USER", f"DROP ROLE {name}")
        admin.dispose()


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, schemas: Schemas) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("machines")
    with MailServer() as server, schemas.lent() as url:
        config = TRUSTING.format(500, WRITABLE.format(server.port))
        site = Site(store.open_store(url), settings(folder))
        with machines(folder, url, config=config) as found:
            here = Place(found, site, server)
            yield here
            here.stranger.close()
        site.database.dispose()
        # It says what was wrong, and nothing was.
        assert [one.said() for one in found] == ["", ""]


def test_a_mailbox_gets_one_letter_however_many_ask_for_it(here: Place) -> None:
    taken = here.asked_at_once([(f"ada+{n}@one.example", place(n)) for n in range(160)])
    # Asks of networks that had no letter are answered in their order.
    here.stranger.ask("last@one.example", place(1000))
    here.link("last@one.example")

    assert taken == {200: 160}
    assert len(here.letters("@one.example")) == 2


def test_a_network_asks_twenty_times_an_hour_whichever_machine_it_asks(here: Place) -> None:
    asks = [(f"r{n}@net.example", f"192.0.2.{n}") for n in range(80)]

    assert here.asked_at_once(asks) == {200: 20, 429: 60}
    assert here.stranger.ask("honest@net.example", "203.0.113.9")[0][0] == 200
    assert here.link("honest@net.example")


def test_a_hundred_yeses_over_all_of_them_are_one(here: Place) -> None:
    here.stranger.ask("yes@three.example", "198.51.100.3")
    path = here.link("yes@three.example")

    assert here.at_once(100, "POST", path, {}) == {200: 100}
    assert here.readers.acts("yes@three.example") == ["asked", "confirmed"]
    assert here.letters("@three.example") == ["yes@three.example"]


def test_a_hundred_leaves_over_all_of_them_are_one(here: Place) -> None:
    path = here.site.link("unsubscribe", here.site.join("off@four.example"))

    assert here.at_once(100, "POST", path, BUTTON) == {200: 100}
    assert here.readers.acts("off@four.example") == ["added", "left"]


def test_each_page_of_a_reader_works_wherever_the_next_request_goes(here: Place) -> None:
    reader = here.site.join("turn@five.example")
    chosen, leave = here.site.link("preferences", reader), here.site.link("unsubscribe", reader)
    ask = here.stranger.send

    for _ in range(2):
        assert b"What you get" in ask("GET", chosen)[0][2]
        assert ask("POST", chosen, {"theme": "kv-cache", "cadence": "monthly"})[0][0] == 200
        assert b'value="monthly" checked' in ask("GET", chosen)[0][2]
        assert ask("GET", leave)[0][0] == 200
        assert ask("POST", chosen, {"theme": "kv-cache", "cadence": "issue"})[0][0] == 200
    assert ask("POST", leave, BUTTON)[0][0] == 200
    assert [ask("GET", chosen)[0][0] for _ in range(2)] == [410, 410]


def test_an_issue_stands_at_each_of_them_at_once(here: Place) -> None:
    def fronts() -> list[httpx.Response]:
        return [httpx.get(f"http://127.0.0.1:{one.port}/weekly/") for one in here.machines]

    before = fronts()
    publish(here.site.database, on=TODAY)
    after = fronts()

    assert {one.headers["etag"] for one in after}.isdisjoint(one.headers["etag"] for one in before)
    assert len({one.headers["etag"] for one in after}) == 1


def test_while_the_database_is_away_readers_leave_at_each_and_are_taken_in_once_it_is_back(
    tmp_path: Path, postgresql_url: str
) -> None:
    address = "gone@six.example"
    with away(postgresql_url) as (url, close, reopen), machines(tmp_path, url, processes=2) as found:
        site = Site(store.open_store(postgresql_url), settings(tmp_path))
        paths = [site.link("unsubscribe", site.join(f"{n}{address}")) for n in range(2)]
        close()
        for one, path in zip(found, paths, strict=True):
            client = httpx.Client(base_url=f"http://127.0.0.1:{one.port}", timeout=DEADLINE_S)
            assert client.post(path, data=BUTTON).status_code == 200
            refused = [client.get("/healthz"), client.get("/weekly/")]
            client.close()
            assert [answer.status_code for answer in refused] == [503, 503]
            assert [answer.headers["retry-after"] for answer in refused] == ["60", "60"]
            assert one.leaving_file.stat().st_size
        reopen()
        until(lambda: not any(one.leaving_file.stat().st_size for one in found))
        assert [Readers(site.database).status(f"{n}{address}") for n in range(2)] == ["unsubscribed"] * 2
        site.database.dispose()


def test_a_process_that_dies_while_the_database_is_away_is_there_again_once_it_is_back(
    tmp_path: Path, postgresql_url: str
) -> None:
    with away(postgresql_url) as (url, close, reopen), machines(tmp_path, url, count=1) as [one]:
        until(lambda: sum(map(serves, children(one.process.pid))) == 2)
        lost = min(children(one.process.pid))
        close()
        os.kill(lost, signal.SIGKILL)
        until(lambda: "(status 1)" in one.said())
        assert httpx.get(f"http://127.0.0.1:{one.port}/healthz", timeout=DEADLINE_S).status_code == 503
        reopen()
        until(lambda: len(children(one.process.pid) - {lost}) == 2)
        assert httpx.get(f"http://127.0.0.1:{one.port}/healthz", timeout=DEADLINE_S).status_code == 200


def serves(process: int) -> bool:
    """Whether it has opened its store: it has a thread for the rounds then, beside the one that waits."""
    return len([*Path(f"/proc/{process}/task").iterdir()]) > 2
