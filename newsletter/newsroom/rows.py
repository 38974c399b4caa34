"""Changing a period's row, with what is told of it in the same transaction."""

from collections.abc import Iterator
from datetime import datetime

from newsletter import notices, store
from newsletter.fence import Fence
from newsletter.model import Edition, Event, Notice, SlotState
from newsletter.newsroom.plans import Plan
from newsletter.store import notices as store_notices
from newsletter.store import periods


def turn(
    fence: Fence,
    plan: Plan,
    to: SlotState,
    now: datetime,
    *,
    note: str = "",
    issue: Edition | None = None,
    notice: Notice | None = None,
) -> bool:
    """Whether this step brought the period to that state; another one may have."""
    number = issue.id if issue else None
    with fence.writing() as tx:
        is_new = periods.turn(tx, plan.period, to, note=note, issue=number, now=now)
        if is_new and notice:
            store_notices.add(tx, notice, now=now)
    return is_new


def end(
    fence: Fence, plan: Plan, to: SlotState, why: str, now: datetime, *, is_right: bool = False
) -> Iterator[Event]:
    """End a period without an issue, and tell why. is_right: whether that is as it should be."""
    period, zone = plan.period, plan.schedule.rule.zone
    told: Notice | None = None
    if to is SlotState.MISSED:
        told = notices.missed(
            period.list, [period.name], at=period.slot_at, zone=zone, why=why, edition=plan.edition
        )
    elif to is SlotState.SKIPPED and not is_right:
        told = notices.skipped(
            period.list, period.name, at=period.slot_at, zone=zone, why=why, edition=plan.edition
        )
    if turn(fence, plan, to, now, note=why, notice=told):
        level = "warning" if to is SlotState.MISSED else "info"
        yield Event(f"period.{to}", plan.values(why=why), level)


def alert(fence: Fence, plan: Plan, notice: Notice, now: datetime) -> Iterator[Event]:
    """Tell that something is wrong with an issue, once."""
    with store.writing(fence.database) as tx:
        is_new = store_notices.add(tx, notice, now=now)
    if is_new:
        yield Event(f"issue.{notice.key.partition('/')[0]}", plan.values(why=notice.text), "error")
