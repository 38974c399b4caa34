"""Mails where they lie: standard input, a file with one mail, an mbox, or a Maildir.

Owns how they are found, how much of one is read, and how one of a Maildir is marked as read. Changes no file
of mails. A mail of a Maildir moves from new/ to cur/ in one step, and only when `settle` says so: a process
that dies before that reads it again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from newsletter.errors import NewsletterError

# Bytes that are read at once, of what is read only to be passed over.
_CHUNK = 1 << 16
# What a Maildir calls a mail that was seen. Source: cr.yp.to/proto/maildir.html
_SEEN = ":2,S"


@dataclass(frozen=True, slots=True)
class Mail:
    """Where one mail lies: in a file, from that byte, so many bytes. maildir: the folder it came to."""

    path: Path
    start: int
    size: int
    maildir: Path | None = None

    def content(self, *, most: int) -> bytes | None:
        """At most so many bytes; None where somebody else took it away. Raises: NewsletterError."""
        with _told(self.path):
            try:
                with self.path.open("rb") as file:
                    file.seek(self.start)
                    return file.read(min(self.size, most))
            except FileNotFoundError:
                return None

    def settle(self) -> None:
        """Mark a mail of a Maildir as seen; of other mailboxes nothing changes. Raises: NewsletterError."""
        if self.maildir is None:
            return
        with _told(self.path):
            seen = self.maildir / "cur" / f"{self.path.name.partition(':')[0]}{_SEEN}"
            seen.parent.mkdir(exist_ok=True)
            try:
                self.path.rename(seen)
            except FileNotFoundError:
                return


def find(place: Path) -> list[Mail]:
    """The mails that lie there: of a Maildir those that are new, in the order of their names.

    Raises: NewsletterError where there is no mailbox.
    """
    with _told(place):
        if place.is_dir():
            return list(_of_maildir(place))
        with place.open("rb") as file:
            return list(_of_file(place, file))


def drained(file: BinaryIO, *, most: int) -> bytes:
    """At most so many bytes of a stream.

    It is read to its end all the same: a mail server takes a closed pipe for a failure.
    """
    first = file.read(most)
    while file.read(_CHUNK):
        pass
    return first


def _of_maildir(place: Path) -> Iterator[Mail]:
    if not (place / "new").is_dir():
        raise NewsletterError(f"{place}: a Maildir has a folder new/; name a Maildir, an mbox or a mail")
    for path in sorted((place / "new").iterdir()):
        # A name with a dot first is not there yet, or is no mail.
        if not path.name.startswith(".") and path.is_file():
            yield Mail(path, 0, path.stat().st_size, place)


def _of_file(place: Path, file: BinaryIO) -> Iterator[Mail]:
    """The one mail of a file, or those of an mbox: each begins with "From " and an address (RFC 4155)."""
    start, at, blank = 0, 0, True
    mbox = file.read(5) == b"From "
    file.seek(0)
    # In pieces of a bounded length: a file of one endless line is no reason to fill the memory.
    while line := file.readline(_CHUNK):
        if mbox and blank and line.startswith(b"From ") and at > start:
            yield Mail(place, start, at - start)
            start = at
        blank = line in (b"\n", b"\r\n")
        at += len(line)
    if at > start:
        yield Mail(place, start, at - start)


@contextmanager
def _told(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NewsletterError(f"{place}: cannot read these mails: {error.strerror}") from error
