"""Everything that is stored about one person, for the person.

Source: GDPR, articles 15 and 20: a copy of what is stored, in a form that other programs read.
"""

import sys
from dataclasses import dataclass
from datetime import UTC, datetime

from newsletter import recipients, roster, store
from newsletter.model import Consent, Recipient, Subscriber, Subscription, Suppression
from newsletter.store import asks, bounces, consents, subscriptions, suppressions
from newsletter.store.asks import Ask, Letter
from newsletter.store.bounces import Kept

# Before anything was stored.
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Person:
    """What is stored about an address. asks: what nobody has answered yet. letters: that asked for a yes.

    mailbox_letters: letters of the last month that are counted for the mailbox, under a salted hash. bounces:
    mails that came back, the newest first.
    """

    address: str
    subscriber: Subscriber | None
    subscriptions: tuple[Subscription, ...]
    consents: tuple[Consent, ...]
    asks: tuple[Ask, ...]
    letters: tuple[Letter, ...]
    mailbox_letters: int
    suppression: Suppression | None
    bounces: tuple[Kept, ...] = ()

    @property
    def known(self) -> bool:
        """Whether anything is stored under the address itself, and not under its hash alone."""
        return self.subscriber is not None or bool(self.asks)


def person(database: store.Engine, recipient: Recipient) -> Person:
    """Everything that is stored about the address, as of one moment. Raises: StoreError."""
    with store.reading(database) as tx:
        return _person(tx, recipient)


def person_of(database: store.Engine, key: bytes) -> Person | None:
    """Everything that is stored about whoever has that subscription; None where there is none any more.

    Raises: StoreError.
    """
    with store.reading(database) as tx:
        found = subscriptions.by_key(tx, key)
        return _person(tx, recipients.recipient(found.subscriber.address)) if found else None


def _person(tx: store.Connection, recipient: Recipient) -> Person:
    found = subscriptions.subscriber(tx, recipient.folded)
    mailbox = suppressions.digest(suppressions.salt(tx), recipient.canonical)
    return Person(
        address=found.address if found else recipient.address,
        subscriber=found,
        subscriptions=subscriptions.of(tx, found) if found else (),
        consents=consents.of(tx, found.id) if found else (),
        asks=asks.of(tx, recipient.address),
        letters=asks.letters_of(tx, found.id) if found else (),
        mailbox_letters=asks.letters(tx, _EVER, mailbox=mailbox),
        suppression=suppressions.of(tx, recipient.folded),
        bounces=_bounces(tx, found.id) if found else (),
    )


def _bounces(tx: store.Connection, subscriber: int) -> tuple[Kept, ...]:
    found, _ = bounces.each(tx, since=_EVER, subscriber=subscriber, most=sys.maxsize)
    return tuple(found)


def as_data(person: Person) -> dict[str, object]:
    """The person as JSON has it. Its names are a contract: a reader may take them elsewhere."""
    suppression = person.suppression
    return {
        "address": person.address,
        "since": person.subscriber and person.subscriber.created_at.isoformat(),
        "subscriptions": [_subscription(one) for one in person.subscriptions],
        "consents": [
            {
                "at": one.at.isoformat(),
                "list": one.list,
                "act": one.act,
                "way": one.way,
                "wording": one.wording,
            }
            for one in person.consents
        ],
        "letters": [
            {"list": one.list, "asked_at": one.asked_at.isoformat(), "used_at": _moment(one.used_at)}
            for one in person.letters
        ],
        "asks": [
            {
                "list": one.list,
                "address": one.address,
                "at": one.at.isoformat(),
                "themes": [*one.choice.themes],
                "cadence": one.choice.cadence,
                "timezone": one.choice.timezone,
                "wording": one.wording,
                "from_host": one.host,
                "from_network": one.network,
            }
            for one in person.asks
        ],
        "bounces": [
            {
                "at": one.last.isoformat(),
                "list": one.list,
                "issue": one.issue,
                "kind": one.kind,
                "code": one.code,
                "enhanced": one.enhanced,
                "text": one.text,
            }
            for one in person.bounces
        ],
        "letters_counted": person.mailbox_letters,
        "suppressed": suppression and {"reason": suppression.reason, "at": suppression.at.isoformat()},
    }


def _subscription(one: Subscription) -> dict[str, object]:
    """The subscription as an export has it, without the address, which stands above all of them."""
    return {name: value for name, value in roster.as_data(one).items() if name != "address"}


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
