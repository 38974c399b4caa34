"""Entering a whole table of people who agreed elsewhere.

Enters who is new to the list, and nobody who left it, who must not be written to, or who asked to be
forgotten; what somebody chose stays. A table is taken in parts, each in a transaction of its own that also
keeps how far the table is in: whoever dies between two of them leaves whole parts, and the same table goes on
from there. All of its rows are entered as of one moment, that of its beginning, so an address that comes
twice in a table is told from one that was known before, also after an interruption.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from newsletter import roster, store
from newsletter.model import Recipient, SubscriptionStatus, Way
from newsletter.roster import Entry, LeftOut, Roster
from newsletter.store import arrivals, imports, suppressions
from newsletter.store.arrivals import Arrival
from newsletter.store.imports import Progress
from newsletter.subscribe import joining


class Came(StrEnum):
    """What became of a row."""

    ADDED = "added"
    KNOWN = "known"  # on the list already; nothing was changed
    LEFT = "left"  # its owner left the list, so only they can come back
    SUPPRESSED = "suppressed"  # it must not be written to
    AGAIN = "again"  # the same address stands above
    WRONG = "wrong"  # no row of a reader


_WHY = {
    Came.KNOWN: "on the list already",
    Came.LEFT: "left the list; only they can come back",
    Came.SUPPRESSED: "must not be written to",
    Came.AGAIN: "the same address as in a row above",
}


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with a table. themes: of the list. wording: what its people agreed to, and where.

    anew: whether a table that is in already is read again.
    """

    list: str
    themes: tuple[str, ...]
    wording: str
    now: datetime
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to. counts: of rows, by `Came`. went_on: the line after which it began, 0 for all.

    done_before: whether the table was in already, and nothing was done.
    """

    counts: Mapping[str, int]
    lines: int
    went_on: int = 0
    done_before: datetime | None = None


@dataclass(slots=True)
class Hearer:
    """Who is told of an import. left_out: the rows of a part that enter nobody, before it is kept.

    progress: bytes and lines that are safe. began: the lines that were done before.
    """

    left_out: Callable[[Sequence[LeftOut]], None]
    progress: Callable[[int, int], None]
    began: Callable[[int], None] = field(default=lambda lines: None)


def bring(database: store.Engine, table: Roster, order: Order, hearer: Hearer) -> Imported:
    """What entering the table came to. Raises: StoreError, and then what was safe stays so."""
    with store.writing(database) as tx:
        found = imports.find(tx, table.fingerprint, list=order.list)
        done = found is not None and found.finished_at is not None
        if found and done and not order.anew:
            return Imported(found.counts, found.lines, done_before=found.finished_at)
        found = _progress(tx, table, order, anew=done)
    went_on = found.lines
    hearer.began(went_on)
    reader = roster.Reader(table.layout, list=order.list, themes=order.themes, now=order.now)
    for part in table.parts(found.offset, found.lines):
        people, wrong = reader.read(part)
        with store.writing(database) as tx:
            arrivals.hold(tx)
            found = _progress(tx, table, order)
            # Another process may be at the same table, and faster.
            if found.offset < part.offset and not found.finished_at:
                counts, left_out = _enter(tx, people, order, started=found.started_at)
                hearer.left_out(sorted([*wrong, *left_out]))
                total = Counter(found.counts) + counts + Counter({Came.WRONG: len(wrong)})
                imports.advance(tx, found, offset=part.offset, lines=part.lines, counts=total)
        hearer.progress(part.offset, part.lines)
    with store.writing(database) as tx:
        found = _progress(tx, table, order)
        imports.finish(tx, found, now=order.now)
    return Imported(found.counts, found.lines, went_on)


def rehearse(database: store.Engine, table: Roster, order: Order, hearer: Hearer) -> Imported:
    """What entering the table would come to; nothing is kept. Raises: StoreError."""
    with store.reading(database) as tx:
        found = imports.find(tx, table.fingerprint, list=order.list)
        if found and found.finished_at and not order.anew:
            return Imported(found.counts, found.lines, done_before=found.finished_at)
        begun = found if found and not found.finished_at else None
        offset, lines, started = (begun.offset, begun.lines, begun.started_at) if begun else (0, 0, order.now)
        total = Counter(begun.counts if begun else {})
        hearer.began(went_on := lines)
        reader = roster.Reader(table.layout, list=order.list, themes=order.themes, now=order.now)
        arrivals.forget_seen(tx)
        for part in table.parts(offset, lines):
            people, wrong = reader.read(part)
            came = _laid_out(tx, people, order, started=started)
            for line in arrivals.come_again(tx):
                came.setdefault(line, Came.AGAIN)
            counts, left_out = _told(people, came)
            hearer.left_out(sorted([*wrong, *left_out]))
            total += counts + Counter({Came.WRONG: len(wrong)})
            hearer.progress(part.offset, lines := part.lines)
    return Imported(total, lines, went_on)


def _progress(tx: store.Connection, table: Roster, order: Order, *, anew: bool = False) -> Progress:
    return imports.begin(
        tx, table.fingerprint, list=order.list, source=table.source, now=order.now, anew=anew
    )


def _enter(
    tx: store.Connection, people: Sequence[Entry], order: Order, *, started: datetime
) -> tuple[Counter[str], list[LeftOut]]:
    """What became of the rows of a part, and those that enter nobody."""
    came = _laid_out(tx, people, order, started=started)
    waiting = {line for line, what in came.items() if what is Came.ADDED}
    for one in (one for one in people if one.line in waiting):
        recipient = Recipient(one.address, one.folded, one.canonical)
        joining.enter(
            tx, recipient, one.choice, list=order.list, wording=order.wording, way=Way.IMPORT, now=started
        )
    arrivals.enter(tx, list=order.list, wording=order.wording, now=started)
    return _told(people, came)


def _laid_out(
    tx: store.Connection, people: Sequence[Entry], order: Order, *, started: datetime
) -> dict[int, Came]:
    """What is known already of what becomes of rows, by their line; those of new people are laid out.

    Added are of these only the ones who asked and never confirmed, for whom there is a row to change.
    """
    first, again = roster.first_of_each(people)
    came = dict.fromkeys((one.line for one in again), Came.AGAIN)
    suppressed = _suppressed(tx, first)
    came |= dict.fromkeys((one.line for one in first if one.folded in suppressed), Came.SUPPRESSED)
    free = (one for one in first if one.folded not in suppressed)
    arrivals.lay_out(
        tx,
        [
            Arrival(line, address, folded, canonical, choice, confirmed_at or started)
            for line, address, folded, canonical, choice, confirmed_at in free
        ],
    )
    standing = arrivals.standing(tx, list=order.list)
    return came | {line: _of(status, since == started) for line, status, since in standing}


def _of(status: SubscriptionStatus, ours: bool) -> Came:
    if status is SubscriptionStatus.UNCONFIRMED:
        return Came.ADDED
    if ours:
        return Came.AGAIN
    return Came.LEFT if status is SubscriptionStatus.UNSUBSCRIBED else Came.KNOWN


def _suppressed(tx: store.Connection, people: Sequence[Entry]) -> set[str]:
    if not suppressions.some(tx):
        return set()
    salt = suppressions.salt(tx)
    of = {suppressions.digest(salt, one.folded): one.folded for one in people}
    return {of[digest] for digest in suppressions.among(tx, of)}


def _told(people: Sequence[Entry], came: Mapping[int, Came]) -> tuple[Counter[str], list[LeftOut]]:
    counts: Counter[str] = Counter(came.values())
    counts[Came.ADDED] += len(people) - len(came)
    left_out = [
        LeftOut(one.line, _WHY[what], one.address, wrong=False)
        for one in people
        if (what := came.get(one.line)) in _WHY
    ]
    return counts, left_out
