"""What an editor asks of the desk when it starts, and what it does its work with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date as Date
from datetime import datetime
from pathlib import Path

from newsletter import app, citations, rendering
from newsletter.config import Settings
from newsletter.model import Issue

# Sends the bytes of a mail to an address, and says in a line that it is done.
Send = Callable[[bytes, str, Settings], str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be shown. digests: files and addresses; config: None for ./config.toml where there is one.

    themes: those of the list where none is named. on: None for today.
    """

    digests: tuple[str, ...] = ()
    issue: str = ""
    list_slug: str | None = None
    look: str | None = None
    themes: tuple[str, ...] = ()
    on: Date | None = None
    config: Path | None = None


def _cannot_send(settings: Settings) -> str:
    return "" if settings.smtp.host else "set smtp.host in config.toml, and what the server asks for"


@dataclass(frozen=True, slots=True)
class Means:
    """What the desk does its work with.

    unsendable: why no test mail can be sent with these settings, "" where it can. library: what writes the
    papers of an issue for a library, by the ending of its file.
    """

    render: app.Render = rendering.render
    send: Send = app.send_test
    unsendable: Callable[[Settings], str] = _cannot_send
    library: Mapping[str, Callable[[Issue], str]] = field(default_factory=lambda: citations.FORMS)
    clock: Callable[[], datetime] = app.utcnow
    user: Callable[[], str] = app.user
