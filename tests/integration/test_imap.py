"""What came back, out of a mailbox of a real IMAP server: taken in once, and marked as seen after that."""

import imaplib
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from newsletter import app, imap, store
from newsletter.cli import commands
from newsletter.config import Settings
from newsletter.errors import NewsletterError
from newsletter.imap import Server
from newsletter.model import SuppressionReason
from newsletter.store import suppressions
from tests import dying
from tests.mailserver import PASSWORD, PATIENCE_S, MailHost, mail_host
from tests.readers import KEY
from tests.reports import BOUNCE, count, delivery, dsn
from tests.servers import certificate

runner = CliRunner()
PERSON = b"From: bo@example.org\r\nTo: bounce@news.example.org\r\nSubject: hello\r\n\r\nHi.\r\n"
CONFIG = f"""
database_url = "%s"
secret_keys = ["{KEY}"]
bounce_address = "{BOUNCE}"
[lists.weekly]
[bounces]
imap_host = "localhost"
imap_port = %d
imap_user = "{BOUNCE}"
imap_password = "{PASSWORD}"
security = "none"
"""


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"), host="localhost")[0]


@pytest.fixture(scope="module")
def running(shown: Path) -> Iterator[MailHost]:
    with mail_host(BOUNCE, certificate=shown) as host:
        yield host


@pytest.fixture
def host(running: MailHost) -> MailHost:
    """The server, its mailbox empty."""
    for path in running.maildir(BOUNCE).glob("*/*:*"):
        path.unlink(missing_ok=True)
    for path in running.maildir(BOUNCE).glob("new/*"):
        path.unlink(missing_ok=True)
    return running


