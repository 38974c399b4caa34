"""How many readers there are, how many come and go, and what they chose."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from newsletter import store
from newsletter.model import Act, SubscriptionStatus
from newsletter.store import bounces, census

# A reader who leaves so soon got something else than they expected.
EARLY_DAYS = 30
JOINED = (Act.CONFIRMED, Act.ADDED)
LEFT = (Act.LEFT, Act.REMOVED)


@dataclass(frozen=True, slots=True)
class Week:
    """How many joined and left in the week that begins on that Monday, in UTC. total: readers at its end.

    A reader who is forgotten is in no week: the log of what they said goes with them.
    """

    monday: date
    joined: int
    left: int
    total: int


@dataclass(frozen=True, slots=True)
class Stats:
    """The readers, of one list or of all.

    statuses: by list and status. weeks: oldest first, the present one last. themes: confirmed readers of
    each, "" for those who get the whole issue. early: of `settled` readers, who joined 30 days ago or before,
    those who had left 30 days later. suppressed: by reason, whatever the list. bounces: what came back in
    these weeks by kind, whatever the list.
    """

    statuses: Mapping[str, Mapping[SubscriptionStatus, int]]
    weeks: Sequence[Week]
    themes: Mapping[str, int]
    cadences: Mapping[str, int]
    early: int
    settled: int
    suppressed: Mapping[str, int]
    bounces: Mapping[str, int]


def stats(database: store.Engine, *, list: str | None, weeks: int, now: datetime) -> Stats:
    """The readers as of one moment; of the consent log the last so many weeks. Raises: StoreError."""
    monday = now.astimezone(UTC).date() - timedelta(days=now.astimezone(UTC).weekday(), weeks=weeks - 1)
    with store.reading(database) as tx:
        statuses: dict[str, dict[SubscriptionStatus, int]] = {}
        for (slug, status), number in census.statuses(tx, list).items():
            statuses.setdefault(slug, {})[status] = number
        since = datetime.combine(monday, time(), UTC)
        log = census.days(tx, list, since=since)
        themes: Counter[str] = Counter()
        cadences: Counter[str] = Counter()
        for chosen, cadence, number in census.choices(tx, list):
            cadences[cadence] += number
            themes.update(dict.fromkeys(chosen or ("",), number))
        early, settled = census.early(tx, list, days=EARLY_DAYS, until=now - timedelta(days=EARLY_DAYS))
        suppressed, came = census.suppressed(tx), bounces.kinds(tx, since=since)
    total = sum(numbers.get(SubscriptionStatus.CONFIRMED, 0) for numbers in statuses.values())
    return Stats(
        statuses, _weeks(log, monday, weeks, total), themes, cadences, early, settled, suppressed, came
    )


def _weeks(log: Sequence[tuple[str, str, int]], first: date, number: int, total: int) -> tuple[Week, ...]:
    """The weeks, reckoned back from how many readers there are now."""
    counts: Counter[tuple[int, bool]] = Counter()
    for day, act, lines in log:
        if act in (*JOINED, *LEFT):
            counts[(date.fromisoformat(day) - first).days // 7, act in JOINED] += lines
    found: list[Week] = []
    for at in reversed(range(number)):
        found.append(Week(first + timedelta(weeks=at), counts[at, True], counts[at, False], total))
        total -= counts[at, True] - counts[at, False]
    return tuple(reversed(found))
