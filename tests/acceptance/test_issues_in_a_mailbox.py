"""Two issues from end to end: a real Postfix, mailboxes read by IMAP, and what came back of the first."""

import email
import json
import re
from collections.abc import Iterator
from email import policy
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from newsletter.cli import commands
from tests.builders import CACHE_PAPER, OTHER_PAPER, page_text
from tests.mailserver import MailHost, mail_host
from tests.readers import KEY
from tests.signatures import DOMAIN, ed25519_key, rsa_key, verified

ADA, SENDER, BOUNCES = "ada@example.net", f"digest@{DOMAIN}", f"bounce@{DOMAIN}"
# The server refuses mail to the first; mail to the second it takes, and then it comes back.
NOBODY, GONE = "nobody@example.net", "gone@example.net"
CONFIG = """
secret_keys = ["{key}"]
bounce_address = "{bounces}"
leave_address = "leave@{domain}"

[smtp]
host = "127.0.0.1"
port = {port}
security = "none"

[[dkim]]
domain = "{domain}"
selector = "rsa2048"
key_file = "rsa.pem"

[[dkim]]
domain = "{domain}"
selector = "ed"
key_file = "ed.pem"
"""
runner = CliRunner()


@pytest.fixture
def host() -> Iterator[MailHost]:
    with mail_host(ADA, SENDER, BOUNCES, gone=[GONE]) as running:
        yield running


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: MailHost) -> Path:
    monkeypatch.chdir(tmp_path)
    text = CONFIG.format(key=KEY, bounces=BOUNCES, domain=DOMAIN, port=host.smtp)
    tmp_path.joinpath("config.toml").write_text(text, encoding="utf-8")
    tmp_path.joinpath("rsa.pem").write_bytes(rsa_key().pem)
    tmp_path.joinpath("ed.pem").write_bytes(ed25519_key().pem)
    tmp_path.joinpath("readers.csv").write_text(f"email\n{ADA}\n{NOBODY}\n{GONE}\n", encoding="utf-8")
    run("subscribers", "import", "readers.csv", "--consent", "on paper")
    return tmp_path


def run(*arguments: str, status: int = 0) -> Result:
    result = runner.invoke(commands, arguments)
    assert result.exit_code == status, (result.stdout, result.stderr)
    return result


def approve(folder: Path, paper: tuple[str, str], day: str) -> None:
    (folder / f"{day}.txt").write_text(page_text(paper), encoding="utf-8")
    run("ingest", f"{day}.txt")
    run("draft", "--date", day)
    run("issues", "approve", "weekly")


def sent(issue: str, *, status: int) -> dict[str, object]:
    said = json.loads(run("send", issue, "--json", status=status).stdout)
    return {name: said[name] for name in ("recipients", "sent", "failed", "unknown", "skipped", "state")}


def test_an_issue_arrives_what_comes_back_counts_and_the_next_one_skips_it(
    folder: Path, host: MailHost
) -> None:
    approve(folder, CACHE_PAPER, "2026-01-06")

    first = sent("weekly/1", status=1)
    arrived = host.mails(ADA)[0]
    host.arrived(BOUNCES)
    came = json.loads(run("bounces", "import", str(host.maildir(BOUNCES)), "--json").stdout)
    approve(folder, OTHER_PAPER, "2026-01-13")
    second = sent("weekly/2", status=0)

    assert first == {
        "recipients": 3, "sent": 2, "failed": 1, "unknown": 0, "skipped": 0, "state": "finished",
    }  # fmt: skip
    assert came["reports"] == {"hard": 1}
    # Nobody at a server that said so in the session, and gone where the report came by mail.
    assert second == {
        "recipients": 3, "sent": 1, "failed": 0, "unknown": 0, "skipped": 2, "state": "finished",
    }  # fmt: skip
    assert len(host.mails(ADA, count=2)) == 2
    mail = email.message_from_bytes(arrived, policy=policy.default)
    assert (mail["To"], mail["List-Unsubscribe-Post"]) == (ADA, "List-Unsubscribe=One-Click")
    assert re.fullmatch(rf"<bounce\+[a-z2-7]{{52}}@{re.escape(DOMAIN)}>", mail["Return-Path"])
    assert verified(arrived, rsa_key(), ed25519_key())
    Path("arrived.eml").write_bytes(arrived)


def test_a_second_look_at_the_same_report_changes_nothing(folder: Path, host: MailHost) -> None:
    approve(folder, CACHE_PAPER, "2026-01-06")
    sent("weekly/1", status=1)
    report = host.arrived(BOUNCES)[0].read_bytes()
    (folder / "report.eml").write_bytes(report)

    first, again = (json.loads(run("bounces", "import", "report.eml", "--json").stdout) for _ in range(2))

    assert (first["reports"], again["reports"]) == ({"hard": 1}, {"known already": 1})
