"""`newsletter web` as a process: what it says, what it stands, what it never writes down, and how it ends."""

import contextlib
import os
import re
import signal
import socket
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from newsletter import links, store
from newsletter.cli import commands
from newsletter.links import Purpose
from newsletter.web import serving
from tests.site import ADDRESS, KEY, Site, keys, running, settings

# Where no server for mail listens.
CLOSED_SERVER = '[smtp]\nhost = "127.0.0.1"\nport = 9\nsecurity = "none"\n'
# Far more than any of it takes.
DEADLINE_S = 30


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """The store that the process serves, from within the test."""
    return Site(store.open_store(f"sqlite:///{tmp_path}/newsletter.db"), settings(tmp_path))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """The process number and the port of a site that several tests visit; it finds no fault in itself."""
    folder = tmp_path_factory.mktemp("site")
    with running(folder) as (process, port):
        yield process.pid, port
    assert len((folder / "stderr").read_text().splitlines()) == 1


def test_it_says_where_it_listens_and_that_no_letters_go_and_ends_when_it_is_told_to(tmp_path: Path) -> None:
    with running(tmp_path) as (process, port):
        assert httpx.get(f"http://127.0.0.1:{port}/papers/healthz").text == "ok\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_S) == 0

    assert (tmp_path / "stdout").read_text() == (
        f"listening at http://127.0.0.1:{port}/\nreaders come by https://news.example.org/papers/\n"
    )
    [told] = (tmp_path / "stderr").read_text().splitlines()
    assert told.startswith("warning: no letters go, because smtp.host is not set")


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_a_request_in_flight_is_answered_when_it_ends(
    tmp_path: Path, site: Site, sig: signal.Signals
) -> None:
    path = site.link("unsubscribe", site.join())
    body = b"List-Unsubscribe=One-Click"
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()

    with running(tmp_path) as (process, port), socket.create_connection(("127.0.0.1", port)) as visitor:
        visitor.settimeout(DEADLINE_S)
        visitor.sendall(head + body[:10])
        assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
        process.send_signal(sig)
        until_closed(port)
        visitor.sendall(body[10:])
        answer = b"".join(iter(lambda: visitor.recv(4096), b""))
        assert process.wait(DEADLINE_S) == 0

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"You have left" in answer


def until_closed(port: int) -> None:
    """Returns once nobody listens there."""
    with contextlib.suppress(ConnectionError):
        for _ in range(DEADLINE_S * 100):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            time.sleep(0.01)


def test_a_mail_client_of_the_first_http_leaves(tmp_path: Path, site: Site) -> None:
    path = site.link("unsubscribe", site.join())
    body = "List-Unsubscribe=One-Click"
    sent = f"POST {path} HTTP/1.0\r\nContent-Length: {len(body)}\r\n\r\n{body}"

    with running(tmp_path) as (_, port):
        answer = raw(port, sent.encode())

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"You have left" in answer


def raw(port: int, sent: bytes) -> bytes:
    """All that comes until the server closes."""
    with socket.create_connection(("127.0.0.1", port)) as visitor:
        visitor.settimeout(DEADLINE_S)
        with contextlib.suppress(ConnectionError):
            visitor.sendall(sent)
        return received(visitor)


def received(visitor: socket.socket) -> bytes:
    answer = b""
    with contextlib.suppress(ConnectionError):
        while piece := visitor.recv(65536):
            answer += piece
    return answer


