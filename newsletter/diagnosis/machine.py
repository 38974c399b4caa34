"""Whether the database and the machine around it are in order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.diagnosis.checks import Check, Group, Level

# Bytes of a write-ahead log beyond which something keeps SQLite from taking it in: it does so at 4 MB.
_LARGE_LOG = 256_000_000
# Bytes of free space: with less the next issue may not be stored, or soon not.
_NO_SPACE, _LITTLE_SPACE = 100_000_000, 1_000_000_000
# Seconds between two clocks: one of a machine that keeps time is within one, and a transaction takes a while.
_APART, _FAR_APART = 5, 60
# Years in which this program can run: a machine without a clock begins in 1970 or 2000.
_YEARS = range(2025, 2100)
# File systems that are gone when the machine stops.
_FLEETING = ("tmpfs", "ramfs")


@dataclass(frozen=True, slots=True)
class Store:
    """How the database stands.

    missing: whether there is none yet. trouble: why it cannot be used, with the next step. damage: what a
    check of all of it found. remedy: what helps against all of that, "" where each says it. refuses: why
    nothing can be written. log_bytes: of SQLite's -wal. kind: of its file system, "" where it is unknown or
    on a server. clock: of the server, when it was `asked_at` here.
    """

    name: str
    missing: bool = False
    trouble: str = ""
    revision: str = ""
    damage: tuple[str, ...] = ()
    remedy: str = ""
    refuses: str = ""
    log_bytes: int = 0
    kind: str = ""
    clock: datetime | None = None
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that is written to. use: what for. free: bytes; trouble: why it cannot be used."""

    use: str
    path: str
    free: int = 0
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Leavers:
    """The file of readers who left while the database could not be written. waiting: bytes in it."""

    path: str
    waiting: int = 0
    network: str = ""
    trouble: str = ""


def store_checks(store: Store) -> Iterator[Check]:
    """How the database stands."""
    if store.missing:
        yield _of_store(Level.WARNING, "opens", f"{store.name}: no database yet", "run: newsletter ingest")
        return
    if store.trouble:
        yield _of_store(Level.PROBLEM, "opens", store.trouble)
        return
    yield _of_store(Level.OK, "opens", f"{store.name}, revision {store.revision}")
    yield _whole(store)
    if store.refuses:
        yield _of_store(Level.PROBLEM, "can be written", store.refuses)
    else:
        yield _of_store(Level.OK, "can be written", "yes")
    if store.kind in _FLEETING:
        said = f"{store.kind}: everything is gone when the machine stops, and who left with it"
        yield _of_store(Level.PROBLEM, "file system", said, "name a file on a disk in database_url")
    if store.log_bytes > _LARGE_LOG:
        said = f"{store.log_bytes / 1e6:,.0f} MB: some process reads for very long"
        yield _of_store(Level.WARNING, "write-ahead log", said, "end that process, or start newsletter anew")


def _whole(store: Store) -> Check:
    if not store.damage:
        return _of_store(Level.OK, "is whole", "yes")
    more = f" and {len(store.damage) - 1} more" if len(store.damage) > 1 else ""
    if store.remedy:
        return _of_store(Level.PROBLEM, "is whole", f"damaged: {store.damage[0]}{more}", store.remedy)
    said, _, step = store.damage[0].partition("; ")
    also = f"{step}; newsletter db check tells the others" if more else step
    return _of_store(Level.PROBLEM, "is whole", f"{said}{more}", also)


def clock_checks(now: datetime, store: Store) -> Iterator[Check]:
    """How the clock of this machine stands: its year, and beside the clock of the database's server."""
    if now.year not in _YEARS:
        said = f"it says {now:%Y-%m-%d}, which cannot be: links, signatures and the plan go by it"
        yield _of_machine(Level.PROBLEM, "clock", said, "set the clock, and let NTP keep it")
        return
    if store.clock is None or store.asked_at is None:
        said = f"it says {now:%Y-%m-%d %H:%M} UTC; nothing here to compare it with"
        yield _of_machine(Level.OK, "clock", said)
        return
    yield _beside(store.clock - store.asked_at)


def _beside(apart: timedelta) -> Check:
    seconds = apart.total_seconds()
    side = "behind" if seconds > 0 else "ahead of"
    said = f"{abs(seconds):,.0f} s {side} the clock of the database's server"
    if abs(seconds) < _APART:
        return _of_machine(Level.OK, "clock", "goes with that of the database's server")
    level = Level.PROBLEM if abs(seconds) >= _FAR_APART else Level.WARNING
    return _of_machine(level, "clock", said, "let NTP keep the clocks of both")


def zone_check(missing: tuple[str, ...]) -> Check:
    """Whether the time zones of readers are known. missing: those that are not, of some that have to be."""
    if not missing:
        return _of_machine(Level.OK, "time zones", "known")
    said = f"{', '.join(missing)} not known: readers' days and hours cannot be told"
    return _of_machine(Level.PROBLEM, "time zones", said, "run: pip install tzdata")


def place_check(place: Place) -> Check:
    """Whether a folder can be written, and has room."""
    name = f"space for {place.use}"
    if place.trouble:
        step = "make the folder, writable for this user"
        return _of_machine(Level.PROBLEM, name, f"{place.path}: {place.trouble}", step)
    said = f"{place.path}: {place.free / 1e9:,.1f} GB free"
    if place.free < _NO_SPACE:
        return _of_machine(Level.PROBLEM, name, said, "free some space before anything is sent")
    if place.free < _LITTLE_SPACE:
        return _of_machine(Level.WARNING, name, said, "free some space")
    return _of_machine(Level.OK, name, said)


def leavers_check(leavers: Leavers) -> Check:
    """Whether readers can leave while the database cannot be written."""
    if leavers.trouble:
        step = "make the file and its folder writable for this user, or set leaving_file"
        return _of_machine(Level.PROBLEM, "leaving_file", f"{leavers.path}: {leavers.trouble}", step)
    if leavers.network:
        said = f"{leavers.path}: on a network file system ({leavers.network}), where its lock may not hold"
        return _of_machine(Level.WARNING, "leaving_file", said, "name a file on a local disk")
    if leavers.waiting:
        said = f"{leavers.path}: readers who left wait for the database, and would still be mailed"
        step = "see that the database can be written; then run: newsletter subscribers stats"
        return _of_machine(Level.WARNING, "leaving_file", said, step)
    return _of_machine(Level.OK, "leaving_file", f"{leavers.path}: nobody waits in it")


def _of_store(level: Level, name: str, said: str, step: str = "") -> Check:
    return Check(level, Group.DATABASE, "", name, said, step)


def _of_machine(level: Level, name: str, said: str, step: str = "") -> Check:
    return Check(level, Group.MACHINE, "", name, said, step)
