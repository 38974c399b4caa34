"""`newsletter bounces import`, as an operator types it and as a mail server calls it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from newsletter import app, store
from newsletter.cli import commands
from newsletter.config import Settings
from newsletter.model import SubscriptionStatus, Way
from newsletter.recipients import recipient
from newsletter.store import consents, subscriptions
from tests import dying
from tests.incoming_mails import OTHER, SAMPLES
from tests.readers import KEY, LEAVE, leave_token, reader, subscription

runner = CliRunner()
REPORT, PERSON = SAMPLES[-2:]
CONFIG = f"""
database_url = "%s"
secret_keys = ["{KEY}"]
leave_address = "{LEAVE}"
[lists.weekly]
[lists.secret]
public = false
"""


@pytest.fixture
def configured(
    database: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Two lists, of which one is not on the web, in the folder where we stand."""
    monkeypatch.chdir(tmp_path)
    Path("config.toml").write_text(CONFIG % database_url.replace(f"sqlite:///{tmp_path}/", "sqlite:///"))
    return app.load_settings(None)


def run(*arguments: str, stdin: bytes = b"") -> Result:
    return runner.invoke(commands, ["bounces", "import", *arguments], input=stdin)


def leaving(
    database: Engine, settings: Settings, address: str = "ada@example.net", list: str = "weekly"
) -> bytes:
    """The mail by which a new reader leaves."""
    token = leave_token(reader(database, address, list=list), settings)
    return f"From: {address}\nTo: leave+{token}@news.example.org\nSubject: unsubscribe\n\nBye.\n".encode()


def has_left(database: Engine, address: str = "ada@example.net", list: str = "weekly") -> bool:
    found = subscription(database, address, list=list)
    assert found
    return found.status is SubscriptionStatus.UNSUBSCRIBED


def maildir(folder: Path, *mails: bytes) -> Path:
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    for number, mail in enumerate(mails, start=1):
        (folder / "new" / f"17000000{number}.M1P1.host").write_bytes(mail)
    return folder


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_reader_leaves_by_a_mail_on_standard_input(database: Engine, configured: Settings) -> None:
    mail = leaving(database, configured)

    first, again = run("-", stdin=mail), run(stdin=mail)

    assert (first.stdout, first.stderr, first.exit_code) == ("left: 1, ignored: 0, not ours: 0\n", "", 0)
    assert (again.stdout, again.exit_code) == (first.stdout, 0)
    assert has_left(database)
    with store.reading(database) as tx:
        found = subscriptions.subscriber(tx, recipient("ada@example.net").folded)
        assert found
        assert [one.way for one in consents.of(tx, found.id)] == [Way.OPERATOR, Way.MAIL]


def test_a_reader_leaves_a_list_that_is_not_on_the_web(database: Engine, configured: Settings) -> None:
    assert run("-", stdin=leaving(database, configured, list="secret")).exit_code == 0

    assert has_left(database, list="secret")


def test_a_reader_leaves_a_list_that_is_not_configured_any_more(
    database: Engine, configured: Settings
) -> None:
    assert run("-", stdin=leaving(database, configured, list="retired")).exit_code == 0

    assert has_left(database, list="retired")


def test_a_token_signed_with_an_old_key_still_counts(database: Engine, configured: Settings) -> None:
    mail = leaving(database, configured)
    text = Path("config.toml").read_text().replace(f'["{KEY}"]', f'["{KEY[::-1]}", "{KEY}"]')
    Path("config.toml").write_text(text)

    assert run("-", stdin=mail).stdout == "left: 1, ignored: 0, not ours: 0\n"
    assert has_left(database)


def test_mails_of_every_kind_are_counted_by_what_was_done(database: Engine, configured: Settings) -> None:
    mails = [leaving(database, configured), REPORT, PERSON, b"Auto-Submitted: auto-replied\n\nAway.\n"]
    mails.append(f"To: leave+{OTHER[::-1]}@news.example.org\n\n".encode())
    Path("leave.mbox").write_bytes(
        b"".join(b"From a@b Tue Jan  6 09:30:15 2026\n%b\n" % mail for mail in mails)
    )

    result = run("leave.mbox", "--json")

    assert json.loads(result.stdout) == {
        "left": 1,
        "ignored": {"automatic reply": 1, "delivery report": 1, "other mail": 1},
        "not_ours": 1,
        "reports": {},
    }
    assert run("leave.mbox").stdout == (
        "left: 1, ignored: 3 (automatic reply 1, delivery report 1, other mail 1), not ours: 1\n"
    )


