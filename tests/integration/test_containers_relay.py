"""The relay of the containers, as a real Postfix: whose mails it takes, and how it is known."""

import smtplib
import ssl
import subprocess
from collections.abc import Iterator

import pytest

from tests import mailserver
from tests.relay import INSIDER, OUTSIDER, Relay, relay

MAIL = b"Subject: an issue\r\n\r\nPapers.\r\n"


@pytest.fixture(scope="module")
def running() -> Iterator[Relay]:
    with relay() as one:
        yield one


def test_postfix_has_nothing_to_say_about_its_files(running: Relay) -> None:
    done = [
        subprocess.run(
            [mailserver.found(program), *words],
            env=running.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        for program, words in (("postfix", ["check"]), ("postconf", ["-n"]), ("postconf", ["-M"]))
    ]

    assert [(one.returncode, one.stderr) for one in done] == [(0, "")] * 3
    assert "warning" not in running.log()


def test_whoever_is_in_its_network_sends_to_anybody_by_a_certificate_that_is_checked(running: Relay) -> None:
    with running.session(INSIDER) as session:
        # The container of the relay has this name.
        session._host = "relay"  # type: ignore[attr-defined]
        session.starttls(context=running.trusting())
        refused = session.sendmail("bounce@news.example.org", ["reader@nowhere.invalid"], MAIL)

    assert refused == {}


def test_nobody_else_can_so_much_as_say_hello(running: Relay) -> None:
    with pytest.raises(smtplib.SMTPConnectError) as told:
        running.session(OUTSIDER)

    assert told.value.smtp_code == 554


def test_nothing_is_taken_in_the_clear(running: Relay) -> None:
    with running.session(INSIDER) as session, pytest.raises(smtplib.SMTPSenderRefused) as told:
        session.sendmail("bounce@news.example.org", ["reader@nowhere.invalid"], MAIL)

    assert told.value.smtp_code == 530


def test_its_certificate_is_good_for_no_other_name(running: Relay) -> None:
    with running.session(INSIDER) as session:
        session._host = "imap.example.org"  # type: ignore[attr-defined]
        with pytest.raises(ssl.SSLCertVerificationError, match="imap"):
            session.starttls(context=running.trusting())


def test_it_keeps_its_certificate_while_that_holds_and_knows_whether_it_runs(running: Relay) -> None:
    before = (running.folder / "run" / "relay.pem").read_bytes()

    assert running.start("check").returncode == 0
    assert running.start().returncode != 0  # another one runs in the same folder
    assert (running.folder / "run" / "relay.pem").read_bytes() == before
    assert (running.folder / "data" / "relay.key").stat().st_mode & 0o077 == 0


def test_one_that_does_not_run_is_found_out() -> None:
    with relay() as one:
        before = one.start("check").returncode
        subprocess.run(
            [mailserver.found("postfix"), "stop"], env=one.environment, check=True, capture_output=True
        )
        after = one.start("check").returncode

    assert (before, after) == (0, 1)
