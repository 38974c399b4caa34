"""`newsletter web`: the site of readers, until somebody ends it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsletter import app, config, terminal
from newsletter.cli import door
from newsletter.config import Settings

if TYPE_CHECKING:  # it takes as long to load as a whole render, which needs none
    from newsletter.subscribe import Send
    from newsletter.web import Opened

commands = typer.Typer()


@commands.command(rich_help_panel=door.READERS, epilog="Example: newsletter web --letters letters")
def web(
    *,
    host: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Where the site listens.", show_default="web.host"),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Its port; 0 takes any that is free.", show_default="web.port"),
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=64,
            help="How many processes serve, on a machine with several processors.",
            show_default="web.processes",
        ),
    ] = None,
    letters: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="To try it out: write letters to this folder, and send none.",
            show_default="sent by [smtp]",
        ),
    ] = None,
    config_path: door.Config = None,
) -> None:
    """Serve the site where readers subscribe, choose and leave, and send the letters that they ask for.

    A server that speaks https stands before it. Ctrl-C ends it, once it has answered who is waiting.
    """
    from newsletter import web as site  # a web server takes as long to load as a whole render

    settings = app.load_settings(config_path)
    # Without them there is nothing to be warned of first.
    config.link_keys(settings)
    count = settings.web.processes if processes is None else processes
    opened = partial(_opened, settings, _sender(settings, letters))
    host = settings.web.host if host is None else host
    port = settings.web.port if port is None else port
    ready = partial(_ready, settings)
    if count > 1:
        site.serve_in_several(opened, count=count, host=host, port=port, ready=ready)
        return
    with opened() as found:
        site.serve(found, host=host, port=port, ready=ready)


@contextmanager
def _opened(settings: Settings, send: "Send | None") -> Iterator["Opened"]:
    """The site on the configured store, which is opened for all of it once."""
    from newsletter import desk, telling
    from newsletter import web as site

    with app.open_store(settings) as database:
        clock = app.clock_of(database)
        editing = desk.Desk(database, settings, clock, telling.opened)
        yield site.on(database, settings, clock, desk=editing, send=send)


def _ready(settings: Settings, address: str) -> None:
    typer.echo(f"listening at {address}")
    typer.echo(f"readers come by {settings.base_url}/")
    sys.stdout.flush()


def _sender(settings: Settings, folder: Path | None) -> "Send | None":
    """What takes the letters, None where none can go, which is told."""
    from newsletter import sending

    if folder is not None:
        return sending.letters_to(
            folder, lambda page: terminal.say(f"a letter: {page}; open it in a browser", err=True)
        )
    if settings.smtp.host:
        return app.letter_sender(settings)
    terminal.say(
        "warning: no letters go, because smtp.host is not set: who subscribes is answered once it is, within "
        "a day; to try it out, --letters DIR writes them to a folder",
        err=True,
    )
    return None
