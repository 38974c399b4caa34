"""The papers of an issue for a reader's library: beside the issue, and with its mail."""

import email
from email import policy
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from newsletter import sources
from newsletter.cli import commands
from tests.builders import CACHE_PAPER, OTHER_PAPER, page_text


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("page.txt").write_text(page_text(CACHE_PAPER, OTHER_PAPER), encoding="utf-8")


def render() -> Result:
    return CliRunner().invoke(commands, ["render", "page.txt", "--date", "2026-01-06"])


@pytest.mark.parametrize("name", ["issue.bib", "issue.ris"])
def test_the_papers_stand_beside_the_issue_in_its_order(name: str) -> None:
    assert render().exit_code == 0

    papers = sources.parse(Path("issue", name).read_bytes(), name).papers
    assert [paper.title for paper in papers] == [CACHE_PAPER[0], OTHER_PAPER[0]]


def test_a_list_attaches_the_forms_it_names_each_once_and_unchanged() -> None:
    Path("config.toml").write_text('[lists.weekly]\nattach = ["ris", "bib", "ris"]\n', encoding="utf-8")
    result = render()

    raw = Path("issue/issue.eml").read_bytes()
    files = {
        part.get_filename(): part.get_content()
        for part in email.message_from_bytes(raw, policy=policy.default).iter_attachments()
    }
    assert files == {
        "paper-weekly-2026-01-06.ris": Path("issue/issue.ris").read_bytes(),
        "paper-weekly-2026-01-06.bib": Path("issue/issue.bib").read_bytes(),
    }
    assert f"the whole mail {len(raw) / 1000:.1f} KB" in result.stdout


def test_another_form_is_a_mistake_with_its_place() -> None:
    Path("config.toml").write_text('[lists.weekly]\nattach = ["pdf"]\n', encoding="utf-8")
    result = render()

    assert result.exit_code == 2
    assert "lists.weekly.attach" in result.stderr
