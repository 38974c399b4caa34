"""Reports as an operator takes them in and looks at them, and as a mail server hands them over."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from newsletter import app, store
from newsletter.cli import commands
from newsletter.config import Settings
from newsletter.recipients import recipient
from newsletter.store import suppressions
from tests.broken_reports import GONE, THERE, problem
from tests.incoming_mails import mutated
from tests.readers import KEY, LEAVE, leave_token, reader
from tests.reports import BOUNCE, QMAIL, complaint, count, delivery, dsn, worded

runner = CliRunner()
CONFIG = f"""
database_url = "%s"
secret_keys = ["{KEY}"]
leave_address = "{LEAVE}"
bounce_address = "{BOUNCE}"
[lists.weekly]
"""


@pytest.fixture
def configured(
    database: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    monkeypatch.chdir(tmp_path)
    url = database_url.replace(f"sqlite:///{tmp_path}/", "sqlite:///")
    Path("config.toml").write_text(CONFIG % url)
    return app.load_settings(None)


def run(*arguments: str, stdin: bytes = b"") -> Result:
    return runner.invoke(commands, [*arguments], input=stdin)


def maildir(*mails: bytes) -> list[str]:
    """A Maildir with those mails, and their names."""
    for name in ("new", "cur", "tmp"):
        Path("Maildir", name).mkdir(parents=True)
    for number, mail in enumerate(mails):
        Path("Maildir", "new", str(number)).write_bytes(mail)
    return left()


def left() -> list[str]:
    return sorted(path.name for path in Path("Maildir/new").iterdir())


def to(database: Engine, settings: Settings, name: str, *, issue: int = 1) -> str:
    return delivery(database, settings, f"{name}@example.net", issue=issue)[1]


def is_held_off(database: Engine, name: str) -> bool:
    with store.reading(database) as tx:
        return suppressions.of(tx, recipient(f"{name}@example.net").folded) is not None


def test_reports_of_every_kind_are_counted_and_those_of_ours_are_done_with(
    database: Engine, configured: Settings
) -> None:
    maildir(
        dsn(to(database, configured, "ada")),
        dsn(to(database, configured, "bo"), status="5.2.2", reader="bo@example.net"),
        dsn(to(database, configured, "cy"), status="5.7.1", reader="cy@example.net"),
        dsn(to(database, configured, "di"), action="delayed", reader="di@example.net"),
        complaint(to(database, configured, "ed")),
        worded(to(database, configured, "flo"), QMAIL.format(reader="flo@example.net", said="(#5.1.1)")),
        worded(to(database, configured, "gus"), QMAIL.format(reader="other@example.net", said="(#5.1.1)")),
        dsn("digest@news.example.org"),
        dsn(f"bounce+{'a' * 52}@news.example.org"),
    )

    result = run("bounces", "import", "Maildir", "--json")

    assert json.loads(result.stdout) == {
        "left": 0,
        "ignored": {"delivery report": 2},
        "not_ours": 1,
        "reports": {"complaint": 1, "delayed": 1, "hard": 2, "policy": 1, "soft": 1},
    }
    assert left() == ["6", "7", "8"]
    assert [
        name for name in ("ada", "bo", "cy", "di", "ed", "flo", "gus") if is_held_off(database, name)
    ] == [
        "ada",
        "ed",
        "flo",
    ]


def test_the_same_mailbox_read_again_changes_nothing(database: Engine, configured: Settings) -> None:
    Path("one.eml").write_bytes(dsn(to(database, configured, "ada")))

    first, again = run("bounces", "import", "one.eml"), run("bounces", "import", "one.eml", "one.eml")

    assert first.stdout == "left: 0, ignored: 0, not ours: 0, reports: 1 (hard 1)\n"
    assert again.stdout == "left: 0, ignored: 0, not ours: 0, reports: 2 (known already 2)\n"
    assert count(database, "bounces") == 1


def test_without_a_database_who_leaves_has_left_and_reports_wait(
    database: Engine, configured: Settings
) -> None:
    report = dsn(to(database, configured, "ada"))
    token = leave_token(reader(database, "bo@example.net"), configured)
    maildir(report, f"To: leave+{token}@news.example.org\n\n".encode(), report)
    text = Path("config.toml").read_text()
    Path("config.toml").write_text(text.replace("database_url = ", 'database_url = "sqlite:///gone/db"\n# '))

    filed, piped = run("bounces", "import", "Maildir"), run("bounces", "import", "-", stdin=report)

    assert (filed.exit_code, piped.exit_code) == (1, 75)
    assert "error: a report has come, and there is no database that could keep it" in piped.stderr
    assert filed.stdout == "left: 1, ignored: 0, not ours: 0\n"
    assert left() == ["0", "2"]


def test_many_refusals_by_policy_are_told_as_the_senders_own(database: Engine, configured: Settings) -> None:
    maildir(
        *(
            dsn(to(database, configured, f"r{n}"), status="5.7.26", reader=f"r{n}@example.net")
            for n in range(10)
        )
    )

    result = run("bounces", "import", "Maildir")

    assert result.exit_code == 0
    assert result.stderr.startswith("warning: 10 mails were refused for what they are")
    assert count(database, "suppressions") == 0


def test_what_came_back_is_listed_alike_together_and_with_addresses_only_where_asked(
    database: Engine, configured: Settings
) -> None:
    full = "552 5.2.2 The mailbox of this reader takes no more mails now, of which %s is one"
    for name, status, said in (("ada", "5.1.1", ""), ("bo", "5.2.2", full % 1), ("cy", "5.2.2", full % 2)):
        mail = dsn(to(database, configured, name), status=status, said=said, reader=f"{name}@example.net")
        run("bounces", "import", "-", stdin=mail)

    alike = run("bounces", "list", "--json")
    each = run("bounces", "list", "--json", "--addresses", "--kind", "hard")

    assert [(one["number"], one["kind"], one["text"]) for one in json.loads(alike.stdout)] == [
        (2, "soft", (full % 1).removeprefix("552 5.2.2 ")),
        (1, "hard", "no such mailbox"),
    ]
    assert "example.net" not in alike.output + run("bounces", "list").output
    [one] = json.loads(each.stdout)
    assert (one["address"], one["list"], one["issue"], one["enhanced"]) == (
        "ada@example.net",
        "weekly",
        1,
        "5.1.1",
    )
    assert run("bounces", "list", "--limit", "1").stderr == "1 more; --limit 2 shows all\n"


def test_what_came_back_is_in_the_numbers_and_in_what_is_stored_about_a_person(
    database: Engine, configured: Settings
) -> None:
    run("bounces", "import", "-", stdin=dsn(to(database, configured, "ada"), said="550 5.1.1 unknown"))

    numbers = json.loads(run("subscribers", "stats", "--json").stdout)
    person = json.loads(run("subscribers", "show", "ada@example.net", "--json").stdout)

    assert (numbers["bounces"], numbers["suppressed"]) == ({"hard": 1}, {"bounce": 1})
    assert [(one["kind"], one["code"], one["list"]) for one in person["bounces"]] == [("hard", 550, "weekly")]
    assert "550 5.1.1" in run("subscribers", "show", "ada@example.net").stdout


def test_no_address_and_no_token_is_told_of_a_report(database: Engine, configured: Settings) -> None:
    mail = dsn(to(database, configured, "ada"), said="550 5.1.1 <ada@example.net> ada unknown")

    for result in (run("bounces", "import", "-", stdin=mail), run("bounces", "list", "--json")):
        assert result.output
        assert not [word for word in ("ada", "example", "bounce+") if word in result.output]


@pytest.mark.parametrize("number", range(40))
def test_any_damage_to_a_mail_leaves_it_a_report_of_no_more_than_it_was(number: int) -> None:
    samples = [(mail, True) for mail in GONE] + [(mail, False) for mail in THERE]
    for at, (sample, hard) in enumerate(samples):
        assert problem(mutated(sample, number * len(samples) + at), hard=hard) == ""
