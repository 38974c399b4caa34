"""`newsletter subscribers`, as an operator types it."""

import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from newsletter import recipients, subscribe
from newsletter.cli import commands
from newsletter.model import Choice, SuppressionReason, Way
from newsletter.store import leaving_file
from newsletter.store.leaving_file import Leaving
from tests.builders import NOW
from tests.stored import dump

runner = CliRunner()
AGREED = ("--consent", "signed the sheet")
ADA = recipients.recipient("Ada@example.com")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSLETTER__DATABASE_URL", database_url)
    return tmp_path


def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
    return runner.invoke(commands, ["subscribers", *arguments], input=stdin)


def done(*arguments: str, stdin: str | None = None) -> str:
    result = run(*arguments, stdin=stdin)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def ask(database: Engine) -> None:
    """Ada asks on the web."""
    given = {"list": "weekly", "origin": "192.0.2.7", "wording": "Yes.", "letters_per_hour": 9, "now": NOW}
    subscribe.ask(database, ADA, Choice(), **given)  # type: ignore[arg-type]


def today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def test_somebody_is_added_once_with_what_they_agreed_to() -> None:
    said = done("add", "Ada@example.com", "--theme", "kv-cache", "--cadence", "monthly", *AGREED)

    assert said == "Ada@example.com: on weekly from now on\n"
    assert done("add", "ada@EXAMPLE.com", *AGREED).endswith("on weekly already; nothing was changed\n")
    person = json.loads(done("show", "ada@example.com", "--json"))
    [subscription], [consent] = person["subscriptions"], person["consents"]
    assert (subscription["themes"], subscription["cadence"]) == (["kv-cache"], "monthly")
    assert (consent["act"], consent["way"], consent["wording"]) == ("added", "operator", "signed the sheet")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["ada", *AGREED], 2, "error: ada: no address: An email address must have an @-sign.\n"),
        (["a@example.com"], 2, "error: how did they agree? Say where, how and when; "),
        (["a@example.com", "--consent", "  \n "], 2, "error: how did they agree? "),
        (["a@example.com", *AGREED, "--list", "no"], 1, "error: no list 'no'; lists: weekly\n"),
        (["a@example.com", *AGREED, "--theme", "no"], 2, "error: --theme: no theme 'no' in weekly; it has "),
    ],
)
def test_what_cannot_be_added_is_told_in_one_line(arguments: list[str], code: int, said: str) -> None:
    result = run("add", *arguments)

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (code, "", 1)
    assert result.stderr.startswith(said)


def test_who_left_is_told_how_they_come_back() -> None:
    done("add", "ada@example.com", *AGREED)
    assert done("remove", "ada@example.com") == "ada@example.com: off weekly\n"

    result = run("add", "ada@example.com", *AGREED)

    place = "https://news.example.org/weekly/subscribe"
    left = f"error: ada@example.com: left weekly on {today()}; only they can come back, at {place}\n"
    assert (result.exit_code, result.stderr) == (1, left)
    assert run("remove", "ada@example.com").stderr.startswith("error: ada@example.com: not on any list; ")


@pytest.mark.parametrize("reason", SuppressionReason)
def test_a_suppression_is_lifted_only_where_it_is_said(database: Engine, reason: SuppressionReason) -> None:
    subscribe.suppress(database, ADA, reason=reason, way=Way.REPORT, now=NOW)
    grave = reason is SuppressionReason.COMPLAINT

    result = run("add", "ada@example.com", *AGREED)
    assert (result.exit_code, "must not be written to, since 2026-01-06" in result.stderr) == (1, True)
    assert run("add", "ada@example.com", *AGREED, "--lift").exit_code == grave

    assert run("add", "ada@example.com", *AGREED, "--lift-complaint").exit_code == 0
    assert json.loads(done("show", "ada@example.com", "--json"))["suppressed"] is None


def test_list_shows_the_newest_and_how_many_more_there_are() -> None:
    for name in ("ada", "bob", "carl"):
        done("add", f"{name}@xn--bcher-kva.example.com", *AGREED)

    result = run("list", "--limit", "2")

    assert result.stdout.splitlines()[:3] == [
        "address\tlist\tstatus\tsince\tthemes\tcadence",
        f"carl@bücher.example.com\tweekly\tconfirmed\t{today()}\tevery theme\tissue",
        f"bob@bücher.example.com\tweekly\tconfirmed\t{today()}\tevery theme\tissue",
    ]
    assert result.stderr.startswith("1 more; --limit 3 shows all")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--theme", "kv-cache"], ["whole", "ada_1"]),
        (["--theme", "parallelism"], ["whole"]),
        (["--status", "unsubscribed"], ["gone"]),
        (["--like", "ADA_"], ["ada_1"]),
        (["--like", "%"], []),
        (["--list", "weekly"], ["whole", "gone", "ada_1"]),
    ],
)
def test_list_narrows(arguments: list[str], expected: list[str]) -> None:
    done("add", "ada_1@example.com", "--theme", "kv-cache", *AGREED)
    done("add", "gone@example.com", "--theme", "diffusion-efficiency", *AGREED)
    done("remove", "gone@example.com")
    done("add", "whole@example.com", *AGREED)

    lines = done("list", *arguments, "--json").splitlines()

    assert [json.loads(line)["address"] for line in lines] == [f"{name}@example.com" for name in expected]


