"""What became of issues: put together from the ledger, from what came back, and from who left.

Reads only, as of one moment. Nobody is followed for it: no mail has a picture or a link that counts. A reader
who is forgotten takes their lines along, so that numbers of the past may shrink.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime
from typing import Any

from newsletter import store, subscribe
from newsletter.errors import NotFound
from newsletter.model import BounceKind, Cadence, DeliveryStatus, Edition, IssueNumbers, IssueReport, Share
from newsletter.outcomes import codes
from newsletter.store import deliveries, periods, results
from newsletter.store.results import Began, Cause, Departure
from newsletter.subscribe import Stats

# Causes that are told apart; more say nothing new.
_CAUSES = 6
_OTHER = "other causes"
# As `deciding` begins the cause of what was tried for long.
_GIVEN_UP = "given up: "
_ADDRESS = re.compile(r"\S*@\S*")


@dataclass(frozen=True, slots=True)
class Papers:
    """How many papers fitted each theme of a list, by slug, in one of its issues."""

    list: str
    issue: str
    date: Date
    themes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Overview:
    """A list, or all, over some weeks, as of one moment.

    list: None for every list. issues: those that began to go in these weeks. papers: of each that was
    approved. Both in the order of time.
    """

    list: str | None
    at: datetime
    readers: Stats
    issues: Sequence[IssueNumbers]
    papers: Sequence[Papers]


def report(database: store.Engine, edition: Edition) -> IssueReport:
    """What became of the issue so far. Raises: NotFound for one that was never sent; StoreError."""
    with store.reading(database) as tx:
        every = results.began(tx, list=edition.list)
        row = next((one for one in every if one.id == edition.id), None)
        if row is None:
            raise NotFound(f"{edition.name} was never sent; send it with: newsletter send {edition.name}")
        since, until = _neighbours(every, row)
        return IssueReport(
            list=row.list,
            title=results.title(tx, row.id),
            number=row.number,
            date=row.date,
            state=row.state,
            started_at=row.started_at,
            ended_at=row.finished_at,
            until=until,
            recap=row.recap,
            joined=results.lines(tx, row.list, subscribe.JOINED, since=since, until=row.started_at),
            rate=_rate(row, *results.at_first_try(tx, row.id, until=row.finished_at)),
            **_of_ledger(tx, row),
            **_of_readers(tx, row, until),
            **_of_period(tx, row),
        )


def overview(database: store.Engine, *, list: str | None, weeks: int, now: datetime) -> Overview:
    """The list, or all, in the last so many weeks from Monday to Sunday, in UTC. Raises: StoreError."""
    readers = subscribe.stats(database, list=list, weeks=weeks, now=now)
    first = readers.weeks[0].monday
    with store.reading(database) as tx:
        every = results.began(tx, list=list)
        some = [one for one in every if one.started_at.date() >= first]
        papers = [
            Papers(slug, f"{slug}/{number}", date, themes)
            for slug, number, date, themes in results.papers_by_theme(tx, list=list, since=first)
        ]
        return Overview(list, now, readers, _numbers(tx, every, some, list=list), papers)


def _numbers(
    tx: store.Connection, every: Sequence[Began], some: Sequence[Began], *, list: str | None
) -> Sequence[IssueNumbers]:
    """The numbers of some issues of the list, or of all, in their order. every: whatever began there."""
    if not some:
        return ()
    ids = [one.id for one in some]
    tallies, came = deliveries.tallies(tx, ids), results.bounced(tx, ids)
    gone = results.departures(tx, list=list, since=some[0].started_at)
    left = _left_after(gone, every)
    return [
        IssueNumbers(
            name=f"{one.list}/{one.number}",
            list=one.list,
            date=one.date,
            started_at=one.started_at,
            recipients=sum(tallies[one.id].values()),
            sent=tallies[one.id][DeliveryStatus.SENT],
            failed=tallies[one.id][DeliveryStatus.FAILED],
            unknown=tallies[one.id][DeliveryStatus.UNKNOWN],
            bounced=sum(_kinds(came, one.id).values()),
            complaints=came.get((one.id, BounceKind.COMPLAINT), 0),
            left=Share(left[one.id], _came(tallies[one.id])),
        )
        for one in some
    ]


def _left_after(gone: Iterable[Departure], every: Sequence[Began]) -> Counter[int]:
    """How many left after each issue, the last that they could have had. every: in the order of time."""
    starts: dict[tuple[str, Cadence], list[Began]] = {}
    for one in every:
        starts.setdefault((one.list, one.for_whom), []).append(one)
    found: Counter[int] = Counter()
    for reader in gone:
        theirs = starts.get((reader.list, reader.cadence), [])
        before = bisect_right(theirs, reader.at, key=lambda one: one.started_at)
        found.update([one.id for one in theirs[max(before - 1, 0) : before]])
    return found


def _neighbours(every: Sequence[Began], row: Began) -> tuple[datetime | None, datetime | None]:
    """When the issue before it and the one after it began, among those for the same readers."""
    same = [one for one in every if one.for_whom is row.for_whom]
    at = same.index(row)
    before, after = same[:at][-1:], same[at + 1 : at + 2]
    return (before[0].started_at if before else None, after[0].started_at if after else None)


def _of_ledger(tx: store.Connection, row: Began) -> dict[str, Any]:
    tally, deferred = deliveries.tallies(tx, [row.id])[row.id], deliveries.deferred(tx, row.id)
    causes, came = results.causes(tx, row.id), results.bounced(tx, [row.id])
    still = tally[DeliveryStatus.PENDING] + tally[DeliveryStatus.SENDING]
    return {
        "recipients": sum(tally.values()),
        "sent": tally[DeliveryStatus.SENT],
        "deferred": deferred,
        "waiting": still - deferred,
        "unknown": tally[DeliveryStatus.UNKNOWN],
        "failed": _in_words(one for one in causes if one.status is DeliveryStatus.FAILED),
        "skipped": _in_words(one for one in causes if one.status is DeliveryStatus.SKIPPED),
        "bounced": _kinds(came, row.id),
        "complaints": came.get((row.id, BounceKind.COMPLAINT), 0),
    }


def _of_readers(tx: store.Connection, row: Began, until: datetime | None) -> dict[str, Any]:
    gone = results.departures(tx, list=row.list, since=row.started_at, until=until)
    gone = [one for one in gone if one.cadence is row.for_whom]
    chosen = results.readers_by_choice(tx, row.id)
    left: Counter[str] = Counter()
    had: Counter[str] = Counter()
    for one in gone:
        left.update(one.themes or ("",))
    for themes, number in chosen.items():
        had.update(dict.fromkeys(themes or ("",), number))
    return {
        "unsubscribed": {theme: Share(left[theme], had[theme]) for theme in sorted(had | left)},
        "left": Share(len(gone), sum(chosen.values())),
    }


def _of_period(tx: store.Connection, row: Began) -> dict[str, Any]:
    period = periods.of_issue(tx, row.id)
    return {"period": period.name, "late": row.started_at - period.slot_at} if period else {}


def _rate(row: Began, number: int, last: datetime | None) -> float | None:
    """Mails a second at the first try: what was put off would tell how long others wanted us to wait."""
    seconds = (last - row.started_at).total_seconds() if last else 0.0
    return number / seconds if seconds > 0 else None


def _kinds(came: Mapping[tuple[int, str], int], issue: int) -> dict[str, int]:
    order = [kind for kind in BounceKind if kind is not BounceKind.COMPLAINT]
    return {str(kind): came[issue, kind] for kind in order if (issue, kind) in came}


def _came(tally: Mapping[DeliveryStatus, int]) -> int:
    return tally[DeliveryStatus.SENT] + tally[DeliveryStatus.UNKNOWN]


def _in_words(causes: Iterable[Cause]) -> dict[str, int]:
    """How often each cause occurs, those alike together, the most frequent first."""
    found: Counter[str] = Counter()
    for one in causes:
        found[_worded(one)] += one.number
    told = dict(found.most_common(_CAUSES))
    rest = found.total() - sum(told.values())
    return told | ({_OTHER: rest} if rest else {})


def _worded(cause: Cause) -> str:
    given_up, said = cause.said.startswith(_GIVEN_UP), cause.said.removeprefix(_GIVEN_UP)
    # Whatever a server says: an address is nobody's business here.
    bare = " ".join(_ADDRESS.sub("…", said).split())
    told = codes.words(cause.enhanced) or bare or (f"code {cause.code}" if cause.code else "no reason given")
    return _GIVEN_UP * given_up + told
