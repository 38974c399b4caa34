"""From an approved issue to its readers or a folder, and what is told of it at the end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from newsletter import deliver, notices, store
from newsletter.config import Settings
from newsletter.desk import Desk
from newsletter.dispatch import Dispatch
from newsletter.drafts import Draft
from newsletter.errors import Conflict
from newsletter.fence import Fence
from newsletter.model import Edition, Event, Goes, IssueStatus, Notice, SlotState
from newsletter.newsroom import rows
from newsletter.newsroom.plans import Plan
from newsletter.store import deliveries, sendings
from newsletter.store.sendings import State

# An issue is stuck that has not gone so long after its time, with a mail that has been due for so long.
_STUCK, _DUE = timedelta(days=1), timedelta(hours=1)
_TOO_LATE = "its time was over before it began to go"

WriteIssue = Callable[[Edition, Draft, Path], None]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The approved issues of an open store. write: writes one into a folder."""

    database: store.Engine
    fence: Fence
    settings: Settings
    desk: Desk
    dispatch: Dispatch
    write: WriteIssue

    def going(self, plan: Plan, now: datetime) -> Iterator[Event]:
        """Have an approved issue go where it should, until it is there."""
        edition = plan.edition
        if edition is None or edition.status is IssueStatus.CANCELLED:
            yield from rows.end(self.fence, plan, SlotState.SKIPPED, "somebody cancelled it", now)
            return
        with store.reading(self.database) as tx:
            sending = sendings.of(tx, edition.id)
        has_set_out = sending is not None and sending.state is not State.FREEZING
        if not has_set_out and now > plan.deadline:
            yield from rows.end(self.fence, plan, SlotState.MISSED, _TOO_LATE, now)
        elif sending is None:
            yield from self._set_out(plan, edition, now)
        elif sending.state is State.FREEZING:
            yield from self._enqueue(plan, edition)
        elif sending.state in (State.FINISHED, State.CANCELLED):
            yield from self._done(plan, self._report(edition), "issue.sent", now)
        elif sending.state is State.STOPPED:
            yield from rows.alert(
                self.fence, plan, notices.stopped(edition, sending.reason, on=now.date()), now
            )
        elif sending.state is State.RUNNING and self._is_stuck(plan, edition, now):
            why = "mails of it are still to go a day after its time"
            yield from rows.alert(self.fence, plan, notices.stuck(edition, why, on=now.date()), now)

    def _is_stuck(self, plan: Plan, edition: Edition, now: datetime) -> bool:
        """Whether mails could have gone for long that have not: not those that readers' servers put off."""
        if now <= plan.period.slot_at + _STUCK:
            return False
        with store.reading(self.database) as tx:
            due = deliveries.next_due(tx, edition.id)
        return due is not None and now > due + _DUE

    def _set_out(self, plan: Plan, edition: Edition, now: datetime) -> Iterator[Event]:
        """Have an approved issue begin to go."""
        if plan.schedule.goes is not Goes.SEND and not plan.recap:
            self.write(edition, self.desk.look(edition), self._folder(plan))
        if plan.schedule.goes is Goes.WRITE:
            notice = notices.written(edition, self._folder(plan))
            yield from self._done(plan, notice, "issue.written", now)
        elif not self.dispatch.expected(edition):
            # The issue stands in the archive.
            yield from rows.end(self.fence, plan, SlotState.DONE, "nobody reads the list yet", now)
        else:
            yield from self._enqueue(plan, edition)

    def _enqueue(self, plan: Plan, edition: Edition) -> Iterator[Event]:
        local = plan.local if plan.schedule.reader_time else None
        try:
            self.dispatch.enqueue(edition, progress=lambda _: None, local=local)
        except Conflict:
            # Somebody cancelled it at this very moment; the next step looks again.
            return
        readers = self.dispatch.tally(edition)["recipients"]
        yield Event("issue.enqueued", plan.values(readers=readers))

    def _report(self, edition: Edition) -> Notice:
        words = deliver.report_text(self.dispatch.report(edition))
        return notices.report(edition, self.dispatch.tally(edition), words=words)

    def _done(self, plan: Plan, notice: Notice, event: str, now: datetime) -> Iterator[Event]:
        told = notice if plan.schedule.editor else None
        if rows.turn(self.fence, plan, SlotState.DONE, now, note=plan.period.note, notice=told):
            yield Event(event, plan.values())

    def _folder(self, plan: Plan) -> Path:
        number = plan.edition.number if plan.edition else 0
        return self.settings.lists[plan.period.list].schedule.folder / f"{plan.period.list}-{number}"
