"""`newsletter send`, `deliveries` and `status`, as an operator types them; mails become files."""

import json
import os
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from newsletter import app, config, drafts, store
from newsletter.cli import commands
from newsletter.store import connection, processes
from newsletter.store.processes import Role
from tests.builders import CACHE_PAPER, page_text
from tests.readers import KEY

CONFIG = f'secret_keys = ["{KEY}"]\n\n[delivery]\nbackend = "eml"\n'
READERS = "email,themes\nada@example.net,\nbob@example.net,kv-cache\neve@example.net,agents\n"
runner = CliRunner()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An approved issue on the KV cache, and three readers: of everything, of its theme, and of another."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSLETTER__DATABASE_URL", database_url)
    themes = '[lists.weekly]\nthemes = ["kv-cache", "agents"]\n'
    tmp_path.joinpath("config.toml").write_text(CONFIG + themes, encoding="utf-8")
    tmp_path.joinpath("page.txt").write_text(page_text(CACHE_PAPER), encoding="utf-8")
    tmp_path.joinpath("readers.csv").write_text(READERS, encoding="utf-8")
    for command in (
        ["ingest", "page.txt"],
        ["draft", "--date", "2026-01-06"],
        ["issues", "approve", "weekly"],
        ["subscribers", "import", "readers.csv", "--consent", "on paper"],
    ):
        assert run(*command).exit_code == 0
    return tmp_path


def run(*arguments: str) -> Result:
    return runner.invoke(commands, arguments)


def printed(*arguments: str) -> dict[str, object]:
    said: dict[str, object] = json.loads(run(*arguments).stdout)
    return said


def change(statement: str) -> None:
    database = connection.connect(os.environ["NEWSLETTER__DATABASE_URL"], create=False)
    with store.writing(database) as tx:
        tx.execute(text(statement))
    database.dispose()


def files() -> Sequence[str]:
    return sorted(path.name for path in Path("outbox").glob("*.eml"))


def test_a_rehearsal_says_who_would_get_what_and_changes_nothing() -> None:
    shown = run("send", "weekly", "--dry-run")
    told = printed("send", "weekly", "--dry-run", "--json")

    assert shown.stdout.splitlines() == [
        "weekly/1 would go to 3 readers",
        "chosen\treaders\tpapers",
        "the whole issue\t1\t1",
        "agents\t1\tno mail: nothing of these themes",
        "kv-cache\t1\t1",
        "",
    ]
    assert told["recipients"] == 3
    assert {"themes": ["kv-cache"], "readers": 1} in told["choices"]  # type: ignore[operator]
    assert not Path("outbox").exists()
    assert "ready; newsletter send weekly/1" in run("status").stdout


def test_an_issue_goes_to_each_reader_once() -> None:
    first = run("send", "weekly")
    again = run("send", "weekly/1")

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert first.stdout.startswith("weekly/1: sent 2 of 3 readers (2 in 0.")
    assert first.stdout.endswith("; 1 skipped\n")
    assert again.stdout.startswith("weekly/1: sent 2 of 3 readers (0 in 0.")
    assert len(files()) == 2
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in (Path("outbox") / files()[0]).read_text()


def test_the_shape_of_what_a_program_reads() -> None:
    said = printed("send", "weekly", "--json")

    assert said.pop("seconds") > 0  # type: ignore[operator]
    assert said == {
        "issue": "weekly/1",
        "recipients": 3,
        "sent": 2,
        "deferred": 0,
        "failed": 0,
        "unknown": 0,
        "skipped": 1,
        "pending": 0,
        "state": "finished",
        "reason": "",
        "next_at": None,
    }
    assert [issue["sent"] for issue in printed("status", "--json")["issues"]] == [2]  # type: ignore[attr-defined]


