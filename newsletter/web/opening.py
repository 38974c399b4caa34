"""What the site is on an open store: its pages, and what is done meanwhile. Opens and closes nothing itself.

Whatever has to hold over several processes and machines is in that store, and goes by its time: what is
counted of asks, which letter goes, who left. What a process keeps to itself is made of what never changes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.types import ASGIApp

from newsletter import app, archive, config, store
from newsletter.config import Settings
from newsletter.desk import Desk
from newsletter.people import People
from newsletter.subscribe import Send
from newsletter.web import rounds, site


@dataclass(frozen=True, slots=True)
class Opened:
    """A site that can be served, and what is to be done while it is."""

    page: ASGIApp
    jobs: Sequence[rounds.Job]


def on(
    database: store.Engine,
    settings: Settings,
    clock: Callable[[], datetime],
    *,
    desk: Desk,
    send: Send | None,
) -> Opened:
    """The site of readers on an open store.

    clock: what tells the time to all who serve that store. desk: where editors approve by a link. send: what
    hands a letter over, None where no letters go. Raises: ConfigError without a key for links;
    NewsletterError for a template that cannot be read.
    """
    people = People(database, settings, clock)
    public = archive.Archive(database, config.public_lists(settings))
    look = app.web_look(settings)
    page = site.guarded(people, public, look, settings, desk=desk, today=lambda: clock().date())
    return Opened(page, rounds.jobs(people, send=send))
