"""A PostgreSQL of its own, to measure: fsync and synchronous_commit on, as it comes; what it did is asked.

Of the settings of a fresh cluster only those differ that a server for a million readers is given, too
(`SETTINGS`); all the rest is as initdb leaves it.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.benchmarks.processors import cpu_s

SETTINGS = {
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track_utility": "on",
}
# Where Debian and others put what they do not put in the path.
_PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server. port: of this machine; postmaster: the number of its process."""

    port: int
    postmaster: int

    def url(self, *, port: int = 0) -> str:
        """Its address as database_url has it. port: of something in between."""
        return f"postgresql+psycopg://bench@127.0.0.1:{port or self.port}/postgres"

    def ask(self, statement: str) -> list[Any]:
        """The rows of a statement; of one that has none, none."""
        return asked(self.url(), statement)

    def cpu_s(self) -> float:
        """Seconds of processors that its processes used, those that ended too."""
        return cpu_s(self.postmaster)

    def statements(self, most: int = 25) -> list[Any]:
        """Which took longest since it was asked before: calls, ms, rows, bytes of the log, and the text."""
        found = self.ask(
            "SELECT calls, round(total_exec_time::numeric, 1), rows, wal_bytes, left(query, 150) "
            "FROM pg_stat_statements ORDER BY total_exec_time DESC"
        )[:most]
        self.ask("SELECT pg_stat_statements_reset()")
        return found


def asked(url: str, statement: str) -> list[Any]:
    """The rows of a statement, on a connection of its own."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def running(*, settings: dict[str, str] | None = None, within: Path | None = None) -> Iterator[Cluster]:
    """A server, until the end. within: the folder in which it makes its own."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="cluster-", dir=within))
    files = folder / "files"
    if os.geteuid() == 0:  # which PostgreSQL refuses to run as
        shutil.chown(folder, "postgres")
    _as_postgres([_program("initdb"), "-D", str(files), "-A", "trust", "-U", "bench", "-E", "UTF8"])
    given = {"port": str(port), "unix_socket_directories": "", **SETTINGS, **(settings or {})}
    with files.joinpath("postgresql.conf").open("a") as config:
        config.writelines(f"{name} = '{value}'\n" for name, value in given.items())
    control = [_program("pg_ctl"), "-D", str(files), "-w", "-l", str(folder / "log")]
    _as_postgres([*control, "start"])
    try:
        postmaster = int((files / "postmaster.pid").read_text().split()[0])
        cluster = Cluster(port, postmaster)
        cluster.ask("CREATE EXTENSION pg_stat_statements")
        yield cluster
    finally:
        _as_postgres([*control, "-m", "immediate", "stop"])
        shutil.rmtree(folder)


def _program(name: str) -> str:
    places = os.pathsep.join([*map(str, _PLACES), os.environ["PATH"]])
    found = shutil.which(name, path=places)
    assert found, f"{name} of PostgreSQL is not installed"
    return found


def _as_postgres(command: Sequence[str]) -> None:
    given: dict[str, Any] = {}
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        given = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **given)
