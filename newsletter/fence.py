"""Whether the database is the one that mails were sent from, or one that may have forgotten some of them.

Owns the file beside the database, which knows the highest number that the database had (`store.fences`), and
the number of the last issue of each list, so that none is given twice. The number is committed first and
written into the file after it, whole and on disk: who dies in between leaves a file that is behind, which is
right. A database that is behind its file was restored: of what went out since it knows nothing, so nothing
goes before an operator's word. Where several machines deliver from one database, each has a file of its own;
whoever finds out writes it into the database, so that the others hold too. One without a file takes the
database's number when mails go.

PostgreSQL also says on which server it is. A standby that took over may lack what was written last, and so
may a backup: both are found out by every machine, with or without a file, and when the connection to the
server is lost also in the midst of a run. A standby without which nothing was committed lacks nothing.

Not found out is a backup that was made and restored between two rises, ten seconds while mails go, within one
server; nor a standby that took over though it had fallen behind one that has to be there.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from newsletter import folder, notices, store
from newsletter.errors import StoreError
from newsletter.model import IssueStatus, SlotState
from newsletter.store import deliveries, fences, issues, periods, sendings, workers
from newsletter.store import notices as rows

# How far the number leaps at an operator's word: the files of other machines are behind it then, and ask for
# no second one.
_LEAP = 1_000_000
_WHY = "the database was restored from a backup; this mail may have gone after it was made"
_MAY_HAVE_GONE = "the database was restored from a backup; it may have gone after that was made"
_ELSEWHERE = (
    "another server has taken over from the one that mails were sent from, or the database was moved, "
    "upgraded with pg_upgrade, or restored from a backup, and it may have forgotten what went out last"
)
_STEP = "look at newsletter status, then run: newsletter schedule resume"


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the file has: the number, and that of the last issue of each list."""

    number: int
    issues: Mapping[str, int]

    def as_bytes(self) -> bytes:
        """The content of the file."""
        return "".join(
            [f"{self.number}\n", *(f"{slug} {last}\n" for slug, last in sorted(self.issues.items()))]
        ).encode()