def test_what_is_unknown_is_listed_and_settled() -> None:
    run("send", "weekly")
    change("UPDATE deliveries SET status = 'unknown', cause = 'no answer' WHERE status = 'sent'")

    sent = run("send", "weekly")
    listed = run("deliveries", "list", "weekly")
    told = printed("deliveries", "list", "weekly", "--json")
    settled = run("deliveries", "resolve", "weekly", "ada@example.net", "--assume-sent")
    again = run("deliveries", "resolve", "weekly/1", "--resend")

    assert (sent.exit_code, len(files())) == (1, 2)
    assert sent.stderr.splitlines()[-1] == (
        "2 mails may have arrived, since no answer came after the end; "
        "see: newsletter deliveries list weekly/1"
    )
    assert "ada@example.net\tunknown\t1\t" in listed.stdout
    assert "newsletter deliveries resolve weekly/1 --assume-sent, --resend or --log FILE" in listed.stderr
    assert [row["cause"] for row in told["deliveries"]] == ["no answer"] * 2  # type: ignore[attr-defined]
    assert (settled.stdout, again.stdout) == (
        "weekly/1: 1 count as sent\n",
        "weekly/1: 1 go again\n",
    )
    before = {name: (Path("outbox") / name).read_bytes() for name in files()}
    assert run("send", "weekly").exit_code == 0
    assert {name: (Path("outbox") / name).read_bytes() for name in files()} == before


def test_a_log_settles_what_is_unknown(folder: Path) -> None:
    run("send", "weekly")
    change("UPDATE deliveries SET status = 'unknown' WHERE status = 'sent'")
    name = (Path("outbox") / files()[0]).read_text().partition("Message-ID: <")[2].partition("@")[0]
    folder.joinpath("mail.log").write_text(
        f"Jan 6 mx postfix/cleanup[7]: 4F1: message-id=<{name}@news.example.org>\n"
        "Jan 6 mx postfix/qmgr[9]: 4F1: from=<a@b.example>, size=6, nrcpt=1 (queue active)\n"
    )

    result = run("deliveries", "resolve", "weekly", "--log", "mail.log")

    assert (result.stdout, result.stderr) == (
        "weekly/1: 1 had arrived, 1 go again\n",
        "next: newsletter send weekly/1\n",
    )


def test_a_log_of_another_server_or_of_a_part_of_the_time_settles_nothing(folder: Path) -> None:
    run("send", "weekly")
    change("UPDATE deliveries SET status = 'unknown' WHERE status = 'sent' AND id = 1")
    change("UPDATE deliveries SET code = 250 WHERE status = 'sent'")
    folder.joinpath("mail.log").write_text("Jan 6 mx postfix/qmgr[9]: 4F1: removed\n")

    result = run("deliveries", "resolve", "weekly", "--log", "mail.log")

    assert (result.exit_code, result.stderr) == (
        1,
        "error: this log lacks 1 of 1 mails of weekly/1 that were taken; "
        "give the log of the server they went to, for the whole time\n",
    )


def test_nobody_is_told_to_send_what_a_process_will() -> None:
    run("send", "weekly")
    change("UPDATE sendings SET state = 'freezing'")
    alone = run("status").stdout
    database = connection.connect(os.environ["NEWSLETTER__DATABASE_URL"], create=False)
    with store.writing(database) as tx:
        processes.join(tx, Role.RUN, version="1", now=app.clock_of(database)())
    database.dispose()

    beside = run("status").stdout

    assert "its readers are being written down; go on with: newsletter send weekly/1" in alone
    assert "its readers are being written down\n" in beside
    assert printed("status", "--json")["held"] == ""


def test_a_paused_issue_waits_until_it_is_let_go_on() -> None:
    run("send", "weekly")
    change("UPDATE deliveries SET status = 'pending' WHERE status = 'sent'")
    change("UPDATE sendings SET state = 'running'")

    halfway = run("status")
    paused = run("deliveries", "pause", "weekly")
    refused = run("send", "weekly")
    shown = run("status")
    resumed = run("deliveries", "resume", "weekly")

    assert "halfway; go on with: newsletter send weekly/1" in halfway.stdout
    assert (paused.stdout, resumed.stdout) == ("weekly/1: paused\n", "weekly/1: running\n")
    assert refused.stderr == (
        "error: weekly/1 is paused; let it go on with: newsletter deliveries resume weekly/1\n"
    )
    assert "paused; newsletter deliveries resume weekly/1" in shown.stdout
    assert run("deliveries", "resume", "weekly").stdout == "weekly/1: running already; nothing to do\n"


