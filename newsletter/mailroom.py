"""Where mails are taken in: what each asks or tells is done, or it is counted why nothing was.

By mail a reader leaves, a server reports, and a provider complains for a reader. Leaving is done whatever
the database says: where it cannot be written, `leaving_file` takes it; a report waits for the database.
The proof is the token: a mail without one of ours changes nothing. Nobody is ever answered: what could be
answered is a forged sender or another machine (RFC 3834 §2). Reading a mail twice changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Protocol

from newsletter import config, incoming, links, store
from newsletter.config import Settings
from newsletter.errors import LinkError, StoreError
from newsletter.incoming import Ignored
from newsletter.links import Purpose
from newsletter.model import Way
from newsletter.outcomes import reports
from newsletter.outcomes.reports import Report
from newsletter.store import leaving_file, subscriptions
from newsletter.store.leaving_file import Leaving
from newsletter.subscribe import bouncing, leave_or_queue
from newsletter.subscribe.bouncing import Came

# What needs no second look. The rest stays where it is: a report that is about none of our mails, a token of
# another key and what a person wrote for a person.
_SETTLED = frozenset((Ignored.AUTOMATIC, Ignored.LIST))


class Mail(Protocol):
    """A mail where it lies."""

    def content(self, *, most: int) -> bytes | None:
        """At most so many bytes; None where somebody else took it away. Raises: NewsletterError."""

    def settle(self) -> None:
        """Mark it as done with. Raises: NewsletterError."""


@dataclass(slots=True)
class Taken:
    """What mails came to: by how many readers left, how many had tokens that are not ours, and the others.

    A mail of somebody who had left before counts as left. reports: what reports came to.
    """

    left: int = 0
    not_ours: int = 0
    ignored: Counter[Ignored] = field(default_factory=Counter)
    reports: Counter[Came] = field(default_factory=Counter)


class Mailroom:
    """Takes mails in. database: None where it cannot be opened. clock: what tells the time."""

    def __init__(
        self, database: store.Engine | None, settings: Settings, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._keys = config.link_keys(settings)
        # Why reports wait, once one could not be kept: each of the others would wait for the database too.
        self._waiting: StoreError | None = None
        self.taken = Taken()

    def empty(self, mails: Sequence[Mail], *, progress: Callable[[int], None]) -> None:
        """Take in every mail, and mark those that are done with.

        progress: is told how many are. Raises: NewsletterError for one that cannot be read; StoreError, for a
        report only once whoever leaves by the other mails has left.
        """
        for number, mail in enumerate(mails, start=1):
            content = mail.content(most=incoming.MOST_BYTES)
            if content is not None and self._take(content):
                mail.settle()
            progress(number)
        if self._waiting:
            raise self._waiting

    def take(self, mail: bytes) -> bool:
        """Do what a mail asks or tells, and whether it is done with.

        Raises: StoreError where it cannot be kept.
        """
        done = self._take(mail)
        if self._waiting:
            raise self._waiting
        return done

    def _take(self, mail: bytes) -> bool:
        asked = incoming.read(mail, leave_address=self._settings.leave_address)
        if isinstance(asked, Ignored):
            report = reports.read(mail, bounce_address=self._settings.bounce_address)
            if report and (report.tokens or report.leave_tokens):
                return self._told(report, asked)
            self.taken.ignored[asked] += 1
            return asked in _SETTLED
        keys = [key for token in asked.tokens for key in self._keys_of(token)]
        for key in keys:
            self._leave(key)
        self.taken.left += bool(keys)
        self.taken.not_ours += not keys
        return bool(keys)

    def _told(self, report: Report, asked: Ignored) -> bool:
        """Do what a report tells, and whether it is done with; what is not clear is for a person."""
        if self._waiting:
            return False
        try:
            came = self._settled(report)
        except StoreError as error:
            self._waiting = error
            return False
        if came is None:
            self.taken.not_ours += 1
        elif came is Came.UNCLEAR:
            self.taken.ignored[asked] += 1
        else:
            self.taken.reports[came] += 1
        return came not in (None, Came.UNCLEAR)

    def _settled(self, report: Report) -> Came | None:
        """What a report came to, by the first of its tokens that is ours; None where none of them is."""
        for delivery in self._deliveries(report):
            return bouncing.settle(self._opened, report, delivery=delivery, now=self._clock())
        for key in (key for token in report.leave_tokens for key in self._keys_of(token)):
            return bouncing.complain(self._opened, key, number=report.number, now=self._clock())
        return None

    def _deliveries(self, report: Report) -> Iterator[int]:
        for token in report.tokens:
            # It does not say of which list it is.
            for slug in dict.fromkeys((*self._settings.lists, *self._lists)):
                with suppress(LinkError):
                    yield links.reported(token, list=slug, keys=self._keys)

    @property
    def _opened(self) -> store.Engine:
        if self._database is None:
            raise StoreError("a report has come, and there is no database that could keep it; it waits")
        return self._database

    def _keys_of(self, token: str) -> list[bytes]:
        """The key of the token, where it is one of ours: it does not say of which list it is."""
        return self._verified(token, self._settings.lists) or self._verified(token, self._lists)

    def _verified(self, token: str, lists: Iterable[str]) -> list[bytes]:
        found = []
        for slug in lists:
            with suppress(LinkError):
                found.append(links.verify(token, Purpose.UNSUBSCRIBE, list=slug, keys=self._keys))
        return found

    @cached_property
    def _lists(self) -> tuple[str, ...]:
        """The lists of the store: one that is configured no more has mails out there that name it."""
        if self._database is None:
            return ()
        with store.reading(self._database) as tx:
            return subscriptions.lists(tx)

    def _leave(self, key: bytes) -> None:
        now, queue = self._clock(), self._settings.leaving_file
        if self._database is None:
            leaving_file.append(queue, Leaving(key, Way.MAIL, now))
        else:
            leave_or_queue(self._database, key, way=Way.MAIL, now=now, queue=queue)
