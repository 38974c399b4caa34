"""The README says what is so."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import typer

from newsletter import lint
from newsletter.cli import commands

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PICTURE = ROOT / ".github" / "issue.png"


def test_the_readme_names_every_command_and_no_other() -> None:
    existing = set(typer.main.get_command(commands).commands)  # type: ignore[attr-defined]

    assert set(re.findall(r"newsletter ([a-z]+)\b(?= |`)", README)) == existing


def test_the_readme_names_every_option_of_render() -> None:
    render = typer.main.get_command(commands).commands["render"]  # type: ignore[attr-defined]
    row = next(line for line in README.splitlines() if line.startswith("| `newsletter render"))

    options = {option for parameter in render.params for option in parameter.opts if option.startswith("--")}
    assert options - {"--help", "--config"} == set(re.findall(r"--[a-z]+", row))


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


def test_the_picture_shows_the_issue_that_the_sample_makes_today(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "newsletter", "render", "--date", "2026-01-06", "--out", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True, cwd=tmp_path)
    page = hashlib.sha256((tmp_path / "issue.html").read_bytes()).hexdigest()

    assert b"tEXtpage\0" + page.encode() in PICTURE.read_bytes(), "run: python -m tests.picture"
