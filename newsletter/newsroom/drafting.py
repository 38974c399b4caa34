"""From a period that began to an issue that is approved: its papers are collected, and somebody may look."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from newsletter import config, drafts, notices, store
from newsletter.config import Settings
from newsletter.desk import Desk
from newsletter.drafts import Draft
from newsletter.errors import Conflict, NotFound
from newsletter.fence import Fence
from newsletter.gather import Outside
from newsletter.model import ENDED, Edition, Event, IssueStatus, Schedule, SlotState, TooFew
from newsletter.newsroom import beginning, collecting, deciding, rows
from newsletter.newsroom.collecting import Collected
from newsletter.newsroom.deciding import Next
from newsletter.newsroom.plans import Plan
from newsletter.store import issues, periods, sendings
from newsletter.store import notices as store_notices

# An issue that was approved by hand longer before is not meant by the schedule.
_BY_HAND = timedelta(days=7)
_NO_SOURCE = "no source is configured, and newsletter ingest brought nothing in; add [[sources]]"


@dataclass(frozen=True, slots=True)
class Drafting:
    """The drafts of an open store."""

    database: store.Engine
    fence: Fence
    settings: Settings
    clock: Callable[[], datetime]
    desk: Desk
    outside: Outside | None

    def opened(self, plan: Plan, taken: list[Collected], now: datetime) -> Iterator[Event]:
        """What happened to a period without a draft. taken: what the sources gave, once asked."""
        overtaken = self._is_overtaken(plan)
        ruling = deciding.of_open(plan.period, deadline=plan.deadline, overtaken=overtaken, now=now)
        if ruling.next is Next.MISS:
            yield from rows.end(self.fence, plan, SlotState.MISSED, ruling.why, now)
        if ruling.next is not Next.COLLECT:
            return
        if waiting := self._approved_by_hand(plan):
            if rows.turn(self.fence, plan, SlotState.DRAFTED, now, issue=waiting):
                yield Event("issue.found", {**plan.values(), "issue": waiting.name})
            return
        if not taken:
            taken.append(collecting.collected(self.database, self.settings, self.clock, self.outside))
        found = taken[0]
        if found.words != plan.period.note or not found.trouble:
            level = "warning" if found.trouble else "info"
            yield Event("sources.read", plan.values(digests=found.digests, why=found.words), level)
        if found.trouble and (found.is_broken or deciding.is_patient(plan.period, plan.schedule, now=now)):
            yield from self._try_again(plan, found, now)
        else:
            yield from self._draft(plan, found, now)

    def drafted(self, plan: Plan, now: datetime) -> Iterator[Event]:
        """What happened to a period with a draft."""
        if plan.edition is None:
            yield from rows.end(self.fence, plan, SlotState.SKIPPED, "its draft is gone", now)
            return
        is_due = plan.edition.status is IssueStatus.DRAFT and now >= plan.period.slot_at
        papers = self._gathered(plan.schedule, plan.edition) if is_due else 0
        ruling = deciding.of_drafted(
            plan.period,
            plan.schedule,
            plan.edition.status,
            papers=papers,
            deadline=plan.deadline,
            overtaken=self._is_overtaken(plan),
            now=now,
        )
        match ruling.next:
            case Next.GO:
                if rows.turn(self.fence, plan, SlotState.GOING, now, note=plan.period.note):
                    yield Event("issue.going", plan.values())
            case Next.APPROVE:
                yield from self._approve(plan, plan.edition, now)
            case Next.REMIND:
                yield from self._remind(plan, plan.edition, now)
            case Next.SKIP:
                yield from rows.end(self.fence, plan, SlotState.SKIPPED, ruling.why, now)
            case Next.MISS:
                yield from rows.end(self.fence, plan, SlotState.MISSED, ruling.why, now)

    def recap(self, plan: Plan, now: datetime) -> Iterator[Event]:
        """What happened to the period of a recap, which nobody drafts."""
        if now > plan.deadline:
            yield from rows.end(self.fence, plan, SlotState.MISSED, "its time was over", now)
            return
        chosen = config.mailing_list(self.settings, plan.period.list)
        edition = drafts.recap(self.database, chosen, plan.recap, now=now)
        if edition is None:
            yield from rows.end(self.fence, plan, SlotState.SKIPPED, f"no issue in {plan.recap}", now)
        elif rows.turn(self.fence, plan, SlotState.GOING, now, issue=edition):
            yield Event("issue.approved", {**plan.values(), "issue": edition.name})

    def _draft(self, plan: Plan, found: Collected, now: datetime) -> Iterator[Event]:
        slug = plan.period.list
        try:
            edition, _ = self.desk.draft(slug, on=plan.local.date(), since=None)
        except NotFound:
            if now < plan.period.slot_at:
                yield from self._try_again(plan, found, now)
                return
            said = found.words if self.settings.sources else _NO_SOURCE
            why = f"nothing new; {said}" if said else "nothing new"
            yield from rows.end(self.fence, plan, SlotState.SKIPPED, why, now, is_right=found.is_right)
            return
        self._gathered(plan.schedule, edition)
        notice = notices.draft(edition, plan.schedule, at=plan.period.slot_at)
        if found.trouble:
            notice = replace(notice, text=f"{notice.text}\n\nNot all sources could be read: {found.words}")
        # When it is time already, it goes at once, or its editor is told that it waits.
        told = notice if plan.schedule.editor and now < plan.period.slot_at else None
        if rows.turn(self.fence, plan, SlotState.DRAFTED, now, note=found.words, issue=edition, notice=told):
            yield Event("issue.drafted", {**plan.values(), "issue": edition.name})

    def _approve(self, plan: Plan, edition: Edition, now: datetime) -> Iterator[Event]:
        seen = self.desk.look(edition)
        try:
            edition, is_new = self.desk.approve(seen)
        except Conflict:
            # Somebody changed it at this very moment; the next step looks again.
            return
        if is_new:
            yield Event("issue.approved", plan.values(papers=_papers(seen)))
        if rows.turn(self.fence, plan, SlotState.GOING, now, note=plan.period.note):
            yield Event("issue.going", {**plan.values(), "issue": edition.name})

    def _remind(self, plan: Plan, edition: Edition, now: datetime) -> Iterator[Event]:
        notice = notices.reminder(edition, plan.schedule, at=plan.period.slot_at, until=plan.deadline)
        with store.writing(self.database) as tx:
            is_new = store_notices.add(tx, notice, now=now)
        if is_new:
            yield Event("issue.waiting", plan.values(), "warning")

    def _try_again(self, plan: Plan, found: Collected, now: datetime) -> Iterator[Event]:
        """Keep what could not be read; where it is time, and that is everything, somebody is told."""
        period = plan.period
        notice = notices.broken(
            period.list,
            period.name,
            at=period.slot_at,
            until=plan.deadline,
            zone=plan.schedule.rule.zone,
            why=found.words,
        )
        is_told = found.is_broken and now >= period.slot_at
        with store.writing(self.database) as tx:
            periods.tried(tx, period, note=found.words, now=now)
            is_new = is_told and store_notices.add(tx, notice, now=now)
        if is_new:
            yield Event("sources.broken", plan.values(why=found.words), "error")

    def _gathered(self, chosen: Schedule, edition: Edition) -> int:
        """How many papers the draft has, with those of the digests before where the list wants that."""
        seen = _papers(self.desk.glance(edition))
        if seen >= chosen.least or chosen.too_few is not TooFew.WIDEN:
            return seen
        self.desk.draft(edition.list, on=None, since=None, widen=True)
        return _papers(self.desk.glance(edition))

    def _approved_by_hand(self, plan: Plan) -> Edition | None:
        """The issue that somebody approved in the days before, and that nobody has sent."""
        with store.reading(self.database) as tx:
            own = [one for one in issues.every(tx, list=plan.period.list) if not one.recap]
            last = own[-1] if own else None
            if last is None or last.status is not IssueStatus.APPROVED or last.approved_at is None:
                return None
            period, sending = periods.of_issue(tx, last.id), sendings.of(tx, last.id)
        # A draft that was skipped may be approved after that, and is meant for the next time then.
        is_free = period is None or (period.state in ENDED and last.approved_at > period.turned_at)
        is_recent = last.approved_at > plan.period.slot_at - _BY_HAND
        return last if is_recent and is_free and not sending else None

    def _is_overtaken(self, plan: Plan) -> bool:
        """Whether a later period of the list has begun."""
        with store.reading(self.database) as tx:
            found = periods.latest(tx, list=plan.period.list, most=5)
        own = [one for one in found if not beginning.recapped(one.name)]
        return bool(own) and own[0].id != plan.period.id and own[0].slot_at > plan.period.slot_at


def _papers(seen: Draft) -> int:
    return sum(len(section.picks) for section in seen.issue.sections)
