"""Parcels, and a round of handing them over as whoever delivers does it, without a ledger."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from newsletter.backends.carrier import Carrier, Parcel
from newsletter.model import Envelope, Outcome

MAIL = b"From: digest@news.example.org\r\nSubject: x\r\n\r\n.\r\n..two\r\nlast\r\n"
PATIENCE_S = 10.0


def parcel(number: int = 1, mail: bytes = MAIL, *, to: str = "") -> Parcel:
    return Parcel(number, Envelope("digest@news.example.org", to or f"r{number}@example.net"), mail)


@dataclass
class Carried:
    """What handing over came to: the outcomes by number, each once, and what the carrier said last."""

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    waiting: list[Parcel] = field(default_factory=list)
    trouble: str = ""
    fatal: bool = False

    def verdicts(self) -> dict[int, str]:
        return {number: str(outcome.verdict) for number, outcome in sorted(self.outcomes.items())}


def carry(
    carrier: Carrier, parcels: Sequence[Parcel], *, through_trouble: bool = False, again: bool = False
) -> Carried:
    """Hands the parcels over until each is told, or the server is in trouble and nothing is under way.

    through_trouble: goes on all the same. again: hands those over again that come back.
    """
    carried = Carried(waiting=list(parcels))
    under_way: set[int] = set()
    until = time.monotonic() + PATIENCE_S
    while carried.waiting or under_way:
        for one in carried.waiting[: carrier.room()]:
            carrier.put(one)
            under_way.add(one.number)
        carried.waiting = [one for one in carried.waiting if one.number not in under_way]
        turn = carrier.turn(0.05)
        carrier.release(turn.ripe)
        for one, outcome in turn.done:
            under_way.remove(one.number)
            if again and outcome.verdict == "returned":
                carried.waiting.append(one)
            else:
                carried.outcomes[one.number] = outcome
        carried.trouble, carried.fatal = turn.trouble, turn.fatal
        if turn.fatal or (turn.trouble and not through_trouble and not under_way):
            break
        assert time.monotonic() < until, f"nothing comes of {carried.waiting or under_way}"
    return carried
