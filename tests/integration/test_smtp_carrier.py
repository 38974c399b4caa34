"""How hard a server is pressed, and what is done where it bears less than others, or says who it is."""

import base64
import random
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from newsletter.backends.smtp import Server
from newsletter.backends.smtp.carrier import Limits, SmtpCarrier
from tests.carried import carry, parcel
from tests.servers import certificate
from tests.smtp_server import Fault, SmtpServer


@contextmanager
def carrier_to(port: int, *, limits: Limits | None = None, **values: object) -> Iterator[SmtpCarrier]:
    fields: dict[str, object] = {"security": "none", "verify": False, **values}
    chosen = limits or Limits(answer_timeout_s=1, end_timeout_s=1, pause_s=0.02)
    carrier = SmtpCarrier(
        Server("127.0.0.1", port, **fields),  # type: ignore[arg-type]
        chosen,
        name="news.example.org",
    )
    yield carrier
    carrier.close()


def parcels(number: int) -> list[str]:
    return [f"r{each}@example.net" for each in range(number)]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    return certificate(tmp_path_factory.mktemp("tls"), host="localhost")[1]


def test_it_begins_with_one_connection_and_adds_one_for_each_mail_that_was_taken() -> None:
    with SmtpServer(turn_s=0.005) as server:
        with carrier_to(server.port) as carrier:
            carry(carrier, [parcel(number) for number in range(2)])
            few = server.connections
        with carrier_to(server.port, limits=Limits(connections=7)) as carrier:
            carry(carrier, [parcel(number) for number in range(200)])

    assert few == 1
    assert server.connections == 1 + 7


def test_a_mail_costs_one_turn_of_the_server() -> None:
    with SmtpServer() as server, carrier_to(server.port, limits=Limits(connections=1)) as carrier:
        carry(carrier, [parcel(0)])
        took = {}
        for turn_s in (0.0, 0.02):
            # Each word of the server is late; those about the next mail are said together with the last.
            server.turn_s = turn_s / 4
            began = time.monotonic()
            carry(carrier, [parcel(number) for number in range(20)])
            took[turn_s] = time.monotonic() - began

    assert took[0.02] - took[0.0] < 20 * 0.02 * 2


def test_a_connection_is_made_anew_after_so_many_mails() -> None:
    limits = Limits(connections=1, mails_per_connection=10)
    with SmtpServer() as server, carrier_to(server.port, limits=limits) as carrier:
        carried = carry(carrier, [parcel(number) for number in range(35)])

    assert set(carried.verdicts().values()) == {"accepted"}
    assert (server.connections, server.seen.count("QUIT")) == (4, 4)


def test_a_server_that_has_had_enough_of_a_connection_is_no_trouble() -> None:
    with SmtpServer(most=7) as server, carrier_to(server.port) as carrier:
        carried = carry(carrier, [parcel(number) for number in range(300)], again=True)

    assert (set(carried.verdicts().values()), carried.trouble) == ({"accepted"}, "")
    assert server.recipients() == sorted(parcels(300))


def test_a_connection_that_ends_between_mails_counts_as_nothing() -> None:
    with SmtpServer() as server, carrier_to(server.port) as carrier:
        carry(carrier, [parcel(1)])
        server.hang_up()
        trouble = carrier.turn(0.5).trouble
        carried = carry(carrier, [parcel(2)])

    assert (carried.verdicts(), trouble, server.connections) == ({2: "accepted"}, "", 2)


@pytest.mark.parametrize("greeting", [b"421 4.7.0 too many connections\r\n", b"450 later\r\n"])
def test_a_server_that_bears_few_connections_gets_no_more(greeting: bytes) -> None:
    begun: list[int] = []

    def at_most_three(command: str, _: str) -> Fault:
        if command == "CONNECT":
            begun.append(1)
            return [greeting, b""] if len(begun) > 3 else None
        return None

    with SmtpServer(at_most_three, turn_s=0.001) as server:
        limits = Limits(connections=20, pause_s=0.3)
        with carrier_to(server.port, limits=limits) as carrier:
            carried = carry(carrier, [parcel(number) for number in range(300)], through_trouble=True)

    assert set(carried.verdicts().values()) == {"accepted"}
    # Four at once while it is new, four for each halving, and one for each hundred mails then.
    assert len(begun) < 25


