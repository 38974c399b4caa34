"""`newsletter render` of an issue that is too large for a mail: what is cut, told and left to the editor."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from newsletter.cli import commands
from tests.builders import CACHE_PAPER, page_text

NEEDED = "later answers will need"
WORDY = CACHE_PAPER[1].replace(NEEDED, f"{NEEDED} and gives the rest of the memory back to whoever needs it")
LONG = [(f"Larder {number}: Half of a KV Cache for Readers Number {number}", WORDY) for number in range(60)]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("page.txt").write_text(page_text(*LONG), encoding="utf-8")
    Path("config.toml").write_text("[themes.kv-cache]\nlimit = 100\n", encoding="utf-8")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ["render", "page.txt", "--date", "2026-01-06", *arguments])


def configure(line: str) -> None:
    with Path("config.toml").open("a", encoding="utf-8") as file:
        file.write(f"[lists.weekly]\n{line}\n")


def test_an_issue_that_gmail_would_clip_is_cut_to_fit_and_says_so() -> None:
    result = run()

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-2].startswith(
        "cut to fit the mail: one-liners of at most 120 characters; "
    )
    assert len(Path("issue/issue.html").read_bytes()) < 80_000


def test_json_tells_the_cuts_and_the_issue_as_data_stays_whole() -> None:
    values = json.loads(run("--json").stdout)

    assert [cut.partition(" ")[0] for cut in values["cuts"]][:1] == ["one-liners"]
    issue = json.loads(Path("issue/issue.json").read_text(encoding="utf-8"))
    picks = [pick for section in issue["sections"] for pick in section["picks"]]
    assert len(picks) == 60
    assert all(pick["one_liner"] and not pick["brief"] for pick in picks)


def test_whole_leaves_nothing_out_and_warns_of_the_size() -> None:
    result = run("--whole")

    assert result.exit_code == 0
    assert result.stderr.startswith("issue/issue.html: warning: html-size: ")
    assert "cut to fit" not in result.stdout
    assert json.loads(Path("issue/issue.json").read_text(encoding="utf-8"))["list"]["shorten"] is True


def test_a_list_may_leave_nothing_out_in_any_run() -> None:
    configure("shorten = false")

    assert run().stderr.startswith("issue/issue.html: warning: html-size: ")


def test_what_no_cut_makes_fit_is_an_error() -> None:
    configure(f'postal_address = "{"Quay " * 20_000}"')
    result = run()

    assert result.exit_code == 1
    assert result.stderr.startswith("issue/issue.html: error: html-size: ")
    assert Path("issue/issue.html").is_file()
