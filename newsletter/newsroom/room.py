"""The steps from a slot of the schedule to an issue on its way."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from newsletter import config, drafts, notices, store
from newsletter.config import Settings
from newsletter.desk import Desk
from newsletter.dispatch import Dispatch
from newsletter.drafts import Draft
from newsletter.errors import Conflict, NewsletterError, NotFound, StoreError
from newsletter.gather import Outside
from newsletter.model import (
    Edition,
    Event,
    Goes,
    IssueStatus,
    Notice,
    Schedule,
    SlotState,
    TooFew,
)
from newsletter.newsroom import beginning, collecting, deciding
from newsletter.newsroom.collecting import Collected
from newsletter.newsroom.deciding import Next
from newsletter.newsroom.plans import Plan
from newsletter.store import issues, periods, sendings
from newsletter.store import notices as store_notices
from newsletter.store.sendings import State

# What the last look at the schedule is called among moments.
STEP = "step"
# Nobody looked at the schedule for longer than this: the machine was away, or its clock was put forward.
_LONG_AWAY = timedelta(days=7)
# An issue that has not gone so long after its time is stuck.
_STUCK = timedelta(days=1)
# How a moment is told.
_TOLD = "%Y-%m-%d %H:%M"
# How exactly it is kept when somebody last looked: an idle process leaves the disk alone.
_LOOKED = timedelta(minutes=5)

WriteIssue = Callable[[Edition, Draft, Path], None]


class Newsroom:
    """The issues of an open store on their way from a slot to their readers. clock: what tells the time.

    write: writes an issue into a folder. outside: what stands for the network, in tests.
    """

    def __init__(
        self,
        database: store.Engine,
        settings: Settings,
        clock: Callable[[], datetime],
        *,
        desk: Desk,
        dispatch: Dispatch,
        write: WriteIssue,
        outside: Outside | None = None,
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._desk = desk
        self._dispatch = dispatch
        self._write = write
        self._outside = outside

    @cached_property
    def schedules(self) -> dict[str, Schedule]:
        """How the issues of each list come about that has a schedule."""
        found = {slug: config.schedule(self._settings, slug) for slug in self._settings.lists}
        return {slug: one for slug, one in found.items() if one}

    def step(self) -> tuple[Event, ...]:
        """What happened in one step of every list that has a schedule. Raises: StoreError."""
        now = self._clock()
        if why := self.held():
            return self._hold(why, now)
        happened = [
            event
            for slug, chosen in self.schedules.items()
            for event in beginning.begin(self._database, slug, chosen, now=now)
        ]
        taken: list[Collected] = []
        before: list[SlotState] = []
        plans = self._under_way()
        # Each goes as far as it can by now: what is in another state may go on at once.
        while (states := [plan.period.state for plan in plans]) != before:
            for plan in plans:
                happened += self._guarded(plan, taken, now)
            before, plans = states, self._under_way()
        self._looked(now)
        return tuple(happened)

    def due(self) -> tuple[Edition, ...]:
        """The issues that have mails to go now, the oldest first: begun by a schedule, or left half sent."""
        if self.held():
            return ()
        now = self._clock()
        with store.reading(self._database) as tx:
            numbers = sendings.due(tx, now=now)
            return tuple(one for one in issues.every(tx) if one.id in numbers)

    def held(self) -> str:
        """Why nothing goes before somebody says a word, with the next step; "" where it goes on."""
        if restored := self._dispatch.held():
            return restored
        now = self._clock()
        with store.reading(self._database) as tx:
            last = periods.moment(tx, STEP)
        if last is None or now - last <= _LONG_AWAY:
            return ""
        return (
            f"nobody looked at the schedule from {last:{_TOLD}} until {now:{_TOLD}} UTC: either "
            "newsletter did not run, or the clock of this machine is wrong; look at the clock, and at what "
            "newsletter schedule shows; then let it go on with: newsletter schedule resume"
        )

    def resume(self) -> None:
        """Let the schedule go on after what held it. What is too late by now is missed, and told.

        After a restored backup nothing is made up for, and mails that may have gone are unknown.
        """
        self._dispatch.accept()
        with store.writing(self._database, durable=True) as tx:
            periods.set_moment(tx, STEP, self._clock())

    def _hold(self, why: str, now: datetime) -> tuple[Event, ...]:
        with store.writing(self._database) as tx:
            is_new = store_notices.add(tx, notices.held(why, on=now.date()), now=now)
        return (Event("schedule.held", {"why": why}, "error"),) if is_new else ()

    def _looked(self, now: datetime) -> None:
        """Keep that somebody looked at the schedule, now and then."""
        with store.reading(self._database) as tx:
            last = periods.moment(tx, STEP)
        if last is None or now - last > _LOOKED:
            with store.writing(self._database) as tx:
                periods.set_moment(tx, STEP, now)

    def _under_way(self) -> list[Plan]:
        with store.reading(self._database) as tx:
            editions = {one.id: one for one in issues.every(tx)}
            return [
                Plan(one, self.schedules[one.list], editions.get(one.issue or 0))
                for one in periods.under_way(tx)
                if one.list in self.schedules
            ]

    def _guarded(self, plan: Plan, taken: list[Collected], now: datetime) -> list[Event]:
        """What happened to one period; what stops it holds up no other."""
        try:
            return [*self._advance(plan, taken, now)]
        except StoreError:
            raise
        except NewsletterError as error:
            with store.writing(self._database) as tx:
                is_new = plan.period.note != str(error)
                periods.tried(tx, plan.period, note=str(error), now=now)
                if plan.edition and now > plan.period.slot_at:
                    store_notices.add(tx, notices.stuck(plan.edition, str(error), on=now.date()), now=now)
            return [Event("period.stuck", plan.values(why=str(error)), "error")] if is_new else []

    def _advance(self, plan: Plan, taken: list[Collected], now: datetime) -> Iterator[Event]:
        match plan.period.state:
            case SlotState.OPEN if plan.recap:
                yield from self._recap(plan, now)
            case SlotState.OPEN:
                yield from self._open(plan, taken, now)
            case SlotState.DRAFTED:
                yield from self._drafted(plan, now)
            case SlotState.GOING:
                yield from self._going(plan, now)

    def _recap(self, plan: Plan, now: datetime) -> Iterator[Event]:
        chosen = config.mailing_list(self._settings, plan.period.list)
        edition = drafts.recap(self._database, chosen, plan.recap, now=now)
        if edition is None:
            yield from self._end(plan, SlotState.SKIPPED, f"no issue in {plan.recap}", now)
        elif self._turn(plan, SlotState.GOING, now, issue=edition):
            yield Event("issue.approved", {**plan.values(), "issue": edition.name})

    def _open(self, plan: Plan, taken: list[Collected], now: datetime) -> Iterator[Event]:
        ruling = deciding.of_open(plan.period, plan.schedule, overtaken=self._is_overtaken(plan), now=now)
        if ruling.next is Next.MISS:
            yield from self._end(plan, SlotState.MISSED, ruling.why, now)
        if ruling.next is not Next.COLLECT:
            return
        if waiting := self._approved_by_hand(plan):
            if self._turn(plan, SlotState.DRAFTED, now, issue=waiting):
                yield Event("issue.found", {**plan.values(), "issue": waiting.name})
            return
        if not taken:
            taken.append(collecting.collected(self._database, self._settings, self._clock, self._outside))
        found = taken[0]
        if found.words != plan.period.note or not found.trouble:
            level = "warning" if found.trouble else "info"
            yield Event("sources.read", plan.values(digests=found.digests, why=found.words), level)
        if found.trouble and (found.is_broken or deciding.is_patient(plan.period, plan.schedule, now=now)):
            yield from self._try_again(plan, found, now)
        else:
            yield from self._draft(plan, found, now)

    def _draft(self, plan: Plan, found: Collected, now: datetime) -> Iterator[Event]:
        slug = plan.period.list
        try:
            edition, _ = self._desk.draft(slug, on=plan.local.date(), since=None)
        except NotFound:
            if now < plan.period.slot_at:
                yield from self._try_again(plan, found, now)
                return
            why = f"nothing new; {found.words}" if found.words else "nothing new"
            yield from self._end(plan, SlotState.SKIPPED, why, now, is_right=found.is_right)
            return
        self._gathered(plan.schedule, edition)
        notice = notices.draft(edition, plan.schedule, at=plan.period.slot_at)
        if found.trouble:
            notice = replace(notice, text=f"{notice.text}\n\nNot all sources could be read: {found.words}")
        told = notice if plan.schedule.editor else None
        if self._turn(plan, SlotState.DRAFTED, now, note=found.words, issue=edition, notice=told):
            yield Event("issue.drafted", {**plan.values(), "issue": edition.name})

    def _drafted(self, plan: Plan, now: datetime) -> Iterator[Event]:
        if plan.edition is None:
            yield from self._end(plan, SlotState.SKIPPED, "its draft is gone", now)
            return
        is_due = plan.edition.status is IssueStatus.DRAFT and now >= plan.period.slot_at
        papers = self._gathered(plan.schedule, plan.edition) if is_due else 0
        ruling = deciding.of_drafted(
            plan.period,
            plan.schedule,
            plan.edition.status,
            papers=papers,
            overtaken=self._is_overtaken(plan),
            now=now,
        )
        match ruling.next:
            case Next.GO:
                if self._turn(plan, SlotState.GOING, now, note=plan.period.note):
                    yield Event("issue.going", plan.values())
            case Next.APPROVE:
                yield from self._approve(plan, plan.edition, now)
            case Next.REMIND:
                yield from self._remind(plan, plan.edition, now)
            case Next.SKIP:
                yield from self._end(plan, SlotState.SKIPPED, ruling.why, now)
            case Next.MISS:
                yield from self._end(plan, SlotState.MISSED, ruling.why, now)

    def _approve(self, plan: Plan, edition: Edition, now: datetime) -> Iterator[Event]:
        seen = self._desk.look(edition)
        try:
            edition, is_new = self._desk.approve(seen)
        except Conflict:
            # Somebody changed it at this very moment; the next step looks again.
            return
        if is_new:
            yield Event("issue.approved", plan.values(papers=_papers(seen)))
        if self._turn(plan, SlotState.GOING, now, note=plan.period.note):
            yield Event("issue.going", {**plan.values(), "issue": edition.name})

    def _remind(self, plan: Plan, edition: Edition, now: datetime) -> Iterator[Event]:
        notice = notices.reminder(edition, plan.schedule, at=plan.period.slot_at)
        with store.writing(self._database) as tx:
            is_new = store_notices.add(tx, notice, now=now)
        if is_new:
            yield Event("issue.waiting", plan.values(), "warning")

    def _going(self, plan: Plan, now: datetime) -> Iterator[Event]:
        """Have an approved issue go where it should, until it is there."""
        edition = plan.edition
        if edition is None or edition.status is IssueStatus.CANCELLED:
            yield from self._end(plan, SlotState.SKIPPED, "somebody cancelled it", now)
            return
        if plan.schedule.goes is not Goes.SEND and not plan.recap:
            self._write(edition, self._desk.look(edition), self._folder(plan))
        if plan.schedule.goes is Goes.WRITE and not plan.recap:
            notice = notices.written(edition, self._folder(plan))
            yield from self._done(plan, notice, "issue.written", now)
            return
        with store.reading(self._database) as tx:
            sending = sendings.of(tx, edition.id)
        if sending is None or sending.state is State.FREEZING:
            yield from self._enqueue(plan, edition, now)
        elif sending.state in (State.FINISHED, State.CANCELLED):
            yield from self._done(plan, self._report(edition), "issue.sent", now)
        elif sending.state is State.STOPPED:
            yield from self._alert(plan, notices.stopped(edition, sending.reason, on=now.date()), now)
        elif now > plan.period.slot_at + _STUCK and sending.state is State.RUNNING:
            why = "mails of it are still to go a day after its time"
            yield from self._alert(plan, notices.stuck(edition, why, on=now.date()), now)

    def _enqueue(self, plan: Plan, edition: Edition, now: datetime) -> Iterator[Event]:
        local = plan.local if plan.schedule.reader_time else None
        try:
            self._dispatch.enqueue(edition, progress=lambda _: None, local=local)
        except Conflict as error:
            # Nobody reads the list yet: the issue stands in the archive.
            yield from self._end(plan, SlotState.DONE, str(error), now)
            return
        readers = self._dispatch.tally(edition)["recipients"]
        yield Event("issue.enqueued", plan.values(readers=readers))

    def _report(self, edition: Edition) -> Notice:
        return notices.report(edition, self._dispatch.tally(edition))

    def _done(self, plan: Plan, notice: Notice, event: str, now: datetime) -> Iterator[Event]:
        told = notice if plan.schedule.editor else None
        if self._turn(plan, SlotState.DONE, now, note=plan.period.note, notice=told):
            yield Event(event, plan.values())

    def _end(
        self, plan: Plan, to: SlotState, why: str, now: datetime, *, is_right: bool = False
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
        if self._turn(plan, to, now, note=why, notice=told):
            level = "warning" if to is SlotState.MISSED else "info"
            yield Event(f"period.{to}", plan.values(why=why), level)

    def _alert(self, plan: Plan, notice: Notice, now: datetime) -> Iterator[Event]:
        with store.writing(self._database) as tx:
            is_new = store_notices.add(tx, notice, now=now)
        if is_new:
            yield Event(f"issue.{notice.key.partition('/')[0]}", plan.values(why=notice.text), "error")

    def _turn(
        self,
        plan: Plan,
        to: SlotState,
        now: datetime,
        *,
        note: str = "",
        issue: Edition | None = None,
        notice: Notice | None = None,
    ) -> bool:
        """Whether this step brought the period to that state; another one may have."""
        with store.writing(self._database, durable=True) as tx:
            number = issue.id if issue else None
            if not periods.turn(tx, plan.period, to, note=note, issue=number, now=now):
                return False
            if notice:
                store_notices.add(tx, notice, now=now)
        return True

    def _try_again(self, plan: Plan, found: Collected, now: datetime) -> Iterator[Event]:
        """Keep what could not be read; where it is time, and that is everything, somebody is told."""
        period = plan.period
        with store.writing(self._database) as tx:
            periods.tried(tx, period, note=found.words, now=now)
            is_new = (
                found.is_broken
                and now >= period.slot_at
                and store_notices.add(
                    tx,
                    notices.broken(
                        period.list, period.name, at=period.slot_at, schedule=plan.schedule, why=found.words
                    ),
                    now=now,
                )
            )
        if is_new:
            yield Event("sources.broken", plan.values(why=found.words), "error")

    def _gathered(self, chosen: Schedule, edition: Edition) -> int:
        """How many papers the draft has, with those of the digests before where the list wants that."""
        seen = _papers(self._desk.glance(edition))
        if seen >= chosen.least or chosen.too_few is not TooFew.WIDEN:
            return seen
        self._desk.draft(edition.list, on=None, since=None, widen=True)
        return _papers(self._desk.glance(edition))

    def _approved_by_hand(self, plan: Plan) -> Edition | None:
        """The issue that somebody approved before its time, and that nobody has sent."""
        with store.reading(self._database) as tx:
            own = [one for one in issues.every(tx, list=plan.period.list) if not one.recap]
            if not own or own[-1].status is not IssueStatus.APPROVED:
                return None
            is_taken = periods.of_issue(tx, own[-1].id) or sendings.of(tx, own[-1].id)
        return None if is_taken else own[-1]

    def _is_overtaken(self, plan: Plan) -> bool:
        """Whether a later period of the list has begun."""
        with store.reading(self._database) as tx:
            found = periods.latest(tx, list=plan.period.list, most=5)
        own = [one for one in found if not beginning.recapped(one.name)]
        return bool(own) and own[0].id != plan.period.id and own[0].slot_at > plan.period.slot_at

    def _folder(self, plan: Plan) -> Path:
        number = plan.edition.number if plan.edition else 0
        return self._settings.lists[plan.period.list].schedule.folder / f"{plan.period.list}-{number}"


def _papers(seen: Draft) -> int:
    return sum(len(section.picks) for section in seen.issue.sections)
