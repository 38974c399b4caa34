"""Issues of the store, from a draft to what will be sent.

Owns the transactions and the order of effects: `drafting` makes and refreshes drafts and tells what is in
one, `material` says which papers it is chosen from, `editing` keeps what editors change, `approval` ends it.
`recapping` makes an issue of those of a month, which is never a draft.

A draft has no content of its own: it is the digests that it considers and the edits made to it. What is in it
follows from the store whenever somebody looks, until it is approved; then its content is frozen, and what it
considered and carried is used up. Every change is one transaction: who dies in it leaves what was before,
and whoever runs the command again is done, or is told that it was done. Changes of issues come one after the
other, whichever process they are of.
"""

from newsletter.drafts.approval import approve, cancel
from newsletter.drafts.drafting import Draft, alone, basis_of, draft, find, fingerprint, look
from newsletter.drafts.editing import edit, undo
from newsletter.drafts.recapping import recap

__all__ = [
    "Draft",
    "alone",
    "approve",
    "basis_of",
    "cancel",
    "draft",
    "edit",
    "find",
    "fingerprint",
    "look",
    "recap",
    "undo",
]
