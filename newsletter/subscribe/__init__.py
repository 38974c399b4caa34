"""What becomes of a reader: asking, saying yes, choosing, leaving, being forgotten.

Owns every change of a subscription's status, and the line of the consent log that goes with each. Only a
yes from the mailbox itself, or an operator who brings the consent along, makes a subscription confirmed;
leaving asks for nothing. Each verb is one transaction and may be repeated: the second time it changes
nothing.
"""

from newsletter.subscribe.asking import Busy, Due, Kind, ask, due, put_back, tidy
from newsletter.subscribe.choosing import Stored, choose, find, stored
from newsletter.subscribe.confirming import Answer, confirm
from newsletter.subscribe.joining import Joined, add
from newsletter.subscribe.leaving import honour, leave, leave_or_queue, remove
from newsletter.subscribe.posting import Posted, Send, post
from newsletter.subscribe.suppressing import erase, lift, suppress

__all__ = [
    "Answer",
    "Busy",
    "Due",
    "Joined",
    "Kind",
    "Posted",
    "Send",
    "Stored",
    "add",
    "ask",
    "choose",
    "confirm",
    "due",
    "erase",
    "find",
    "honour",
    "leave",
    "leave_or_queue",
    "lift",
    "post",
    "put_back",
    "remove",
    "stored",
    "suppress",
    "tidy",
]
