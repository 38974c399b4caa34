"""Where readers are served: the store, with the lists, keys and letters that the settings give.

Hands each thing done to `subscribe` with the settings it needs; decides nothing itself. What a reader's
link is worth is found out here, so that a door sees a subscription, or that the link is none of ours.
"""

import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from newsletter import config, links, recipients, store, subscribe
from newsletter.config import Settings
from newsletter.errors import NotFound
from newsletter.links import Purpose
from newsletter.model import Cadence, Choice, MailingList, Subscription, Way

# What a reader agrees to, as the form says it and the consent log keeps it.
WORDING = "Send me {title} by email. I can leave at any time with one click."


class People:
    """The readers of an open store. clock: what tells the time."""

    def __init__(self, database: store.Engine, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._keys = config.link_keys(settings)
        self.lists: Mapping[str, MailingList] = config.public_lists(settings)

    def list(self, slug: str) -> MailingList:
        """The list of that slug, where it stands on the web. Raises: NotFound."""
        if slug not in self.lists:
            raise NotFound(f"no list {slug!r}")
        return self.lists[slug]

    def wording(self, slug: str) -> str:
        """What whoever asks for the list agrees to."""
        return WORDING.format(title=self.list(slug).title)

    def choice(self, slug: str, themes: Sequence[str], cadence: str, timezone: str) -> Choice:
        """What a form chose of a list, as far as the list has it. Every theme is the whole issue.

        Raises: ValueError where no theme is left, in a reader's words.
        """
        offered = [theme.slug for theme in self.list(slug).themes]
        chosen = tuple(theme for theme in offered if theme in themes)
        if offered and not chosen:
            raise ValueError("choose at least one theme")
        known = timezone if timezone in zoneinfo.available_timezones() else ""
        often = Cadence.MONTHLY if cadence == Cadence.MONTHLY else Cadence.ISSUE
        return Choice(() if len(chosen) == len(offered) else chosen, often, known)

    def ask(self, slug: str, address: str, choice: Choice, *, origin: str) -> None:
        """Keep what somebody asked for; a letter answers it. origin: the address of IP it came from.

        Raises: ValueError for what is no address, in a reader's words; Busy; StoreError.
        """
        subscribe.ask(
            self._database,
            recipients.recipient(address),
            choice,
            list=self.list(slug).slug,
            origin=origin,
            wording=self.wording(slug),
            letters_per_hour=self._settings.web.letters_per_hour,
            now=self._clock(),
        )

    def confirm(self, slug: str, token: str) -> tuple[subscribe.Answer, Subscription | None]:
        """What a yes by that link came to. Raises: LinkError; StoreError."""
        key = self._key(slug, token, Purpose.CONFIRM)
        return subscribe.confirm(self._database, key, now=self._clock())

    def subscription(self, slug: str, token: str) -> Subscription | None:
        """Whose preferences the link opens; None for one who is forgotten. Raises: LinkError; StoreError."""
        return subscribe.find(self._database, self._key(slug, token, Purpose.PREFERENCES))

    def choose(self, slug: str, token: str, choice: Choice) -> Subscription | None:
        """The subscription with that choice; None where it is not confirmed.

        Raises: LinkError; StoreError.
        """
        key = self._key(slug, token, Purpose.PREFERENCES)
        return subscribe.choose(self._database, key, choice, way=Way.WEB, now=self._clock())

    def leave(self, slug: str, token: str, *, way: Way) -> None:
        """Return once it is certain that the reader leaves. Raises: LinkError; StoreError."""
        key = self._key(slug, token, Purpose.UNSUBSCRIBE)
        queue = self._settings.leaving_file
        subscribe.leave_or_queue(self._database, key, way=way, now=self._clock(), queue=queue)

    def honour(self) -> int:
        """How many left while the database could not be written; they are off now. Raises: StoreError."""
        return subscribe.honour(self._database, self._settings.leaving_file)

    def _key(self, slug: str, token: str, purpose: Purpose) -> bytes:
        return links.verify(token, purpose, list=self.list(slug).slug, keys=self._keys)
