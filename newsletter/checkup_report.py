"""What a look over a site looks like to a person at a terminal and to another program.

The JSON shapes here are a contract: other programs rely on their names. Reads and writes nothing itself.
"""

from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Any

from newsletter.diagnosis import Check, Level, rules
from newsletter.diagnosis.rules import Judged
from newsletter.report import Cell, Excerpt, Rows, counted

if TYPE_CHECKING:  # it takes as long to load as a whole render, which needs none
    from newsletter.checkup import Examined

_HEAD = ("", "what", "how it stands")


def checks_tables(found: "Examined") -> list[Rows]:
    """Every check, for a person: a table for each group, with the next step behind an arrow."""
    groups = groupby(found.checks, key=lambda check: check.group)
    return [Rows(_HEAD, tuple(map(_row, checks)), group.value) for group, checks in groups]


def checks_rows(found: "Examined") -> Rows:
    """Every check, for a pipe: one a row."""
    cells = tuple((one.level.value, one.group.value, one.name, one.said, one.step) for one in found.checks)
    return Rows(("level", "group", "what", "how it stands", "next step"), cells)


def rules_table(found: "Examined") -> Rows:
    """What receivers ask of bulk senders, and whether it is met."""
    cells = tuple(map(_rule, found.rules))
    return Rows(("met", "rule", "asked by", "because"), cells, "What large receivers ask of bulk senders")


def rules_text(found: "Examined") -> str:
    """For whom the rules hold."""
    return rules.reach(found.readers)


def summary_text(found: "Examined") -> str:
    """What was found, in a line."""
    problems, warnings, skipped = map(found.count, (Level.PROBLEM, Level.WARNING, Level.SKIPPED))
    counts = f"{counted(problems, 'problem')}, {counted(warnings, 'warning')}, {skipped} not looked at"
    return f"{counted(len(found.checks), 'check')}: {counts}"


def examined_json(found: "Examined") -> dict[str, Any]:
    """Every check and every rule."""
    return {
        "checks": [asdict(check) for check in found.checks],
        "rules": [
            {
                "rule": one.rule.text,
                "asked_by": one.rule.asked_by,
                "everybody": one.rule.everybody,
                "met": one.met.value,
                "because": one.because,
            }
            for one in found.rules
        ],
        "readers": found.readers,
        "problems": found.count(Level.PROBLEM),
        "warnings": found.count(Level.WARNING),
    }


def _row(check: Check) -> tuple[Cell, ...]:
    level = Excerpt(((check.level.value, check.level is Level.PROBLEM),))
    step = f" → {check.step}" if check.step else ""
    return level, check.name, f"{check.said}{step}"


def _rule(one: Judged) -> tuple[str, ...]:
    star = "*" if one.rule.everybody else ""
    return one.met.value, f"{one.rule.text}{star}", ", ".join(one.rule.asked_by), one.because
