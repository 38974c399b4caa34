"""Where readers are served: the store, with the lists, keys and letters that the settings give.

Hands each thing done to `subscribe` with the settings it needs; decides only what of a form's choice the list
has. What a reader's link is worth is found out here, so that a door sees a subscription, or that the link is
none of ours.
"""

import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache

from newsletter import (
    caps,
    config,
    headway,
    letters,
    links,
    look_folders,
    message,
    recipients,
    store,
    subscribe,
)
from newsletter.config import Settings
from newsletter.errors import NotFound
from newsletter.letters import Letter
from newsletter.links import Purpose
from newsletter.model import Cadence, Choice, MailingList, Subscription, SubscriptionStatus, Way
from newsletter.templating import Look

# What a reader agrees to, as the form says it and the consent log keeps it.
WORDING = "Send me {title} by email. I can leave at any time with one click."

# Letters that are taken up together. A process that dies loses those of them that had not gone.
_AT_ONCE = 10


class People:
    """The readers of an open store. clock: what tells the time."""

    def __init__(self, database: store.Engine, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._keys = config.link_keys(settings)
        self._every = {slug: config.mailing_list(settings, slug) for slug in settings.lists}
        self.lists: Mapping[str, MailingList] = config.public_lists(settings)

    def list(self, slug: str) -> MailingList:
        """The list of that slug, where it stands on the web. Raises: NotFound."""
        if slug not in self.lists:
            raise NotFound(f"no list {slug!r}")
        return self.lists[slug]

    def list_of_reader(self, slug: str) -> MailingList:
        """The list of that slug, on the web or not: its readers choose and leave there. Raises: NotFound."""
        if slug not in self._every:
            raise NotFound(f"no list {slug!r}")
        return self._every[slug]

    def title(self, slug: str) -> str:
        """What the list is called; "this list" where it is not configured any more."""
        return self._every[slug].title if slug in self._every else "this list"

    def wording(self, slug: str) -> str:
        """What whoever asks for the list agrees to."""
        return WORDING.format(title=self.list(slug).title)

    def choice(self, slug: str, themes: Sequence[str], cadence: str, timezone: str) -> Choice:
        """What a form chose of a list, as far as the list has it. Every theme is the whole issue.

        Raises: ValueError where no theme is left, in a reader's words.
        """
        offered = [theme.slug for theme in self.list_of_reader(slug).themes]
        if offered and not set(offered).intersection(themes):
            raise ValueError("choose at least one theme")
        known = timezone if timezone in zoneinfo.available_timezones() else ""
        often = Cadence.MONTHLY if cadence == Cadence.MONTHLY else Cadence.ISSUE
        return Choice.among(offered, themes, often, known)

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

    def form_token(self, slug: str) -> str:
        """What a form carries to show that it was served here, and when."""
        return links.form_token(list=slug, keys=self._keys, now=self._clock())

    def form_age(self, slug: str, token: str) -> timedelta:
        """How long ago the form was served. Raises: LinkError for one that was not."""
        return links.form_age(token, list=slug, keys=self._keys, now=self._clock())

    def confirm(self, slug: str, token: str) -> tuple[subscribe.Answer, Subscription | None]:
        """What a yes by that link came to. Raises: LinkError; NotFound; StoreError."""
        self.list(slug)
        key = self.key(slug, token, Purpose.CONFIRM)
        # Who left before while nothing could be written is not put off the list after their yes.
        self.honour()
        return subscribe.confirm(self._database, key, now=self._clock())

    def subscription(self, slug: str, token: str) -> Subscription | None:
        """Whose preferences the link opens; None for one who is forgotten. Raises: LinkError; StoreError."""
        return subscribe.find(self._database, self.key(slug, token, Purpose.PREFERENCES))

    def choose(self, slug: str, token: str, choice: Choice) -> Subscription | None:
        """The subscription with that choice; None where it is not confirmed.

        Raises: LinkError; StoreError.
        """
        key = self.key(slug, token, Purpose.PREFERENCES)
        return subscribe.choose(self._database, key, choice, way=Way.WEB, now=self._clock())

    def stored(self, slug: str, token: str) -> subscribe.Person | None:
        """What is stored about the reader; None for one who is forgotten. Raises: LinkError; StoreError."""
        return subscribe.person_of(self._database, self.key(slug, token, Purpose.PREFERENCES))

    def erase_by_link(self, slug: str, token: str) -> None:
        """Forget the reader; nothing where that was done before. Raises: LinkError; StoreError."""
        found = self.subscription(slug, token)
        if found:
            recipient = recipients.recipient(found.subscriber.address)
            subscribe.erase(self._database, recipient, now=self._clock())

    def leave(self, slug: str, token: str, *, way: Way, everything: bool = False) -> None:
        """Return once it is certain that the reader leaves. Raises: LinkError; StoreError.

        everything: whether every list of theirs is left.
        """
        subscribe.leave_or_queue(
            self._database,
            self.key(slug, token, Purpose.UNSUBSCRIBE),
            way=way,
            now=self._clock(),
            queue=self._settings.leaving_file,
            everything=everything,
        )

    def others(self, slug: str, token: str) -> tuple[str, ...]:
        """What the other lists are called that the reader is still on. Raises: LinkError; StoreError."""
        found = subscribe.person_of(self._database, self.key(slug, token, Purpose.UNSUBSCRIBE))
        on = SubscriptionStatus.CONFIRMED
        return tuple(self.title(one.list) for one in found.subscriptions if one.status is on) if found else ()

    def token(self, subscription: Subscription, purpose: Purpose) -> str:
        """What a link of that reader ends with."""
        return links.sign(subscription.key, purpose, list=subscription.list, keys=self._keys)

    def honour(self) -> int:
        """How many left while the database could not be written; they are off now. Raises: StoreError."""
        return subscribe.honour(self._database, self._settings.leaving_file)

    def tidy(self) -> None:
        """Forget where asks came from, and what nobody confirmed, in time. Raises: StoreError."""
        subscribe.tidy(self._database, now=self._clock())

    def answers(self) -> None:
        """Nothing, where the database answers. Raises: StoreError."""
        subscribe.find(self._database, bytes(links.KEY_BYTES))

    def key(self, slug: str, token: str, purpose: Purpose) -> bytes:
        """What a reader's link was made of; no database is asked. Raises: LinkError.

        Who gets mail of a list can leave it, though it is not on the web or not configured any more.
        """
        return links.verify(token, purpose, list=slug, keys=self._keys)

    def post(self, send: subscribe.Send) -> int:
        """How many letters went, of those that are due; what stood in the way is told on stderr.

        One that a server refuses is dropped. One that it may take later, and all where no mail can go, wait
        for the next time, for a day at the most (`caps.PATIENCE`). Raises: StoreError; RenderError.
        """
        # Read once for all of them, and only where there is one.
        look = cache(self._look_of_letters)
        posted = subscribe.post(self._database, self._due, lambda due: self._letter(due, look()), send)
        for problem in posted.problems:
            # A server may tell the words of a mail that it does not like.
            headway.warn(f"a letter did not go: {links.without_tokens(problem)}")
        return posted.went

    def _due(self) -> tuple[subscribe.Due, ...]:
        return subscribe.due(
            self._database,
            lists=self.lists,
            letters_per_hour=self._settings.web.letters_per_hour,
            most=_AT_ONCE,
            now=self._clock(),
        )

    def _letter(self, due: subscribe.Due, look: Look) -> tuple[bytes, str]:
        """The bytes of a letter, and its sender."""
        chosen = self.lists[due.list]
        letter = Letter(chosen, due.choice, due.address, str(due.ask), self._clock())
        sender = message.mailbox(chosen.sender).addr_spec
        if due.kind is subscribe.Kind.KNOWN:
            reader = config.reader_links(self._settings, due.list, "", due.key)
            return letters.known(letter, look=look, links=reader), sender
        link = config.confirm_link(self._settings, due.list, due.key)
        return letters.confirm(letter, look=look, link=link, life=caps.LINK_LIFE), sender

    def _look_of_letters(self) -> Look:
        bundled, own = look_folders.shipped_looks(), self._settings.templates_dir
        worn = look_folders.load(look_folders.DEFAULT, bundled=bundled, own=own)
        return letters.dressed(look_folders.folder(letters.FOLDER, bundled=bundled, own=own), worn)
