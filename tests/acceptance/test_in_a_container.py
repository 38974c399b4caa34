"""What runs in the image, without Docker: a read-only machine, a user without a name or a home, no rights.

The files are those of the wheel, and the commands those of the Dockerfile.
"""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from newsletter import containers
from tests.lacking import needs_rooms

ROOT = Path(__file__).parents[2]
FILES = containers.shipped()
USER = 10001
# Of the rights of root one is left, to read: in tests Python itself may lie in root's own folder.
_RIGHTS = "-all,+dac_read_search"
_INSIDE = """
mount --bind "$1" "$1"
mount -o remount,ro,bind /
shift
exec setpriv --reuid {user} --regid {user} --clear-groups --no-new-privs --inh-caps {rights} \\
    --ambient-caps {rights} --bounding-set {rights} "$@"
"""
PATIENCE_S = 60


@dataclass(frozen=True)
class Container:
    """site: what is mounted to be read. state: the one folder that can be written."""

    site: Path
    state: Path
    package: Path

    def command(self, *words: str) -> tuple[list[str], dict[str, str]]:
        """The command within, and its environment: what the image sets, and nothing of ours."""
        inside = _INSIDE.format(user=USER, rights=_RIGHTS)
        outside = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
        text = FILES["Dockerfile"].replace("\\\n", " ")
        given = dict(re.findall(r"(\bNEWSLETTER__\w+)=(\S+)", text))
        moved = {key: value.replace("/var/lib/newsletter", str(self.state)) for key, value in given.items()}
        more = {"PATH": os.environ["PATH"], "PYTHONPATH": str(self.package), "PYTHONUNBUFFERED": "1"}
        return [*outside, "sh", "-euc", inside, "sh", str(self.state), *words], {**moved, **more}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command, environment = self.command(sys.executable, "-m", "newsletter", *words)
        return subprocess.run(
            command, cwd=self.site, env=environment, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="module")
def package() -> Iterator[Path]:
    with _readable_folder() as folder:
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
        subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
        [wheel] = folder.glob("newsletter-*.whl")
        with zipfile.ZipFile(wheel) as files:
            files.extractall(folder / "site")
        # As pip does; later nothing can be written there.
        compiled = [sys.executable, "-m", "compileall", "-q", str(folder / "site")]
        subprocess.run(compiled, check=True)
        yield folder / "site"


@contextlib.contextmanager
def _readable_folder() -> Iterator[Path]:
    """A folder that other users read, which pytest's own is not."""
    with tempfile.TemporaryDirectory(prefix="newsletter-container-", dir="/var/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def container(package: Path) -> Iterator[Container]:
    needs_rooms()
    with _readable_folder() as folder:
        one = Container(folder / "etc", folder / "state", package)
        one.site.mkdir()
        one.state.mkdir()
        os.chown(one.state, USER, USER)
        url = f'database_url = "sqlite:///{one.state}/newsletter.db"\n'
        (one.site / "config.toml").write_text(url + FILES["config.toml"])
        yield one


def test_a_single_command_writes_into_the_folder_of_state_alone(container: Container) -> None:
    sample = container.package / "newsletter" / "sample" / "daily-papers.txt"
    done = [container.run(*words) for words in (["db", "upgrade"], ["ingest", str(sample)], ["draft"])]
    refused = container.run("render", str(sample))

    assert [one.returncode for one in done] == [0, 0, 0], [one.stderr for one in done]
    assert {path.name for path in container.state.iterdir()} >= {"newsletter.db"}
    assert [path.name for path in container.site.iterdir()] == ["config.toml"]
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: issue: cannot write the issue: Read-only file system")


def test_the_process_that_keeps_the_schedule_is_well_and_ends_when_docker_says_so(
    container: Container,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command, environment = container.command(sys.executable, "-m", "newsletter", "run")
    environment["NEWSLETTER__RUN__STATUS_PORT"] = str(port)
    with (container.state / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=container.site, env=environment, stderr=log)
    try:
        health = _until_well(port)
        # The first process of its room, as in a container: what is sent to it comes to it alone.
        [inside] = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(inside), signal.SIGTERM)
        status = process.wait(PATIENCE_S)
    finally:
        process.kill()
        process.wait()

    assert (health, status) == (0, 0), (container.state / "log").read_text()
    assert _checked(port) != 0


def _until_well(port: int) -> int:
    until = time.monotonic() + PATIENCE_S
    while (status := _checked(port)) and time.monotonic() < until:
        time.sleep(0.1)
    return status


def _checked(port: int) -> int:
    """The exit status of the check that Docker makes."""
    [code] = re.findall(r'"(from http\.client .*)"\]', FILES["Dockerfile"])
    command = [sys.executable, "-c", code.replace("9464", str(port))]
    return subprocess.run(command, check=False, capture_output=True).returncode
