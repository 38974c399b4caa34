"""When a list has its issues: arithmetic on moments that are given, without a clock.

`rules` reads what an operator wrote, `slots` finds the moments that it names, `deciding` says what is due.
"""

from newsletter.schedule.deciding import Decision, decide
from newsletter.schedule.rules import recap_rule, rule, words
from newsletter.schedule.slots import instant, slots

__all__ = ["Decision", "decide", "instant", "recap_rule", "rule", "slots", "words"]
