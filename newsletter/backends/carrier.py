"""What delivering asks of a way to hand mails over, whatever that way is.

A mail is handed over in two steps, so that the ledger can be ahead of it: everything but its end, and then,
once the ledger has it as `sending`, its end. In between it can be taken back, and never arrives.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from newsletter.model import Envelope, Outcome


@dataclass(frozen=True, slots=True, eq=False)
class Parcel:
    """A mail on its way. number: of its delivery. mail: CRLF, 7 bits, ends with CRLF.

    dotted: whether a line of it may begin with a dot, which SMTP doubles.
    """

    number: int
    envelope: Envelope = field(repr=False)
    mail: bytes = field(repr=False)
    dotted: bool = True


@dataclass(slots=True)
class Turn:
    """What one turn of a carrier came to.

    ripe: parcels of which everything is handed over but the end; they wait for `release` or `withdraw`.
    done: parcels with what their attempt meant, each exactly once; the carrier has forgotten them.
    trouble: what stands in the way of the server itself, in words with the next step, "" for nothing.
    fatal: whether no other try will help, such as a wrong password or a certificate that is not trusted.
    """

    ripe: list[Parcel] = field(default_factory=list)
    done: list[tuple[Parcel, Outcome]] = field(default_factory=list)
    trouble: str = ""
    fatal: bool = False


class Carrier(Protocol):
    """A way to hand mails over. Called from one thread, but for `wake`; only `turn` waits."""

    def room(self) -> int:
        """How many more parcels it takes now; 0 while it has no connection, or is not to be pressed."""

    def put(self, parcel: Parcel) -> None:
        """Begin to hand the parcel over. Its end does not go before `release`."""

    def turn(self, timeout_s: float) -> Turn:
        """What has happened since the last turn; waits at most so long for anything to happen."""

    def wake(self) -> None:
        """End the turn that waits, or the next one at once; may be called from any thread."""

    def release(self, parcels: Sequence[Parcel]) -> None:
        """Hand over the ends of ripe parcels, all in this call as far as the way takes them."""

    def withdraw(self, parcels: Sequence[Parcel]) -> None:
        """Take ripe parcels back; they never arrive, and nothing more is told of them."""

    def close(self, *, now: bool = False) -> list[tuple[Parcel, Outcome]]:
        """Say goodbye. now: without waiting; what was under way is told as it was: returned or unknown."""
