"""Mails to a server that speaks SMTP.

`session` reaches it, secured and logged in; `single` hands over one mail on a session of its own (letters,
test mails). `carrier` holds many connections at once: `opening` opens them, `lane` is one of them,
`conversation` is what is said on it about many mails, and `pressure` says how many the server bears.
"""

from newsletter.backends.smtp.session import Server
from newsletter.backends.smtp.single import send

__all__ = ["Server", "send"]
