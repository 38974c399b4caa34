"""A look at a site, real and on this machine."""

import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsletter.diagnosis import Level, site
from newsletter.diagnosis.site import Visit
from newsletter.visiting import visit
from tests.servers import Answer, Server, certificate, raw_server, reply

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def looked(answer: Answer, *, timeout_s: float = 5) -> Visit:
    with Server(answer) as server:
        return visit(f"http://127.0.0.1:{server.port}", timeout_s=timeout_s, clock=lambda: NOW)


def judged(seen: Visit) -> list[tuple[str, Level]]:
    return [(check.name, check.level) for check in site.checks(seen)]


@pytest.mark.parametrize(
    ("status", "body", "level"),
    [
        (200, b"ok\n", Level.OK),
        (200, b"<html>Welcome to nginx", Level.PROBLEM),
        (200, b"x" * 100_000, Level.PROBLEM),
        (301, b"ok\n", Level.PROBLEM),
        (404, b"", Level.PROBLEM),
        (503, b"the database does not answer\n", Level.PROBLEM),
    ],
)
def test_a_site_is_there_when_it_says_so_itself(status: int, body: bytes, level: Level) -> None:
    seen = looked(lambda handler: reply(handler, body, status=status, Location="/elsewhere"))

    assert (seen.status, len(seen.said) <= 1000) == (status, True)
    assert judged(seen)[0] == ("answers", level)


def test_a_site_that_does_not_answer_in_time_may_be_there() -> None:
    assert judged(looked(lambda handler: time.sleep(0.5), timeout_s=0.1)) == [("answers", Level.WARNING)]


def test_a_site_that_is_not_there_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    seen = visit(f"http://127.0.0.1:{port}", timeout_s=5, clock=lambda: NOW)
    assert (seen.trouble, judged(seen)) == ("refuses the connection", [("answers", Level.PROBLEM)])


def test_a_certificate_of_nobody_is_told(tmp_path: Path) -> None:
    _, context = certificate(tmp_path, host="localhost")
    with Server(lambda handler: reply(handler, b"ok\n"), context) as server:
        seen = visit(f"https://localhost:{server.port}", timeout_s=5, clock=lambda: NOW)

    assert seen.trouble.startswith("shows a certificate that is not trusted (self-signed certificate")


@pytest.mark.parametrize(
    ("minutes", "found"), [(0, []), (10, [("clock", Level.WARNING)]), (-10, [("clock", Level.WARNING)])]
)
def test_the_clock_of_a_site_is_compared(minutes: int, found: list[tuple[str, Level]]) -> None:
    seen = Visit("u", 200, "ok\n", clock=NOW + timedelta(minutes=minutes), asked_at=NOW)

    assert judged(seen)[1:] == found


def test_a_date_that_is_none_is_passed_over() -> None:
    seen = looked(lambda handler: _dated(handler, "yesterday"))

    assert (seen.status, seen.clock) == (200, None)


def test_the_clock_of_an_answer_is_read() -> None:
    seen = looked(lambda handler: reply(handler, b"ok\n"))

    assert seen.clock is not None
    assert (seen.clock.tzinfo, seen.asked_at) == (UTC, NOW)


def _dated(handler: object, date: str) -> None:
    handler.date_time_string = lambda *_: date  # type: ignore[attr-defined]
    reply(handler, b"ok\n")  # type: ignore[arg-type]


def test_what_speaks_no_http_is_told() -> None:
    with raw_server(lambda connection: connection.sendall(b"220 mx.uni.edu ESMTP\r\n"), first=True) as port:
        seen = visit(f"http://127.0.0.1:{port}", timeout_s=5, clock=lambda: NOW)

    assert seen.trouble == "does not speak HTTP"
