"""Letters and leaving by mail, from end to end: a real Postfix, a real mailbox, read by IMAP."""

import email
import re
from collections.abc import Iterator
from email import policy
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from newsletter import app, subscribe
from newsletter.backends import smtp
from newsletter.cli import commands
from newsletter.errors import Refused
from newsletter.model import SubscriptionStatus
from newsletter.people import People
from tests.mailserver import MailHost, mail_host
from tests.readers import KEY, LEAVE, asked, leave_token, people, reader, subscription

ADA, SENDER = "ada@example.net", "digest@news.example.org"


@pytest.fixture(scope="module")
def host() -> Iterator[MailHost]:
    with mail_host(ADA, "bo@example.net", "cy@example.net", SENDER, LEAVE) as running:
        yield running


def served(database: Engine, folder: Path, host: MailHost) -> People:
    place = {"host": "127.0.0.1", "port": host.smtp, "security": "none"}
    return people(database, folder, smtp=place)


def text(mail: bytes) -> str:
    body = email.message_from_bytes(mail, policy=policy.default).get_body(("plain",))  # type: ignore[attr-defined]
    return str(body.get_content())


def test_the_letter_arrives_byte_for_byte_and_its_link_is_a_yes(
    database: Engine, tmp_path: Path, host: MailHost
) -> None:
    letters, before = served(database, tmp_path, host), len(host.mails(ADA, count=0))
    send, composed = app.letter_sender(letters._settings), []
    asked(letters, ADA)

    def post(mail: bytes, sender: str, recipient: str) -> None:
        composed.append(mail)
        send(mail, sender, recipient)

    assert letters.post(post) == 1
    arrived = host.mails(ADA, count=before + 1)[-1]

    assert arrived.endswith(composed[0])
    token = re.search(r"/weekly/confirm/(\w+)", text(arrived))
    assert token
    answer, found = letters.confirm("weekly", token[1])
    assert (answer, found and found.subscriber.address) == (subscribe.Answer.CONFIRMED, ADA)


def test_a_reader_who_asks_again_can_leave_by_the_address_in_the_header(
    database: Engine, tmp_path: Path, host: MailHost
) -> None:
    letters, before = served(database, tmp_path, host), len(host.mails("bo@example.net", count=0))
    known = reader(database, "bo@example.net")
    asked(letters, "bo@example.net")

    assert letters.post(app.letter_sender(letters._settings)) == 1
    arrived = host.mails("bo@example.net", count=before + 1)[-1]

    token = leave_token(known, letters._settings)
    header = str(email.message_from_bytes(arrived, policy=policy.default)["List-Unsubscribe"])
    assert header == (
        f"<https://news.example.org/weekly/unsubscribe/{token}>, "
        f"<mailto:leave+{token}@news.example.org?subject=unsubscribe>"
    )


def test_a_mail_to_the_signed_address_takes_the_reader_off(
    database: Engine, database_url: str, tmp_path: Path, host: MailHost
) -> None:
    token = leave_token(reader(database, "cy@example.net"), people(database, tmp_path)._settings)
    mail = f"From: cy@elsewhere.example\r\nTo: leave+{token}@news.example.org\r\nSubject: unsubscribe\r\n\r\n"
    (tmp_path / "config.toml").write_text(config(database_url))

    host.send(mail.encode(), sender="cy@elsewhere.example", recipient=f"leave+{token}@news.example.org")
    arrived = host.arrived(LEAVE)
    done = CliRunner().invoke(
        commands,
        ["bounces", "import", str(host.maildir(LEAVE)), "--config", str(tmp_path / "config.toml")],
    )

    assert (done.output, done.exit_code) == ("left: 1, ignored: 0, not ours: 0\n", 0)
    assert not any(path.exists() for path in arrived)
    found = subscription(database, "cy@example.net")
    assert found
    assert found.status is SubscriptionStatus.UNSUBSCRIBED


def test_a_letter_to_nobody_is_refused_and_told_without_the_address(host: MailHost) -> None:
    place = smtp.Server("127.0.0.1", host.smtp, security="none")

    with pytest.raises(Refused, match=r"refuses this recipient: 550 5\.1\.1 <…>: Recipient address rejected"):
        smtp.send(b"Subject: x\r\n\r\nx\r\n", sender=SENDER, recipient="nobody@example.net", server=place)


def config(database_url: str) -> str:
    values = {"database_url": f'"{database_url}"', "secret_keys": f'["{KEY}"]', "leave_address": f'"{LEAVE}"'}
    return "\n".join(f"{name} = {value}" for name, value in values.items())
