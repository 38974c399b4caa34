"""Every fault of a server at every command, and what becomes of the mail."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from newsletter.backends.smtp import Server
from newsletter.backends.smtp.carrier import Limits, SmtpCarrier
from tests.carried import Carried, carry, parcel
from tests.sinks import SMTP_SINK, smtp_sink
from tests.smtp_server import Fault, SmtpServer

# What the flags of smtp-sink do: drop, 421 and drop, 4xx, 5xx, wait.
FAULTS = ("drop", "421", "4xx", "5xx", "wait")
FLAGS = dict(zip(FAULTS, "qQrfW", strict=True))
# What becomes of a mail at each, "waiting" for one that is not begun, and "fatal" where no waiting helps.
EXPECTED = {
    "CONNECT": ("waiting", "waiting", "waiting", "fatal", "waiting"),
    "EHLO": ("waiting", "waiting", "waiting", "accepted", "waiting"),
    "HELO": ("waiting", "waiting", "waiting", "fatal", "waiting"),
    "MAIL": ("returned", "returned", "deferred", "returned", "returned"),
    "RCPT": ("returned", "returned", "deferred", "rejected", "returned"),
    "DATA": ("returned", "returned", "deferred", "returned", "returned"),
    ".": ("unknown", "deferred", "deferred", "rejected", "unknown"),
    "RSET": ("accepted",) * 5,
    "QUIT": ("accepted",) * 5,
    "NOOP": ("accepted",) * 5,
    "VRFY": ("accepted",) * 5,
    "LHLO": ("accepted",) * 5,
}
CELLS = [
    (command, fault, expected)
    for command, row in EXPECTED.items()
    for fault, expected in zip(FAULTS, row, strict=True)
]


@contextmanager
def carrier_to(port: int, **values: float) -> Iterator[SmtpCarrier]:
    server = Server("127.0.0.1", port, security="none", verify=False)
    limits = {"answer_timeout_s": 0.2, "end_timeout_s": 0.2, "connections": 3, "pause_s": 0.02, **values}
    carrier = SmtpCarrier(server, Limits(**limits), name="news.example.org")  # type: ignore[arg-type]
    with closing(carrier):
        yield carrier


def handed(port: int, number: int = 1, **values: float) -> Carried:
    """What becomes of some mails, with the answer to the goodbye waited for."""
    with carrier_to(port, **values) as carrier:
        return carry(carrier, [parcel(each) for each in range(1, number + 1)])


def became(carried: Carried) -> str:
    if carried.fatal:
        return "fatal"
    return carried.verdicts().get(1, "waiting")


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize(("command", "fault", "expected"), CELLS)
def test_each_fault_at_each_command_does_to_the_mail_what_the_table_says(
    command: str, fault: str, expected: str, pipelining: bool
) -> None:
    faults: dict[str, Fault] = {command: fault}
    if command == "HELO":
        faults["EHLO"] = "5xx"
    with SmtpServer(faults, offered=["PIPELINING"] if pipelining else ["HELP"]) as server:
        carried = handed(server.port)

    assert became(carried) == expected
    broken_off = fault in ("drop", "421", "wait") and expected != "accepted"
    assert bool(carried.trouble) == (broken_off or expected in ("waiting", "fatal"))
    taken = [mail.recipient for mail in server.mails]
    assert taken == (["r1@example.net"] if expected in ("accepted", "unknown") else [])


@pytest.mark.skipif(SMTP_SINK is None, reason="needs smtp-sink of Postfix")
@pytest.mark.parametrize(("command", "fault", "expected"), CELLS)
def test_the_sink_of_postfix_gets_the_same(command: str, fault: str, expected: str) -> None:
    flag = FLAGS[fault]
    flags = [f"-{flag}", f"{command}:1" if flag == "W" else command, *(["-e"] if command == "HELO" else [])]
    with smtp_sink(*flags) as port:
        assert became(handed(port)) == expected


GARBAGE: list[bytes] = [
    b"hello\r\n",
    b"\xff\xfe\x00\r\n",
    b"x" * 11_000,
    b"250-a\r\n251 b\r\n",
    b"354 go\r\n250 ok\r\n",
]


@pytest.mark.parametrize("words", GARBAGE)
@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "."])
def test_words_that_are_no_answer_are_never_taken_for_one(command: str, words: bytes) -> None:
    words = b"250 ok\r\n" if command == "DATA" and words[:3] == b"354" else words
    with SmtpServer({command: words}) as server:
        carried = handed(server.port)

    assert became(carried) == ("unknown" if command == "." else "returned")
    assert carried.trouble


@pytest.mark.parametrize(
    "words",
    [
        [bytes([byte]) for byte in b"250-2.0.0 taken\r\n250 as 4711\r\n"],
        [b"250\r\n"],
        [b"250 ok\n"],
        [b"250-a\r\n", b"250 " + b"x" * 9000 + b"\r\n"],
    ],
)
def test_a_yes_is_a_yes_however_it_comes(words: list[bytes]) -> None:
    with SmtpServer({".": words}) as server:
        assert became(handed(server.port)) == "accepted"


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_an_answer_that_comes_twice_marks_no_other_mail(command: str) -> None:
    twice: Fault = b"354 go\r\n" * 2 if command == "DATA" else b"250 ok\r\n" * 2
    with SmtpServer({command: twice}) as server:
        carried = handed(server.port, 3)

    assert set(carried.verdicts().values()) <= {"returned"}
    assert server.mails == []


@pytest.mark.parametrize("fault", ["drop", "reset", "wait", b"552 5.3.4 too much\r\n", b"421 4.3.2 bye\r\n"])
def test_a_mail_that_breaks_off_half_way_comes_back(fault: Fault) -> None:
    with SmtpServer({"BODY": fault}, offered=["PIPELINING"]) as server, carrier_to(server.port) as carrier:
        carried = carry(carrier, [parcel(1, b"x" * 4_000_000 + b"\r\n")])

    assert (became(carried), carried.outcomes[1].phase) == ("returned", "body")
    assert carried.outcomes[1].of_sender is (fault == b"552 5.3.4 too much\r\n")
    assert server.mails == []


@pytest.mark.parametrize("fault", ["drop", "reset", b"552 5.3.4 too much\r\n", b"421 4.3.2 bye\r\n"])
def test_a_mail_that_waits_for_its_end_comes_back_with_the_connection(fault: Fault) -> None:
    with SmtpServer({"BODY": fault}) as server, carrier_to(server.port) as carrier:
        while not carrier.room():
            carrier.turn(0.05)
        carrier.put(parcel())
        ripe, done = [], []
        while not done:
            turn = carrier.turn(0.05)
            ripe += turn.ripe
            done += turn.done
        carrier.release(ripe)
        after = carrier.turn(0)

    assert [(one.number, outcome.verdict) for one, outcome in done] == [(1, "returned")]
    assert (after.done, server.mails) == ([], [])


def test_a_yes_that_was_said_before_the_end_is_not_taken_for_the_answer_to_it() -> None:
    with SmtpServer({"DATA": [b"354 go\r\n", b"250 ok\r\n"]}) as server, carrier_to(server.port) as carrier:
        while not carrier.room():
            carrier.turn(0.05)
        carrier.put(parcel())
        while not (ripe := carrier.turn(0.05).ripe):
            pass
        time.sleep(0.05)
        carrier.release(ripe)
        done = carrier.turn(0.0).done

    assert [(one.number, outcome.verdict) for one, outcome in done] == [(1, "returned")]


@pytest.mark.parametrize("command", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."])
def test_a_reset_is_a_loss_like_any_other(command: str) -> None:
    with SmtpServer({command: "reset"}) as server:
        carried = handed(server.port)

    assert became(carried) == {".": "unknown", "CONNECT": "waiting", "EHLO": "waiting"}.get(
        command, "returned"
    )
