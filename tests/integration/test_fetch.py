"""One polite GET against servers that misbehave in every way they know."""

import gzip
import socket
import ssl
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path

import pytest

from newsletter.errors import FetchError
from newsletter.fetch import Fetched, NotModified, body, manners
from newsletter.fetch.client import Client, World
from newsletter.fetch.guard import Policy
from tests.servers import Server, certificate, raw_server, reply

NOW = datetime(2026, 1, 6, 12, tzinfo=UTC)
AGENT = "newsletter/0 (+https://news.example.org)"


class Clock:
    """A clock that only sleeping moves; `slept` are the waits."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.time = 0.0

    def __call__(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


def asking(port: int, timer: Clock | None = None, **world: object) -> Client:
    """A client that may reach one port of this machine, whatever the name."""
    timer = timer or Clock()
    fields = {
        "clock": timer,
        "sleep": timer.sleep,
        "chance": lambda: 0.5,
        "resolver": lambda *_: ["127.0.0.1"],
    }
    fields |= world
    policy = Policy(endpoints=frozenset({("127.0.0.1", port)}))
    return Client(AGENT, world=World(lambda: NOW, **fields), policy=policy)  # type: ignore[arg-type]


def got(
    port: int, path: str = "/digest", *, host: str = "a.test", scheme: str = "http", **world: object
) -> Fetched:
    answer = asking(port, **world).get(f"{scheme}://{host}:{port}{path}", watch=lambda *_: None)  # type: ignore[arg-type]
    assert isinstance(answer, Fetched)
    return answer


def problem(port: int, path: str = "/digest", **world: object) -> str:
    with pytest.raises(FetchError) as caught:
        got(port, path, **world)  # type: ignore[arg-type]
    text = str(caught.value)
    assert "\n" not in text
    return text.replace(f":{port}", "")


def serving(*bodies: bytes, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda request: reply(request, b"".join(bodies), **headers)  # type: ignore[arg-type]


def test_an_answer_comes_whole_with_what_it_can_be_known_again_by() -> None:
    with Server(
        serving(b"Daily Papers", ETag='"7"', Last_Modified="yesterday", Content_Type="text/plain")
    ) as server:
        answer = got(server.port)

    address = f"http://a.test:{server.port}/digest"
    assert answer == Fetched(b"Daily Papers", address, '"7"', "yesterday", "text/plain")
    assert server.seen[0]["host"] == f"a.test:{server.port}"
    assert server.seen[0]["user-agent"] == AGENT
    assert server.seen[0]["accept-encoding"] == "gzip, deflate"
    assert not {"cookie", "authorization", "referer"} & set(server.seen[0])


def test_what_has_not_changed_is_not_sent_again() -> None:
    with Server(lambda request: reply(request, status=304)) as server:
        answer = asking(server.port).get(
            f"http://a.test:{server.port}/",
            etag='"7"',
            modified="Tue, 06 Jan 2026 00:00:00 GMT",
            watch=lambda *_: None,
        )

    assert answer == NotModified(f"http://a.test:{server.port}/")
    assert server.seen[0]["if-none-match"] == '"7"'
    assert server.seen[0]["if-modified-since"] == "Tue, 06 Jan 2026 00:00:00 GMT"


def test_an_answer_of_304_to_a_first_question_is_refused() -> None:
    with Server(lambda request: reply(request, status=304)) as server:
        assert "nothing has changed (304), which it was not asked; check the address" in problem(server.port)


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data, wbits=-15)),
        ("identity", bytes),
        ("", bytes),
    ],
)
def test_a_packed_answer_is_unpacked(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    text = b"Daily Papers\n" * 10_000
    with Server(serving(pack(text), Content_Encoding=encoding)) as server:
        assert got(server.port).body == text


def test_the_progress_counts_the_bytes() -> None:
    steps: list[tuple[int, int | None]] = []
    with Server(serving(b"x" * 300_000)) as server:
        asking(server.port).get(f"http://a.test:{server.port}/", watch=lambda *step: steps.append(step))

    assert steps[-1] == (300_000, 300_000)
    assert [so_far for so_far, _ in steps] == sorted(so_far for so_far, _ in steps)


BAD_BODIES = {
    "bomb": ({"Content_Encoding": "gzip"}, gzip.compress(bytes(body.MAX_UNPACKED * 5)), "larger than 20 MB"),
    "bomb as deflate": (
        {"Content_Encoding": "deflate"},
        zlib.compress(bytes(body.MAX_UNPACKED + 1)),
        "larger than 20 MB",
    ),
    "large": ({}, bytes(body.MAX_RAW + 1), "larger than 5 MB"),
    "twice": ({"Content_Encoding": "gzip"}, gzip.compress(gzip.compress(b"x" * 99)), "packed twice"),
    "named twice": (
        {"Content_Encoding": "gzip, gzip"},
        gzip.compress(b"x"),
        "packed more than once (gzip, gzip)",
    ),
    "unknown": ({"Content_Encoding": "br"}, b"x", "packed as 'br', which was not asked for"),
    "no gzip": ({"Content_Encoding": "gzip"}, b"\x1f\x8bnonsense and more of it", "packed answer is damaged"),
    "plain": ({"Content_Encoding": "gzip"}, b"<html>error</html>", "packed answer is damaged"),
    "half": ({"Content_Encoding": "gzip"}, gzip.compress(b"Papers" * 999)[:-9], "ends before it is whole"),
    "two": ({"Content_Encoding": "gzip"}, gzip.compress(b"a") + gzip.compress(b"b"), "goes on after its end"),
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_bad_body_is_refused_in_one_line(name: str) -> None:
    headers, content, reason = BAD_BODIES[name]
    with Server(serving(content, **headers)) as server:
        text = problem(server.port)

    assert text.startswith("http://a.test/digest: its ")
    assert reason in text
    assert text.endswith("; check the address")
    assert len(server.seen) == 1


def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    with Server(lambda request: reply(request, b"x", length=10**12)) as server:
        assert "larger than 5 MB" in problem(server.port)


HEAD = b"HTTP/1.1 200 OK\r\n"


def endless(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def endless_chunks(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")


def tiny_chunks(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"1\r\nx\r\n" * 10_000)


def endless_headers(connection: socket.socket) -> None:
    connection.sendall(HEAD)
    while True:
        connection.sendall(b"X-Y: z\r\n" * 1000)


def short(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\nonly this")


def no_http(connection: socket.socket) -> None:
    connection.sendall(b"220 mail.example ESMTP\r\n")


def silent_end(connection: socket.socket) -> None:
    connection.close()


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        (endless, "larger than 5 MB"),
        (endless_chunks, "larger than 5 MB"),
        (endless_headers, "does not speak HTTP"),
        (short, "ends before it is whole, 3 times; try again later"),
        (no_http, "does not speak HTTP"),
        (silent_end, "does not speak HTTP"),
    ],
)
def test_a_server_that_breaks_the_rules_is_refused_in_time(
    talk: Callable[[socket.socket], None], reason: str
) -> None:
    started = time.monotonic()
    with raw_server(talk) as port:
        assert reason in problem(port)

    assert time.monotonic() - started < 15


def drip_body(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.1)


def drip_headers(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"X-Slow: ")
    while True:
        connection.sendall(b"x")
        time.sleep(0.1)


@pytest.mark.parametrize("talk", [drip_body, drip_headers, tiny_chunks])
def test_an_answer_that_drips_is_cut_off_at_the_deadline(
    talk: Callable[[socket.socket], None],
) -> None:
    started = time.monotonic()
    with raw_server(talk) as port:
        text = problem(port, clock=time.monotonic, total_s=1.0)

    assert text == "http://a.test/digest: its answer takes longer than 1 s; try again later"
    assert 0.9 < time.monotonic() - started < 2


def test_a_silent_server_is_given_up_after_three_tries() -> None:
    with raw_server(lambda _: time.sleep(5)) as port:
        text = problem(port, silence_s=0.2)

    assert text == "http://a.test/digest: it does not answer in time, 3 times; try again later"


def test_a_resolver_that_hangs_does_not_hold_the_program_up() -> None:
    assert "does not answer in time, 3 times" in problem(
        9, resolver=lambda *_: time.sleep(5) or [], connect_s=0.2
    )


def test_a_closed_port_and_an_unknown_name_each_have_their_message() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    def offline(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert "it cannot be reached: Connection refused, 3 times; try again later" in problem(port)
    assert (
        problem(port, resolver=unknown)
        == "a.test: this name has no address; check its spelling and the connection"
    )
    assert "is this machine online?, 3 times; try again later" in problem(port, resolver=offline)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, "answers with status 400; check the address"),
        (401, "asks for a login (401); check the address"),
        (403, "refuses the request (403); check the address"),
        (404, "has no such page (404); check the address"),
        (410, "is gone (410); check the address"),
        (204, "answers with status 204; check the address"),
        (302, "answers with status 302; check the address"),
    ],
)
def test_a_refusal_has_its_message_and_is_not_asked_again(status: int, reason: str) -> None:
    with Server(lambda request: reply(request, status=status)) as server:
        assert problem(server.port) == f"http://a.test/digest: {reason}"

    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
def test_a_server_that_fails_is_asked_three_times_with_growing_waits(status: int) -> None:
    clock = Clock()
    with Server(lambda request: reply(request, status=status)) as server:
        text = problem(server.port, timer=clock)

    assert f"({status}), 3 times; try again later" in text
    assert len(server.seen) == 3
    assert clock.slept == [0.5, 1.0]


def test_a_server_that_has_failed_is_asked_once_for_the_next_page() -> None:
    with Server(lambda request: reply(request, status=500)) as server:
        asked = asking(server.port)
        for page in ("one", "two"):
            with pytest.raises(FetchError, match="the server fails"):
                asked.get(f"http://a.test:{server.port}/{page}", watch=lambda *_: None)

    assert server.paths == ["/one", "/one", "/one", "/two"]


def test_a_server_that_recovers_gives_its_answer() -> None:
    statuses = iter([503, 500, 200])
    with Server(lambda request: reply(request, b"it", status=next(statuses))) as server:
        assert got(server.port).body == b"it"


@pytest.mark.parametrize("asked", ["7", "Tue, 06 Jan 2026 12:00:07 GMT"])
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_kept_to_by_the_second(status: int, asked: str) -> None:
    clock = Clock()
    statuses = iter([status, 200])
    with Server(lambda request: reply(request, b"it", status=next(statuses), Retry_After=asked)) as server:
        assert got(server.port, timer=clock).body == b"it"

    assert clock.slept == [7.0]


@pytest.mark.parametrize(
    ("asked", "when"),
    [
        ("3600", "13:00 UTC"),
        ("Wed, 07 Jan 2026 08:00:00 GMT", "2026-01-07 08:00 UTC"),
        ("9" * 30, "2027-01-07 12:00 UTC"),
    ],
)
def test_a_longer_retry_after_is_told_and_left_to_the_user(asked: str, when: str) -> None:
    with Server(lambda request: reply(request, status=429, Retry_After=asked)) as server:
        text = problem(server.port)

    assert text.endswith(f"asks to be left alone for a while (429); try again after {when}")
    assert len(server.seen) == 1


@pytest.mark.parametrize("nonsense", ["soon", "-5", "", "Tue, 99 Jan 2026", "１２"])
def test_a_retry_after_that_says_nothing_is_passed_over(nonsense: str) -> None:
    assert manners.retry_after_s(nonsense, now=NOW) is None


def test_a_retry_after_without_a_zone_or_in_the_past_is_understood() -> None:
    assert manners.retry_after_s("Tue, 06 Jan 2026 12:00:07 -0000", now=NOW) == 7
    assert manners.retry_after_s("Mon, 05 Jan 2026 12:00:00 GMT", now=NOW) == 0


def test_arxiv_is_asked_at_most_every_three_seconds_also_by_redirects_and_retries() -> None:
    clock = Clock()
    moments: list[float] = []
    statuses = iter([302, 500, 200, 200])

    def answer(request: BaseHTTPRequestHandler) -> None:
        moments.append(clock.time)
        reply(request, b"it", status=next(statuses), Location="/there")

    with Server(answer) as server:
        asked = asking(server.port, clock)
        for _ in range(2):
            asked.get(f"http://export.arxiv.org:{server.port}/api/query", watch=lambda *_: None)

    assert len(moments) == 4
    assert all(later - earlier >= 3 for earlier, later in pairwise(moments))


def test_other_hosts_are_asked_without_a_pause() -> None:
    clock = Clock()
    with Server(serving(b"it")) as server:
        asked = asking(server.port, clock)
        for host in ("a.test", "a.test", "notarxiv.org"):
            asked.get(f"http://{host}:{server.port}/", watch=lambda *_: None)

    assert clock.slept == []


def test_redirects_are_followed_three_times_and_no_further() -> None:
    def hop(request: BaseHTTPRequestHandler) -> None:
        left = int(request.path.strip("/"))
        reply(request, b"it", status=302 if left else 200, Location=f"/{left - 1}")

    with Server(hop) as server:
        assert got(server.port, "/3").body == b"it"
        text = problem(server.port, "/4")

    assert text == "http://a.test/4: redirects more than 3 times; use the address of the digest itself"


def test_a_redirect_loop_ends() -> None:
    with Server(lambda request: reply(request, status=301, Location="/digest")) as server:
        assert "redirects more than 3 times" in problem(server.port)

    assert len(server.seen) == 4


def test_https_is_spoken_to_the_name_and_an_expired_or_foreign_certificate_is_refused(tmp_path: Path) -> None:
    good, good_context = certificate(tmp_path, host="good.test")
    old, old_context = certificate(tmp_path, host="old.test", until="20200102000000Z")
    trust = ssl.create_default_context(cafile=str(good))
    trust.load_verify_locations(old)

    with Server(serving(b"it"), good_context) as server:
        assert got(server.port, host="good.test", scheme="https", trust=trust).body == b"it"
        other = problem(server.port, host="bad.test", scheme="https", trust=trust)
        unknown = problem(server.port, host="good.test", scheme="https")
    with Server(serving(b"it"), old_context) as server:
        expired = problem(server.port, host="old.test", scheme="https", trust=trust)

    for text, reason in ((other, "ismatch"), (unknown, "self-signed"), (expired, "certificate has expired")):
        assert "its certificate is not valid: " in text
        assert reason in text
    assert "cannot be reached" in problem(server.port, scheme="https", trust=trust)


def test_no_message_shows_a_secret_of_the_address() -> None:
    with Server(lambda request: reply(request, status=404)) as server:
        text = problem(server.port, "/feed?key=s3cret&date=2026-01-06")

    assert text.startswith("http://a.test/feed?key=…&date=2026-01-06: ")
