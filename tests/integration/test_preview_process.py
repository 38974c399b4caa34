"""`newsletter preview` as a process: it starts, sees what changes, and ends."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from newsletter.cli import commands
from tests.builders import CACHE_PAPER, OTHER_PAPER, page_text

ROOT = Path(__file__).parents[2]
CONFIG = '[lists.weekly]\ntitle = "{}"\nsender = "Paper Weekly <digest@news.example.org>"\n'
# Far more than any of it takes; a desk that hangs ends a test and not the suite.
DEADLINE_S = 60


@contextmanager
def started(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A desk of that folder, and the address that it printed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "newsletter", "preview", "page.txt", "--port", "0", "--no-open"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "page.txt").write_text(page_text(CACHE_PAPER, OTHER_PAPER), encoding="utf-8")
    (tmp_path / "config.toml").write_text(CONFIG.format("Paper Weekly"))
    return tmp_path


def test_it_says_where_it_is_shows_a_change_and_ends_when_it_is_interrupted(folder: Path) -> None:
    with started(folder) as (process, address):
        match = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/\?key=([\w-]{20,})", address)
        assert match, address
        port, cookie = int(match[1]), {"Cookie": f"desk_{match[1]}={match[2]}"}
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)) as connection:
            connection.request("GET", "/events", headers=cookie)
            events = connection.getresponse()
            assert next_version(events) == 1

            (folder / "config.toml").write_text(CONFIG.format("Our Papers"))

            assert next_version(events) == 2
            assert state(port, cookie)["shown"]["title"] == "Our Papers"
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=DEADLINE_S)
    assert (process.returncode, out, err) == (0, "", "")


def next_version(events: http.client.HTTPResponse) -> int:
    while not (line := events.readline()).startswith(b"data: "):
        assert line, "the stream ended"
    return int(json.loads(line.removeprefix(b"data: "))["version"])


def state(port: int, cookie: dict[str, str]) -> Any:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)) as connection:
        connection.request("GET", "/state", headers=cookie)
        return json.loads(connection.getresponse().read())


def ended(*arguments: str) -> Result:
    """What became of a desk that cannot start."""
    return CliRunner().invoke(commands, ["preview", "page.txt", "--no-open", *arguments])


def test_a_port_that_is_taken_is_told_in_a_line_that_names_the_option(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        result = ended("--port", str(port))

    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: cannot listen at 127.0.0.1:{port}: ")
    assert "--port 0" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "0.0.0.0"], "--host: name one address"),
        (["--host", "203.0.113.9"], "--host names an address of this machine"),
        (["--look", "nope"], "no look 'nope'"),
        (["--list", "nope"], "no list 'nope'"),
        (["--theme", "nope"], "--theme: no theme 'nope'"),
        (["--issue", "weekly"], "name --issue or digests, not both"),
    ],
)
def test_what_cannot_be_shown_ends_it_with_the_reason(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(folder)

    result = ended("--port", "0", *arguments)

    assert result.exit_code in (1, 2)
    assert said in result.stderr
    assert result.stdout == ""
