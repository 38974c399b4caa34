"""What a configuration opens for the process that keeps the schedule.

Owns which rooms there are. A configuration that is read again opens new ones beside the old, on the same
database; an issue on its way keeps those that it began with.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from newsletter import app, config, notifying, sending, store, subscribe
from newsletter.config import Settings
from newsletter.desk import Desk
from newsletter.dispatch import Dispatch
from newsletter.errors import ConfigError
from newsletter.gather import Outside
from newsletter.model import Edition, Schedule
from newsletter.newsroom import Newsroom
from newsletter.notifying import Posted

if TYPE_CHECKING:  # the process need not have a site
    from starlette.types import ASGIApp

    from newsletter.web import Job

_EXAMPLE = (
    'add to config.toml, such as: [lists.weekly.schedule] every = "week" on = "tuesday" at = "09:00" '
    'timezone = "Europe/Berlin"'
)


@dataclass(frozen=True, slots=True)
class Rooms:
    """What is open. site, jobs: where the process has the site of readers too."""

    settings: Settings
    database: store.Engine
    clock: Callable[[], datetime]
    newsroom: Newsroom
    desk: Desk
    dispatch: Dispatch
    site: "ASGIApp | None" = None
    jobs: "tuple[Job, ...]" = ()

    def post_notices(self) -> Posted:
        """What came of mailing the notices that are due. Raises: ConfigError without a server; StoreError."""

        def send(mail: bytes, sender: str, recipient: str) -> None:
            # Asked for only where there is something to tell: a site that writes files has no server.
            sending.letters(self.settings)(mail, sender, recipient)

        look_at = partial(self.desk.look, ask=False)
        return notifying.post(self.database, self.settings, send=send, now=self.clock(), look_at=look_at)

    def held(self) -> str:
        """Why nothing goes before somebody says a word, with the next step; "" where it goes on."""
        return self.newsroom.held()

    def due(self) -> tuple[Edition, ...]:
        """The issues that have mails to go now, the oldest first; () where nothing goes."""
        return self.newsroom.due()

    def honour(self) -> None:
        """Take off their lists who left while the database could not be written. Raises: StoreError."""
        subscribe.honour(self.database, self.settings.leaving_file)


def scheduled(settings: Settings) -> Mapping[str, Schedule]:
    """The lists that have a schedule. Raises: ConfigError where there is none."""
    chosen = config.schedules(settings)
    if not chosen:
        raise ConfigError(f"no list has a schedule; {_EXAMPLE}")
    return chosen


def opened(
    settings: Settings,
    database: store.Engine,
    *,
    clock: Callable[[], datetime],
    outside: Outside | None = None,
    site: bool = False,
) -> Rooms:
    """The rooms of a configuration on an open database. site: whether that of readers is among them.

    outside: what stands for the network, in tests. Raises: ConfigError where no list has a schedule, or for
    what the site needs.
    """
    scheduled(settings)
    newsroom = app.newsroom_on(database, settings, clock, outside=outside)
    found = Rooms(settings, database, clock, newsroom, newsroom.desk, newsroom.dispatch)
    if not site:
        return found
    page, jobs = _site(found)
    return replace(found, site=page, jobs=jobs)


def _site(rooms: Rooms) -> "tuple[ASGIApp, tuple[Job, ...]]":
    from newsletter import web

    settings = rooms.settings
    send = sending.letters(settings) if settings.smtp.host else None
    opened = web.on(rooms.database, settings, rooms.clock, desk=rooms.desk, send=send)
    return opened.page, tuple(opened.jobs)