def test_where_no_server_is_is_told_and_no_fatal_matter() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with carrier_to(port) as carrier:
        carried = carry(carrier, [parcel(1)])

    assert carried.trouble == f"127.0.0.1:{port} refuses the connection; check smtp.host and smtp.port"
    assert (carried.fatal, carried.verdicts()) == (False, {})


def test_a_server_that_puts_off_one_mail_after_the_other_is_not_pressed() -> None:
    faults: dict[str, Fault] = {"MAIL": b"454 4.7.0 throttling failure\r\n"}
    with SmtpServer(faults) as server, carrier_to(server.port, limits=Limits(pause_s=60)) as carrier:
        carried = carry(carrier, [parcel(number) for number in range(100)])

    assert set(carried.verdicts().values()) == {"deferred"}
    assert len(carried.verdicts()) <= 8
    assert "puts off one mail after the other: 454 4.7.0 throttling failure; it may" in carried.trouble


def test_a_server_that_trickles_its_answer_is_left_after_the_timeout() -> None:
    limits = Limits(answer_timeout_s=0.2, end_timeout_s=0.2)
    with SmtpServer({".": [b"2"] * 500}) as server, carrier_to(server.port, limits=limits) as carrier:
        carried = carry(carrier, [parcel(1)])

    assert carried.outcomes[1].text == "gave no answer in time"
    assert carried.verdicts() == {1: "unknown"}


@pytest.mark.parametrize(
    "breaks",
    [{"flushed": True}, {"strict": True}],
)
def test_a_server_that_breaks_on_several_commands_at_once_gets_them_one_by_one(
    breaks: dict[str, bool],
) -> None:
    limits = Limits(connections=2, answer_timeout_s=0.15, pause_s=0.01)
    with SmtpServer(**breaks) as server, carrier_to(server.port, limits=limits) as carrier:  # type: ignore[arg-type]
        carried = carry(carrier, [parcel(number) for number in range(20)], again=True, through_trouble=True)

    assert set(carried.verdicts().values()) == {"accepted"}
    assert server.recipients() == sorted(parcels(20))


def test_a_server_that_refuses_the_words_it_offers_gets_mails_without() -> None:
    def fault(command: str, rest: str) -> Fault:
        return b"555 5.5.4 SIZE\r\n" if command == "MAIL" and "SIZE" in rest else None

    with SmtpServer(fault) as server, carrier_to(server.port) as carrier:
        carried = carry(carrier, [parcel(number) for number in range(10)], again=True)

    assert set(carried.verdicts().values()) == {"accepted"}
    assert server.recipients() == sorted(parcels(10))


def test_a_mixed_server_leaves_every_mail_told_once_as_it_was() -> None:
    chance = random.Random(7)  # noqa: S311  no secret
    fate: dict[str, str] = {}

    def mixed(command: str, rest: str) -> Fault:
        if command != "RCPT":
            return None
        fate[rest] = chance.choices(["accepted", "deferred", "rejected"], [6, 3, 1])[0]
        return {"accepted": None, "deferred": "4xx", "rejected": "5xx"}[fate[rest]]  # type: ignore[return-value]

    with SmtpServer(mixed) as server, carrier_to(server.port) as carrier:
        carried = carry(carrier, [parcel(number) for number in range(1000)])

    told = {f"TO:<r{number}@example.net>": verdict for number, verdict in carried.verdicts().items()}
    assert told == fate
    assert len(server.mails) == list(fate.values()).count("accepted")


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("pipelining", [True, False])
def test_mails_go_by_tls_byte_for_byte(shown: ssl.SSLContext, security: str, pipelining: bool) -> None:
    offered = ["STARTTLS", "AUTH PLAIN LOGIN", *(["PIPELINING"] if pipelining else [])]
    whole = b"Subject: x\r\n\r\n" + b".line of a mail\r\n" * 6000
    login = {"security": security, "user": "ada", "password": "s3cret"}
    with (
        SmtpServer(offered=offered, tls=shown, at_once=security == "tls") as server,
        carrier_to(server.port, **login) as carrier,
    ):
        carried = carry(carrier, [parcel(number, whole) for number in range(40)])

    assert set(carried.verdicts().values()) == {"accepted"}
    assert {mail.content for mail in server.mails} == {whole}


