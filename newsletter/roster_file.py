"""Opening a table of people, whatever program wrote it.

Owns kinds of files and encodings. The table is read once to its end before anything is done with it, so that
what is no text is refused whole; a copy in UTF-8 is made, and gone with the program, where the file is
something else or comes through a pipe.
"""

import codecs
import csv
import hashlib
import io
import os
import stat
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from newsletter import roster
from newsletter.errors import ConfigError, DigestError, NewsletterError
from newsletter.roster import LeftOut, Roster

# Bytes. Ten million addresses have 300 MB.
MAX_BYTES = 2_000_000_000
_BLOCK = 1 << 20
# Lines in which the names of columns are looked for, and bytes of them that are read.
_FIRST_LINES, _FIRST_BYTES = 20, 64 * 1024
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_KINDS = {
    b"PK\x03\x04": "a spreadsheet or another archive",
    b"\xd0\xcf\x11\xe0": "a spreadsheet",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF-": "a PDF",
    b"SQLite format 3": "a SQLite database",
}


@contextmanager
def opened(name: str) -> Iterator[Roster]:
    """The table of that path, or that comes on standard input for `-`, closed afterwards.

    Raises: DigestError for what is no table of addresses.
    """
    with ExitStack() as copies, _stream(name) as stream:
        yield _roster(name, stream, copies)


