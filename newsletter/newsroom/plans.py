"""A period with all that is asked about it when the next step is taken."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from newsletter import schedule
from newsletter.model import Edition, Period, Schedule
from newsletter.newsroom import beginning


@dataclass(frozen=True)
class Plan:
    """A period with the schedule that it follows, and its issue once there is one."""

    period: Period
    schedule: Schedule
    edition: Edition | None

    @property
    def recap(self) -> str:
        """The month that its issue sums up, "" for an issue of its own."""
        return beginning.recapped(self.period.name)

    @property
    def local(self) -> datetime:
        """When its issue should go, on the clock of its list."""
        return self.period.slot_at.astimezone(ZoneInfo(self.schedule.rule.zone)).replace(tzinfo=None)

    @cached_property
    def deadline(self) -> datetime:
        """Until when its issue may begin to go."""
        chosen, at = self.schedule, self.period.slot_at
        rule = schedule.recap_rule(chosen.rule) if self.recap else chosen.rule
        return schedule.deadline(rule, at, max_lateness=chosen.max_lateness)

    def values(self, **more: str | int) -> dict[str, str | int | float]:
        """What the log says of it."""
        named = {"issue": self.edition.name} if self.edition else {}
        return {"list": self.period.list, "period": self.period.name, **named, **more}
