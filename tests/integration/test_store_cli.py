"""`newsletter ingest` and `newsletter db`, as a user types them."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from newsletter import headway
from newsletter.cli import commands
from newsletter.store.schema import REVISION
from tests.builders import CACHE_PAPER, OTHER_PAPER, page_text

ROOT = Path(__file__).parents[2]
runner = CliRunner()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.txt").write_text(page_text(CACHE_PAPER, OTHER_PAPER), encoding="utf-8")
    (tmp_path / "copy.txt").write_text(page_text(OTHER_PAPER), encoding="utf-8")
    return tmp_path


def run(*arguments: str, stdin: str | None = None) -> Result:
    return runner.invoke(commands, arguments, input=stdin)


def test_ingest_makes_the_store_and_tells_what_came_in() -> None:
    result = run("ingest", "page.txt", "copy.txt")

    assert (result.exit_code, Path("newsletter.db").is_file()) == (0, True)
    assert result.stdout.splitlines()[:3] == [
        "digest\tformat\tpapers\tadded\tupdated\tknown",
        "page.txt\thf-page\t2\t2\t0\t0",
        "copy.txt\thf-page\t1\t0\t0\t1",
    ]
    assert result.stderr == (
        "page.txt: hf-page, 2 papers: 2 added, 0 updated, 0 known\n"
        "copy.txt: hf-page, 1 paper: 0 added, 0 updated, 1 known\n"
        "next: newsletter draft\n"
    )


def test_ingest_again_adds_nothing() -> None:
    run("ingest", "page.txt")
    before = Path("newsletter.db").read_bytes()

    result = run("ingest", "page.txt", "--json")

    assert json.loads(result.stdout) == {
        "digests": [
            {
                "source": "page.txt",
                "format": "hf-page",
                "date": None,
                "papers": 2,
                "added": 0,
                "updated": 0,
                "known": 2,
                "known_before": True,
            }
        ],
        "added": 0,
        "updated": 0,
        "known": 2,
    }
    assert result.stderr == "page.txt: hf-page, known already, nothing to do\n"
    assert Path("newsletter.db").read_bytes() == before


def test_a_digest_that_cannot_be_read_does_not_keep_out_the_others() -> None:
    result = run("ingest", "none.txt", "page.txt", "--json")

    assert (result.exit_code, json.loads(result.stdout)["added"]) == (1, 2)
    assert result.stderr.startswith("error: none.txt: no such file; ")


def test_ingest_reads_standard_input() -> None:
    assert json.loads(run("ingest", "-", "--json", stdin=page_text(OTHER_PAPER)).stdout)["added"] == 1


def test_the_store_lies_where_the_configuration_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "there").mkdir()
    config = tmp_path / "there" / "config.toml"
    config.write_text('database_url = "sqlite:///papers.db"\n', encoding="utf-8")
    run("ingest", "page.txt", "--config", str(config))
    monkeypatch.setenv("NEWSLETTER__DATABASE_URL", f"sqlite:///{tmp_path}/other.db")
    run("ingest", "page.txt")

    assert sorted(path.name for path in tmp_path.rglob("*.db")) == ["other.db", "papers.db"]
    assert (tmp_path / "there" / "papers.db").is_file()


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "mysql://a:geheim@b/c", "a.db"]
)
def test_an_address_of_no_known_database_is_a_mistake(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLETTER__DATABASE_URL", url)

    result = run("ingest", "page.txt")

    assert result.exit_code == 2
    assert (
        "database_url: write sqlite:///newsletter.db, or postgresql://USER:PASSWORD@HOST/NAME"
        in result.stderr
    )
    assert "geheim" not in result.stderr


def test_a_store_that_cannot_be_used_is_told_in_one_line() -> None:
    Path("newsletter.db").mkdir()

    result = run("ingest", "page.txt")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("error: newsletter.db: this is a folder; ")
    assert result.stderr.count("\n") == 1


def test_upgrade_makes_the_tables_and_then_changes_nothing() -> None:
    assert run("db", "upgrade").stdout == f"at revision {REVISION}, was empty\n"
    assert run("db", "upgrade").stdout == f"at revision {REVISION} already\n"


def test_check_tells_what_the_store_holds() -> None:
    run("ingest", "page.txt")

    result = run("db", "check")

    assert result.exit_code == 0
    assert result.stdout.splitlines()[:5] == [
        "newsletter.db\twhole",
        f"revision\t{REVISION}",
        "papers\t2",
        "digests\t1",
        "sightings\t2",
    ]
    assert json.loads(run("db", "check", "--json").stdout)["counts"]["papers"] == 2


def test_check_finds_damage() -> None:
    run("ingest", "page.txt")
    with sqlite3.connect("newsletter.db") as other:
        other.execute("DELETE FROM papers WHERE id = 1")
        other.execute("UPDATE digests SET taken = 1")
    other.close()

    result = run("db", "check")

    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == "newsletter.db\tdamaged"
    assert "digests not complete; ingest them again\t1" in result.stdout
    assert result.stderr.splitlines()[-1] == "error: newsletter.db is damaged; restore it from a backup"


def test_check_makes_no_store() -> None:
    result = run("db", "check")

    assert (result.exit_code, Path("newsletter.db").exists()) == (1, False)
    assert result.stderr == "error: newsletter.db: no database yet; newsletter ingest makes it\n"


def test_every_command_of_the_store_has_help_with_an_example() -> None:
    for command in (["ingest"], ["db", "upgrade"], ["db", "check"], ["db", "copy"]):
        assert "Example: newsletter " + " ".join(command) in run(*command, "--help").stdout


def test_render_does_without_the_store_the_clock_of_the_schedule_and_plots() -> None:
    code = (
        "unwanted = {'sqlalchemy', 'alembic', 'psycopg', 'email_validator', 'newsletter.store'};"
        "unwanted |= {'apscheduler', 'matplotlib', 'smtplib', 'cryptography', 'newsletter.newsroom'};"
        "import sys; from newsletter.cli import commands; commands(['render'], standalone_mode=False);"
        "sys.exit(bool(unwanted & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    assert subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True).returncode == 0


def test_a_log_shows_how_far_a_large_digest_has_come(capsys: pytest.CaptureFixture[str]) -> None:
    with headway.of_papers("corpus.jsonl", 12_000) as told:
        for done in range(500, 12_001, 500):
            told(done)

    assert capsys.readouterr().err == (
        "corpus.jsonl: 5000 of 12000 papers\ncorpus.jsonl: 10000 of 12000 papers\n"
    )


def test_ingest_without_a_digest_reads_the_configured_sources() -> None:
    Path("config.toml").write_text('[[sources]]\nfile = "*.txt"\n', encoding="utf-8")

    assert json.loads(run("ingest", "--json").stdout)["added"] == 2


def test_ingest_without_a_digest_or_a_source_says_what_to_name() -> None:
    result = run("ingest")

    assert result.exit_code == 2
    assert result.stderr.startswith("error: nothing to ingest: name a digest or an address, or add [[")
    assert not Path("newsletter.db").exists()
