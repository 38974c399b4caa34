"""What is next for the issue of a period: a decision on what is given, and nothing else."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from newsletter.model import IssueStatus, Period, Schedule, TooFew, Unapproved

# How long to wait after each time that a source could not be read; the last one is repeated.
_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15))
# How long an issue waits for the rest, when its time has come and some of its sources cannot be read.
_PATIENCE = timedelta(minutes=15)


class Next(StrEnum):
    """What is next for the issue of a period."""

    WAIT = "wait"  # nothing is to be done now
    COLLECT = "collect"  # the sources are asked, and then there may be a draft
    APPROVE = "approve"  # it is approved as it is
    GO = "go"  # it is approved, and its time has come
    REMIND = "remind"  # the editor is told that it waits
    SKIP = "skip"  # it does not go
    MISS = "miss"  # its time is over


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is next, and why, in a few words."""

    next: Next
    why: str = ""


_WAIT = Ruling(Next.WAIT)


def of_open(period: Period, *, deadline: datetime, overtaken: bool, now: datetime) -> Ruling:
    """What is next for a period that has no draft.

    deadline: until when its issue may go. overtaken: whether a later period of the list has begun.
    """
    if overtaken or now > deadline:
        over = "the next issue has begun" if overtaken else "its time was over"
        return Ruling(Next.MISS, f"{over}; {period.note}" if period.note else over)
    # The clock may have been put back since.
    if period.tried_at is not None and period.tried_at <= now < period.tried_at + _wait(period.tries):
        return _WAIT
    return Ruling(Next.COLLECT)


def is_patient(period: Period, schedule: Schedule, *, now: datetime) -> bool:
    """Whether an issue waits for the sources that could not be read, rather than going without them."""
    began = period.slot_at - schedule.lead
    return now < max(period.slot_at, began + _PATIENCE)


def of_drafted(
    period: Period,
    schedule: Schedule,
    status: IssueStatus,
    *,
    papers: int,
    deadline: datetime,
    overtaken: bool,
    now: datetime,
) -> Ruling:
    """What is next for a period that has a draft.

    status: of the issue. papers: that it has. deadline, overtaken: as of `of_open`.
    """
    is_time = now >= period.slot_at
    if status is IssueStatus.CANCELLED:
        return Ruling(Next.SKIP, "somebody cancelled it")
    if status is not IssueStatus.DRAFT:
        return Ruling(Next.GO) if is_time else _WAIT
    if overtaken:
        return Ruling(Next.MISS, "the next issue has begun")
    if not is_time:
        return _WAIT
    late = now > deadline
    if late and not schedule.approval:
        return Ruling(Next.MISS, "its time was over")
    if papers == 0 or (papers < schedule.least and schedule.too_few is not TooFew.SEND):
        return Ruling(Next.SKIP, _few(papers, schedule.least))
    if not schedule.approval or schedule.unapproved is Unapproved.SEND:
        return Ruling(Next.MISS, "its time was over") if late else Ruling(Next.APPROVE)
    if late or schedule.unapproved is Unapproved.SKIP:
        return Ruling(Next.SKIP, "nobody approved it")
    return Ruling(Next.REMIND, "waits for somebody to approve it")


def _wait(tries: int) -> timedelta:
    return _WAITS[min(max(tries, 1), len(_WAITS)) - 1]


def _few(papers: int, least: int) -> str:
    if papers == 0:
        return "there was no new paper"
    return f"there were {papers} new papers, and it wants {least}"
