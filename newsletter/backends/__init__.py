"""Ways to hand a mail over, one file each. None decides what is sent, or to whom."""

from collections.abc import Callable

from newsletter.backends import eml, maildir
from newsletter.backends.carrier import Carrier
from newsletter.backends.smtp.carrier import SmtpCarrier

# What opens each, by its name in delivery.backend. Each takes the values that its way needs.
BACKENDS: dict[str, Callable[..., Carrier]] = {
    "smtp": SmtpCarrier,
    "maildir": maildir.open_carrier,
    "eml": eml.open_carrier,
}
