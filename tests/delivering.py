"""Issues on their way, for tests: readers, an approved issue, and runs that deliver it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from newsletter import deliver, store
from newsletter.backends.carrier import Parcel
from newsletter.deliver import Ended, Ledger, Run, Terms
from newsletter.fence import Fence
from newsletter.model import Choice, DeliveryStatus, Edition, Envelope, Issue, IssueStatus, Way
from newsletter.pace import Pace, Retry
from newsletter.store import deliveries, sendings, subscriptions
from newsletter.store.deliveries import Claimed
from newsletter.store.sendings import State
from newsletter.subscribe import leave
from tests.builders import NOW
from tests.fakes import ScriptedCarrier
from tests.published import publish
from tests.readers import WHOLE, reader

SENDER = "digest@news.example.org"
RETRY = Retry((timedelta(minutes=1), timedelta(minutes=5)), timedelta(hours=24))
ANY_PACE = Pace()
PENDING, SENT, FAILED = DeliveryStatus.PENDING, DeliveryStatus.SENT, DeliveryStatus.FAILED
SENDING, UNKNOWN, SKIPPED = DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN, DeliveryStatus.SKIPPED


# Ledgers of the test that runs: what a process that died left open is closed at its end (`closed`).
OPENED: list[Ledger] = []


@pytest.fixture(autouse=True)
def closed(database: Engine) -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()


@dataclass
class PlainMails:
    """Mails that say no more than whom they are for."""

    made: list[Claimed] = field(default_factory=list)

    def parcel(self, claimed: Claimed) -> Parcel:
        self.made.append(claimed)
        if claimed.address.startswith("impossible"):
            raise ValueError("no such letters")
        mail = f"To: {claimed.address}\r\n\r\nHello\r\n".encode()
        return Parcel(claimed.id, Envelope(SENDER, claimed.address), mail)


@dataclass
class Delivering:
    """An issue of the store, and what may be done with it at a moment that a test moves on."""

    database: Engine
    edition: Edition
    now: datetime = NOW
    pace: Pace = ANY_PACE
    fence: Fence | None = None

    def clock(self) -> datetime:
        return self.now

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def enqueue(
        self,
        pattern: Callable[[Issue], bytes] = lambda issue: b"a mail",
        *,
        local: datetime | None = None,
    ) -> sendings.Sending:
        return deliver.enqueue(
            self.database,
            self.edition,
            sender=SENDER,
            pattern=lambda issue, began: pattern(issue),
            now=self.now,
            progress=lambda readers: None,
            local=local,
        )

    def ledger(self, **terms: object) -> Ledger:
        chosen = Terms(self.pace, RETRY, **terms)  # type: ignore[arg-type]
        ledger = Ledger(self.database, self.edition, chosen, self.clock, self.fence)
        OPENED.append(ledger)
        return ledger

    def run(
        self,
        carrier: ScriptedCarrier | None = None,
        *,
        wait: bool = False,
        stopping: Callable[[], bool] = lambda: False,
        **terms: object,
    ) -> tuple[Ended, ScriptedCarrier]:
        carrier = carrier or ScriptedCarrier()
        run = Run(self.ledger(**terms), carrier, PlainMails(), stopping, lambda progress: None, wait)
        return run.go(), carrier

    def statuses(self) -> dict[str, DeliveryStatus]:
        """What became of each reader's mail, by address."""
        with store.reading(self.database) as tx:
            rows = deliveries.listed(tx, self.edition.id, [*DeliveryStatus])
        return {row.address: row.status for row in rows}

    def causes(self) -> dict[str, str]:
        with store.reading(self.database) as tx:
            rows = deliveries.listed(tx, self.edition.id, [*DeliveryStatus])
        return {row.address: row.cause for row in rows}

    def state(self) -> State:
        with store.reading(self.database) as tx:
            return sendings.state(tx, self.edition.id)

    def leaves(self, address: str) -> None:
        with store.reading(self.database) as tx:
            found = subscriptions.subscriber(tx, address)
            one = found and subscriptions.one(tx, found, list="weekly")
        assert one
        leave(self.database, one.key, way=Way.WEB, now=self.now)


def delivering(database: Engine, addresses: Iterable[str] = (), *, choice: Choice = WHOLE) -> Delivering:
    """An approved issue of the list weekly, and its readers."""
    for address in addresses:
        reader(database, address, choice)
    return Delivering(database, publish(database, status=IssueStatus.APPROVED))


def names(count: int) -> list[str]:
    return [f"reader{number:03}@example.org" for number in range(count)]
