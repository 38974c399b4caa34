"""Machines for tests: network namespaces around one that serves, whose links can be cut and mended.

Each host has an address, a name and processes of its own, as far as a program can tell. A link that is cut
loses every packet without a word, as a pulled cable does. Nothing of the machine's own network is touched.
A test that is killed leaves its namespaces behind; whoever makes the next ones takes them away.
"""

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.lacking import needs_root

_NAMESPACES = Path("/run/netns")
# Of the server; hosts come after it. RFC 5737 keeps these addresses for examples.
SERVER = "192.0.2.1"
_HOST = "192.0.2.{}"


@dataclass(frozen=True, slots=True)
class Host:
    """A machine. namespace: of its network; port: the end of its cable at the server."""

    name: str
    namespace: str
    address: str
    server: str = field(repr=False)
    port: str = field(repr=False)

    def command(self, *command: str) -> list[str]:
        """The command, as a process of that machine, which sees no process of any other."""
        named = ["sh", "-c", f'hostname {self.name} && exec "$@"', "sh", *command]
        alone = ["unshare", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc", *named]
        return within(self.namespace, *alone)

    def cut(self) -> None:
        """Lose every packet from and to it."""
        _do(*within(self.server, "ip", "link", "set", self.port, "nomaster"))

    def mend(self) -> None:
        """Lose no packet any more."""
        _do(*within(self.server, "ip", "link", "set", self.port, "master", "bridge"))


@dataclass(frozen=True, slots=True)
class Network:
    """A server and hosts. namespace: in which servers listen at SERVER; files they share with everybody."""

    namespace: str
    hosts: Sequence[Host]

    def server(self, *command: str) -> list[str]:
        """The command, as a process of the server."""
        return within(self.namespace, *command)


def within(namespace: str, *command: str) -> list[str]:
    """The command in a network namespace; its process is that of the command."""
    return ["ip", "netns", "exec", namespace, *command]


def tell(process: "subprocess.Popen[str]", number: signal.Signals) -> None:
    """Send a signal to the program that was started by `Host.command`.

    It is the first process of its machine: one that it does not handle, but SIGKILL and SIGSTOP, it ignores.
    """
    os.kill(program(process), number)


def program(process: "subprocess.Popen[str]") -> int:
    """The process of the program itself: what it was started by waits for it."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    until = time.monotonic() + 10
    while not (found := children.read_text().split()):
        assert time.monotonic() < until, "it did not start"
        time.sleep(0.01)
    return int(found[0])


@contextmanager
def network(count: int) -> Iterator[Network]:
    """A server and so many hosts; skipped where this user may not make them."""
    needs_root(["ip", "unshare"], what="for hosts of their own")
    _sweep()
    name = f"nl-{os.getpid()}-{secrets.token_hex(4)}"
    made: list[str] = []
    try:
        try:
            _make(name, made)
            _serve(name)
            found = [_host(name, number, made) for number in range(1, count + 1)]
        except subprocess.CalledProcessError as error:
            pytest.skip(f"this machine makes no networks: {error.stderr.decode().strip()}")
        yield Network(name, found)
    finally:
        for one in reversed(made):
            _do("ip", "netns", "delete", one)


def _sweep() -> None:
    """Take away what killed tests left: no process has the number in the name any more."""
    for path in _NAMESPACES.glob("nl-*-*"):
        if not Path("/proc", path.name.split("-")[1]).exists():
            subprocess.run(["ip", "netns", "delete", path.name], capture_output=True)


def _make(namespace: str, made: list[str]) -> None:
    _do("ip", "netns", "add", namespace)
    made.append(namespace)
    _do(*within(namespace, "ip", "link", "set", "lo", "up"))


def _serve(namespace: str) -> None:
    for words in (
        "ip link add name bridge type bridge",
        f"ip address add {SERVER}/24 dev bridge",
        "ip link set bridge up",
    ):
        _do(*within(namespace, *words.split()))


def _host(server: str, number: int, made: list[str]) -> Host:
    namespace, port = f"{server}-{number}", f"port{number}"
    address = _HOST.format(number + 1)
    _make(namespace, made)
    add = f"ip link add {port} type veth peer name uplink netns {namespace}"
    for words in (add, f"ip link set {port} master bridge", f"ip link set {port} up"):
        _do(*within(server, *words.split()))
    for words in (f"ip address add {address}/24 dev uplink", "ip link set uplink up"):
        _do(*within(namespace, *words.split()))
    return Host(f"host{number}", namespace, address, server, port)


def _do(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