def test_a_token_logs_in_where_a_password_would_not() -> None:
    with SmtpServer(offered=["AUTH PLAIN XOAUTH2"]) as server:
        values = {"user": "ada@example.org", "access_token": "t0ken", "password": "s3cret"}
        with carrier_to(server.port, **values) as carrier:
            carried = carry(carrier, [parcel(1)])

    [given] = [rest for command, rest in server.said if command == "AUTH"]
    assert base64.b64decode(given.removeprefix("XOAUTH2 ")) == b"user=ada@example.org\1auth=Bearer t0ken\1\1"
    assert carried.verdicts() == {1: "accepted"}


@pytest.mark.parametrize(
    ("answer", "fatal"),
    [
        (b"535 5.7.8 not you, ada s3cret\r\n", True),
        (b"534 5.7.9 use another way\r\n", True),
        (b"454 4.7.0 come back\r\n", False),
        ("drop", False),
        ("421", False),
    ],
)
def test_a_login_that_will_never_do_is_tried_once(answer: Fault, fatal: bool) -> None:
    with SmtpServer({"AUTH": answer}, offered=["AUTH PLAIN"]) as server:
        limits = Limits(pause_s=5)
        with carrier_to(server.port, limits=limits, user="ada", password="s3cret") as carrier:  # noqa: S106
            carried = carry(carrier, [parcel(1)])
            later = carrier.turn(0.05)

    assert (carried.fatal, server.seen.count("AUTH"), carried.verdicts()) == (fatal, 1, {})
    assert (later.fatal, later.trouble) == (fatal, carried.trouble)
    assert "s3cret" not in carried.trouble


@pytest.mark.parametrize(
    ("faults", "offered", "told", "fatal"),
    [
        ({}, ["AUTH PLAIN"], "offers no STARTTLS", True),
        ({"STARTTLS": b"454 4.7.0 not now\r\n"}, ["STARTTLS"], "does not turn to TLS: 454 4.7.0", False),
        ({"STARTTLS": b"502 5.5.1 what\r\n"}, ["STARTTLS"], "does not turn to TLS: 502", True),
        (
            {"STARTTLS": b"220 go\r\n250 EHLO was fine\r\n"},
            ["STARTTLS"],
            "says more than it was asked",
            False,
        ),
        ({"STARTTLS": b"220 go\r\nHTTP/1.1 400\r\n"}, ["STARTTLS"], "says more than it was asked", False),
        ({"STARTTLS": [b"220 go\r\n", b"no handshake"]}, ["STARTTLS"], "speaks no TLS", True),
        ({"STARTTLS": "drop"}, ["STARTTLS"], "ended the connection", False),
        ({"EHLO": "5xx"}, [], "is not ready: 500", True),
        ({"CONNECT": "5xx"}, [], "is not ready: 500", True),
    ],
)
def test_where_tls_is_required_nothing_goes_without_it(
    faults: dict[str, Fault], offered: list[str], told: str, fatal: bool
) -> None:
    with SmtpServer(faults, offered=offered) as server:
        limits = Limits(answer_timeout_s=0.5, pause_s=5)
        with carrier_to(server.port, limits=limits, security="starttls", user="a", password="b") as carrier:  # noqa: S106
            carried = carry(carrier, [parcel(1)])

    assert (told in carried.trouble, carried.fatal) == (True, fatal)
    assert not {"AUTH", "MAIL", "DATA"} & set(server.seen)


def test_a_server_is_reached_at_whichever_of_its_addresses_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    with SmtpServer() as server, socket.create_server(("127.0.0.1", 0), backlog=0) as other:
        places = [("127.0.0.1", other.getsockname()[1]), ("127.0.0.1", server.port)]
        other.close()
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", at) for at in places],
        )
        with carrier_to(1) as carrier:
            assert carry(carrier, [parcel(1)]).verdicts() == {1: "accepted"}


def test_closing_now_tells_what_had_its_end_as_unknown_and_the_rest_as_returned() -> None:
    with SmtpServer({".": "wait"}) as server, carrier_to(server.port) as carrier:
        while not carrier.room():
            carrier.turn(0.05)
        for number in (1, 2, 3):
            carrier.put(parcel(number))
        while not (ripe := carrier.turn(0.05).ripe):
            pass
        carrier.release(ripe)
        began = time.monotonic()
        done = carrier.close(now=True)

    told = [(one.number, str(outcome.verdict)) for one, outcome in done]
    assert told == [(1, "unknown"), (2, "returned"), (3, "returned")]
    assert time.monotonic() - began < 0.2
