"""`newsletter label`, with one answer a line: what is asked, written and taken back."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from newsletter.cli import commands
from tests.builders import CACHE_PAPER, OTHER_PAPER, page_text

NEAR_PAPER = ("Pantry: Shelves", "We present Pantry, a key-value cache for shelves.")
THEME = ("--theme", "kv-cache")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    page = page_text(CACHE_PAPER, OTHER_PAPER, NEAR_PAPER)
    (tmp_path / "page.txt").write_text(page, encoding="utf-8")
    return tmp_path


def label(answers: str, *arguments: str) -> Result:
    return CliRunner().invoke(commands, ["label", "page.txt", *arguments], input=answers)


def written(name: str = "labels.jsonl") -> list[tuple[str, str, int]]:
    lines = Path(name).read_text(encoding="utf-8").splitlines()
    return [(value["title"], value["theme"], value["grade"]) for value in map(json.loads, lines)]


def test_every_judgement_is_a_line_and_the_unsure_paper_is_asked_first() -> None:
    result = label("n\ny\nm\n", *THEME)

    assert result.exit_code == 0
    titles = [NEAR_PAPER[0], CACHE_PAPER[0], OTHER_PAPER[0]]
    assert written() == [(title, "kv-cache", grade) for title, grade in zip(titles, (0, 2, 1), strict=True)]
    assert "KV cache: 3 of 3, 1 yes" in result.stdout
    assert result.stdout.endswith("KV cache: 1 yes, 1 no, 1 maybe added to labels.jsonl\n")


def test_a_question_shows_title_evidence_and_abstract() -> None:
    shown = " ".join(label("q\n", *THEME).stdout.split())

    assert shown.startswith(
        "KV cache: 1 of 3, 0 yes Pantry: Shelves score 2.50, a member from 4.00: key-value cache "
        "We present Pantry, a "
    )


def test_what_eval_reads_is_what_label_writes() -> None:
    label("n\ny\nn\n", *THEME)

    result = CliRunner().invoke(commands, ["eval", "labels.jsonl", "page.txt", "--min-f1", "1"])

    assert (result.exit_code, result.stderr) == (0, "")


def test_undo_removes_the_last_line_and_asks_again() -> None:
    result = label("y\nu\nn\nq\n", *THEME)

    assert written() == [(NEAR_PAPER[0], "kv-cache", 0)]
    assert result.stdout.count("Pantry: Shelves") == 2


def test_undo_never_takes_back_what_was_there_before() -> None:
    Path("labels.jsonl").write_text('{"title": "Old", "theme": "kv-cache", "grade": 2}', encoding="utf-8")

    result = label("u\ny\nu\n", *THEME)

    assert "nothing to undo" in result.stderr
    assert Path("labels.jsonl").read_text(encoding="utf-8") == (
        '{"title": "Old", "theme": "kv-cache", "grade": 2}'
    )


def test_a_file_without_a_last_line_end_gets_one_before_the_next_label() -> None:
    Path("labels.jsonl").write_text('{"title": "Old", "theme": "kv-cache", "grade": 2}', encoding="utf-8")

    label("y\n", *THEME)

    assert written() == [("Old", "kv-cache", 2), (NEAR_PAPER[0], "kv-cache", 2)]


def test_a_second_run_goes_on_where_the_first_stopped() -> None:
    label("n\nq\n", *THEME, "--out", "mine.jsonl")

    result = label("y\n", *THEME, "--out", "mine.jsonl", "--most", "1")

    assert "KV cache: 1 of 1, 0 yes" in result.stdout
    assert [title for title, _, _ in written("mine.jsonl")] == [NEAR_PAPER[0], CACHE_PAPER[0]]


def test_a_skipped_paper_has_no_line_and_comes_again() -> None:
    label("s\ny\nq\n", *THEME)

    assert [title for title, _, _ in written()] == [CACHE_PAPER[0]]
    assert "Pantry: Shelves" in label("q\n", *THEME).stdout


def test_what_is_no_answer_is_asked_again() -> None:
    result = label("perhaps\n\ny\n", *THEME)

    assert result.stderr.count("write one of: y yes, n no, ") == 2
    assert len(written()) == 1


def test_without_a_theme_every_theme_of_the_list_is_asked_in_turn_until_it_is_enough() -> None:
    result = label("n\nn\nn\nn\nq\n")

    assert [theme for _, theme, _ in written()] == ["kv-cache"] * 3 + ["parallelism"]
    assert "Diffusion" not in result.stdout


def test_a_theme_whose_papers_all_have_labels_asks_nothing() -> None:
    label("n\nn\nn\n", *THEME)

    assert label("", *THEME).stdout == (
        "KV cache: nothing left to ask, every paper has its label in labels.jsonl\n"
    )


def test_a_digest_on_standard_input_leaves_none_for_answers() -> None:
    result = CliRunner().invoke(commands, ["label", "-"], input="y\n")

    assert result.exit_code == 2
    assert result.stderr.startswith("error: label reads answers from standard input; ")


def test_a_place_where_nothing_can_be_written_is_told(folder: Path) -> None:
    result = label("y\n", *THEME, "--out", "no/labels.jsonl")

    assert result.stderr == "error: no/labels.jsonl: cannot write labels there: No such file or directory\n"


def test_a_broken_file_of_labels_is_told_and_left_alone() -> None:
    Path("labels.jsonl").write_text("{", encoding="utf-8")

    result = label("y\n", *THEME)

    assert result.stderr.startswith("error: labels.jsonl, line 1: not JSON; ")
    assert Path("labels.jsonl").read_text(encoding="utf-8") == "{"
