"""What edits and overrides come to in what is rendered, selected and drafted."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from newsletter.cli import commands
from tests.builders import CACHE_PAPER, OTHER_PAPER, page_text

runner = CliRunner()
LATER_PAPER = (
    "Attic: A KV Cache Under the Roof",
    "The KV cache of a language model grows with its prompt. We present Attic, KV cache offloading to disk.",
)
OVERRIDE = f'[[overrides]]\nedit = "pin"\npaper = "{OTHER_PAPER[0]}"\nsection = "kv-cache"\nplace = 1\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.txt").write_text(page_text(CACHE_PAPER, OTHER_PAPER), encoding="utf-8")
    (tmp_path / "later.txt").write_text(page_text(LATER_PAPER), encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> Result:
    return runner.invoke(commands, arguments)


def done(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def sections(*arguments: str) -> dict[str, list[str]]:
    """The titles by section that a command prints as JSON."""
    found = json.loads(done(*arguments, "--json"))["sections"]
    titles = {section["theme"]: section["papers"] for section in found}
    return {
        theme: [row if isinstance(row, str) else row["title"] for row in rows]
        for theme, rows in titles.items()
    }


def overridden() -> None:
    Path("config.toml").write_text(OVERRIDE, encoding="utf-8")


@pytest.mark.parametrize("command", ["render", "select"])
def test_an_override_acts_wherever_papers_are_chosen(command: str) -> None:
    overridden()

    assert sections(command, "page.txt") == {"kv-cache": [OTHER_PAPER[0], CACHE_PAPER[0]]}


def test_select_tells_an_override_that_comes_to_nothing() -> None:
    Path("config.toml").write_text('[[overrides]]\nedit = "drop"\npaper = "Basement"\n', encoding="utf-8")

    assert run("select", "page.txt").stderr == "note: the override to drop 'Basement' comes to nothing here\n"


def test_an_override_acts_in_a_draft_before_its_edits_and_once() -> None:
    overridden()
    done("ingest", "page.txt")
    assert sections("draft") == {"kv-cache": [OTHER_PAPER[0], CACHE_PAPER[0]]}
    done("issues", "move", "weekly", "Plumbline", "--section", "trending", "--by", "ada")
    assert sections("issues", "show", "weekly")["trending"] == [OTHER_PAPER[0]]
    done("issues", "approve", "weekly")

    done("ingest", "later.txt")

    result = run("draft", "--json")
    assert [row["title"] for row in json.loads(result.stdout)["sections"][0]["papers"]] == [LATER_PAPER[0]]
    assert "comes to nothing" not in result.stderr


def test_a_paper_carried_before_comes_again_when_it_is_pinned() -> None:
    done("ingest", "page.txt")
    done("draft")
    done("issues", "approve", "weekly")
    done("ingest", "later.txt")
    done("draft")

    told = done("issues", "pin", "weekly", "larder", "--place", "1")

    assert told == f"weekly/2: pinned “{CACHE_PAPER[0]}”; it stands under KV cache, place 1\n"
    assert sections("issues", "show", "weekly") == {"kv-cache": [CACHE_PAPER[0], LATER_PAPER[0]]}


def test_only_what_stands_in_the_draft_is_moved() -> None:
    Path("config.toml").write_text("[lists.weekly]\ntrending_limit = 0\n", encoding="utf-8")
    done("ingest", "page.txt")
    done("draft")

    result = run("issues", "move", "weekly", "plumbline", "--place", "1")

    assert result.exit_code == 1
    assert result.stderr == (
        f"error: “{OTHER_PAPER[0]}” stands in no section of weekly/1, so it cannot be moved; "
        "pin takes it in, with the same --section and --place\n"
    )
    assert json.loads(done("issues", "show", "weekly", "--json"))["edits"] == []


def test_an_edit_that_comes_to_nothing_is_told_by_title() -> None:
    done("ingest", "page.txt")
    done("draft")
    done("issues", "move", "weekly", "plumbline", "--place", "1")
    Path("config.toml").write_text("[lists.weekly]\ntrending_limit = 0\n", encoding="utf-8")

    result = run("issues", "show", "weekly")

    assert f"warning: weekly/1: comes to nothing: move “{OTHER_PAPER[0]}”" in result.stderr


def test_a_pinned_paper_is_no_near_miss_of_its_section() -> None:
    done("ingest", "page.txt")
    done("draft")

    done("issues", "pin", "weekly", "plumbline", "--section", "kv-cache")

    misses = json.loads(done("issues", "show", "weekly", "--json"))["near_misses"]["kv-cache"]
    assert OTHER_PAPER[0] not in [miss["title"] for miss in misses]


def test_a_drop_is_undone_and_the_paper_is_back() -> None:
    done("ingest", "page.txt")
    done("draft")
    done("issues", "drop", "weekly", "larder", "--by", "ada")
    assert sections("issues", "show", "weekly") == {"trending": [OTHER_PAPER[0]]}
    assert [row["change"] for row in json.loads(done("issues", "diff", "weekly", "--json"))["changes"]] == [
        "out"
    ]

    done("issues", "undo", "weekly")

    assert sections("issues", "show", "weekly")["kv-cache"] == [CACHE_PAPER[0]]
