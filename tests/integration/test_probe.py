"""A look at a real mail server: how far a session comes, and what is said where it stops."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.backends import probe
from newsletter.backends.smtp import Server
from newsletter.diagnosis.server import Session
from tests.mailboxes import MailServer
from tests.servers import certificate

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
LOGIN = ("ada", "s3cret")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return certificate(tmp_path_factory.mktemp("tls"), host="localhost", until="20261204100000Z")


def look(port: int, **values: object) -> Session:
    fields: dict[str, object] = {"security": "none", "verify": False, "timeout_s": 5.0, **values}
    return probe.look(Server("localhost", port, **fields), name="news.uni.edu", now=NOW)  # type: ignore[arg-type]


def test_a_server_tells_what_it_can_do() -> None:
    with MailServer() as server:
        seen = look(server.port)

    assert (seen.reached, seen.secured, seen.logged_in, seen.trouble) == (True, None, None, "")
    assert int(seen.features["SIZE"]) > 0


def test_a_server_that_is_not_there_is_not_reached() -> None:
    with MailServer() as server:
        port = server.port

    seen = look(port)
    assert (seen.reached, seen.features) == (False, {})
    assert seen.trouble == f"localhost:{port} refuses the connection; check smtp.host and smtp.port"


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_the_days_of_a_certificate_are_counted(
    shown: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(shown[0]))
    with MailServer(tls=shown[1], at_once=security == "tls") as server:
        seen = look(server.port, security=security, verify=True)

    assert (seen.secured, seen.tls, seen.days_left) == (True, "TLSv1.3", 10)


def test_a_certificate_of_somebody_else_is_told(shown: tuple[Path, ssl.SSLContext]) -> None:
    with MailServer(tls=shown[1]) as server:
        seen = look(server.port, security="starttls", verify=True)

    assert (seen.reached, seen.secured) == (True, False)
    assert "certificate that is not trusted" in seen.trouble


def test_a_server_without_tls_is_told_before_any_login() -> None:
    with MailServer(login=LOGIN) as server:
        seen = look(server.port, security="starttls", user="ada", password=LOGIN[1])

    assert (seen.secured, seen.logged_in) == (False, None)
    assert "offers no STARTTLS" in seen.trouble


@pytest.mark.parametrize(("password", "accepted"), [(LOGIN[1], True), ("wr0ng", False)])
def test_a_login_is_tried_and_never_told(
    shown: tuple[Path, ssl.SSLContext], password: str, *, accepted: bool
) -> None:
    with MailServer(tls=shown[1], login=LOGIN) as server:
        seen = look(server.port, security="starttls", user="ada", password=password)

    assert (seen.secured, seen.logged_in, server.mails) == (True, accepted, [])
    assert bool(seen.trouble) is not accepted
    assert password not in repr(seen)
