"""Where a process is, so that others can tell whether it runs: those of its machine, and those of other ones.

Containers may share the name of their host while each counts its own processes, so that the number of a
process says nothing to another one; what they do not share is the machine's start and the room of numbers.
A number that was given to another process since counts as running: then others wait for the lease.
"""

import hashlib
import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_PROCESSES = Path("/proc")
_NUMBERS = Path("/proc/self/ns/pid")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a process is. host: for people. machine: the same for those who see each other's numbers."""

    host: str
    pid: int
    machine: str


def place() -> Place:
    """Where this process is."""
    return Place(platform.node(), os.getpid(), _machine())


def is_known_to_be_gone(other: Place) -> bool:
    """Whether this machine can tell that the process does not run; of others nothing is known."""
    if other.machine != _machine():
        return False
    try:
        os.kill(other.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return _has_ended(other.pid)


def _has_ended(pid: int) -> bool:
    """Whether the process only waits for its parent to ask how it ended: in a container perhaps for ever."""
    try:
        said = (_PROCESSES / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:  # gone meanwhile, or a system other than Linux
        return False
    # The name before the state is in brackets, and may hold any. Source: proc_pid_stat(5).
    return said.rpartition(")")[2].split()[0] in ("Z", "X")


@cache
def _machine() -> str:
    parts = [platform.node()]
    with suppress(OSError):  # systems other than Linux
        parts += [_BOOT.read_text(encoding="ascii").strip(), str(_NUMBERS.readlink())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