def test_neither_an_address_nor_a_token_is_written_anywhere(tmp_path: Path, site: Site) -> None:
    reader = site.join()
    pages = [site.link(page, reader) for page in ("preferences", "unsubscribe")]
    pages += [site.letter("canary@example.com")]
    tokens = [page.rpartition("/")[2] for page in pages]

    with (
        running(tmp_path, config=CLOSED_SERVER) as (process, port),
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        for page in [*pages, pages[0] + "/erase", pages[0] + "/data.json", f"/weekly/confirm/{tokens[0]}"]:
            for method in ("GET", "POST", "PUT"):
                client.request(method, page, data={"email": ADDRESS})
        client.get(f"/?q={ADDRESS}&token={tokens[0]}")
        form = client.get("/weekly/subscribe").text
        minted = re.findall(r'name="token" value="(\w+)"', form)[0]
        client.post("/weekly/subscribe", data={"email": ADDRESS, "token": minted, "theme": "kv-cache"})
        raw(port, f"BROKEN {pages[0]} {ADDRESS}\r\n\r\n".encode())
        broken(tmp_path, client, pages)
        process.send_signal(signal.SIGTERM)
        process.wait(DEADLINE_S)

    said = (tmp_path / "stdout").read_text() + (tmp_path / "stderr").read_text()
    assert "letters: " in said
    assert not any(word in said for word in (ADDRESS, "canary", "ada.marsh", *tokens, minted))
    assert reader.key.hex() not in said


def broken(folder: Path, client: httpx.Client, pages: list[str]) -> None:
    """Asks for every page while the database has no tables, until the rounds have seen it too."""
    with contextlib.closing(sqlite3.connect(folder / "newsletter.db", isolation_level=None)) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        for table in ("subscriptions", "asks", "opt_ins"):
            database.execute(f"DROP TABLE {table}")
    for page in pages:
        for method in ("GET", "POST"):
            client.request(method, page, data={"List-Unsubscribe": "One-Click", "theme": "kv-cache"})
    for _ in range(DEADLINE_S * 10):
        if "no such table" in (folder / "stderr").read_text():
            return
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
        (b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 100_000 + b"\r\n", b"400"),
        (b"POST /weekly/subscribe HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n", b"413"),
        (b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
        (b"\x16\x03\x01" + bytes(300), b"400"),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n", b"200"),
        (b"HEAD / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n", b"400"),
        (b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n", b"400"),
    ],
)
def test_what_is_no_request_or_too_large_a_one_is_refused_and_the_connection_closed(
    served: tuple[int, int], sent: bytes, status: bytes
) -> None:
    answer = raw(served[1], sent)

    # A server that closes on what it has not read may take its answer along.
    assert answer == b"" or answer.split()[1] == status


def test_a_body_of_a_hundred_megabytes_is_not_taken(served: tuple[int, int]) -> None:
    head = b"POST /weekly/subscribe HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"
    taken = 0

    with socket.create_connection(("127.0.0.1", served[1]), DEADLINE_S) as visitor:
        visitor.sendall(head)
        with contextlib.suppress(ConnectionError):
            while taken < 100_000_000:
                visitor.sendall(chunk)
                taken += len(chunk)
        resident = Path(f"/proc/{served[0]}/statm").read_text().split()[1]

    # What the system holds between the two, and no more.
    assert taken < 20_000_000
    assert int(resident) * os.sysconf("SC_PAGE_SIZE") < 300_000_000


def test_who_is_slow_is_shown_out_and_keeps_nobody_waiting(served: tuple[int, int]) -> None:
    slow_head = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: b"
    slow_body = b"POST /weekly/unsubscribe/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\na"
    starts = [slow_head] * 150 + [slow_body] * 50 + [b""] * 50

    with contextlib.ExitStack() as opened:
        place = ("127.0.0.1", served[1])
        visitors = [opened.enter_context(socket.create_connection(place, DEADLINE_S)) for _ in starts]
        for visitor, start in zip(visitors, starts, strict=True):
            visitor.sendall(start)
        began = time.monotonic()
        waited = trickled(visitors[:200], served[1])
        with ThreadPoolExecutor(50) as pool:
            answers = [*pool.map(received, visitors)]
        took = time.monotonic() - began

    assert max(waited) < 1
    assert took < serving.HEAD_S + 10
    assert {answer[:12] for answer in answers[150:200]} <= {b"HTTP/1.1 408", b""}


def trickled(visitors: list[socket.socket], port: int) -> list[float]:
    """Sends a byte of each now and then, and how long others wait for a page meanwhile, in seconds."""
    waited = []
    for _ in range(6):
        began = time.monotonic()
        assert httpx.get(f"http://127.0.0.1:{port}/weekly/subscribe").status_code == 200
        waited.append(time.monotonic() - began)
        for visitor in visitors:
            with contextlib.suppress(OSError):
                visitor.sendall(b"c")
        time.sleep(1)
    return waited


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ended(*arguments: str) -> Result:
    """What became of a site that cannot start."""
    return CliRunner().invoke(commands, ["web", *arguments])


def test_without_a_key_for_links_it_says_how_to_make_one(here: Path) -> None:
    result = ended()

    assert (result.exit_code, result.stdout) == (2, "")
    assert "secret_keys" in result.stderr


@pytest.mark.parametrize(
    "arguments", [["--port", "{port}"], ["--host", "203.0.113.9"], ["--host", "no.test"]]
)
def test_a_place_that_cannot_be_had_is_told_in_a_line(here: Path, arguments: list[str]) -> None:
    (here / "config.toml").write_text(f'secret_keys = ["{KEY}"]\n')
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        result = ended(*(argument.format(port=port) for argument in arguments))

    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("error: cannot listen at ")


def test_a_link_signed_elsewhere_with_the_same_key_is_ours(tmp_path: Path, site: Site) -> None:
    reader = site.join()
    token = links.sign(reader.key, Purpose.PREFERENCES, list="weekly", keys=keys())

    with running(tmp_path) as (_, port):
        answer = httpx.get(f"http://127.0.0.1:{port}/papers/weekly/preferences/{token}")

    assert "What you get" in answer.text
    assert f'action="/papers/weekly/preferences/{token}"' in answer.text
