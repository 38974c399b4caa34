"""The steps from a slot of the schedule to an issue on its way."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property

from newsletter import config, notices, store
from newsletter.config import Settings
from newsletter.desk import Desk
from newsletter.dispatch import Dispatch
from newsletter.errors import NewsletterError, fault
from newsletter.gather import Outside
from newsletter.model import Edition, Event, Period, Schedule, SlotState
from newsletter.newsroom import beginning
from newsletter.newsroom.collecting import Collected
from newsletter.newsroom.drafting import Drafting
from newsletter.newsroom.outgoing import Outgoing, WriteIssue
from newsletter.newsroom.plans import Plan
from newsletter.store import issues, periods
from newsletter.store import notices as store_notices

# What the last look at the schedule is called among moments.
STEP = "step"
# Nobody looked at the schedule for longer than this: the machine was away, or its clock was put forward.
_LONG_AWAY = timedelta(days=7)
# How a moment is told.
_TOLD = "%Y-%m-%d %H:%M"
# How exactly it is kept when somebody last looked: an idle process leaves the disk alone.
_LOOKED = timedelta(minutes=5)


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
        self.desk = desk
        self.dispatch = dispatch
        self._drafting = Drafting(database, dispatch.fence, settings, clock, desk, outside)
        self._outgoing = Outgoing(database, dispatch.fence, settings, desk, dispatch, write)

    @cached_property
    def schedules(self) -> dict[str, Schedule]:
        """How the issues of each list come about that has a schedule."""
        return config.schedules(self._settings)

    def step(self) -> tuple[Event, ...]:
        """What happened in one step of every list that has a schedule. Raises: StoreError.

        What has its papers goes first: a source may take its time.
        """
        now = self._clock()
        if why := self.held():
            return self._hold(why, now)
        happened = [
            event
            for slug, chosen in self.schedules.items()
            for event in beginning.begin(self.dispatch.fence, slug, chosen, now=now)
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

    def latest(
        self, slugs: Sequence[str], *, most: int
    ) -> tuple[dict[str, tuple[Period, ...]], dict[int, str]]:
        """The periods of each list that came up last, the latest first, and the names of their issues."""
        with store.reading(self._database) as tx:
            found = {slug: periods.latest(tx, list=slug, most=most) for slug in slugs}
            return found, {one.id: one.name for slug in slugs for one in issues.every(tx, list=slug)}

    def due(self) -> tuple[Edition, ...]:
        """The issues that have mails to go now, the oldest first: begun by a schedule, or left half sent."""
        return () if self.held() else self.dispatch.due()

    def held(self) -> str:
        """Why nothing goes before somebody says a word, with the next step; "" where it goes on."""
        if restored := self.dispatch.held():
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

    def resume(self) -> dict[str, int]:
        """The issues of which mails may or may not have gone, with how many, now that the schedule goes on.

        What is too late by now is missed, and told. After a restored backup nothing is made up for.
        """
        self.dispatch.accept()
        with store.writing(self._database, durable=True) as tx:
            periods.set_moment(tx, STEP, self._clock())
        found = {one.edition.name: one.tally["unknown"] for one in self.dispatch.standing()}
        return {name: unknown for name, unknown in found.items() if unknown}

    def _hold(self, why: str, now: datetime) -> tuple[Event, ...]:
        with store.writing(self._database) as tx:
            is_new = store_notices.add(tx, notices.held(why, on=now.date()), now=now)
        return (Event("schedule.held", {"why": why}, "error"),) if is_new else ()

    def _looked(self, now: datetime) -> None:
        """Keep that somebody looked at the schedule, now and then."""
        with store.reading(self._database) as tx:
            last = periods.moment(tx, STEP)
        if last is None or abs(now - last) > _LOOKED:
            with store.writing(self._database) as tx:
                periods.set_moment(tx, STEP, now)

    def _under_way(self) -> list[Plan]:
        with store.reading(self._database) as tx:
            editions = {one.id: one for one in issues.every(tx)}
            found = [
                Plan(one, self.schedules[one.list], editions.get(one.issue or 0))
                for one in periods.under_way(tx)
                if one.list in self.schedules
            ]
        return sorted(found, key=lambda plan: plan.period.state is SlotState.OPEN and not plan.recap)

    def _guarded(self, plan: Plan, taken: list[Collected], now: datetime) -> list[Event]:
        """What happened to one period; what stops it holds up no other, unless the database is away."""
        try:
            return [*self._advance(plan, taken, now)]
        except NewsletterError as error:
            why = str(error)
        except Exception as error:
            why = fault(error)
        with store.writing(self._database) as tx:
            periods.tried(tx, plan.period, note=why, now=now)
            if plan.edition and now > plan.period.slot_at:
                store_notices.add(tx, notices.stuck(plan.edition, why, on=now.date()), now=now)
        is_new = plan.period.note != why
        return [Event("period.stuck", plan.values(why=why), "error")] if is_new else []

    def _advance(self, plan: Plan, taken: list[Collected], now: datetime) -> Iterator[Event]:
        match plan.period.state:
            case SlotState.OPEN if plan.recap:
                yield from self._drafting.recap(plan, now)
            case SlotState.OPEN:
                yield from self._drafting.opened(plan, taken, now)
            case SlotState.DRAFTED:
                yield from self._drafting.drafted(plan, now)
            case SlotState.GOING:
                yield from self._outgoing.going(plan, now)
