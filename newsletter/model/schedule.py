"""When a list has its issues, what has to happen before one goes, and how far one has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date as Date
from datetime import datetime, time, timedelta
from enum import StrEnum


class Every(StrEnum):
    """What a rule repeats in: a list has one issue in each, or as many as it names days or times."""

    DAY = "day"
    WEEKDAY = "weekday"  # Monday to Friday
    WEEK = "week"  # from Monday on (ISO 8601)
    TWO_WEEKS = "two weeks"
    MONTH = "month"
    CRON = "cron"  # whatever a line of cron says


@dataclass(frozen=True, slots=True)
class Rule:
    """When a list has its issues, on the clock of a place.

    on: of a week "tuesday", of a month "first tuesday", "last friday", "15" or "last day"; () for every day.
    at: times on that clock. zone: an IANA name. starting: there is no issue before that day, and of two weeks
    the first such day from then on has one; None: at once, and in every second week from 2024-01-01. cron:
    the five fields of a line.
    """

    every: Every
    on: tuple[str, ...] = ()
    at: tuple[time, ...] = (time(9),)
    zone: str = "UTC"
    starting: Date | None = None
    cron: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """One moment that a rule names.

    period: the local day, week or month whose issue it is, which has no other: "2026-03-29", "2026-W13",
    "2026-03", with ".2" for the second of several. at: in UTC. local: what the rule says, which a clock that
    was put forward may never have shown.
    """

    period: str
    at: datetime
    local: datetime


class Unapproved(StrEnum):
    """What becomes of an issue that nobody approved when it should go."""

    REMIND = "remind"  # the editor is told again, and it waits as long as it may be late
    SEND = "send"  # it goes as it is
    SKIP = "skip"  # it does not go


class TooFew(StrEnum):
    """What becomes of an issue with fewer papers than the list wants."""

    SKIP = "skip"  # it does not go, and the next one has its papers
    WIDEN = "widen"  # it takes papers of the digests before, which no issue carried
    SEND = "send"  # it goes all the same


class Goes(StrEnum):
    """Where an issue goes."""

    SEND = "send"  # to its readers
    WRITE = "write"  # into a folder
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Schedule:
    """How the issues of a list come about.

    lead: how long before its time a draft is there. max_lateness: how much later than its time an issue may
    go. approval: whether somebody has to approve it. least: papers that it should have. editor: who gets
    drafts and reports, a bare address, "" for nobody. reader_time: whether each reader gets it when their own
    clock shows its time.
    """

    rule: Rule
    lead: timedelta = timedelta(0)
    max_lateness: timedelta = timedelta(hours=12)
    approval: bool = False
    unapproved: Unapproved = Unapproved.REMIND
    least: int = 1
    too_few: TooFew = TooFew.SKIP
    goes: Goes = Goes.SEND
    editor: str = ""
    reader_time: bool = False


class SlotState(StrEnum):
    """How far the issue of one period is."""

    OPEN = "open"  # its papers are being collected
    DRAFTED = "drafted"  # there is a draft, which waits for its time or for a word
    GOING = "going"  # approved; it is on its way
    DONE = "done"  # it went where it should
    SKIPPED = "skipped"  # there was nothing to send, or somebody decided so; the note says which
    MISSED = "missed"  # its time was over before it could go; the note says why


# No more happens to the issue of such a period by itself.
ENDED = (SlotState.DONE, SlotState.SKIPPED, SlotState.MISSED)


@dataclass(frozen=True, slots=True)
class Period:
    """A row of the store: one period of a list, and how far its issue is.

    slot_at: when the issue should go. issue: its row, once there is a draft. note: why it stands as it does.
    tried_at: when its papers were collected last, for the `tries`th time. turned_at: of its last new state.
    """

    id: int
    list: str
    name: str
    slot_at: datetime
    state: SlotState
    issue: int | None
    note: str
    tries: int
    tried_at: datetime | None
    turned_at: datetime


class NoticeKind(StrEnum):
    """What somebody who runs a list is told by mail."""

    DRAFT = "draft"  # a draft is there to be looked at
    REMINDER = "reminder"  # it is time, and nobody has approved it
    REPORT = "report"  # what became of an issue
    SKIPPED = "skipped"  # there is no issue this time, and why
    ALERT = "alert"  # something is wrong, and what to do


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that somebody who runs a list is told by mail, once.

    key: what tells it from every other; the second one of a key is not told. list: "" for the whole site.
    issue: the row of the issue that it is about. text: in words, with the next step.
    """

    key: str
    kind: NoticeKind
    list: str
    subject: str
    text: str
    issue: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, for the log.

    name: such as "issue.drafted". values: list, issue and what else there is to say; no address and no token.
    level: "info", "warning" or "error".
    """

    name: str
    values: Mapping[str, str | int | float] = field(default_factory=dict)
    level: str = "info"
