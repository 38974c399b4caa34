"""`newsletter containers`, and what the linters of such files say to what it writes."""

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from newsletter import config, containers
from newsletter.cli import commands
from tests.lacking import lacking

# Beside the interpreter, where `pip install 'newsletter[test]'` puts them, or anywhere.
_PATH = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"
_LINTERS = {
    "Dockerfile": ["hadolint", "--failure-threshold", "style"],
    "relay/Dockerfile": ["hadolint", "--failure-threshold", "style"],
    "compose.yaml": ["check-jsonschema", "--builtin-schema", "vendor.compose-spec"],
    "relay/start": ["shellcheck"],
}


def write(out: Path) -> Result:
    return CliRunner().invoke(commands, ["containers", "--out", str(out)])


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_folder_gets_every_file_and_a_next_step(tmp_path: Path) -> None:
    done = write(tmp_path / "deploy")

    wrote = [line.removeprefix(f"wrote {tmp_path}/deploy/") for line in done.stdout.splitlines()]
    assert wrote == list(containers.NAMES.values())
    assert "docker compose up --detach --build" in done.stderr
    assert config.load(tmp_path / "deploy" / "config" / "config.toml").run.web is False


def test_what_is_there_already_stays_as_it_is(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "compose.yaml").write_text("mine")
    (tmp_path / "relay" / "main.cf").unlink()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    done = write(tmp_path)

    assert done.stdout == f"wrote {tmp_path}/relay/main.cf\n"
    assert f"kept {tmp_path}/database.env, which was already there\n" in done.stderr
    assert {path: path.read_bytes() for path in before} == before


def test_secrets_are_drawn_anew_and_the_database_and_those_who_ask_it_have_the_same(tmp_path: Path) -> None:
    write(tmp_path / "a")
    write(tmp_path / "b")
    texts = [(tmp_path / name / "database.env").read_text() for name in "ab"]
    words = [re.findall(r"^POSTGRES_PASSWORD=([\w-]{43})$", text, re.MULTILINE)[0] for text in texts]

    assert words[0] != words[1]
    assert all(f"//newsletter:{word}@database" in text for word, text in zip(words, texts, strict=True))
    assert words[0] not in (tmp_path / "a" / "newsletter.env").read_text()


def test_only_its_owner_reads_a_secret_and_the_containers_read_the_rest(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write(tmp_path / "deploy")
    finally:
        os.umask(before)
    found = {path.name: mode(path) for path in (tmp_path / "deploy").rglob("*") if path.is_file()}

    assert {name for name, bits in found.items() if bits == 0o600} == {"newsletter.env", "database.env"}
    assert {bits for name, bits in found.items() if not name.endswith(".env")} == {0o644}
    assert mode(tmp_path / "deploy" / "config") == 0o755


def test_without_a_folder_it_prints_the_files_and_draws_nothing() -> None:
    done = CliRunner().invoke(commands, ["containers"])

    assert done.stdout == "".join(f"# {name}\n{text}\n" for name, text in containers.shipped().items())


def test_a_folder_that_cannot_be_written_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "deploy").write_text("a file")
    done = subprocess.run(
        [sys.executable, "-m", "newsletter", "containers", "--out", "deploy"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: deploy/compose.yaml: cannot be written: Not a directory\n"


@pytest.mark.parametrize("name", _LINTERS)
def test_a_linter_finds_nothing(tmp_path: Path, name: str) -> None:
    program, *options = _LINTERS[name]
    found = shutil.which(program, path=_PATH)
    if not found:
        lacking(f"{program} is not there: pip install 'newsletter[test]', or install {program}")
    write(tmp_path)
    done = subprocess.run(
        [found, *options, str(tmp_path / name)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
