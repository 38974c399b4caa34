"""The whole site under whatever may be sent: within the application, and through a real connection."""

import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from newsletter import links, store
from newsletter.links import Purpose
from newsletter.web import guarding, serving
from tests import fuzz_of_site, fuzzed_connections
from tests.fuzz_of_site import MAY_CHANGE
from tests.site import LISTS, Site, keys, running, served, settings
from tests.stored import dump

# By hand there are more: NEWSLETTER_TEST_RUNS=10000.
REQUESTS = max(2000, int(os.environ.get("NEWSLETTER_TEST_RUNS", "0")))


def test_whatever_is_asked_no_answer_is_a_fault_and_nothing_changes_but_by_a_form() -> None:
    report = fuzz_of_site.run(range(REQUESTS))

    assert report.faults == []
    assert {*report.effects} == {"", *MAY_CHANGE}


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """The port of a running site, and its folder."""
    folder = tmp_path_factory.mktemp("site")
    with running(folder) as (_, port):
        yield port, folder


def test_whatever_comes_over_a_connection_every_answer_has_the_headers(process: tuple[int, Path]) -> None:
    port, folder = process
    answers = [head for number in range(300) for head in fuzzed_connections.answers(port, number)]

    assert len(answers) > 300
    for head in answers:
        assert 200 <= int(head.split()[1]) < 500, head
        assert f"\r\ncontent-security-policy: {guarding.PAGE_POLICY}\r\n" in head.lower() + "\r\n"
        assert "\r\nx-content-type-options: nosniff\r\n" in head.lower() + "\r\n"
    told = (folder / "stderr").read_text()
    assert told.splitlines()[1:] == []


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(store.open_store(f"sqlite:///{tmp_path}/newsletter.db"), settings(tmp_path))
    yield made
    made.database.dispose()


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bytes], socket.socket]]:
    """What opens a connection to a server with two places, and sends that."""
    monkeypatch.setattr(serving, "MOST_CONNECTIONS", 2)
    with served(tmp_path) as (_, home), contextlib.ExitStack() as visitors:

        def visit(sent: bytes) -> socket.socket:
            place = ("127.0.0.1", urlsplit(home).port)
            visitor = visitors.enter_context(socket.create_connection(place, 10))
            visitor.sendall(sent)
            return visitor

        yield visit
        visitors.close()


ASK = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


def answered(visitor: socket.socket) -> str:
    """One whole answer."""
    found = b""
    while not found.endswith((b"ok\n", b"minute\n")) and (piece := visitor.recv(4096)):
        found += piece
    return found.decode()


def test_who_comes_when_all_places_are_taken_is_told_to_come_back(
    small: Callable[[bytes], socket.socket],
) -> None:
    for _ in range(2):
        small(b"POST /weekly/subscribe HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na=b")
        time.sleep(0.2)

    answer = answered(small(ASK))

    assert answer.split()[1] == "503"
    assert f"\r\ncontent-security-policy: {guarding.PAGE_POLICY}\r\n" in answer
    assert "\r\nretry-after: 60\r\n" in answer


def test_who_is_slow_to_ask_makes_room_for_who_comes(small: Callable[[bytes], socket.socket]) -> None:
    for _ in range(6):
        small(ASK[:-2])

    assert answered(small(ASK)).split()[1] == "200"


def test_who_asks_for_nothing_more_makes_room_for_who_comes(small: Callable[[bytes], socket.socket]) -> None:
    visitors = [small(ASK) for _ in range(2)]
    assert [answered(visitor).split()[1] for visitor in visitors] == ["200", "200"]

    for _ in range(4):
        visitors.append(small(ASK))
        assert answered(visitors[-1]).split()[1] == "200"

    visitors[-2].sendall(ASK)
    assert answered(visitors[-2]).split()[1] == "200"


PAGES = ("confirm", "preferences", "unsubscribe", "preferences/{}/erase", "preferences/{}/data.json")


def foreign_tokens(key: bytes) -> Iterator[tuple[str, str, str]]:
    """Where a token may be tried, and what it is for: every one of a key, and some that nobody signed."""
    for slug, purpose in product([*LISTS, "gone"], Purpose):
        token = links.sign(key, purpose, list=slug, keys=keys())
        yield from ((at, f"{slug}/{purpose}", token) for at in [*LISTS, "gone"])
        other = keys("another-secret-0123456789-abcdefghijkl")
        yield slug, "", links.sign(key, purpose, list=slug, keys=other)
    token = links.sign(key, Purpose.UNSUBSCRIBE, list="weekly", keys=keys())
    for at in range(links.TOKEN_LENGTH):
        yield "weekly", "", token[:at] + ("a" if token[at] != "a" else "b") + token[at + 1 :]


def test_a_token_opens_the_page_it_is_for_and_no_other(site: Site) -> None:
    reader, tried = site.join(), 0
    before = dump(site.database)

    for (slug, own, token), page, method in product(foreign_tokens(reader.key), PAGES, ["GET", "POST"]):
        if own != f"{slug}/{page.partition('/')[0]}":
            path = f"/{slug}/{page if '{}' in page else page + '/{}'}".format(token)
            form = {"List-Unsubscribe": "Every-List", "theme": "llm-serving"}
            answer = site.client.request(method, path, data=form)
            assert answer.status_code in {404, 405}
            assert "ada" not in answer.text
            tried += 1

    assert tried > 1000
    assert dump(site.database) == before
