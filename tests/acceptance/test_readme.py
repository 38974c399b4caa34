"""The README says what is so."""

import hashlib
import re
from pathlib import Path

import pytest
import typer

from newsletter import app, config, lint
from newsletter.cli import commands
from tests.picture import PICTURES, Picture

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_names_every_command_and_no_other() -> None:
    existing = set(typer.main.get_command(commands).commands)  # type: ignore[attr-defined]

    assert set(re.findall(r"newsletter ([a-z]+)\b(?= |`)", README)) == existing


def test_the_readme_names_every_option_of_render() -> None:
    render = typer.main.get_command(commands).commands["render"]  # type: ignore[attr-defined]
    row = next(line for line in README.splitlines() if line.startswith("| `newsletter render"))

    options = {option for parameter in render.params for option in parameter.opts if option.startswith("--")}
    assert options - {"--help", "--config"} == set(re.findall(r"--[a-z]+", row))


def test_the_readme_has_a_row_for_every_look() -> None:
    section = README.partition("\n## Looks\n")[2].partition("\n## ")[0]

    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == sorted(
        app.looks(config.load(None)), key=lambda name: (name != "default", name)
    )


def test_the_readme_names_every_option_of_lint() -> None:
    command = typer.main.get_command(commands).commands["lint"]  # type: ignore[attr-defined]
    row = next(line for line in README.splitlines() if line.startswith("| `newsletter lint"))

    options = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    assert options - {"--help", "--config"} == set(re.findall(r"--[a-z]+", row))


def test_the_readme_names_every_rule_of_lint_and_no_other() -> None:
    section = README.partition("\n## Lint\n")[2].partition("\n## ")[0]
    rows = [line.split(" | ", 1)[1] for line in section.splitlines() if line.startswith("| ")][1:]

    named = re.findall(r"(?:^|, )`([a-z-]+)`", "\n".join(re.sub(r"\([^)]*\)", "", row) for row in rows), re.M)
    assert named == [rule.slug for rule in lint.RULES if rule.slug in named]
    assert set(named) == {rule.slug for rule in lint.RULES}


def test_the_first_screen_shows_a_picture_and_two_commands() -> None:
    first = README.splitlines()[:25]

    assert any(line.startswith("![") and ".github/issue.png" in line for line in first)
    assert [line.split()[-1] for line in first if line.startswith("python3 -m venv")] == ["--open", "pytest"]


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.look)
def test_a_picture_shows_the_issue_that_its_look_makes_today(tmp_path: Path, picture: Picture) -> None:
    page = hashlib.sha256(picture.page(tmp_path)).hexdigest()

    assert b"tEXtpage\0" + page.encode() in picture.file.read_bytes(), "run: python -m tests.picture"
    assert f".github/{picture.file.name}" in README
