"""One mail to a real server: where it arrives, and what is said where it does not."""

import socket
import ssl
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from newsletter.backends import smtp
from newsletter.backends.smtp import Server
from newsletter.errors import BackendUnavailable, NewsletterError
from tests.mailboxes import MailServer
from tests.servers import certificate, raw_server

MAIL = b"From: digest@news.example.org\r\nSubject: x\r\n\r\n.\r\n..two\r\nlast\r\n"


def send(server: Server) -> str:
    return smtp.send(MAIL, sender="digest@news.example.org", recipient="ada@example.net", server=server)


def plain(port: int, **values: object) -> Server:
    fields: dict[str, object] = {"security": "none", "verify": False, "timeout_s": 5.0, **values}
    return Server("127.0.0.1", port, **fields)  # type: ignore[arg-type]


def unavailable(server: Server) -> str:
    with pytest.raises(BackendUnavailable) as caught:
        send(server)
    return str(caught.value).replace(f":{server.port}", ":PORT")


def raw_smtp(*replies: bytes) -> AbstractContextManager[int]:
    """A server that says these things one after the other, whatever it hears, and then goes at once."""

    def talk(connection: socket.socket) -> None:
        for number, reply in enumerate(replies, start=1):
            connection.sendall(reply)
            if number < len(replies):
                connection.recv(65536)

    return raw_server(talk, first=True)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return certificate(tmp_path_factory.mktemp("tls"), host="localhost")


def test_a_mail_arrives_byte_for_byte_dots_and_all() -> None:
    with MailServer() as server:
        said = send(plain(server.port))

    [envelope] = server.mails
    assert said == "250 2.0.0 queued as 4711"
    assert (envelope.mail_from, envelope.rcpt_tos) == ("digest@news.example.org", ["ada@example.net"])
    assert envelope.content == MAIL


@pytest.mark.parametrize("at_once", [False, True])
def test_a_mail_goes_by_tls_with_a_login(shown: tuple[Path, ssl.SSLContext], at_once: bool) -> None:
    security = "tls" if at_once else "starttls"
    with MailServer(tls=shown[1], at_once=at_once, login=("ada", "s3cret")) as server:
        send(plain(server.port, security=security, user="ada", password="s3cret"))  # noqa: S106

    assert server.secure == [True]


def test_a_wrong_password_is_told_without_it() -> None:
    with MailServer(login=("ada", "s3cret")) as server:
        told = unavailable(plain(server.port, user="ada", password="wr0ng"))  # noqa: S106

    assert told == (
        "127.0.0.1:PORT does not accept the login: 535 5.7.8 Authentication credentials invalid; "
        "check smtp.user and smtp.password"
    )


def test_a_password_that_cannot_be_sent_is_not_told_either() -> None:
    with MailServer(login=("ada", "s3cret")) as server:
        told = unavailable(plain(server.port, user="ada", password="gehéim"))  # noqa: S106

    assert told == "smtp.user and smtp.password may have ASCII letters only; use an app password"


@pytest.mark.parametrize(
    ("command", "reply", "told"),
    [
        ("MAIL", "553 not yours", "refuses this sender: 553 not yours; check the sender of the list"),
        ("RCPT", "550 5.1.1 <ada@example.net>: who?", "refuses this recipient: 550 5.1.1 <…>: who?"),
        ("RCPT", "550 5.1.1 no ada here", "refuses this recipient: 550 5.1.1 no … here; check the address"),
        ("RCPT", "450 4.2.1 busy", "refuses this recipient: 450 4.2.1 busy; try again later"),
        ("DATA", "554 5.7.1 ada@example.net gets\r\n554 no spam", "refuses the mail: 554 5.7.1"),
    ],
)  # fmt: skip
def test_a_refusal_is_told_in_the_words_of_the_server(command: str, reply: str, told: str) -> None:
    with (
        MailServer(lambda at, _: reply if at == command else None) as server,
        pytest.raises(NewsletterError) as no,
    ):
        send(plain(server.port))

    assert told in str(no.value)
    assert not isinstance(no.value, BackendUnavailable)
    assert "ada" not in str(no.value)
    assert server.mails == []


