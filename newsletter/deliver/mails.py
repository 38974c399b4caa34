"""The mail of each delivery: its pattern, with the reader's own values in it."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from newsletter import dkim, links, message, store, wire
from newsletter.backends.carrier import Parcel
from newsletter.links import Keys, Purpose
from newsletter.model import Edition, Envelope
from newsletter.store import sendings
from newsletter.store.deliveries import Claimed

# Patterns that are kept ready. Rows go in the order of their patterns, so that two at once are the rule.
_READY = 8


@dataclass(slots=True)
class SplicedMails:
    """Makes the mails of an issue.

    sender: the bare address that the issue comes from. bounce_address: a mailbox that reports come back to,
    with a token of the delivery; "" for the sender itself. stuffed: whether they go by SMTP as they are made.
    """

    database: store.Engine
    edition: Edition
    sender: str
    keys: Keys
    bounce_address: str = ""
    signers: Sequence[dkim.Signer] = ()
    stuffed: bool = False
    _ready: OrderedDict[int, wire.WireTemplate] = field(default_factory=OrderedDict)

    def parcel(self, claimed: Claimed) -> Parcel:
        """The mail for that reader, the same bytes each time. Raises: ValueError."""
        template = self._template(claimed.pattern)
        slug = self.edition.list
        reader = wire.Reader(
            claimed.address,
            links.sign(claimed.key, Purpose.PREFERENCES, list=slug, keys=self.keys),
            links.sign(claimed.key, Purpose.UNSUBSCRIBE, list=slug, keys=self.keys),
            message.delivery_key(slug, self.edition.number, claimed.key),
        )
        mail = template.splice(reader)
        back_to = self.sender
        if self.bounce_address:
            back_to = links.reports_to(self.bounce_address, claimed.id, list=slug, keys=self.keys)
        return Parcel(claimed.id, Envelope(back_to, claimed.address), mail, template.dotted)

    def _template(self, pattern: int) -> wire.WireTemplate:
        found = self._ready.get(pattern)
        if found is None:
            mail = store.again(self.database, lambda: self._pattern(pattern))
            found = wire.WireTemplate.of(mail, signers=self.signers, stuffed=self.stuffed)
            self._ready[pattern] = found
            if len(self._ready) > _READY:
                self._ready.popitem(last=False)
        return found

    def _pattern(self, number: int) -> bytes:
        with store.reading(self.database) as tx:
            return sendings.pattern(tx, number)
