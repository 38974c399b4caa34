"""Leaving while the database cannot be written: an append-only file beside it.

A line holds the key of a subscription, no address. It is on disk before the reader is told, and stays until
the database has it, whatever dies in between; reading a line twice changes nothing. Whoever sends has to
honour it first. The file is of one machine: where several serve the web, each honours its own.
"""

import fcntl
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from newsletter.errors import StoreError
from newsletter.links import KEY_BYTES
from newsletter.model import Way

# Bytes of a line; ours have 120. A longer one is none of ours, and is not taken into memory whole.
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Leaving:
    """A reader who left: the key of their subscription, through what, and when.

    everything: whether they left every list that they were on.
    """

    key: bytes = field(repr=False)
    way: Way
    at: datetime
    everything: bool = False


def append(path: Path, leaving: Leaving) -> None:
    """Return once the line is on disk. Raises: StoreError."""
    line: dict[str, object] = {"key": leaving.key.hex(), "way": leaving.way, "at": leaving.at.isoformat()}
    line |= {"everything": True} if leaving.everything else {}
    try:
        with _alone(path, create=True) as file:
            file.seek(0, os.SEEK_END)
            fresh = file.tell() == 0
            # The line before may be half of one.
            file.write(b"\n" + json.dumps(line).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if fresh:
            _keep_name(path)
    except OSError as error:
        problem = f"{path}: cannot keep that a reader left: {_said(error)}"
        raise StoreError(f"{problem}; make the file and its folder writable, or set leaving_file") from error


@contextmanager
def taken(path: Path) -> Iterator[tuple[Leaving, ...]]:
    """What stands in the file, each reader once, in order; it is emptied once the block has ended well.

    The block may take its time: others append meanwhile, and then the file stays as it is, to be read again.
    Raises: StoreError.
    """
    with _told(path):
        found, read = _read(path)
    yield found
    if read:
        with _told(path), _alone(path, create=False) as file:
            if _digest(file) == read:
                file.truncate(0)
                os.fsync(file.fileno())


def _read(path: Path) -> tuple[tuple[Leaving, ...], bytes]:
    """What stands in the file, and what its bytes come to; nothing of either where there is none."""
    try:
        with _alone(path, create=False) as file:
            if not os.fstat(file.fileno()).st_size:
                return (), b""
            found: dict[tuple[bytes, bool], Leaving] = {}
            for one in _lines(file):
                found.setdefault((one.key, one.everything), one)
            return tuple(found.values()), _digest(file)
    except FileNotFoundError:
        return (), b""


@contextmanager
def _alone(path: Path, *, create: bool) -> Iterator[BinaryIO]:
    """The file, open and nobody else's. It holds who left, so nobody else on the machine reads it."""
    # Neither is a link followed, which somebody may have laid, nor a pipe waited for.
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | (os.O_CREAT if create else 0)
    number = os.open(path, flags, 0o600)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError("it is no file")
    with os.fdopen(number, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        problem = f"{path}: cannot read who left: {_said(error)}"
        raise StoreError(f"{problem}; make it readable and writable, or set leaving_file") from error


def _said(error: OSError) -> str:
    return error.strerror or str(error)


def _keep_name(path: Path) -> None:
    """Let the name of a new file outlive a power cut, as its content does; some file systems cannot."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):
            os.fsync(folder)
    finally:
        os.close(folder)


def _digest(file: BinaryIO) -> bytes:
    file.seek(0)
    found = sha256()
    while part := file.read(1 << 16):
        found.update(part)
    return found.digest()


def _lines(file: BinaryIO) -> Iterator[Leaving]:
    file.seek(0)
    while line := file.readline(_LONGEST):
        try:
            values = json.loads(line)
            key, way = bytes.fromhex(values["key"]), Way(values["way"])
            at, everything = datetime.fromisoformat(values["at"]), values.get("everything") is True
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            # The line of a process that died while it wrote; its reader was told nothing.
            continue
        # A moment without a zone is none of ours either, and no column takes it.
        if len(key) == KEY_BYTES and at.tzinfo:
            yield Leaving(key, way, at, everything)
