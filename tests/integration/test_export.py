"""What an export writes: everybody, for an import and for no spreadsheet's formulas."""

import csv
import io
import json
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from newsletter import recipients, roster, store, subscribe
from newsletter.cli import commands
from newsletter.model import Cadence, Choice, Subscriber, Subscription, SubscriptionStatus, Way
from tests.builders import NOW

runner = CliRunner()
FORMULA = "=cmd|x@example.com"
LOCAL = st.text("=+-'@ab|!#", min_size=1, max_size=12)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSLETTER__DATABASE_URL", database_url)
    return tmp_path


def run(*arguments: str) -> Result:
    return runner.invoke(commands, ["subscribers", *arguments])


def add(database: Engine, address: str, choice: Choice, *, list: str = "weekly") -> None:
    who = recipients.recipient(address)
    subscribe.add(database, who, choice, list=list, wording="The sheet.", way=Way.OPERATOR, now=NOW)


def chosen(database: Engine) -> dict[str, object]:
    with subscribe.every(database, subscribe.Which()) as found:
        return {one.subscriber.address: (one.choice, one.confirmed_at) for one in found}


@pytest.fixture
def readers(database: Engine) -> None:
    """Three on the list, of whom one left, and one on another."""
    add(database, FORMULA, Choice())
    add(database, "Ada@example.com", Choice(("kv-cache",), Cadence.MONTHLY, "Europe/Berlin"))
    add(database, "bob@example.com", Choice())
    add(database, "carl@example.com", Choice(), list="old")
    subscribe.remove(database, recipients.recipient("bob@example.com"), list=None, now=NOW)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.usefixtures("readers")
def test_everybody_is_written_as_typed_and_no_cell_is_a_formula() -> None:
    result = run("export")

    assert (result.exit_code, result.stderr) == (0, "")
    assert [(row["address"], row["list"], row["status"]) for row in rows(result.stdout)] == [
        ("'" + FORMULA, "weekly", "confirmed"),
        ("Ada@example.com", "weekly", "confirmed"),
        ("bob@example.com", "weekly", "unsubscribed"),
        ("carl@example.com", "old", "confirmed"),
    ]


@pytest.mark.usefixtures("readers")
def test_an_import_reads_an_export_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Engine
) -> None:
    assert run("export", "--list", "weekly", "--out", "people.csv").exit_code == 0
    monkeypatch.setenv("NEWSLETTER__DATABASE_URL", f"sqlite:///{tmp_path}/other.db")

    result = run("import", "people.csv", "--consent", "moved here", "--json")

    assert json.loads(result.stdout)["added"] == 2
    other = store.open_store(f"sqlite:///{tmp_path}/other.db")
    assert chosen(other) == {one: chosen(database)[one] for one in (FORMULA, "Ada@example.com")}
    other.dispose()


@pytest.mark.usefixtures("readers")
def test_a_file_of_people_is_for_nobody_elses_eyes(tmp_path: Path) -> None:
    result = run("export", "--status", "confirmed", "--out", "people.csv")

    path = tmp_path / "people.csv"
    assert (result.stdout, stat.S_IMODE(path.stat().st_mode)) == ("", 0o600)
    assert len(rows(path.read_text())) == 3


@pytest.mark.usefixtures("readers")
def test_json_is_one_object_a_line() -> None:
    found = [json.loads(line) for line in run("export", "--list", "weekly", "--json").stdout.splitlines()]

    assert found[1] == {
        "address": "Ada@example.com",
        "list": "weekly",
        "status": "confirmed",
        "themes": ["kv-cache"],
        "cadence": "monthly",
        "timezone": "Europe/Berlin",
        "created_at": NOW.isoformat(),
        "confirmed_at": NOW.isoformat(),
        "left_at": None,
    }


def test_where_it_cannot_be_written_it_says_so_and_leaves_nothing(database: Engine, tmp_path: Path) -> None:
    result = run("export", "--out", "no/people.csv")

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert result.stderr.startswith("error: no/people.csv: cannot be written: ")


@given(LOCAL)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_address_is_a_formula_in_a_spreadsheet_and_each_comes_back(local: str) -> None:
    one = Subscription(
        1,
        Subscriber(1, f"{local}@example.com", NOW),
        "weekly",
        SubscriptionStatus.CONFIRMED,
        Choice(),
        NOW,
        NOW,
        None,
        b"",
    )

    [text] = roster.table([one], of_one_list=True)

    [row] = rows(text)
    assert row["address"].lstrip(" ")[0] not in "=+-@"
    assert roster.plain(row["address"]) == one.subscriber.address
