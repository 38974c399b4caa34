"""The judges of sending, judged: what they say they took, they took."""

import smtplib
import socket
from collections import Counter
from pathlib import Path

import pytest

from tests.ledger_server import Entry, Ways, serving

MAIL = "Message-ID: <1@x.example>\r\n\r\nHello.\r\n"


def test_a_mail_is_in_the_ledger_before_its_sender_is_told(tmp_path: Path) -> None:
    with (
        serving(tmp_path, Ways(delay_s=0.2)) as ledger,
        socket.create_connection(("127.0.0.1", ledger.port)) as client,
        client.makefile("rb") as said,
    ):
        client.sendall(b"EHLO x\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n")
        while not said.readline().startswith(b"354"):
            pass
        client.sendall(MAIL.encode() + b".\r\nRSET\r\n")
        while not ledger.entries():
            pass
        client.settimeout(0.05)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(5)

        assert client.recv(100) == b"250 2.0.0 ok\r\n250 2.0.0 ok\r\n"
        assert ledger.entries() == [Entry("b@x", "1@x.example", "taken")]


def test_one_mail_in_three_is_taken_and_not_answered(tmp_path: Path) -> None:
    answered = Counter[str]()
    with serving(tmp_path, Ways(drop_one_in=3)) as ledger:
        for number in range(6):
            with smtplib.SMTP("127.0.0.1", ledger.port) as client:
                try:
                    client.sendmail("a@x", f"b{number}@x", MAIL)
                    answered["taken"] += 1
                except smtplib.SMTPServerDisconnected:
                    answered["dropped"] += 1

        assert Counter(entry.state for entry in ledger.entries()) == answered == {"taken": 4, "dropped": 2}


def fates(folder: Path, ways: Ways) -> list[int]:
    """The answer to each of three tries of a hundred recipients; the ledger has those that were taken."""
    folder.mkdir()
    codes = []
    with serving(folder, ways) as ledger, smtplib.SMTP("127.0.0.1", ledger.port) as client:
        for number in [*range(100)] * 3:
            try:
                client.sendmail("a@x", f"b{number}@x", MAIL)
                codes.append(250)
            except smtplib.SMTPRecipientsRefused as refused:
                codes += [code for code, _ in refused.recipients.values()]
            except smtplib.SMTPDataError as refused:
                codes.append(refused.smtp_code)
        assert len(ledger.entries()) == codes.count(250)
    return codes


def test_the_mood_of_a_relay_is_that_of_its_seed(tmp_path: Path) -> None:
    first, again, other = (
        fates(tmp_path / name, Ways(mood=(30, 10), seed=seed))
        for name, seed in (("1", 1), ("2", 1), ("3", 2))
    )

    assert first == again != other
    assert 150 < first.count(250) < 210
    assert 60 < first.count(451) < 120
    assert 15 < first.count(552) < 50


def test_a_connection_has_so_many_mails_and_no_more(tmp_path: Path) -> None:
    with serving(tmp_path, Ways(most=2)) as ledger, smtplib.SMTP("127.0.0.1", ledger.port) as client:
        for number in range(2):
            client.sendmail("a@x", f"b{number}@x", MAIL)
        with pytest.raises(smtplib.SMTPSenderRefused, match="421"):
            client.sendmail("a@x", "b3@x", MAIL)

        assert ledger.recipients() == {"b0@x": 1, "b1@x": 1}


@pytest.mark.parametrize("pipelining", [True, False])
def test_pipelining_is_offered_or_not(tmp_path: Path, pipelining: bool) -> None:
    with (
        serving(tmp_path, Ways(pipelining=pipelining)) as ledger,
        smtplib.SMTP("127.0.0.1", ledger.port) as client,
    ):
        client.ehlo()

        assert client.has_extn("PIPELINING") is pipelining