@contextmanager
def _stream(name: str) -> Iterator[BinaryIO]:
    try:
        if name == "-":
            with tempfile.TemporaryFile() as copy:
                _copy(sys.stdin.buffer, copy)
                yield copy
            return
        _check_kind(name, Path(name).stat().st_mode)
        number = os.open(name, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(number, "rb") as stream:
            # Looked at again once it is open, because it may have been exchanged in between.
            _check_kind(name, os.fstat(number).st_mode)
            yield stream
    except FileNotFoundError as error:
        raise DigestError(name, "no such file; give the path of a table of addresses") from error
    except OSError as error:
        raise DigestError(name, f"cannot be read: {error.strerror}") from error


def _check_kind(name: str, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise DigestError(name, "this is a folder; give the path of one table of addresses")
    if not stat.S_ISREG(mode):
        raise DigestError(name, "not a regular file; give the path of a table, or pipe it in as -")


def _copy(source: BinaryIO, target: BinaryIO) -> None:
    size = 0
    while block := source.read(_BLOCK):
        size += len(block)
        if size > MAX_BYTES:
            raise DigestError("-", f"more than {MAX_BYTES / 1e9:.0f} GB; import it in several files")
        target.write(block)


def _roster(name: str, stream: BinaryIO, copies: ExitStack) -> Roster:
    fingerprint, encoding = _looked_through(name, stream)
    notes: tuple[str, ...] = (
        () if encoding.startswith("utf") else (f"not UTF-8; its text was read as {encoding}",)
    )
    plain, size = _as_utf8(stream, encoding, copies)
    try:
        layout = roster.find(_first_lines(plain))
    except ValueError as error:
        raise DigestError(name, str(error)) from error
    if layout.ignored:
        notes += (f"columns that say nothing here: {', '.join(layout.ignored)}",)
    if "status" in layout.columns:
        notes += ("whose status is not subscribed, confirmed, active or enabled is left out",)
    return Roster(name, fingerprint, plain, size, layout, notes)


def _looked_through(name: str, stream: BinaryIO) -> tuple[str, str]:
    """The fingerprint of the file and its encoding. Raises: DigestError for what is no text."""
    stream.seek(0)
    start = stream.read(16)
    for signature, kind in _KINDS.items():
        if start.startswith(signature):
            raise DigestError(name, f"this is {kind}; save the table as CSV")
    encoding = next((encoding for mark, encoding in _MARKS if start.startswith(mark)), "")
    hashed, size, zeros = hashlib.sha256(), 0, 0
    decoder = codecs.getincrementaldecoder(encoding or "utf-8")()
    stream.seek(0)
    while block := stream.read(_BLOCK):
        hashed.update(block)
        size += len(block)
        zeros += block.count(0)
        encoding = encoding if encoding == "cp1252" else _still(decoder, block, encoding)
        if size > MAX_BYTES:
            raise DigestError(name, f"more than {MAX_BYTES / 1e9:.0f} GB; import it in several files")
    if encoding != "utf-16" and zeros:
        raise DigestError(name, "NUL bytes in it: this is no text; save the table as CSV in UTF-8")
    return hashed.hexdigest(), encoding or "utf-8"


def _still(decoder: codecs.IncrementalDecoder, block: bytes, encoding: str) -> str:
    try:
        decoder.decode(block)
    except UnicodeDecodeError:
        # Programs for Windows write it where they do not write UTF-8; each of its bytes is a letter.
        return encoding if encoding == "utf-16" else "cp1252"
    return encoding


def _as_utf8(stream: BinaryIO, encoding: str, copies: ExitStack) -> tuple[BinaryIO, int]:
    """The text in UTF-8 with line feeds at the ends of its lines, and its size."""
    stream.seek(0)
    start = stream.read(_BLOCK)
    old_ends = b"\r" in start and b"\n" not in start
    marked = start.startswith(codecs.BOM_UTF8)
    if encoding == "utf-8" and not old_ends and not marked:
        return stream, os.fstat(stream.fileno()).st_size
    copy = copies.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  the stack does
    decoder = codecs.getincrementaldecoder("utf-8-sig" if marked else encoding)("replace")
    stream.seek(0)
    while block := stream.read(_BLOCK):
        copy.write(_ends(decoder.decode(block), turn=old_ends).encode())
    copy.write(_ends(decoder.decode(b"", final=True), turn=old_ends).encode())
    return copy, copy.tell()


def _ends(text: str, *, turn: bool) -> str:
    return text.replace("\r", "\n") if turn else text


def _first_lines(stream: BinaryIO) -> list[str]:
    stream.seek(0)
    return stream.read(_FIRST_BYTES).decode(errors="replace").split("\n")[:_FIRST_LINES]


class LeftOutFile:
    """A table of the rows that an import entered nobody for, with line and reason, for the operator's eyes.

    Rows are on disk before the import keeps its part, and an import that goes on takes out again what was not
    kept, so each row stands there once.
    """

    _HEAD = ("line", "why", "address")

    def __init__(self, path: Path, *, table: str) -> None:
        self._path = path
        if path.exists() and Path(table).exists() and path.samefile(table):
            raise ConfigError(f"{path}: this is the table itself; name another file for --report")

    def began(self, lines: int) -> None:
        """Keep what was written of the first so many lines. Raises: NewsletterError."""
        with self._told():
            kept = self._rows(lines) if lines and self._path.exists() else []
            with self._open("w") as file:
                csv.writer(file, quoting=csv.QUOTE_ALL).writerows([self._HEAD, *kept])

    def add(self, rows: Sequence[LeftOut]) -> None:
        """Return once the rows are on disk. Raises: NewsletterError."""
        with self._told(), self._open("a") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL)
            writer.writerows((one.line, one.why, roster.guarded(one.address)) for one in rows)
            file.flush()
            os.fsync(file.fileno())

    def _rows(self, lines: int) -> list[list[str]]:
        with self._path.open(newline="", encoding="utf-8", errors="replace") as file:
            rows = [row for row in csv.reader(file) if len(row) == len(self._HEAD)]
        return [row for row in rows if row[0].isdecimal() and int(row[0]) <= lines]

    def _open(self, mode: str) -> io.TextIOWrapper:
        flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if mode == "a" else os.O_TRUNC)
        number = os.open(self._path, flags, 0o600)
        return io.TextIOWrapper(os.fdopen(number, f"{mode}b"), newline="", encoding="utf-8")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (OSError, csv.Error) as error:
            reason = getattr(error, "strerror", None) or error
            raise NewsletterError(f"{self._path}: cannot keep what was left out: {reason}") from error
