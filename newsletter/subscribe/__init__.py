"""What becomes of a reader: asking, saying yes, choosing, leaving, being forgotten.

Owns every change of a subscription's status, and the line of the consent log that goes with each. Only a
yes from the mailbox itself, or an operator who brings the consent along, makes a subscription confirmed;
leaving asks for nothing. Each verb is one transaction and may be repeated: the second time it changes
nothing.
"""

from newsletter.store.census import Which
from newsletter.subscribe import bouncing
from newsletter.subscribe.asking import Busy, Due, Kind, ask, due, put_back, tidy
from newsletter.subscribe.choosing import choose, find
from newsletter.subscribe.confirming import Answer, confirm
from newsletter.subscribe.counting import EARLY_DAYS, JOINED, Stats, Week, stats
from newsletter.subscribe.importing import Came, Hearer, Imported, Order, bring, rehearse
from newsletter.subscribe.joining import Joined, add
from newsletter.subscribe.leaving import honour, leave, leave_or_queue, remove
from newsletter.subscribe.looking import every, newest
from newsletter.subscribe.person import Person, as_data, person, person_of
from newsletter.subscribe.posting import Posted, Send, post
from newsletter.subscribe.suppressing import erase, lift, suppress

__all__ = [
    "EARLY_DAYS",
    "JOINED",
    "Answer",
    "Busy",
    "Came",
    "Due",
    "Hearer",
    "Imported",
    "Joined",
    "Kind",
    "Order",
    "Person",
    "Posted",
    "Send",
    "Stats",
    "Week",
    "Which",
    "add",
    "as_data",
    "ask",
    "bouncing",
    "bring",
    "choose",
    "confirm",
    "due",
    "erase",
    "every",
    "find",
    "honour",
    "leave",
    "leave_or_queue",
    "lift",
    "newest",
    "person",
    "person_of",
    "post",
    "put_back",
    "rehearse",
    "remove",
    "stats",
    "suppress",
    "tidy",
]
