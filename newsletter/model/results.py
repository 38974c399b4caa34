"""What became of an issue, and of a list over time: numbers, and no reader's name or address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    number: int
    of: int

    @property
    def part(self) -> float:
        """From 0 to 1; 0 of none."""
        return self.number / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class IssueReport:
    """What became of one issue, as of one moment; nobody is followed for it.

    list: the slug. title: of the list, as it was frozen. state: of its sending. deferred: tried, and still
    to go; waiting: not tried yet. failed, skipped: by cause, in words. bounced: what came back after a
    server had taken it, by kind, without complaints. unsubscribed: who left from its start to the next
    issue's, or to `until`, by theme, "" for the whole issue, each of how many got it; a reader of two
    themes is in both. left: of all who got it. joined: readers who came between the start of the issue
    before and its own. ended_at: None while mails are to go. rate: mails a second at first try, None where
    there is none. period, late: for which it was, and how much later than its time it began; "" and None by
    hand.
    """

    list: str
    title: str
    number: int
    date: Date
    state: str
    recipients: int
    sent: int
    deferred: int
    waiting: int
    unknown: int
    failed: Mapping[str, int]
    skipped: Mapping[str, int]
    bounced: Mapping[str, int]
    complaints: int
    unsubscribed: Mapping[str, Share]
    left: Share
    joined: int
    started_at: datetime
    ended_at: datetime | None
    until: datetime | None
    rate: float | None
    period: str = ""
    late: timedelta | None = None
    recap: str = ""

    @property
    def name(self) -> str:
        """What an editor calls it, such as weekly/7."""
        return f"{self.list}/{self.number}"

    @property
    def took(self) -> timedelta | None:
        """From its start to its end; None while mails are to go."""
        return self.ended_at - self.started_at if self.ended_at else None


@dataclass(frozen=True, slots=True)
class IssueNumbers:
    """One issue among others, in numbers, as `IssueReport` has them."""

    name: str
    list: str
    date: Date
    started_at: datetime
    recipients: int
    sent: int
    failed: int
    unknown: int
    bounced: int
    complaints: int
    left: Share
