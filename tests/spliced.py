"""Issues composed with marks, and random readers whose mails are spliced of them."""

import random
from dataclasses import dataclass
from datetime import datetime

from newsletter import links, message, rendering
from newsletter.links import Keys
from newsletter.model import Attachment, Issue, ReaderLinks, RenderedIssue
from newsletter.templating import Look
from newsletter.wire import Reader, WireTemplate, pattern
from tests.builders import NOW

KEYS = Keys((b"the secret of this installation",))
MARK_KEY = links.mark_key(KEYS)
# Everything that may stand before the @ of an address without quotes (RFC 5322 §3.2.3).
_ATEXT = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~"


@dataclass(frozen=True)
class Setup:
    """What the mails of an issue have in common. site: the public address. leave: a mailbox, or ""."""

    issue: Issue
    look: Look
    site: str = "https://news.example.org"
    leave: str = "leave@news.example.org"
    sent_at: datetime = NOW
    attachments: tuple[Attachment, ...] = ()

    def links(self, key: bytes) -> ReaderLinks:
        return links.of_reader(
            key, site=self.site, list=self.issue.list.slug, issue="7", keys=KEYS, leave_address=self.leave
        )

    def rendered(self, key: bytes) -> RenderedIssue:
        return rendering.render(self.issue, look=self.look, links=self.links(key))

    def pattern(self) -> bytes:
        return pattern(
            self.rendered(MARK_KEY),
            list=self.issue.list,
            links=self.links(MARK_KEY),
            sent_at=self.sent_at,
            attachments=self.attachments,
        )

    def template(self) -> WireTemplate:
        return WireTemplate.of(self.pattern())

    def reader(self, address: str, key: bytes) -> Reader:
        own = self.links(key)
        tokens = (address_of[-links.TOKEN_LENGTH :] for address_of in (own.preferences, own.unsubscribe))
        return Reader(address, *tokens, message.delivery_key(self.issue.list.slug, 7, key))

    def composed(self, address: str, key: bytes, rendered: RenderedIssue | None = None) -> bytes:
        """The slow way: the mail made for that reader alone. rendered: for them, if it is at hand."""
        return message.compose(
            rendered or self.rendered(key),
            list=self.issue.list,
            links=self.links(key),
            recipient=address,
            sent_at=self.sent_at,
            attachments=self.attachments,
            key=message.delivery_key(self.issue.list.slug, 7, key),
        )


def randomly(seed: int) -> random.Random:
    """The same chances each time."""
    return random.Random(seed)  # noqa: S311  no secret


def address(rng: random.Random) -> str:
    """An address that may be written to: short, or as long as one may be, or of odd letters, or quoted."""
    kind = rng.randrange(10)
    letters = _ATEXT if kind > 5 else "abcdefghijklmnopqrstuvwxyz0123456789_-"
    words = ["".join(rng.choices(letters, k=rng.randint(1, 9))) for _ in range(rng.randint(1, 6))]
    local = ".".join(words)[:64].strip(".")
    if kind == 4:
        local = f"{local[:20]}+{local[20:40]}x"
    if kind == 5:
        local = f'"{local} (at) {local[:20]}"' if rng.random() < 0.5 else f'"{local[:30]}@\\"{local[:9]}"'
    labels = [
        "".join(rng.choices("abcdefghij-xyz09", k=rng.randint(1, 60))) for _ in range(rng.randint(1, 3))
    ]
    domain = ".".join(f"x{label.strip('-')}" for label in labels)
    return f"{local}@{domain[: 250 - len(local)].rstrip('.-')}.org"
