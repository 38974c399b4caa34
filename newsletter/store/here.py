"""Where a process is, so that others can tell whether it runs: those of its machine, and those of other ones.

Containers may share the name of their host while each counts its own processes, so that the number of a
process says nothing to another one; what they do not share is the machine's start and the room of numbers.
"""

import hashlib
import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
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
        return False
    return False


@cache
def _machine() -> str:
    parts = [platform.node()]
    with suppress(OSError):  # systems other than Linux
        parts += [_BOOT.read_text(encoding="ascii").strip(), str(_NUMBERS.readlink())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
