"""`newsletter stats` and `newsletter issues report`, as an operator types them."""

import json
import re
import sys
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from newsletter import stats_report, store
from newsletter.cli import commands
from newsletter.deliver import overview, report
from newsletter.store import issues
from tests import yearly

NOW = datetime.now(UTC)
runner = CliRunner()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str, database: Engine) -> Path:
    """A list with six issues and 300 readers who came and left."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSLETTER__DATABASE_URL", database_url)
    yearly.make(database, readers=300, issues=6, now=NOW)
    return tmp_path


def run(*arguments: str) -> Result:
    return runner.invoke(commands, arguments)


def done(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def test_stats_agree_with_each_other_and_with_the_readers() -> None:
    found = json.loads(done("stats", "--weeks", "8", "--json"))

    assert found["readers"] == json.loads(done("subscribers", "stats", "--weeks", "8", "--json"))
    weeks, lists = found["readers"]["weeks"], found["readers"]["lists"]
    assert weeks[-1]["total"] == lists["weekly"]["confirmed"]
    assert all(later["total"] - week["total"] == later["net"] for week, later in pairwise(weeks))
    assert [one["issue"] for one in found["issues"]] == [f"weekly/{number}" for number in range(1, 7)]
    assert all(set(one["themes"]) == set(yearly.THEMES) for one in found["papers"])


def test_stats_of_an_issue_are_those_of_its_report() -> None:
    one = json.loads(done("stats", "--json"))["issues"][2]

    found = json.loads(done("issues", "report", "weekly/3", "--json"))

    for name in ("issue", "date", "recipients", "sent", "unknown", "complaints", "left"):
        assert found[name] == one[name]
    assert sum(found["failed"].values()) == one["failed"]
    assert sum(found["bounced"].values()) == one["bounced"]


def test_only_the_weeks_that_are_asked_for_are_told() -> None:
    found = json.loads(done("stats", "--weeks", "2", "--json"))

    assert len(found["readers"]["weeks"]) == 2
    assert 1 <= len(found["issues"]) <= 2


def test_in_a_pipe_numbers_stand_without_drawings() -> None:
    shown = done("stats") + done("issues", "report", "weekly")

    assert "issue\tdate\tsent\tfailed\tback\tspam\tleft\tshare\n" in shown
    assert "mails\tnumber\tshare\n" in shown
    assert not re.search("[▁-▏]", shown)


def test_tables_of_a_large_list_have_80_columns(database: Engine) -> None:
    with store.reading(database) as tx:
        [last] = [one for one in issues.every(tx) if one.number == 6]
    seen = overview(database, list=None, weeks=26, now=NOW)
    tables = stats_report.overview_tables(seen, bars=True)
    tables += stats_report.report_tables(report(database, last), bars=True)

    for rows in tables:
        widths = [max(len(str(row[at])) for row in (rows.head, *rows.cells)) for at in range(len(rows.head))]
        assert sum(widths) + 2 * (len(widths) - 1) <= 66, rows.title  # a million readers add 14 at most


def test_a_report_is_the_text_of_a_mail_too() -> None:
    text = done("issues", "report", "weekly/6", "--text")

    assert text.startswith("weekly/6 of Paper Weekly, ")
    assert max(map(len, text.splitlines())) <= 72


def test_a_list_or_an_issue_that_is_not_there_is_told() -> None:
    assert "no list 'dayly'" in run("stats", "--list", "dayly").stderr.replace("mailing ", "")
    assert run("issues", "report", "weekly/99").exit_code == 1
    assert run("stats", "--open").exit_code == 2


def test_an_empty_store_is_counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pip install 'newsletter[test]'")
    monkeypatch.setenv("NEWSLETTER__DATABASE_URL", f"sqlite:///{tmp_path}/empty.db")
    done("db", "upgrade")

    found = json.loads(done("stats", "--weeks", "1", "--json", "--html", "empty.html"))

    assert (found["issues"], found["papers"], len(found["readers"]["weeks"])) == ([], [], 1)
    assert "readers now" in Path("empty.html").read_text(encoding="utf-8")


def test_without_its_library_the_page_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    result = run("stats", "--html", "stats.html")

    assert (result.exit_code, Path("stats.html").exists()) == (2, False)
    assert result.stderr == "error: plots need matplotlib; run: pip install 'newsletter[stats]'\n"


def test_the_page_is_one_file_without_addresses_and_the_same_every_time() -> None:
    pytest.importorskip("matplotlib", reason="pip install 'newsletter[test]'")
    done("stats", "--html", "one.html")
    done("stats", "--html", "two.html")

    page = Path("one.html").read_text(encoding="utf-8")
    assert page == Path("two.html").read_text(encoding="utf-8")
    assert "@example.org" not in page
    bare = re.sub(r' xmlns(:\w+)?="[^"]+"', "", page)
    assert not re.search(r"""(?:src|href|url)\s*[=(]\s*["']?(?!["'#])""", bare)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len({*ids})


def test_a_page_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pip install 'newsletter[test]'")

    result = run("stats", "--html", str(tmp_path))

    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: {tmp_path}: cannot be written")