def test_who_left_while_the_database_could_not_be_written_is_off_the_list(database: Engine) -> None:
    done("add", "ada@example.com", *AGREED)
    [subscription] = subscribe.person(database, ADA).subscriptions
    left = Leaving(subscription.key, Way.ONE_CLICK, NOW)
    leaving_file.append(Path("newsletter.leaving"), left)

    assert done("export", "--status", "confirmed", "--json") == ""
    assert run("import", "-", *AGREED, stdin="email\nada@example.com\n").stdout.splitlines()[1] == (
        "left the list; only they can come back\t1"
    )


def test_show_has_all_that_is_stored(database: Engine) -> None:
    ask(database)

    person = json.loads(done("show", "ada@example.com", "--json"))

    assert person["asks"][0]["from_host"] == "192.0.2.7/32"
    assert "Asked for, not answered yet" in done("show", "ada@example.com")


def test_whom_nobody_knows_is_told(database: Engine) -> None:
    result = run("show", "nobody@example.com")
    subscribe.suppress(database, ADA, reason=SuppressionReason.BOUNCE, way=Way.REPORT, now=NOW)

    assert (result.exit_code, result.stderr.split(";")[0]) == (1, "error: nobody@example.com: not known")
    assert "known by a salted hash alone: bounce, 2026-01-06" in run("show", "ada@example.com").stderr


def test_history_tells_who_said_what(database: Engine) -> None:
    done("add", "ada@example.com", *AGREED)
    done("remove", "ada@example.com")

    lines = done("history", "ada@example.com").splitlines()

    assert [line.split("\t")[1:] for line in lines[2:4]] == [
        ["weekly", "added", "operator", "signed the sheet"],
        ["weekly", "removed", "operator", ""],
    ]


def test_after_erasing_no_table_holds_the_address_and_no_import_brings_it_back(database: Engine) -> None:
    ask(database)
    subscribe.due(database, lists=["weekly"], letters_per_hour=9, most=9, now=NOW)
    done("import", "-", "--consent", "Ada@example.com wrote on 1 May", stdin="email\nAda@Example.com\n")
    ask(database)

    assert done("erase", "ada@example.com", "--yes") == "ada@example.com: forgotten\n"

    assert not re.search("ada@|Ada", repr(dump(database)))
    found = json.loads(done("import", "-", *AGREED, "--json", stdin="email\nada@example.com\n\n"))
    assert (found["added"], found["suppressed"]) == (0, 1)
    assert not re.search("ada@|Ada", repr(dump(database)))


def test_after_erasing_the_file_does_not_hold_the_address(tmp_path: Path, database_url: str) -> None:
    if not database_url.startswith("sqlite"):
        pytest.skip("the files of a PostgreSQL server are its own")
    table = "email\n" + "".join(f"reader{number}@example.com\n" for number in range(500))
    done("import", "-", *AGREED, stdin=table)
    done("erase", "reader250@example.com", "--yes")

    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert (b"reader250@" in content, b"reader251@" in content) == (False, True)


def test_erasing_is_asked_for_and_not_done_unasked(database: Engine) -> None:
    done("add", "ada@example.com", *AGREED)

    assert run("erase", "ada@example.com").exit_code == 2
    assert run("show", "ada@example.com").exit_code == 0


def test_import_tells_what_came_and_no_address() -> None:
    done("add", "known@example.com", *AGREED)

    table = "email\nnew@example.com\nKNOWN@example.com\nnew@example.com\nsecret person\n"
    result = run("import", "-", *AGREED, stdin=table)

    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "rows\tnumber",
        "added\t1",
        "on the list already; nothing changed\t1",
        "the same address as in a row above\t1",
        "not to be read\t1",
        "",
    ]
    assert result.stderr.splitlines()[:2] == [
        "-: 4 rows: 1 added",
        "-, line 5: An email address must have an @-sign.",
    ]
    assert "secret" not in result.stdout + result.stderr