def test_what_is_done_with_is_marked_as_seen_and_the_rest_is_left_for_a_person(
    database: Engine, configured: Settings
) -> None:
    automatic = b"Auto-Submitted: auto-replied\n\nAway.\n"
    folder = maildir(Path("Maildir"), leaving(database, configured), REPORT, PERSON, automatic)

    assert run("Maildir").exit_code == 0

    assert names(folder) == [
        "cur/170000001.M1P1.host:2,S",
        "cur/170000004.M1P1.host:2,S",
        "new/170000002.M1P1.host",
        "new/170000003.M1P1.host",
    ]
    assert has_left(database)


def test_several_mailboxes_are_read_and_one_that_is_none_is_told(
    database: Engine, configured: Settings
) -> None:
    Path("one.eml").write_bytes(leaving(database, configured))
    maildir(Path("Maildir"), leaving(database, configured, "bo@example.net"))
    Path("empty").mkdir()

    result = run("nowhere.eml", "empty", "one.eml", "Maildir")

    assert result.exit_code == 1
    assert result.stdout == "left: 2, ignored: 0, not ours: 0\n"
    assert result.stderr.splitlines() == [
        "error: nowhere.eml: cannot read these mails: No such file or directory",
        "error: empty: a Maildir has a folder new/; name a Maildir, an mbox or a mail",
    ]


def test_an_mbox_is_taken_apart_at_its_first_lines_and_nowhere_else(
    database: Engine, configured: Settings
) -> None:
    first, second = leaving(database, configured), leaving(database, configured, "bo@example.net")
    between = (
        b"From here on: nothing.\n\n>From the start\n" + b"x" * 300_000 + b"\nFrom a line without end\n\n"
    )
    Path("leave").write_bytes(b"From a@b now\n" + first + between + b"From c@d now\n" + second)

    assert run("leave").stdout == "left: 2, ignored: 0, not ours: 0\n"


@pytest.mark.parametrize("mailbox", ["pipe", "Maildir"])
def test_who_leaves_while_there_is_no_database_is_kept_in_the_file(
    database: Engine, configured: Settings, mailbox: str
) -> None:
    mail = leaving(database, configured)
    working = Path("config.toml").read_text()
    Path("config.toml").write_text(
        working.replace("database_url = ", 'database_url = "sqlite:///gone/db"\n# ')
    )

    arguments = ["-"] if mailbox == "pipe" else [str(maildir(Path("Maildir"), mail))]
    result = run(*arguments, stdin=mail)

    assert (result.stdout, result.exit_code) == ("left: 1, ignored: 0, not ours: 0\n", 0)
    assert result.stderr.startswith("warning: ")
    assert not has_left(database)
    with app.open_store(configured, honour=True):
        assert has_left(database)


def test_a_mail_that_cannot_be_kept_stays_with_the_mail_server(
    database: Engine, configured: Settings
) -> None:
    mail = leaving(database, configured)
    folder = maildir(Path("Maildir"), mail)
    broken = (
        Path("config.toml").read_text().replace("database_url = ", 'database_url = "sqlite:///gone/db"\n# ')
    )
    Path("config.toml").write_text('leaving_file = "gone/leaving"\n' + broken)

    piped, filed = run("-", stdin=mail), run("Maildir")

    assert (piped.exit_code, filed.exit_code) == (75, 1)
    assert "cannot keep that a reader left" in piped.stderr
    assert names(folder) == ["new/170000001.M1P1.host"]


def test_without_a_key_a_mail_stays_with_the_mail_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert (run("-", stdin=PERSON).exit_code, run("mail.eml").exit_code) == (75, 2)


def test_no_address_and_no_token_is_told(database: Engine, configured: Settings) -> None:
    for mail in (leaving(database, configured), PERSON, REPORT):
        result = run("-", stdin=mail)
        assert "example" not in result.output
        assert "leave+" not in result.output


def test_a_mail_of_any_size_is_taken_from_a_pipe_to_its_end(configured: Settings) -> None:
    command = [sys.executable, "-m", "newsletter", "bounces", "import", "-"]
    done = subprocess.run(command, input=PERSON + b"x" * 30_000_000, check=False, capture_output=True)

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b"left: 0, ignored: 1 (other mail 1), not ours: 0\n"


def test_killed_at_any_step_no_leaving_is_lost(database: Engine, configured: Settings) -> None:
    folder = maildir(
        Path("Maildir"), leaving(database, configured), leaving(database, configured, "bo@example.net")
    )
    ends = []
    for at in [*range(3, 27, 6), -1]:
        command = dying.command(at, "bounces", "import", "Maildir")
        done = subprocess.run(command, check=False, capture_output=True)
        ends.append(done.returncode)
        for path in (folder / "cur").iterdir():
            assert has_left(database, "ada@example.net" if "0001." in path.name else "bo@example.net")

    assert ends.count(-9) > 2, ends
    assert ends[-1] == 0
    assert [name.partition("/")[0] for name in names(folder)] == ["cur", "cur"]
    assert has_left(database)
    assert has_left(database, "bo@example.net")
