"""PostgreSQL servers of a test's own, which may be stopped, killed and promoted: what they keep is on disk.

They listen on a socket in their folder, and for network tests on one address of a namespace. A test that is
killed leaves its server behind; whoever makes the next one ends it.
"""

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from tests.lacking import lacking, needs_root

_NAME = "news"
_OWNER = "postgres"
_FOLDERS = Path("/tmp")  # noqa: S108
# Seconds in which a server starts, on a machine that has much else to do.
_PATIENCE_S = 120


@dataclass(frozen=True, slots=True)
class Cluster:
    """A server. folder: of its data and its socket; before: words before each command that starts it."""

    programs: Path
    folder: Path
    port: int = 5432
    host: str = ""
    before: Sequence[str] = field(default=(), repr=False)

    @property
    def remote_url(self) -> str:
        """The address of its database, over its network."""
        return f"postgresql://{_OWNER}@{self.host}:{self.port}/{_NAME}"

    @property
    def url(self) -> str:
        """The address of its database, over its socket."""
        return f"postgresql://{_OWNER}@/{_NAME}?host={quote(str(self.folder), safe='')}&port={self.port}"

    def start(self, **settings: str) -> None:
        """Start it, once it takes connections. settings: of the server."""
        given = {"listen_addresses": self.host, "unix_socket_directories": str(self.folder)}
        given |= {"port": str(self.port), "shared_buffers": "32MB", **settings}
        words = " ".join(f"-c {name}='{value}'" for name, value in given.items())
        self._control("-w", "-o", words, "-l", str(self.folder / "log"), "start")

    def stop(self, how: str = "fast") -> None:
        """End it. how: as of `pg_ctl stop`; "immediate" is a crash."""
        self._control("-w", "-m", how, "stop")

    def restart(self, how: str = "fast") -> None:
        """End it, and start it again with the same settings."""
        self._control("-w", "-m", how, "-l", str(self.folder / "log"), "restart")

    def promote(self) -> None:
        """Let a standby be the primary."""
        self._control("-w", "promote")

    def ask(self, statement: str, *, database: str = _NAME) -> str:
        """What the server says to a statement, one row a line."""
        place = ("-h", str(self.folder), "-p", str(self.port), "-U", _OWNER, "-d", database)
        done = _run([str(self.programs / "psql"), *place, "-XAtqc", statement])
        return done.stdout.strip()

    def _control(self, *arguments: str) -> None:
        given = ["-D", str(self.folder / "data"), "-t", str(_PATIENCE_S), *arguments]
        _as_owner([str(self.programs / "pg_ctl"), *given], before=self.before)


@contextmanager
def cluster(*, host: str = "", before: Sequence[str] = (), **settings: str) -> Iterator[Cluster]:
    """A server with an empty database, which loses nothing in a crash; skipped where none can be made."""
    with _folder() as (programs, folder):
        made = Cluster(programs, folder, port=5432 if before else _free_port(), host=host, before=before)
        # Its processes crash, and never the machine.
        words = ("--auth=trust", "--encoding=UTF8", "--no-sync")
        _as_owner([str(programs / "initdb"), "-D", str(folder / "data"), *words])
        if host:
            with (folder / "data" / "pg_hba.conf").open("a") as file:
                file.write("host all all samenet trust\n")
        with _started(made, settings):
            made.ask(f"CREATE DATABASE {_NAME}", database="postgres")
            yield made


@contextmanager
def standby(primary: Cluster, **settings: str) -> Iterator[Cluster]:
    """A server that follows the primary, from now on."""
    with _folder() as (programs, folder):
        place = f"host={primary.folder} port={primary.port} user={_OWNER}"
        copy = [str(programs / "pg_basebackup"), "-R", "-N", "-c", "fast", "-d", place]
        _as_owner([*copy, "-D", str(folder / "data")])
        made = Cluster(programs, folder, port=_free_port())
        with _started(made, settings):
            yield made


def both(one: Cluster, other: Cluster) -> str:
    """The address of the database on whichever of the two is the primary."""
    hosts, ports = f"{one.folder},{other.folder}", f"{one.port},{other.port}"
    query = f"host={quote(hosts, safe=',')}&port={ports}&target_session_attrs=read-write"
    return f"postgresql://{_OWNER}@/{_NAME}?{query}"


@contextmanager
def _started(made: Cluster, settings: dict[str, str]) -> Iterator[None]:
    made.start(**settings)
    try:
        yield
    finally:
        if (made.folder / "data" / "postmaster.pid").exists():
            made.stop("immediate")


@contextmanager
def _folder() -> Iterator[tuple[Path, Path]]:
    """The programs of PostgreSQL, and a folder for a server, whose path is short enough for a socket."""
    needs_root(["runuser"], what="for servers that a test may kill")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    if not found:
        lacking("install PostgreSQL, for servers that a test may kill")
    _sweep(found[-1].parent)
    with ExitStack() as until:
        prefix = f"nl-pg-{os.getpid()}-"
        folder = Path(until.enter_context(tempfile.TemporaryDirectory(prefix=prefix, dir=_FOLDERS)))
        shutil.chown(folder, _OWNER, _OWNER)
        yield found[-1].parent, folder


def _sweep(programs: Path) -> None:
    """End the servers of tests that were killed: no process has the number in the folder's name any more."""
    for folder in _FOLDERS.glob("nl-pg-*-*"):
        if not Path("/proc", folder.name.split("-")[2]).exists():
            with suppress(AssertionError):  # it had ended
                Cluster(programs, folder).stop("immediate")
            shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    """One that nobody listens at: a server of the machine's own may have the usual one."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def _version(path: Path) -> list[int]:
    return [*map(int, re.findall(r"\d+", str(path)))]


def _as_owner(command: Sequence[str], *, before: Sequence[str] = ()) -> None:
    _run([*before, "runuser", "-u", _OWNER, "--", *command])


def _run(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    # The server itself would keep a pipe open: what pg_ctl says is in a file.
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(
            command, cwd="/", stdout=said, stderr=subprocess.STDOUT, text=True, timeout=2 * _PATIENCE_S
        )
        said.seek(0)
        text = said.read()
    assert done.returncode == 0, (command, text)
    return subprocess.CompletedProcess(command, 0, text, "")
