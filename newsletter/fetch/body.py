"""The bytes of an answer, within limits, whatever the server says about them.

A body is counted while it comes in and while it is unpacked, so that neither an endless one nor one that
unpacks to a thousand times its size is ever held.
"""

import zlib
from collections.abc import Iterable, Iterator

from newsletter.fetch import Watch

# Bytes on the wire. A day of papers has 0.3 MB, a month of arXiv's largest category less than 5.
MAX_RAW = 5_000_000
# Bytes once unpacked. Text of this kind packs to a fifth or a quarter.
MAX_UNPACKED = 20_000_000
# The encodings asked for, and the only ones taken.
ACCEPTED = "gzip, deflate"
# zlib tells a gzip header from a zlib one itself.
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_GZIP_MAGIC = b"\x1f\x8b"


class BadBody(Exception):  # noqa: N818  a verdict, turned into a FetchError where the address is known
    """A body that may not be read to its end; the text says why."""


def read(parts: Iterable[bytes], *, encoding: str, length: str, watch: Watch) -> bytes:
    """The whole body, unpacked. encoding, length: the headers of these names, "" where there is none.

    Raises: BadBody for one that is too large, packed twice or in another way, or damaged.
    """
    total = int(length) if length.isascii() and length.isdigit() and len(length) < 20 else None
    if total is not None and total > MAX_RAW:
        raise BadBody(_too_large(MAX_RAW))
    counted = _counted(parts, total, watch)
    names = [name.strip().lower() for name in encoding.split(",") if name.strip()]
    packed = [name for name in names if name != "identity"]
    if len(packed) > 1:
        raise BadBody(
            f"its answer is packed more than once ({', '.join(packed)}), which no honest server does"
        )
    if not packed:
        # Not joined from a list: a million parts of one byte each would take a hundred times their size.
        whole = bytearray()
        for part in counted:
            whole += part
        return bytes(whole)
    if packed[0] not in ("gzip", "x-gzip", "deflate"):
        raise BadBody(f"its answer is packed as {packed[0][:20]!r}, which was not asked for")
    return _unpacked(counted)


def _counted(parts: Iterable[bytes], total: int | None, watch: Watch) -> Iterator[bytes]:
    so_far = 0
    for part in parts:
        so_far += len(part)
        if so_far > MAX_RAW:
            raise BadBody(_too_large(MAX_RAW))
        watch(so_far, total)
        yield part


def _unpacked(parts: Iterable[bytes]) -> bytes:
    whole = bytearray()
    unpack = zlib.decompressobj(_GZIP_OR_ZLIB)
    started = False
    try:
        for part in parts:
            if not started and part and not _has_header(part):
                unpack = zlib.decompressobj(-zlib.MAX_WBITS)  # what some servers send as "deflate"
            started = started or bool(part)
            whole += unpack.decompress(part, MAX_UNPACKED + 1 - len(whole))
            if len(whole) > MAX_UNPACKED or unpack.unconsumed_tail:
                raise BadBody(_too_large(MAX_UNPACKED))
            if unpack.unused_data:
                raise BadBody("its packed answer goes on after its end")
    except zlib.error as error:
        raise BadBody(f"its packed answer is damaged: {error}") from error
    if started and not unpack.eof:
        raise BadBody("its packed answer ends before it is whole")
    if whole.startswith(_GZIP_MAGIC):
        raise BadBody("its answer is packed twice, which no honest server does")
    return bytes(whole)


def _has_header(part: bytes) -> bool:
    """Whether data begins as gzip does, or as zlib does (RFC 1950 §2.2: a multiple of 31)."""
    return part[:2] == _GZIP_MAGIC[: len(part)] or (
        part[0] & 15 == 8 and int.from_bytes(part[:2], "big") % 31 == 0
    )


def _too_large(most: int) -> str:
    return f"its answer is larger than {most // 1_000_000} MB, which no digest is"