@dataclass(frozen=True, slots=True)
class Fence:
    """The number of an open store, and the file that keeps it."""

    database: store.Engine
    path: Path

    def restored(self) -> str:
        """Why nothing may go, with the next step; "" where it may. Other machines are told of it.

        Raises: StoreError for a file that cannot be read.
        """
        found, kept = self._numbers()
        if kept and kept.number > max(found.number, found.known):
            self._tell(kept.number)
        return self._why(found, kept)

    def require(self) -> None:
        """Return where mails may go. Raises: StoreError, which says why nothing may."""
        if reason := self.restored():
            raise StoreError(f"nothing goes: {reason}")

    @contextmanager
    def writing(self) -> Iterator[store.Connection]:
        """A transaction of which a backup from before knows nothing: the number rises in it.

        Raises: StoreError; where it is the file that cannot be written, the transaction is kept.
        """
        with store.writing(self.database, durable=True) as tx:
            yield tx
            number = self.rise(tx)
        self.keep(number)

    def rise(self, tx: store.Connection) -> int:
        """The number, risen by one as the last thing in a transaction that is durable; `keep` comes after.

        Raises: StoreError where the database, or another machine by it, says that nothing may go.
        """
        found = fences.rise(tx)
        if reason := self._why(found, None):
            raise StoreError(f"nothing goes: {reason}")
        return found.number

    def keep(self, number: int) -> None:
        """Let the file have the number, which is committed; it is on disk then. Raises: StoreError."""
        self._write(number)

    def keep_if_possible(self, number: int) -> None:
        """The same in the midst of a run, which a file that cannot be written does not end.

        Ending there would leave mails of which nobody knows whether they went. The next run does not begin.
        """
        with suppress(StoreError):
            self._write(number)

    def accept(self, *, zones: Mapping[str, str], now: datetime) -> int:
        """How many mails count as unknown, now that somebody knows that the database was restored.

        Those are the mails that were still to go when the backup was made, and may have gone since. What was
        due until now is made up for by nobody, and a number of an issue that readers may have is given to no
        other. zones: of the lists that have a schedule; each editor is told. Nothing is done to a database
        that was not restored. Raises: StoreError.
        """
        found, kept = self._numbers()
        if not self._why(found, kept):
            return 0
        kept = kept or _Kept(found.number, {})
        with store.writing(self.database, durable=True) as tx:
            # In the order of those who deliver.
            workers.hold_all(tx)
            unknown = deliveries.doubt(tx, cause=_WHY, now=now)
            over = _give_up(tx, now)
            periods.restart(tx, now=now)
            for list, last in kept.issues.items():
                issues.skip_to(tx, list=list, number=last, now=now)
            for list, zone in zones.items():
                told = notices.resumed(list, over.get(list, ()), now=now, zone=zone)
                rows.add(tx, told, now=now)
            number = fences.accept(tx, past=max(found.known, found.number, kept.number) + _LEAP)
        self._write(number)
        return unknown

    def _why(self, found: fences.Fence, kept: "_Kept | None") -> str:
        if kept and kept.number > found.number:
            said = f"{self.path} says {kept.number:,}, the database {found.number:,}"
        elif found.known > found.number:
            said = f"a machine says {found.known:,}, the database {found.number:,}"
        elif found.is_elsewhere:
            return f"{_ELSEWHERE}; {_STEP}"
        else:
            return ""
        return (
            "the database was restored from a backup, and of what went out after that was made it knows "
            f"nothing ({said}); {_STEP}"
        )

    def _tell(self, number: int) -> None:
        # Where it cannot be written, nobody else can write what goes, either.
        with suppress(StoreError), store.writing(self.database, durable=True) as tx:
            fences.tell(tx, number)

    def _numbers(self) -> "tuple[fences.Fence, _Kept | None]":
        """That of the database, and what the file has, None where there is no file."""
        with store.reading(self.database) as tx:
            here = fences.read(tx)
        try:
            return here, _read(self.path)
        except OSError as error:
            raise self._told(error) from error
        except ValueError as error:
            problem = f"{self.path}: not the number that newsletter wrote there"
            raise StoreError(f"{problem}; if no backup was restored, delete the file") from error

    def _write(self, number: int) -> None:
        with store.reading(self.database) as tx:
            last = {edition.list: edition.number for edition in issues.every(tx)}
        try:
            with _alone(self.path.parent) as opened:
                # Another process may have been faster, with a higher one.
                kept = _read(self.path)
                if kept is None or number > kept.number:
                    folder.replace(self.path, [_Kept(number, last).as_bytes()], durable=True)
                    with suppress(OSError):  # some file systems cannot
                        os.fsync(opened)
        except (OSError, ValueError) as error:
            raise self._told(error) from error

    def _told(self, error: OSError | ValueError) -> StoreError:
        said = error.strerror if isinstance(error, OSError) else error
        problem = f"{self.path}: cannot keep whether the database was restored: {said}"
        return StoreError(f"{problem}; make the file and its folder writable, or set fence_file")


def _give_up(tx: store.Connection, now: datetime) -> dict[str, list[str]]:
    """Miss the issues that may have gone, by list: their time had come, and no mail of theirs is known.

    A draft of that time is cancelled: readers may have another issue under its number.
    """
    found: dict[str, list[str]] = {}
    drafts = {one.id: one for one in issues.every(tx) if one.status is IssueStatus.DRAFT}
    for period in periods.under_way(tx):
        known = period.issue is not None and sendings.of(tx, period.issue) is not None
        if period.slot_at <= now and not known:
            periods.turn(tx, period, SlotState.MISSED, note=_MAY_HAVE_GONE, now=now)
            found.setdefault(period.list, []).append(period.name)
            if draft := drafts.get(period.issue or 0):
                issues.change(tx, draft, status=IssueStatus.CANCELLED)
    return found


def _read(path: Path) -> _Kept | None:
    try:
        number, *lines = path.read_text(encoding="utf-8").splitlines() or [""]
    except FileNotFoundError:
        return None
    return _Kept(int(number), {slug: int(last) for slug, last in map(str.split, lines)})


@contextmanager
def _alone(folder: Path) -> Iterator[int]:
    """The folder, open, while no other process writes a file of ours there."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield number
    finally:
        os.close(number)