@pytest.fixture
def configured(
    host: MailHost, database: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    monkeypatch.chdir(tmp_path)
    url = database_url.replace(f"sqlite:///{tmp_path}/", "sqlite:///")
    Path("config.toml").write_text(CONFIG % (url, host.imap))
    return app.load_settings(None)


def run(*arguments: str) -> Result:
    return runner.invoke(commands, ["bounces", "import", *arguments])


def server(host: MailHost, **values: object) -> Server:
    fields: dict[str, object] = {"port": host.imap, "user": BOUNCE, "password": PASSWORD, "security": "none"}
    return Server("localhost", **{**fields, **values})  # type: ignore[arg-type]


def put(host: MailHost, *mails: bytes) -> None:
    for mail in mails:
        host.send(mail, sender="bo@example.org", recipient=BOUNCE)
    host.arrived(BOUNCE, count=len(mails))


def unseen(host: MailHost) -> int:
    with imap.opened(server(host)) as mails:
        return len(mails)


def is_held_off(database: Engine, folded: str = "ada@example.net") -> bool:
    with store.reading(database) as tx:
        found = suppressions.of(tx, folded)
        return bool(found and found.reason is SuppressionReason.BOUNCE)


def problem(host: MailHost, **values: object) -> str:
    with pytest.raises(NewsletterError) as caught, imap.opened(server(host, **values)):
        pass
    return re.sub(r":\d+", ":PORT", str(caught.value))


def test_a_mail_that_a_real_server_returns_holds_its_reader_off(
    database: Engine, host: MailHost, configured: Settings
) -> None:
    _, to = delivery(database, configured)
    host.relay(b"From: digest@news.example.org\n\nx\n", sender=to, recipient="ada@example.net")
    host.arrived(BOUNCE)

    first, again = run("--imap"), run("--imap")

    assert (first.stdout, first.stderr) == ("left: 0, ignored: 0, not ours: 0, reports: 1 (hard 1)\n", "")
    assert (again.stdout, again.exit_code) == ("left: 0, ignored: 0, not ours: 0\n", 0)
    assert is_held_off(database)


def test_what_is_done_with_is_marked_as_seen_and_the_rest_is_left(
    database: Engine, host: MailHost, configured: Settings
) -> None:
    _, to = delivery(database, configured)
    put(host, dsn(to), PERSON, dsn(f"bounce+{'a' * 52}@news.example.org"), dsn("digest@news.example.org"))

    assert run("--imap").stdout == (
        "left: 0, ignored: 2 (delivery report 1, other mail 1), not ours: 1, reports: 1 (hard 1)\n"
    )
    assert unseen(host) == 3


def test_killed_at_any_step_each_report_counts_once(
    database: Engine, host: MailHost, configured: Settings
) -> None:
    put(host, *(dsn(delivery(database, configured, f"r{n}@example.net")[1], status="5.2.2") for n in (1, 2)))
    ends = []
    for at in [*range(2, 44, 9), -1]:
        command = dying.command(at, "bounces", "import", "--imap")
        ends.append(subprocess.run(command, check=False, capture_output=True).returncode)
        assert count(database, "bounces") >= 2 - unseen(host)

    assert ends.count(-9) > 2, ends
    assert ends[-1] == 0
    assert (unseen(host), count(database, "bounces")) == (0, 2)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_the_certificate_is_verified(
    host: MailHost, shown: Path, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    port = host.imaps if security == "tls" else host.imap
    told = problem(host, port=port, security=security)
    assert told == "localhost:PORT shows a certificate that is not trusted; use the name it is for"

    monkeypatch.setenv("SSL_CERT_FILE", str(shown))
    with imap.opened(server(host, port=port, security=security)) as mails:
        assert [*mails] == []


def test_what_stands_in_the_way_is_told_with_the_next_step_and_without_the_password(host: MailHost) -> None:
    wrong = problem(host, password="wr0ng")  # noqa: S106
    assert wrong == (
        "localhost:PORT does not accept the login; check bounces.imap_user and bounces.imap_password"
    )
    assert problem(host, folder="Späm & co") == (
        "localhost:PORT has no folder 'Späm & co' for this login; check bounces.imap_folder"
    )
    assert problem(host, port=1) == (
        "localhost:PORT refuses the connection; check bounces.imap_host and bounces.imap_port"
    )
    assert "speaks no TLS on this port" in problem(host, security="tls")


def test_a_server_that_goes_in_the_middle_leaves_the_rest_for_the_next_time(
    database: Engine, host: MailHost, configured: Settings
) -> None:
    for address in ("r1@example.net", "r2@example.net"):
        put(host, dsn(delivery(database, configured, address)[1], reader=address))
    host.arrived(BOUNCE, count=2)
    with imap.opened(server(host)) as mails:
        assert mails[0].content(most=100)
        mails[0].settle()
        mails[1].session.shutdown()
        with pytest.raises(NewsletterError, match="ended the connection; try again"):
            mails[1].content(most=100)

    assert unseen(host) == 1
    assert run("--imap").stdout == "left: 0, ignored: 0, not ours: 0, reports: 1 (hard 1)\n"


def test_only_the_first_part_of_a_mail_is_fetched_and_one_that_is_gone_is_passed_over(
    host: MailHost,
) -> None:
    put(host, PERSON, PERSON)
    with imap.opened(server(host)) as mails:
        with imaplib.IMAP4("127.0.0.1", host.imap, timeout=PATIENCE_S) as other:
            other.login(BOUNCE, PASSWORD)
            other.select("INBOX")
            other.store("1", "+FLAGS", r"(\Deleted)")
            other.expunge()
        assert mails[0].content(most=10) is None
        assert len(mails[1].content(most=10) or b"") == 10


def test_without_a_mailbox_in_the_configuration_it_is_told_which_setting_lacks(
    host: MailHost, configured: Settings
) -> None:
    text = Path("config.toml").read_text().replace('imap_host = "localhost"', "")
    Path("config.toml").write_text(text)

    result = run("--imap")

    assert result.exit_code == 2
    assert "bounces.imap_host: no mailbox is configured" in result.stderr


@pytest.mark.parametrize(
    ("folder", "written"),
    [
        ("INBOX", '"INBOX"'),
        ('a "b" \\c', '"a \\"b\\" \\\\c"'),
        ("Späm & co", '"Sp&AOQ-m &- co"'),
        ("日本語", '"&ZeVnLIqe-"'),
    ],
)
def test_any_name_of_a_folder_can_be_asked_for(folder: str, written: str) -> None:
    assert imap.folder_name(folder) == written