def test_a_cancelled_issue_goes_to_nobody_any_more() -> None:
    run("send", "weekly")
    change("UPDATE deliveries SET status = 'pending' WHERE status = 'sent'")
    change("UPDATE sendings SET state = 'stopped', reason = 'the disk is full'")
    stopped = run("status").stdout

    cancelled = run("deliveries", "cancel", "weekly")

    assert "stopped: the disk is full; then: newsletter send weekly/1" in stopped
    assert cancelled.stdout == "weekly/1: cancelled, 2 readers do not get it\n"
    assert "was cancelled; what had not gone does not go any more" in run("send", "weekly").stderr


@pytest.mark.parametrize(
    "wrong",
    [
        ["resolve", "weekly"],
        ["resolve", "weekly", "--resend", "--assume-sent"],
        ["resolve", "weekly", "--assume-sent", "--failed"],
    ],
)
def test_settling_in_two_ways_or_none_is_wrong_usage(wrong: list[str]) -> None:
    result = run("deliveries", *wrong)

    assert result.exit_code == 2
    assert "say one of --resend, --assume-sent and --log FILE" in result.stderr


def test_an_issue_that_was_never_sent_cannot_be_steered() -> None:
    result = run("deliveries", "pause", "weekly")

    assert (result.exit_code, result.stderr) == (
        1,
        "error: weekly/1 was never sent; send it with: newsletter send weekly/1\n",
    )


def test_a_server_that_is_not_there_costs_nothing(folder: Path) -> None:
    config = folder / "config.toml"
    text_of = config.read_text().replace('backend = "eml"', 'backend = "smtp"')
    config.write_text(text_of + '\n[smtp]\nhost = "127.0.0.1"\nport = 1\nsecurity = "none"\n')

    result = run("send", "weekly")

    assert result.exit_code == 1
    assert "stopped: 127.0.0.1:1 refuses the connection" in result.stderr
    assert "2 readers left; go on with: newsletter send weekly/1" in result.stderr


def test_signals_are_left_as_they_were() -> None:
    before = signal.getsignal(signal.SIGTERM)

    run("send", "weekly")

    assert signal.getsignal(signal.SIGTERM) is before


def test_a_recap_is_sent_by_hand_to_those_who_want_no_more() -> None:
    monthly = "email,themes,cadence\nmo@example.net,,monthly\nkv@example.net,kv-cache,monthly\n"
    Path("monthly.csv").write_text(monthly, encoding="utf-8")
    run("subscribers", "import", "monthly.csv", "--consent", "on paper")
    recap("2026-01")

    shown = run("send", "weekly/2", "--dry-run")
    assert "weekly/2 would go to 2 readers" in shown.stdout
    assert (run("send", "weekly/2").exit_code, len(files())) == (0, 2)
    assert run("send", "weekly").exit_code == 0
    assert len(files()) == 4
    subjects = {line for path in Path("outbox").glob("*.eml") for line in subject_of(path)}
    assert "Subject: The best of January: 1 paper of 1 issue" in subjects


def test_a_recap_is_listed_shown_and_given_up_as_what_it_is() -> None:
    recap("2026-01")

    _, listed = printed("issues", "list", "--json")["issues"]  # type: ignore[misc]
    assert (listed["issue"], listed["recap"]) == ("weekly/2", "2026-01")
    assert "recap of" in run("issues").stdout
    says = ", approved, recap of 2026-01 (1 issue): 1 paper considered"
    assert says in run("issues", "show", "weekly/2").stdout
    assert "as the themes choose it" in run("issues", "diff", "weekly/2").stderr
    assert run("issues", "approve", "weekly").stdout == "weekly/1: approved already; nothing to do\n"
    assert run("issues", "cancel", "weekly/2").stdout == (
        "weekly/2: cancelled, no other recap of 2026-01 is made\n"
    )


def recap(month: str) -> None:
    settings = app.load_settings(None)
    with app.open_store(settings) as database:
        assert drafts.recap(database, config.mailing_list(settings, "weekly"), month, now=app.utcnow())


def subject_of(mail: Path) -> list[str]:
    return [line for line in mail.read_text().splitlines() if line.startswith("Subject: ")]
