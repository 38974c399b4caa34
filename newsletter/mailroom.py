"""Where mails from readers are taken in: what each asks is done, or it is counted why nothing was.

Leaving is the one thing that can be asked by mail. It is done whatever the database says: where it cannot be
written, the file of `leaving_file` takes it. Nobody is ever answered: what could be answered is a forged
sender or another machine (RFC 3834 §2). Reading a mail twice changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from newsletter import config, incoming, links, mailboxes, store, subscribe
from newsletter.config import Settings
from newsletter.errors import LinkError
from newsletter.incoming import Ignored
from newsletter.links import Purpose
from newsletter.mailboxes import Mail
from newsletter.model import Way
from newsletter.store import leaving_file
from newsletter.store.leaving_file import Leaving

# What needs no second look. The rest stays where it is: a report for whoever counts bounces, a complaint, a
# token of another key and what a person wrote for a person.
_SETTLED = frozenset((Ignored.AUTOMATIC, Ignored.LIST))


@dataclass(slots=True)
class Taken:
    """What mails came to: by how many readers left, how many had tokens that are not ours, and the others.

    A mail of somebody who had left before counts as left.
    """

    left: int = 0
    not_ours: int = 0
    ignored: Counter[Ignored] = field(default_factory=Counter)


class Mailroom:
    """Takes mails in. database: None where it cannot be opened. clock: what tells the time."""

    def __init__(
        self, database: store.Engine | None, settings: Settings, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._keys = config.link_keys(settings)
        self.taken = Taken()

    def empty(self, mails: Sequence[Mail], *, progress: Callable[[int], None]) -> None:
        """Take in every mail, and mark those that are done with.

        progress: is told how many are. Raises: StoreError; NewsletterError for one that cannot be read.
        """
        for number, mail in enumerate(mails, start=1):
            content = mailboxes.content(mail, most=incoming.MOST_BYTES)
            if content is not None and self.take(content):
                mailboxes.settle(mail)
            progress(number)

    def take(self, mail: bytes) -> bool:
        """Do what a mail asks, and whether it is done with. Raises: StoreError where it cannot be kept."""
        asked = incoming.read(mail, leave_address=self._settings.leave_address)
        if isinstance(asked, Ignored):
            self.taken.ignored[asked] += 1
            return asked in _SETTLED
        keys = [key for token in asked.tokens for key in self._keys_of(token)]
        for key in keys:
            self._leave(key)
        self.taken.left += bool(keys)
        self.taken.not_ours += not keys
        return bool(keys)

    def _keys_of(self, token: str) -> list[bytes]:
        """The key of the token, where it is one of ours: it does not say of which list it is."""
        found = []
        for slug in self._settings.lists:
            try:
                found.append(links.verify(token, Purpose.UNSUBSCRIBE, list=slug, keys=self._keys))
            except LinkError:
                continue
        return found

    def _leave(self, key: bytes) -> None:
        now, queue = self._clock(), self._settings.leaving_file
        if self._database is None:
            leaving_file.append(queue, Leaving(key, Way.MAIL, now))
        else:
            subscribe.leave_or_queue(self._database, key, way=Way.MAIL, now=now, queue=queue)
