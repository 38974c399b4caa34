"""What an attempt means for its row of the ledger, and when a whole issue has to halt: pure decisions."""

from dataclasses import dataclass
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
# The fraction of the golden ratio: multiples of it fall evenly, so that waits are spread.
_GOLDEN = 0.618033988749895


def recorded(claimed: Claimed, outcome: Outcome, *, retry: Retry, since: datetime, now: datetime) -> Recorded:
    """What becomes of the row. since: when the issue began to go."""
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
            later = pace.retry_at(retry, attempts=attempts, since=since, now=now, chance=chance)
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
