"""Whether the site that readers' links lead to answers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from newsletter.diagnosis.checks import Check, Group, Level

# What `newsletter web` says of itself while its database answers.
WELL = "ok"
# Seconds between two clocks of machines that keep time; an answer on its way takes some of them.
_APART = 60


@dataclass(frozen=True, slots=True)
class Visit:
    """What a look at the site came to.

    status: of HTTP, 0 without an answer. said: the start of the answer. trouble: why there was none,
    "" where it only did not come in time. clock: of the site, when it was `asked_at` here.
    """

    url: str
    status: int = 0
    said: str = ""
    trouble: str = ""
    clock: datetime | None = None
    asked_at: datetime | None = None


def checks(visit: Visit) -> Iterator[Check]:
    """How the site stands, and the clock of this machine beside its own."""
    level, said, step = _judged(visit)
    yield Check(level, Group.SITE, "one-click", "answers", said, step)
    if visit.clock and visit.asked_at:
        apart = (visit.clock - visit.asked_at).total_seconds()
        if abs(apart) >= _APART:
            side = "behind" if apart > 0 else "ahead of"
            said = f"{abs(apart):,.0f} s {side} the clock of the site"
            yield Check(Level.WARNING, Group.SITE, "", "clock", said, "let NTP keep the clocks of both")


def _judged(visit: Visit) -> tuple[Level, str, str]:
    start = 'start "newsletter web", with a server in front of it that speaks https (README, "Readers")'
    if visit.trouble:
        return Level.PROBLEM, f"{visit.url} {visit.trouble}: readers cannot leave there", start
    if not visit.status:
        said = f"{visit.url} gave no answer in time; seen from outside of this network it may be there"
        return Level.WARNING, said, "open it in a browser elsewhere"
    if visit.status == 503:
        return (
            Level.PROBLEM,
            f"{visit.url} is there, and cannot reach its database",
            "see that the database runs",
        )
    if visit.status != 200 or visit.said.strip() != WELL:
        said = f"{visit.url} answers {visit.status}, and not as newsletter does: readers cannot leave there"
        return Level.PROBLEM, said, start
    return Level.OK, f"{visit.url} is there", ""
