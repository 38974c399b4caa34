"""The settings of when issues come about and who is told: `[lists.<slug>.schedule]` and `[run]`."""

from datetime import date as Date
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    FiniteFloat,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from newsletter import message, schedule
from newsletter.config.table import Table
from newsletter.model import Every, Goes, Rule, TooFew, Unapproved


def _several(value: object) -> object:
    """One value as a list of one."""
    return value if isinstance(value, list | tuple) else [value]


def _day(value: object) -> object:
    """A day as it is written in quotes, or a bare number, such as of a month."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _time(value: object) -> object:
    """A time as it is written in quotes, or bare. A number is none: 9 would be nine seconds."""
    if isinstance(value, time):
        return value
    try:
        return time.fromisoformat(str(value) if isinstance(value, str) else "")
    except ValueError as error:
        raise ValueError(f'write a time such as "09:00", not {value!r}') from error


def _every(value: object) -> object:
    if value not in ("", *(one for one in Every if one is not Every.CRON)):
        kinds = '"day", "weekday", "week", "two weeks" or "month"'
        raise ValueError(f"write {kinds}, not {value!r}")
    return value


def _date(value: object) -> object:
    """A day as it is written bare, or in quotes."""
    if isinstance(value, Date) and not isinstance(value, datetime):
        return value
    try:
        return Date.fromisoformat(str(value) if isinstance(value, str) else "")
    except ValueError as error:
        raise ValueError(f"write a day such as 2026-01-06, not {str(value)!r}") from error


def _address(text: str) -> str:
    return message.mailbox(text).addr_spec if text else ""


_Day = Annotated[str, BeforeValidator(_day)]
_Time = Annotated[time, BeforeValidator(_time)]
_Address = Annotated[str, AfterValidator(_address)]


class ScheduleSettings(Table):
    """When a list has its issues, and how one comes about."""

    every: Annotated[Literal["", "day", "weekday", "week", "two weeks", "month"], BeforeValidator(_every)] = (
        ""
    )
    on: Annotated[tuple[_Day, ...], BeforeValidator(_several)] = ()
    at: Annotated[tuple[_Time, ...], AfterValidator(schedule.times), BeforeValidator(_several)] = (time(9),)
    timezone: Annotated[str, AfterValidator(schedule.time_zone)] = "UTC"
    starting: Annotated[Date, BeforeValidator(_date)] | None = None
    cron: Annotated[str, StringConstraints(max_length=200)] = ""
    lead_hours: FiniteFloat = Field(default=0.0, ge=0, le=336)
    max_lateness_hours: FiniteFloat = Field(default=12.0, gt=0, le=144)
    approval: bool = False
    unapproved: Unapproved = Unapproved.REMIND
    least_papers: int = Field(default=1, ge=1, le=1000)
    too_few: TooFew = TooFew.SKIP
    goes: Goes = Goes.SEND
    folder: Path = Path("issues")
    editor: _Address = ""
    reader_time: bool = False

    @field_validator("on")
    @classmethod
    def _days_of_such_a_rule(cls, on: tuple[str, ...], known: ValidationInfo) -> tuple[str, ...]:
        every: Any = known.data.get("every")
        return schedule.days(Every(every), on) if every and on else on

    @field_validator("cron")
    @classmethod
    def _line(cls, cron: str) -> str:
        return schedule.cron_line(cron) if cron else cron

    @model_validator(mode="after")
    def _is_a_rule(self) -> Self:
        rule = self.rule()
        gap = schedule.gap(rule) if rule and self.lead_hours else None
        if gap is not None and timedelta(hours=self.lead_hours) > gap:
            between = f"issues are {gap / timedelta(hours=1):g} hours apart"
            raise ValueError(f"{between}, and lead_hours is {self.lead_hours:g}; write at most that")
        return self

    def rule(self) -> Rule | None:
        """When the issues are, None for a list that has none by a clock. Raises: ValueError."""
        if not self.every and not self.cron:
            if self.model_fields_set:
                raise ValueError('say when: every = "week" and on = "tuesday", or cron')
            return None
        at = () if self.cron and "at" not in self.model_fields_set else self.at
        return schedule.rule(
            every=self.every, on=self.on, at=at, zone=self.timezone, starting=self.starting, cron=self.cron
        )


class RunSettings(Table):
    """How `newsletter run` runs: `[run]`."""

    web: bool = False
    operator: _Address = ""
    log: Literal["text", "json"] = "text"
    status_host: str = "127.0.0.1"
    status_port: int = Field(default=0, ge=0, le=65535)
