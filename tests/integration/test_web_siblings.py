"""`newsletter web --processes`: several processes at one port, of which each may die."""

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from newsletter import store
from tests.site import Site, running, settings

# Far more than any of it takes.
DEADLINE_S = 30
COUNT = 3


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    """The store that the processes serve, from within the test."""
    opened = Site(store.open_store(database_url), settings(tmp_path))
    yield opened
    opened.database.dispose()


@contextlib.contextmanager
def several(folder: Path, url: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    with running(folder, "--processes", str(COUNT), config=f'database_url = "{url}"') as found:
        yield found


def children(parent: int) -> set[int]:
    """The processes that serve; one that has ended is none."""
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return {int(one) for one in listed if _command(one)}


def _command(process: str) -> bytes:
    """That of the process; nothing of one that has ended, or is gone by now."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def until(holds: Callable[[], object]) -> None:
    limit = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.05)


def healthy(port: int) -> bool:
    return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=DEADLINE_S).text == "ok\n"


def test_they_serve_one_port_say_so_once_and_end_together(
    tmp_path: Path, site: Site, database_url: str
) -> None:
    with several(tmp_path, database_url) as (process, port):
        until(lambda: len(children(process.pid)) == COUNT)
        assert all(healthy(port) for _ in range(20))
        serving = children(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_S) == 0

    assert not any(Path(f"/proc/{one}").exists() for one in serving)
    assert (tmp_path / "stdout").read_text().count("listening at ") == 1
    [told] = (tmp_path / "stderr").read_text().splitlines()
    assert told.startswith("warning: no letters go, because smtp.host is not set")


def test_one_that_dies_is_started_anew_while_others_serve(
    tmp_path: Path, site: Site, database_url: str
) -> None:
    with several(tmp_path, database_url) as (process, port):
        until(lambda: len(children(process.pid)) == COUNT)
        before = children(process.pid)
        lost = min(before)
        os.kill(lost, signal.SIGKILL)
        assert all(healthy(port) for _ in range(20))
        until(lambda: len(children(process.pid) - {lost}) == COUNT)

    told = re.findall(r"process (\d+) of the site ended \(signal 9\)", (tmp_path / "stderr").read_text())
    assert told == [str(lost)]


def test_visitors_wait_where_all_die_and_are_answered_by_the_next(
    tmp_path: Path, site: Site, database_url: str
) -> None:
    with several(tmp_path, database_url) as (process, port):
        until(lambda: len(children(process.pid)) == COUNT)
        for child in children(process.pid):
            os.kill(child, signal.SIGKILL)

        assert healthy(port)


def test_they_end_where_the_first_process_is_killed(tmp_path: Path, site: Site, database_url: str) -> None:
    with several(tmp_path, database_url) as (process, _):
        until(lambda: len(children(process.pid)) == COUNT)
        serving = children(process.pid)
        process.kill()
        process.wait()
        until(lambda: not any(Path(f"/proc/{one}").exists() for one in serving))


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_each_of_them_gets_ends_them_well(tmp_path: Path, sig: signal.Signals) -> None:
    """Ctrl-C at a terminal, and whoever stops a service, tell all of them."""
    with several(tmp_path, f"sqlite:///{tmp_path}/newsletter.db") as (process, port):
        until(lambda: len(children(process.pid)) == COUNT)
        assert healthy(port)
        for one in (*children(process.pid), process.pid):
            os.kill(one, sig)
        assert process.wait(DEADLINE_S) == 0

    assert len((tmp_path / "stderr").read_text().splitlines()) == 1


def test_what_is_wrong_from_the_first_is_told_once_and_ends_it(tmp_path: Path) -> None:
    with (
        pytest.raises(AssertionError, match="no folder"),
        several(tmp_path, f"sqlite:///{tmp_path}/none/newsletter.db"),
    ):
        pass

    assert (tmp_path / "stderr").read_text().count("error: ") == 1
