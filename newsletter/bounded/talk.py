"""What a parent and its child that renders say to each other: a length, then so many bytes."""

import math
import struct
from typing import IO

# What a child says first, once it has loaded.
READY = b"ready"
# Seconds beyond its time in which a child may say where it was, before it is ended.
GRACE_S = 1.0

_LENGTH = struct.Struct(">Q")


class TooLong(Exception):  # noqa: N818  what it is
    """A message of more bytes than its reader takes."""


def write(stream: IO[bytes], data: bytes) -> None:
    """One message."""
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def read(stream: IO[bytes], *, most: float = math.inf) -> bytes:
    """The next message. Raises: EOFError where there is none or only half of one; TooLong."""
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    if length > most:
        raise TooLong
    return _exactly(stream, length)


def late(timeout_s: float) -> TimeoutError:
    """What is told of a look that takes longer than that."""
    return TimeoutError(f"the look took longer than {timeout_s:g} s to render")


def _exactly(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data
