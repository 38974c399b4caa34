"""What schedules look like to a person at a terminal and to another program.

The JSON shapes here are a contract: other programs rely on their names. Reads and writes nothing itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from newsletter import schedule
from newsletter.model import Goes, Period, Schedule, Slot, Unapproved
from newsletter.report import Rows

_UNAPPROVED = {
    Unapproved.REMIND: "without it the issue waits as long as it may be late",
    Unapproved.SEND: "without it the issue goes as it is",
    Unapproved.SKIP: "without it there is no issue",
}


@dataclass(frozen=True, slots=True)
class Timetable:
    """When a list had its issues, and when it will.

    schedule: None for a list whose issues are made by hand. folder: where issues are written to. coming: the
    next slots. past: the periods that came up last, the latest first. issues: names of theirs, by their rows.
    lacks: what the configuration does not say, though its issues need it.
    """

    list: str
    schedule: Schedule | None
    folder: Path
    coming: tuple[Slot, ...] = ()
    past: tuple[Period, ...] = ()
    issues: Mapping[int, str] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()


def timetables_json(tables: Sequence[Timetable], *, held: str, now: datetime) -> dict[str, Any]:
    """When each list has its issues. held: why nothing goes, "" where it does. in_s: seconds from now."""
    return {"held": held, "lists": [_json(one, now) for one in tables]}


def coming_table(table: Timetable, *, now: datetime) -> Rows:
    """The next slots of a list, on the clock of its place and in UTC; the rule stands above them."""
    if table.schedule is None:
        return Rows((), ())
    rule = table.schedule.rule
    cells = (
        (
            slot.period,
            _shown(slot.at, rule.zone),
            f"{slot.at:%a %H:%M}",
            span(slot.at - now),
            _mark(slot, rule.zone),
        )
        for slot in table.coming
    )
    title = f"{table.list}: {schedule.words(rule)}"
    return Rows(("period", "local time", "UTC", "in", "the clock"), tuple(cells), title)


def past_table(table: Timetable) -> Rows:
    """What became of the periods that came up last, the latest first."""
    if table.schedule is None or not table.past:
        return Rows((), ())
    zone = table.schedule.rule.zone
    cells = (
        (one.name, _shown(one.slot_at, zone), str(one.state), table.issues.get(one.issue or 0, ""), one.note)
        for one in table.past
    )
    return Rows(("period", "should go", "state", "issue", "note"), tuple(cells), f"{table.list}, so far")


def how_text(table: Timetable) -> str:
    """How the issues of a list come about, in a line; for one without a schedule, what to write for one."""
    chosen = table.schedule
    if chosen is None:
        example = 'every = "week", on = "tuesday" and at = "09:00"'
        there = f"[lists.{table.list}.schedule] of config.toml, such as {example}"
        return f"{table.list}: no schedule, so that its issues are made by hand; for one write into {there}"
    hours = chosen.lead / timedelta(hours=1)
    late = chosen.max_lateness / timedelta(hours=1)
    who = chosen.editor or "somebody"
    approved = f"{who} approves it, and {_UNAPPROVED[chosen.unapproved]}"
    parts = [
        f"The draft is made {f'{hours:g} h before' if hours else 'at its time'}",
        approved if chosen.approval else "nobody has to approve it",
        f"it goes {_where(chosen.goes, table.folder)}, at most {late:g} h late",
    ]
    if chosen.editor and not chosen.approval:
        parts.append(f"{chosen.editor} is told")
    if not table.coming:
        parts.append("no issue comes within ten years")
    return "; ".join(parts) + "."


def note(slot: Slot, zone: str) -> str:
    """What becomes of a slot at which the clock is changed, in words; "" where it is not."""
    mark = _mark(slot, zone)
    if not mark:
        return ""
    is_twice = schedule.shift(slot, ZoneInfo(zone)) is schedule.Shift.REPEATED
    at = "the first of two" if is_twice else f"{slot.at.astimezone(ZoneInfo(zone)):%H:%M}"
    return f"the clock {mark}; goes at {at}"


def notes_text(table: Timetable) -> str:
    """What becomes of each slot at which the clock is changed, in a line; "" where there is none."""
    if table.schedule is None:
        return ""
    notes = [(slot.period, note(slot, table.schedule.rule.zone)) for slot in table.coming]
    return "\n".join(f"{period}: {said}" for period, said in notes if said)


def span(time: timedelta) -> str:
    """A time as a person says it, in its two largest units."""
    minutes = max(0, int(time.total_seconds() // 60))
    days, hours = divmod(minutes // 60, 24)
    return f"{days} d {hours} h" if days else f"{hours} h {minutes % 60} min"


def _mark(slot: Slot, zone: str) -> str:
    match schedule.shift(slot, ZoneInfo(zone)):
        case schedule.Shift.REPEATED:
            return f"repeats {slot.local:%H:%M}"
        case schedule.Shift.SKIPPED:
            return f"skips {slot.local:%H:%M}"
        case _:
            return ""


def _where(goes: Goes, folder: Path) -> str:
    return {
        Goes.SEND: "to its readers",
        Goes.WRITE: f"into the folder {folder}",
        Goes.BOTH: f"to its readers and into the folder {folder}",
    }[goes]


def _shown(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M %Z}"


def _json(table: Timetable, now: datetime) -> dict[str, Any]:
    if table.schedule is None:
        return {"list": table.list, "rule": None, "next": [], "past": []}
    chosen = table.schedule
    zone = ZoneInfo(chosen.rule.zone)
    return {
        "list": table.list,
        "rule": schedule.words(chosen.rule),
        "timezone": chosen.rule.zone,
        "approval": chosen.approval,
        "unapproved": chosen.unapproved,
        "editor": chosen.editor,
        "goes": chosen.goes,
        "lacks": table.lacks,
        "next": [
            {
                "period": slot.period,
                "local": slot.at.astimezone(zone).isoformat(),
                "zone": slot.at.astimezone(zone).tzname(),
                "utc": slot.at.isoformat(),
                "in_s": int((slot.at - now).total_seconds()),
                "clock": schedule.shift(slot, zone),
                "note": note(slot, chosen.rule.zone),
            }
            for slot in table.coming
        ],
        "past": [
            {
                "period": one.name,
                "utc": one.slot_at.isoformat(),
                "state": one.state,
                "issue": table.issues.get(one.issue or 0),
                "note": one.note,
            }
            for one in table.past
        ],
    }
