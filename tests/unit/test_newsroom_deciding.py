"""What is next for the issue of a period that has a draft."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from newsletter.model import Every, IssueStatus, Period, Rule, Schedule, SlotState, TooFew, Unapproved
from newsletter.newsroom import deciding
from newsletter.newsroom.deciding import Next, Ruling

AT = datetime(2026, 11, 24, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
PERIOD = Period(1, "weekly", "2026-W48", AT, SlotState.DRAFTED, 7, "", 0, None, AT)
FREE = Schedule(Rule(Every.WEEK, ("tuesday",)))
HELD = Schedule(Rule(Every.WEEK, ("tuesday",)), approval=True)
SENDS = Schedule(Rule(Every.WEEK, ("tuesday",)), approval=True, unapproved=Unapproved.SEND)
THREE = Schedule(Rule(Every.WEEK, ("tuesday",)), least=3, too_few=TooFew.SEND)


def ruled(
    schedule: Schedule, *, status: IssueStatus = IssueStatus.DRAFT, late: timedelta = HOUR, **given: Any
) -> Ruling:
    chosen = {"papers": 5, "overtaken": False, **given}
    return deciding.of_drafted(
        PERIOD, schedule, status, deadline=AT + schedule.max_lateness, now=AT + late, **chosen
    )


@pytest.mark.parametrize("schedule", [FREE, SENDS, HELD, THREE])
def test_no_issue_without_a_paper_goes_whatever_the_list_wants(schedule: Schedule) -> None:
    assert ruled(schedule, papers=0) == Ruling(Next.SKIP, "there was no new paper")


def test_one_paper_where_more_are_wanted_is_told_as_such() -> None:
    few = Schedule(Rule(Every.WEEK, ("tuesday",)), least=3)

    assert ruled(few, papers=1).why == "there was 1 new paper, and it wants 3 at least (least_papers)"
    assert ruled(THREE, papers=1).next is Next.APPROVE


@pytest.mark.parametrize(
    ("schedule", "late", "expected"),
    [
        (FREE, -HOUR, Next.WAIT),
        (FREE, HOUR, Next.APPROVE),
        (FREE, 13 * HOUR, Next.MISS),
        (SENDS, HOUR, Next.APPROVE),
        (SENDS, 13 * HOUR, Next.MISS),
        (HELD, HOUR, Next.REMIND),
        (HELD, 13 * HOUR, Next.SKIP),
    ],
)
def test_a_draft_goes_by_itself_only_in_its_time_and_where_nobody_has_to_approve_it(
    schedule: Schedule, late: timedelta, expected: Next
) -> None:
    assert ruled(schedule, late=late).next is expected


@pytest.mark.parametrize("schedule", [FREE, SENDS, HELD])
def test_what_somebody_said_holds_and_a_draft_that_was_overtaken_does_not_go(schedule: Schedule) -> None:
    assert ruled(schedule, status=IssueStatus.CANCELLED).next is Next.SKIP
    assert ruled(schedule, status=IssueStatus.APPROVED, late=-HOUR).next is Next.WAIT
    assert ruled(schedule, status=IssueStatus.APPROVED, overtaken=True).next is Next.GO
    assert ruled(schedule, overtaken=True).next is Next.MISS
