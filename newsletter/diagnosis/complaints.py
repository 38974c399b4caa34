"""Whether too many readers call the mails spam, as far as receivers report it.

Source: Google, "Email sender guidelines", and Yahoo, "Sender Best Practices": below 0.1 %, and never 0.3 %.
"""

from newsletter.diagnosis.checks import Check, Group, Level

# Days that are counted.
DAYS = 30
# Of the mails sent: what is too much, and what never may be.
_MANY, _NEVER = 0.001, 0.003
# With fewer mails one complaint is no rate.
_FEWEST = 1000


def check(sent: int, complaints: int) -> Check:
    """How many of the mails of the last days were reported. sent: mails that servers took."""
    said = f"{complaints:,} of {sent:,} mails of the last {DAYS} days"
    if sent >= _FEWEST and complaints / sent >= _MANY:
        level = Level.PROBLEM if complaints / sent >= _NEVER else Level.WARNING
        step = "mail only those who asked for it; see who complains: newsletter bounces list --kind complaint"
        return Check(
            level, Group.DATABASE, "complaints", "complaints", f"{said} ({complaints / sent:.1%})", step
        )
    elsewhere = "not every receiver reports them: Gmail shows its own in Postmaster Tools only"
    return Check(Level.SKIPPED, Group.DATABASE, "complaints", "complaints", f"{said}; {elsewhere}")
