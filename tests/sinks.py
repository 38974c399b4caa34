"""Mail servers that keep nothing, to measure against: one in C, and Postfix's smtp-sink."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

_SOURCE = Path(__file__).parent / "benchmarks" / "sinks" / "sink.c"
# Postfix's own; None where it is not installed.
SMTP_SINK = shutil.which("smtp-sink", path="/usr/sbin:/usr/local/sbin:/usr/bin")
# Arguments of the sink in C: the milliseconds of a turn, and those that the end of a mail takes more.
RELAYS = {"c-sink": (), "relay": ("-d", "20", "-e", "5"), "plain": ("-n",)}


@dataclass(slots=True)
class Sink:
    """A running sink. counts: mails and connections of one in C, once it has ended; pid: of one in C."""

    port: int
    counts: tuple[int, int] | None = None
    pid: int = 0
    _said: IO[str] | None = field(default=None, repr=False)

    def taken(self) -> int | None:
        """The mails that it counted; None for one that does not count."""
        return self.counts and self.counts[0]

    def so_far(self) -> tuple[int, int]:
        """The mails and connections that a sink in C, which is running, has counted by now."""
        assert self._said
        os.kill(self.pid, signal.SIGUSR1)
        mails, connections = self._said.readline().split()
        return int(mails), int(connections)


def build(folder: Path) -> Path:
    """The sink in C, compiled."""
    program = folder / "sink"
    if not program.exists():
        subprocess.run(["cc", "-O2", "-o", str(program), str(_SOURCE)], check=True)
    return program


@contextmanager
def running(relay: str, folder: Path) -> Iterator[Sink]:
    """A sink, until the end: "smtp-sink" or one of RELAYS."""
    if relay == "smtp-sink":
        with smtp_sink() as port:
            yield Sink(port)
        return
    command = [str(build(folder)), *RELAYS[relay]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        sink = Sink(int(server.stdout.readline()), None, server.pid, server.stdout)
        try:
            yield sink
        finally:
            server.terminate()
            mails, connections = server.stdout.readline().split()
            sink.counts = int(mails), int(connections)


@contextmanager
def smtp_sink(*flags: str) -> Iterator[int]:
    """The port of a running smtp-sink, until the end."""
    assert SMTP_SINK, "smtp-sink of Postfix is not installed"
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    with subprocess.Popen([SMTP_SINK, *user, *flags, f"127.0.0.1:{port}", "1000"]) as server:
        try:
            _wait(port)
            yield port
        finally:
            server.terminate()


def _wait(port: int) -> None:
    """Return once somebody listens. Raises: TimeoutError after five seconds."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError(f"nobody listens on port {port}")
