"""Readers for tests: an open store with what the settings would give, and each verb in one short call."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, select

from newsletter import recipients, store, subscribe
from newsletter.model import Choice, Consent, Subscription, SuppressionReason, Way
from newsletter.store import consents, subscriptions, tables
from newsletter.subscribe import Answer, Due, Joined
from tests.builders import NOW

WORDING = "Send me Paper Weekly by email. I can leave at any time with one click."
ADA = "ada@example.org"
WHOLE = Choice()


@dataclass
class Readers:
    """What may be done with readers, at a moment that a test moves on."""

    database: Engine
    now: datetime = NOW
    letters_per_hour: int = 500
    lists: tuple[str, ...] = ("weekly", "daily")
    # Networks of IPv4, so that no ask comes from where another one came from.
    networks: Iterator[int] = field(default_factory=lambda: iter(range(1 << 24)))

    def later(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now

    def somewhere(self) -> str:
        """An address of IP whose network nobody asked from."""
        number = next(self.networks)
        return f"{number >> 16}.{number >> 8 & 255}.{number & 255}.1"

    def ask(
        self,
        address: str = ADA,
        *,
        list: str = "weekly",
        origin: str | None = None,
        choice: Choice = WHOLE,
    ) -> None:
        subscribe.ask(
            self.database,
            recipients.recipient(address),
            choice,
            list=list,
            origin=self.somewhere() if origin is None else origin,
            wording=WORDING,
            letters_per_hour=self.letters_per_hour,
            now=self.now,
        )

    def letters(self, *, most: int = 1000) -> tuple[Due, ...]:
        return subscribe.due(
            self.database, lists=self.lists, letters_per_hour=self.letters_per_hour, most=most, now=self.now
        )

    def letter(self, address: str = ADA, **asked: str) -> Due:
        """The one letter that answers an ask."""
        self.ask(address, **asked)  # type: ignore[arg-type]
        [letter] = self.letters()
        return letter

    def confirm(self, letter: Due) -> Answer:
        return subscribe.confirm(self.database, letter.key, now=self.now)[0]

    def joined(self, address: str = ADA, **asked: str) -> Subscription:
        """The subscription of one who asked and said yes."""
        found = subscribe.confirm(self.database, self.letter(address, **asked).key, now=self.now)[1]
        assert found is not None
        return found

    def put_back(self, letter: Due) -> None:
        subscribe.put_back(self.database, letter)

    def choose(self, key: bytes, choice: Choice) -> Subscription | None:
        return subscribe.choose(self.database, key, choice, way=Way.WEB, now=self.now)

    def leave(self, key: bytes, *, everything: bool = False) -> tuple[str, ...]:
        return subscribe.leave(self.database, key, way=Way.ONE_CLICK, now=self.now, everything=everything)

    def leave_or_queue(self, key: bytes, queue: Path) -> None:
        subscribe.leave_or_queue(self.database, key, way=Way.ONE_CLICK, now=self.now, queue=queue)

    def add(self, address: str = ADA, *, list: str = "weekly") -> Joined:
        given = {"wording": "on paper", "way": Way.OPERATOR}
        whose = recipients.recipient(address)
        return subscribe.add(self.database, whose, Choice(), list=list, now=self.now, **given)  # type: ignore[arg-type]

    def remove(self, address: str = ADA, *, list: str | None = None) -> tuple[str, ...]:
        return subscribe.remove(self.database, recipients.recipient(address), list=list, now=self.now)

    def suppress(self, address: str = ADA, reason: SuppressionReason = SuppressionReason.BOUNCE) -> bool:
        whose = recipients.recipient(address)
        return subscribe.suppress(self.database, whose, reason=reason, way=Way.REPORT, now=self.now)

    def lift(self, address: str = ADA) -> bool:
        return subscribe.lift(self.database, recipients.recipient(address), now=self.now)

    def erase(self, address: str = ADA) -> bool:
        return subscribe.erase(self.database, recipients.recipient(address), now=self.now)

    def tidy(self) -> None:
        subscribe.tidy(self.database, now=self.now)

    def of(self, address: str = ADA) -> dict[str, Subscription]:
        """The subscriptions of the address, by list."""
        with store.reading(self.database) as tx:
            found = subscriptions.subscriber(tx, recipients.recipient(address).folded)
            return {one.list: one for one in subscriptions.of(tx, found)} if found else {}

    def status(self, address: str = ADA, *, list: str = "weekly") -> str:
        """How far the subscription is; "" where there is none."""
        found = self.of(address).get(list)
        return found.status if found else ""

    def log(self, address: str = ADA) -> list[Consent]:
        with store.reading(self.database) as tx:
            found = subscriptions.subscriber(tx, recipients.recipient(address).folded)
            return [*consents.of(tx, found.id)] if found else []

    def acts(self, address: str = ADA) -> list[str]:
        return [one.act for one in self.log(address)]

    def rows(self, table: str) -> int:
        with store.reading(self.database) as tx:
            return len(tx.execute(select(tables.metadata.tables[table])).all())
