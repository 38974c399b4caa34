"""Where the issues of all lists come about by their schedules, one step after the other.

Owns the order of effects from a slot of the schedule to an issue on its way: `room` takes the steps,
`beginning` gives each slot its row, `collecting` brings in what the sources hold, `drafting` and `outgoing`
bring an issue further, as `deciding` says, and `rows` keeps how far it is. A step looks at what is there and
does what is next; a process that dies in the midst of one leaves rows from which the next step goes on,
whoever takes it. Every step may be taken twice. Sends nothing itself: it says which issues have mails to go.
"""

from newsletter.newsroom.room import Newsroom

__all__ = ["Newsroom"]
