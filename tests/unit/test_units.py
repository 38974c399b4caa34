"""What systemd is given. Where this machine has systemd, systemd itself says what it thinks of it."""

import re
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path

import pytest

from newsletter import config
from newsletter.config import Settings
from newsletter.daemon import units
from newsletter.errors import ConfigError, NewsletterError

ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(not ANALYZE, reason="systemd-analyze is not there: install systemd")


def parsed(text: str) -> RawConfigParser:
    """The unit; of a key that stands twice, the last."""
    parser = RawConfigParser(strict=False, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(text)
    return parser


def settings(folder: Path, text: str = "") -> Settings:
    folder.mkdir(exist_ok=True)
    (folder / "config.toml").write_text(text)
    return config.load(folder / "config.toml")


def made(folder: Path, text: str = "", user: str = "root") -> dict[str, str]:
    return {**units.made(settings(folder, text), path=folder / "config.toml", user=user)}


@pytest.mark.parametrize("name", units.NAMES)
def test_every_unit_can_be_parsed_and_nothing_is_left_to_fill_in(tmp_path: Path, name: str) -> None:
    text = made(tmp_path)[name]

    assert not re.search(r"[{}]", text)
    assert parsed(text).sections()[0] == "Unit"


def test_the_service_runs_this_program_as_that_user_in_the_folder(tmp_path: Path) -> None:
    service = parsed(made(tmp_path, user="papers")["newsletter.service"])["Service"]

    assert service["ExecStart"] == f"{sys.executable} -m newsletter run --config {tmp_path}/config.toml"
    assert service["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert (service["User"], service["WorkingDirectory"]) == ("papers", str(tmp_path))
    assert (service["Restart"], service["RestartPreventExitStatus"]) == ("on-failure", "2")
    assert service["RestartForceExitStatus"] == "SIGHUP"
    assert int(service["TimeoutStopSec"]) > 30


def test_the_service_of_a_worker_differs_in_what_it_runs_only(tmp_path: Path) -> None:
    found = made(tmp_path)
    keeps, works = (
        parsed(found[name])["Service"] for name in ("newsletter.service", "newsletter-worker.service")
    )

    assert works["ExecStart"] == keeps["ExecStart"].replace("newsletter run", "newsletter worker")
    assert {**works, "ExecStart": ""} == {**keeps, "ExecStart": ""}


def test_it_may_write_where_the_configuration_keeps_files_and_nowhere_else(tmp_path: Path) -> None:
    text = (
        'database_url = "sqlite:////var/lib/newsletter/newsletter.db"\ncache_dir = "/srv/cache"\n'
        '[lists.weekly.schedule]\nevery = "day"\ngoes = "write"\nfolder = "/srv/issues"\n'
    )
    service = parsed(made(tmp_path, text)["newsletter.service"])["Service"]

    assert service["ProtectSystem"] == "strict"
    assert service["ReadWritePaths"] == f"-{tmp_path} -/var/lib/newsletter -/srv/cache -/srv/issues"


def test_a_folder_with_blanks_and_signs_is_named_as_systemd_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / 'my "papers" 100%'
    service = parsed(made(folder)["newsletter.service"])["Service"]

    quoted = str(folder).replace("%", "%%").replace('"', '\\"')
    assert service["ExecStart"].endswith(f'--config "{quoted}/config.toml"')
    assert service["ReadWritePaths"] == f'"-{quoted}"'


@pytest.mark.parametrize("user", ["", "Ada", "a b", "ada\nExecStart=/bin/sh", "-x", "a" * 40])
def test_what_is_no_name_of_a_user_is_refused(tmp_path: Path, user: str) -> None:
    with pytest.raises(ConfigError, match="--user"):
        made(tmp_path, user=user)


def test_a_path_with_a_line_break_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="move the folder"):
        made(tmp_path / "a\nExecStart=b")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.touch()

    with pytest.raises(NewsletterError, match=r"file/newsletter\.service: cannot be written"):
        [*units.written(made(tmp_path / "site"), place)]


@needs_systemd
@pytest.mark.parametrize("folder", ["site", 'my "papers" 100%'])
def test_systemd_finds_nothing_wrong(tmp_path: Path, folder: str) -> None:
    written = [*units.written(made(tmp_path / folder), tmp_path / "units")]
    command = [ANALYZE, "verify", "--man=no", *written]
    done = subprocess.run(command, capture_output=True, text=True)

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("name", [name for name in units.NAMES if name.endswith(".service")])
def test_systemd_calls_the_services_well_protected(tmp_path: Path, name: str) -> None:
    written = {place.name: place for place in units.written(made(tmp_path), tmp_path)}
    command = [ANALYZE, "security", "--offline=true", "--threshold=25", written[name]]

    assert subprocess.run(command, capture_output=True).returncode == 0
