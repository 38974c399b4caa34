"""Mails as files of a folder, handed over in two steps like any other (`carrier`).

Owns how a mail gets its place: it is written whole under a passing name, and one rename is its end. So a
reader of the folder sees all of a mail or nothing. Its name is that of its delivery, so that a mail which is
handed over again replaces itself, and nothing is ever unknown: a process that dies before the rename has
sent nothing, and after it the same mail may be written once more. Files are for the eyes of this user alone,
since a mail has its reader's own links. Sends nothing.
"""

import errno
import os
import secrets
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from newsletter.backends.carrier import Parcel, Turn
from newsletter.errors import BackendUnavailable
from newsletter.model import Outcome, Phase, Verdict

# Mails that wait for their end at once: enough for one commit of the ledger to serve many.
_WINDOW = 100
# Files that the disk is asked to keep at one time.
_AT_ONCE = 16
# What waiting can repair; anything else needs somebody's hand.
_PASSES = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# How long a passing file is left alone, since another process may be writing it. Source: maildir(5).
_STALE_S = 36 * 3600


@dataclass(frozen=True, slots=True)
class Places:
    """Where mails stand. passing: the folder they are written in, on the same disk as `final`.

    mark: what passing names begin with. name: what a mail is called for good, by the number of its delivery.
    arrived: names that are in place already under another name, as a mail program moves them.
    ends: of lines.
    """

    passing: Path
    final: Path
    mark: str
    name: Callable[[int], str]
    arrived: Collection[str] = ()
    ends: bytes = b"\r\n"


@dataclass(slots=True)
class FileCarrier:
    """Writes mails to files instead of sending them. durable: whether each outlives a power cut."""

    places: Places
    durable: bool = True
    _fresh: list[Parcel] = field(default_factory=list)
    _staged: dict[Parcel, Path] = field(default_factory=dict)
    _done: list[tuple[Parcel, Outcome]] = field(default_factory=list)
    _error: OSError | None = None
    _woken: threading.Event = field(default_factory=threading.Event)

    def room(self) -> int:
        """How many more parcels it takes now; one at a time while the last could not be written."""
        most = 1 if self._error else _WINDOW
        return max(most - len(self._staged), 0)

    def put(self, parcel: Parcel) -> None:
        """Write the mail under a passing name."""
        name = f"{self.places.mark}{parcel.number}.{os.getpid()}-{secrets.token_hex(8)}"
        path = self.places.passing / name
        try:
            self._write(path, parcel.mail)
        except OSError as error:
            self._drop(parcel, path, error)
        else:
            self._staged[parcel] = path
            self._fresh.append(parcel)

    def turn(self, timeout_s: float) -> Turn:
        """What has happened since the last turn; it waits where nothing has."""
        ripe = self._kept(self._fresh) if self.durable else self._fresh
        if not ripe and (self._error or not self._done):
            self._woken.wait(timeout_s)
        self._woken.clear()
        told = Turn(ripe, self._done, *self._trouble())
        self._fresh, self._done = [], []
        return told

    def wake(self) -> None:
        """End the turn that waits, or the next one at once; may be called from any thread."""
        self._woken.set()

    def release(self, parcels: Sequence[Parcel]) -> None:
        """Put the mails in their places."""
        moved = []
        for parcel in parcels:
            try:
                self._move(self._staged.pop(parcel), self.places.name(parcel.number))
            except OSError as error:
                self._return(parcel, error)
            else:
                moved.append(parcel)
        self._settle(moved)

    def withdraw(self, parcels: Sequence[Parcel]) -> None:
        """Take the mails away again; they were in no place yet."""
        for parcel in parcels:
            # What is left behind is taken away by a later run.
            with suppress(OSError):
                self._staged.pop(parcel).unlink()

    def close(self, *, now: bool = False) -> list[tuple[Parcel, Outcome]]:
        """What nobody was told yet: all that has no place is returned. now: makes no difference."""
        waiting = [*self._staged]
        self.withdraw(waiting)
        told = self._done + [(one, _returned("taken back: the work ended")) for one in waiting]
        self._fresh, self._done = [], []
        return told

    def _write(self, path: Path, mail: bytes) -> None:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(mail.replace(b"\r\n", self.places.ends))

    def _kept(self, parcels: Sequence[Parcel]) -> list[Parcel]:
        """Those of the parcels whose files outlive a power cut now."""
        # Measured: files that are kept at one time share the work of the disk, 1,300 a second where 240 were.
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            errors = [*pool.map(_keep, [self._staged[parcel] for parcel in parcels])]
        for parcel, error in zip(parcels, errors, strict=True):
            if error:
                self._drop(parcel, self._staged.pop(parcel), error)
        return [parcel for parcel in parcels if parcel in self._staged]

    def _move(self, path: Path, name: str) -> None:
        if name in self.places.arrived:
            path.unlink()
        else:
            path.replace(self.places.final / name)

    def _settle(self, moved: Sequence[Parcel]) -> None:
        """Tell of mails that are in their places, once those outlive a power cut."""
        try:
            if self.durable and moved:
                _sync(self.places.final)
        except OSError as error:
            for parcel in moved:
                self._return(parcel, error)
            return
        self._error = None if moved else self._error
        for parcel in moved:
            written = f"written to {self.places.name(parcel.number)}"
            self._done.append((parcel, Outcome(Verdict.ACCEPTED, Phase.DOT, text=written)))

    def _drop(self, parcel: Parcel, path: Path, error: OSError) -> None:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        self._return(parcel, error)

    def _return(self, parcel: Parcel, error: OSError) -> None:
        self._error = error
        self._done.append((parcel, _returned(f"cannot be written: {error.strerror}")))

    def _trouble(self) -> tuple[str, bool]:
        if not self._error:
            return "", False
        return _problem(self.places.final, self._error), self._error.errno not in _PASSES


def opened(places: Places, *, durable: bool) -> FileCarrier:
    """A carrier into those places; their folders are made, and what dead processes left is taken away.

    Raises: BackendUnavailable where they cannot be written.
    """
    try:
        for folder in (places.final, places.passing):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        _tidy(places)
    except OSError as error:
        raise BackendUnavailable(_problem(places.final, error)) from error
    return FileCarrier(places, durable=durable)


def _tidy(places: Places) -> None:
    # Of the files themselves, which have the clock of their disk: a fresh one says what time it is there.
    clock = places.passing / f"{places.mark}clock-{secrets.token_hex(8)}"
    clock.touch(0o600, exist_ok=False)
    now = clock.stat().st_mtime
    clock.unlink()
    with os.scandir(places.passing) as entries:
        for entry in entries:
            if entry.name.startswith(places.mark) and now - entry.stat().st_mtime > _STALE_S:
                Path(entry.path).unlink(missing_ok=True)


def _problem(folder: Path, error: OSError) -> str:
    step = "free some space" if error.errno in _PASSES else "make the folder writable, or set delivery.folder"
    return f"{folder}: cannot write mails there: {error.strerror}; {step}"


def _returned(text: str) -> Outcome:
    return Outcome(Verdict.RETURNED, Phase.BODY, text=text)


def _keep(path: Path) -> OSError | None:
    try:
        _sync(path)
    except OSError as error:
        return error
    return None


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
