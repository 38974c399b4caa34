"""What the ledger server says of a sending, beside what the program says of it."""

import os
from dataclasses import dataclass, field

from tests.ledger_server import Ledger
from tests.sendable import Post, states

# How often a fault is tried; more of it: NEWSLETTER_TEST_RUNS=200, with 10,000 readers.
RUNS = int(os.environ.get("NEWSLETTER_TEST_RUNS", "25"))
# A stop that is asked for has fewer moments that differ.
STOPS = RUNS if RUNS >= 200 else RUNS // 3
READERS = 10_000 if RUNS >= 200 else 2_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """Addresses by what became of them.

    lost: neither served nor listed as unknown or failed. twice: served more than once. claimed: the program
    says that they were served, and they were not. unlisted: unknown, and `deliveries list` shows them not.
    unknown_served: how many of the unknown ones were served. open: deliveries that did not come to an end.
    """

    lost: set[str]
    twice: set[str]
    claimed: set[str]
    unlisted: set[str]
    unknown: set[str] = field(repr=False)
    unknown_served: int
    open: dict[str, int]

    @property
    def faults(self) -> int:
        """How many readers were wronged."""
        return sum(map(len, (self.lost, self.twice, self.claimed, self.unlisted)))


def judged(post: Post, ledger: Ledger) -> Verdict:
    """How every reader of the issue fared, once its sending has come to its end."""
    served, kept = ledger.recipients(), states(post)
    unknown = kept.get("unknown", set())
    to_list = unknown or kept.get("failed")
    listed = {one["address"] for one in post.listed()} if to_list else set()
    return Verdict(
        lost=set(post.addresses) - served.keys() - listed,
        twice={address for address, times in served.items() if times > 1},
        claimed=kept.get("sent", set()) - served.keys(),
        unlisted=unknown - listed,
        unknown=unknown,
        unknown_served=len(unknown & served.keys()),
        open={state: len(kept[state]) for state in ("pending", "sending") if kept.get(state)},
    )
