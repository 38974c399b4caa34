"""When a list has its issues: arithmetic on moments that are given, without a clock.

`rules` reads what an operator wrote, `slots` finds the moments that it names, `deciding` says what is due.
"""

from newsletter.schedule.deciding import Decision, deadline, decide, moved
from newsletter.schedule.rules import cron_line, days, recap_rule, rule, time_zone, times, words
from newsletter.schedule.slots import Shift, coming, gap, instant, shift, slots

__all__ = [
    "Decision",
    "Shift",
    "coming",
    "cron_line",
    "days",
    "deadline",
    "decide",
    "gap",
    "instant",
    "moved",
    "recap_rule",
    "rule",
    "shift",
    "slots",
    "time_zone",
    "times",
    "words",
]