HOSTILE = {
    "a zip": (b"PK\x03\x04" + bytes(100), "this is a spreadsheet or another archive; save the table as CSV"),
    "binary": (bytes(range(256)) * 40, "NUL bytes in it: this is no text; save the table as CSV in UTF-8"),
    "a NUL": (
        b"email\na\0b@example.com\n",
        "NUL bytes in it: this is no text; save the table as CSV in UTF-8",
    ),
    "empty": (b"", "empty; give a table with a column of addresses"),
    "blank": (b"\n \n", "empty; give a table with a column of addresses"),
    "another delimiter": (b"email|name\n", "no column of addresses; the first line says: email|name; "),
    "one cell": (b"x" * 1_000_000, "no column of addresses; the first line says: "),
    "columns": (b"," * 10_000 + b"\n", "no column of addresses; the first line says: "),
    "quotes": (b'"' * 9999, "no column of addresses; "),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_table_is_told_in_one_line(tmp_path: Path, kind: str) -> None:
    content, said = HOSTILE[kind]
    (tmp_path / "x.csv").write_bytes(content)

    result = run("import", "x.csv", *AGREED)

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert result.stderr.startswith(f"error: x.csv: {said}")
    assert len(result.stderr) < 500


def test_folders_and_pipes_are_no_tables(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert run("import", "pipe", *AGREED).stderr == (
        "error: pipe: not a regular file; give the path of a table, or pipe it in as -\n"
    )
    assert ": this is a folder; give the path of one table" in run("import", str(tmp_path), *AGREED).stderr
    assert run("import", "none", *AGREED).stderr.startswith("error: none: no such file; ")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("\ufeffemail\nx@example.com\n".encode(), "x@example.com"),
        ("e-mail\tname\nx@example.com\tJosé\n".encode("utf-16"), "x@example.com"),
        ("e-mail;name\r\nx@example.com;José\r\n".encode("cp1252"), "x@example.com"),
        (b"email\rx@example.com\r", "x@example.com"),
        (b"Ada,x@example.com", "x@example.com"),
        (b'email,note\nx@example.com,"' + b"a" * 60_000 + b'"\n', "x@example.com"),
    ],
    ids=["mark", "utf-16", "cp1252", "old line ends", "no names", "long cell"],
)
def test_any_program_may_have_written_the_table(tmp_path: Path, content: bytes, expected: str) -> None:
    (tmp_path / "x.csv").write_bytes(content)

    assert run("import", "x.csv", *AGREED).exit_code == 0
    assert json.loads(done("list", "--json"))["address"] == expected


def test_a_report_never_takes_the_place_of_its_table(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("email\nx@example.com\n")

    result = run("import", "x.csv", *AGREED, "--report", "./x.csv")

    assert (result.exit_code, (tmp_path / "x.csv").read_text()) == (2, "email\nx@example.com\n")


@pytest.mark.parametrize(("table", "report"), [("none.csv", "kept.csv"), ("x.csv", ".")])
def test_a_report_that_cannot_be_written_is_told_in_one_line(tmp_path: Path, table: str, report: str) -> None:
    (tmp_path / "x.csv").write_text("email\nx@example.com\n")
    (tmp_path / "kept.csv").write_text("")

    result = run("import", table, *AGREED, "--report", report)

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert result.stderr.startswith("error: ")


def test_of_several_lists_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[lists.weekly]\n[lists.daily]\n")

    result = run("add", "ada@example.com", *AGREED)

    assert (result.exit_code, result.stderr) == (
        2,
        "error: which list? say --list and one of: weekly, daily\n",
    )
    assert done("add", "ada@example.com", *AGREED, "--list", "daily").endswith(": on daily from now on\n")


def test_stats_count_who_came_and_left_and_what_they_chose(database: Engine) -> None:
    done("add", "ada@example.com", "--theme", "kv-cache", *AGREED)
    done("add", "bob@example.com", *AGREED)
    done("remove", "bob@example.com")
    subscribe.suppress(database, ADA, reason=SuppressionReason.BOUNCE, way=Way.REPORT, now=NOW)

    found = json.loads(done("stats", "--weeks", "2", "--json"))

    assert found["lists"] == {"weekly": {"unconfirmed": 0, "confirmed": 1, "unsubscribed": 1}}
    assert [(week["joined"], week["left"], week["net"]) for week in found["weeks"]] == [(0, 0, 0), (2, 1, 1)]
    assert (found["themes"], found["cadences"]) == ({"kv-cache": 1}, {"issue": 1})
    assert found["suppressed"] == {"bounce": 1}
    assert "Week by week" in done("stats", "--list", "weekly")


def test_who_left_soon_is_counted(database: Engine) -> None:
    for name, joined, stayed in (("a", 100, 29), ("b", 100, 31), ("c", 100, None), ("d", 10, 1)):
        who, then = recipients.recipient(f"{name}@example.com"), NOW - timedelta(days=joined)
        subscribe.add(database, who, Choice(), list="weekly", wording="Yes.", way=Way.OPERATOR, now=then)
        if stayed:
            subscribe.remove(database, who, list="weekly", now=then + timedelta(days=stayed))

    found = subscribe.stats(database, list=None, weeks=1, now=NOW)

    assert (found.early, found.settled) == (1, 3)


def test_every_command_has_help_with_an_example() -> None:
    for command in ("add", "import", "export", "list", "show", "remove", "erase", "history", "stats"):
        assert f"Example: newsletter subscribers {command}" in run(command, "--help").stdout
