"""The settings of when issues come about and who is told: `[lists.<slug>.schedule]` and `[run]`."""

from datetime import date as Date
from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, FiniteFloat, StringConstraints, model_validator

from newsletter import message, schedule
from newsletter.config.table import Table
from newsletter.model import Goes, Rule, TooFew, Unapproved


def _several(value: object) -> object:
    """One value as a list of one."""
    return value if isinstance(value, list | tuple) else [value]


def _time(value: object) -> object:
    """A time as it is written in quotes, or bare."""
    if isinstance(value, str):
        try:
            return time.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f'write a time such as "09:00", not {value!r}') from error
    return value


def _address(text: str) -> str:
    return message.mailbox(text).addr_spec if text else ""


_Time = Annotated[time, BeforeValidator(_time)]
_Address = Annotated[str, AfterValidator(_address)]


class ScheduleSettings(Table):
    """When a list has its issues, and how one comes about."""

    every: Literal["", "day", "weekday", "week", "two weeks", "month"] = ""
    on: Annotated[tuple[str, ...], BeforeValidator(_several)] = ()
    at: Annotated[tuple[_Time, ...], BeforeValidator(_several)] = (time(9),)
    timezone: str = "UTC"
    starting: Date | None = None
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

    @model_validator(mode="after")
    def _is_a_rule(self) -> Self:
        self.rule()
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
