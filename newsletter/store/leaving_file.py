"""Leaving while the database cannot be written: an append-only file beside it.

A line holds the key of a subscription, no address. It is on disk before the reader is told, and stays until
the database has it, whatever dies in between; reading a line twice changes nothing. Whoever sends has to
honour it first.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from newsletter.errors import StoreError
from newsletter.model import Way


@dataclass(frozen=True, slots=True)
class Leaving:
    """A reader who left: the key of their subscription, through what, and when.

    everything: whether they left every list that they were on.
    """

    key: bytes
    way: Way
    at: datetime
    everything: bool = False


def append(path: Path, leaving: Leaving) -> None:
    """Return once the line is on disk. Raises: StoreError."""
    values = {"key": leaving.key.hex(), "way": leaving.way, "at": leaving.at.isoformat()}
    line = values | ({"everything": True} if leaving.everything else {})
    try:
        with _alone(path, create=True) as file:
            file.seek(0, os.SEEK_END)
            # The line before may be half of one.
            file.write(b"\n" + json.dumps(line).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        problem = f"{path}: cannot keep that a reader left: {error.strerror}"
        raise StoreError(f"{problem}; make the file and its folder writable, or set leaving_file") from error


@contextmanager
def taken(path: Path) -> Iterator[tuple[Leaving, ...]]:
    """What stands in the file, which is emptied once the block has ended well. Nobody appends meanwhile."""
    if not path.exists():
        yield ()
        return
    try:
        with _alone(path, create=False) as file:
            yield tuple(_lines(file.read()))
            file.truncate(0)
            os.fsync(file.fileno())
    except OSError as error:
        raise StoreError(f"{path}: cannot read who left: {error.strerror}; make it readable") from error


@contextmanager
def _alone(path: Path, *, create: bool) -> Iterator[BinaryIO]:
    """The file, open and nobody else's. It holds who left, so nobody else on the machine reads it."""
    flags = os.O_RDWR | (os.O_CREAT if create else 0)
    with os.fdopen(os.open(path, flags, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _lines(content: bytes) -> Iterator[Leaving]:
    for line in content.splitlines():
        try:
            values = json.loads(line)
            key, way = bytes.fromhex(values["key"]), Way(values["way"])
            at, everything = datetime.fromisoformat(values["at"]), values.get("everything") is True
            yield Leaving(key, way, at, everything)
        except (ValueError, KeyError, TypeError):
            # The line of a process that died while it wrote; its reader was told nothing.
            continue
