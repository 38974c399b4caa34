"""What an attempt means for its row of the ledger, and when a whole issue has to halt: pure decisions."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from newsletter import pace
from newsletter.model import BounceKind, DeliveryStatus, Outcome, Phase, Verdict
from newsletter.pace import Retry
from newsletter.store.deliveries import Claimed, Recorded

# Refusals in a row that would meet every reader alike.
_SENDER_REFUSALS = 3
# Of so many answered mails or more, the share that goes to mailboxes that are not there.
_ENOUGH, _HARD_SHARE = 200, 0.05
# Times that a server ended the connection in the midst of one mail: it is the mail that it does not bear.
_RETURNS = 10
# How long such a mail waits, after each time twice as long.
_RETURN_WAIT, _LONGEST_RETURN_WAIT = timedelta(seconds=2), timedelta(minutes=5)
# Codes of a server that is pressed too hard (RFC 3463 §3.8), how many in a row hush a domain, and for how
# long: twice as long with each one more.
_TOO_FAST = "4.7."
_HUSHED_AFTER = 10
_HUSH, _LONGEST_HUSH = timedelta(seconds=30), timedelta(hours=1)
# The fraction of the golden ratio: multiples of it fall evenly, so that waits are spread.
_GOLDEN = 0.618033988749895


def recorded(claimed: Claimed, outcome: Outcome, *, retry: Retry, now: datetime) -> Recorded:
    """What becomes of the row."""
    attempts = claimed.attempts + 1
    status, due, cause = DeliveryStatus.PENDING, now, outcome.text
    match outcome.verdict:
        case Verdict.ACCEPTED:
            status = DeliveryStatus.SENT
        case Verdict.REJECTED:
            status = DeliveryStatus.FAILED
        case Verdict.UNKNOWN:
            status = DeliveryStatus.UNKNOWN
        case Verdict.DEFERRED:
            chance = claimed.id * _GOLDEN % 1
            later = pace.retry_at(retry, attempts=attempts, now=now, chance=chance)
            if later is None:
                status, cause = DeliveryStatus.FAILED, f"given up: {cause}"
            else:
                due = later
        case Verdict.RETURNED if _is_own_fault(outcome):
            due = now + min(_RETURN_WAIT * 2 ** min(claimed.attempts, 10), _LONGEST_RETURN_WAIT)
            if attempts >= _RETURNS:
                status, cause = DeliveryStatus.FAILED, f"given up: {cause}"
        case Verdict.RETURNED:
            attempts = claimed.attempts
    return Recorded(claimed.id, status, now, due, attempts, outcome.code, outcome.enhanced, cause)


def _is_own_fault(outcome: Outcome) -> bool:
    """Whether a connection that ended may have ended for the sake of this mail."""
    return not outcome.of_sender and outcome.phase in (Phase.RCPT, Phase.DATA, Phase.BODY)


@dataclass(slots=True)
class Hush:
    """Domains that get no mail for a while, since for them the server said "too fast" time after time."""

    in_a_row: dict[str, int] = field(default_factory=dict)
    until: dict[str, datetime] = field(default_factory=dict)

    def told(self, claimed: Claimed, outcome: Outcome, *, now: datetime) -> None:
        """Mind what came of a mail; it is told of each, in their order."""
        if outcome.verdict is Verdict.ACCEPTED:
            if self.in_a_row:
                self.in_a_row.pop(claimed.domain, None)
        elif outcome.verdict is Verdict.DEFERRED and outcome.enhanced.startswith(_TOO_FAST):
            times = self.in_a_row[claimed.domain] = self.in_a_row.get(claimed.domain, 0) + 1
            if times >= _HUSHED_AFTER:
                wait = min(_HUSH * 2 ** min(times - _HUSHED_AFTER, 10), _LONGEST_HUSH)
                self.until[claimed.domain] = now + wait * (0.5 + claimed.id * _GOLDEN % 1 / 2)

    def domains(self, *, now: datetime) -> tuple[str, ...]:
        """Those that get no mail now."""
        if not self.until:
            return ()
        self.until = {domain: until for domain, until in self.until.items() if until > now}
        return tuple(sorted(self.until))


@dataclass(slots=True)
class Brakes:
    """What halts an issue: it is told of each outcome, in their order."""

    in_a_row: int = 0
    answered: int = 0
    hard: int = 0

    def told(self, outcome: Outcome) -> str:
        """Why the issue has to halt, with the next step; "" where it may go on."""
        if outcome.of_sender:
            self.in_a_row += 1
        elif outcome.verdict is Verdict.ACCEPTED:
            self.in_a_row = 0
        if outcome.verdict in (Verdict.ACCEPTED, Verdict.REJECTED):
            self.answered += 1
            self.hard += outcome.kind is BounceKind.HARD
        if self.in_a_row >= _SENDER_REFUSALS:
            said = f"{outcome.code or ''} {outcome.text}".strip()
            return f"the server refuses what we send, whoever it is for: {said}; run: newsletter doctor"
        if self.answered >= _ENOUGH and self.hard > self.answered * _HARD_SHARE:
            share = f"{self.hard} of {self.answered} mails went to mailboxes that are not there"
            return f"{share}; look at where these addresses came from, before providers block the sender"
        return ""
