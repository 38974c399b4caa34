"""Mails to a server that speaks SMTP.

`session` reaches it, secured and logged in; `single` hands over one mail on a session of its own (letters,
test mails); `conversation` is what is said on one connection about many mails, and `carrier` holds many
connections at once.
"""

from newsletter.backends.smtp.session import Server
from newsletter.backends.smtp.single import send

__all__ = ["Server", "send"]