def test_a_server_without_starttls_gets_nothing() -> None:
    with MailServer() as server:
        told = unavailable(plain(server.port, security="starttls", user="ada", password="s3cret"))  # noqa: S106

    assert told.startswith('127.0.0.1:PORT offers no STARTTLS; try smtp.security = "tls"')


def test_a_server_that_takes_no_login_is_told() -> None:
    with raw_smtp(b"220 hi\r\n", b"250 x\r\n") as port:
        told = unavailable(plain(port, user="ada", password="s3cret"))  # noqa: S106

    assert told.startswith("127.0.0.1:PORT takes no login that this program knows; clear smtp.user")


@pytest.mark.parametrize(
    ("replies", "told"),
    [
        ((b"554 go away\r\n",), "is not ready: 554 go away; try again later"),
        ((b"421 4.3.2 full, ada@example.net\r\n",), "is not ready: 421 4.3.2 full, <…>; try again later"),
        ((b"HTTP/1.1 400 Bad\r\n\r\n",), "/1.1 400 Bad; try again later"),
        ((b"",), "ended the connection; check smtp.port and smtp.security"),
        ((b"220 hi\r\n", b""), "ended the connection"),
        ((b"220 hi\r\n", *[b"250 x\r\n"] * 4), "refuses the mail: 250 x; ask whoever runs it"),
        ((b"220 hi\r\n", b"250 x\r\n", b"250 x\r\n", b"250 x\r\n", b"354 go\r\n", b""), "may have arrived"),
        ((b"220 hi\r\n", b"250 x\r\n", b"250 x\r\n", b"250 x\r\n", b""), "ended the connection"),
        ((b"220 " + b"x" * 9000 + b"\r\n",), "500 Line too long"),
        ((b"220 hi\r\n", b"250 x\r\n", b"550 \x1b[31mred\xff\r\n"), "refuses this sender: 550 [31mred�"),
    ],
)  # fmt: skip
def test_a_server_that_breaks_off_is_told(replies: tuple[bytes, ...], told: str) -> None:
    with raw_smtp(*replies) as port, pytest.raises(NewsletterError) as caught:
        send(plain(port))

    assert told in str(caught.value)


def test_a_server_that_says_nothing_is_left_after_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        told = unavailable(plain(port, timeout_s=0.2))

    assert told.startswith("127.0.0.1:PORT ")


def test_where_no_server_is_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]

    assert unavailable(plain(port)) == "127.0.0.1:PORT refuses the connection; check smtp.host and smtp.port"
    nowhere = Server("no-such-host.invalid", 25, security="none")
    assert unavailable(nowhere).endswith("is a name that nobody knows; correct smtp.host")


def test_tls_on_a_port_without_it_is_told() -> None:
    with MailServer() as server:
        told = unavailable(plain(server.port, security="tls"))

    assert told.startswith('127.0.0.1:PORT speaks no TLS on this port; try smtp.security = "starttls"')


@pytest.mark.parametrize("at_once", [False, True])
def test_a_certificate_that_nobody_vouches_for_gets_nothing(
    shown: tuple[Path, ssl.SSLContext], at_once: bool
) -> None:
    with MailServer(tls=shown[1], at_once=at_once, login=("ada", "s3cret")) as server:
        security = "tls" if at_once else "starttls"
        told = unavailable(
            Server("localhost", server.port, "ada", "s3cret", security, verify=True, timeout_s=5)
        )

    assert told.startswith("localhost:PORT shows a certificate that is not trusted: self-signed certificate")
    assert server.mails == []


def test_a_certificate_has_to_be_for_the_name_of_the_server(
    shown: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(shown[0]))

    with MailServer(tls=shown[1]) as server:
        told = unavailable(Server("127.0.0.1", server.port, verify=True, timeout_s=5))
        assert send(Server("localhost", server.port, verify=True, timeout_s=5))

    assert "IP address mismatch, certificate is not valid for '127.0.0.1'" in told


def test_a_server_is_shown_without_its_password() -> None:
    assert "s3cret" not in repr(Server("x", password="s3cret"))  # noqa: S106
