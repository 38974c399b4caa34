"""`newsletter web`: the site of readers, until somebody ends it."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsletter import app, terminal
from newsletter.cli import door
from newsletter.config import Settings

if TYPE_CHECKING:  # it takes as long to load as a whole render, which needs none
    from newsletter.subscribe import Send

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
    with (
        app.open_people(settings) as people,
        app.open_archive(settings) as archive,
        app.open_desk(settings) as desk,
    ):
        look = app.web_look(settings)
        site.serve(
            site.guarded(people, archive, look, settings, desk=desk, today=lambda: app.utcnow().date()),
            site.jobs(people, send=_sender(settings, letters)),
            host=settings.web.host if host is None else host,
            port=settings.web.port if port is None else port,
            ready=partial(_ready, settings),
        )


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
