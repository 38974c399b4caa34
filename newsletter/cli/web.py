"""`newsletter web`: the site of readers, until somebody ends it."""

import sys
from typing import Annotated

import typer

from newsletter import app, terminal
from newsletter.cli import door

commands = typer.Typer()


@commands.command(rich_help_panel=door.READERS, epilog="Example: newsletter web --port 8080")
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
    config_path: door.Config = None,
) -> None:
    """Serve the site where readers subscribe, choose and leave, and let the letters go that they ask for.

    Before it stands a server that speaks https. Ctrl-C ends it, once it has answered who is waiting.
    """
    from newsletter import web as site  # a web server takes as long to load as a whole render

    settings = app.load_settings(config_path)

    def ready(address: str) -> None:
        typer.echo(f"listening at {address}")
        typer.echo(f"readers come by {settings.base_url}/")
        sys.stdout.flush()

    # Who left while the database could not be written is taken off by the rounds: the site opens first.
    with app.open_people(settings) as people, app.open_archive(settings) as archive:
        send = app.letter_sender(settings) if settings.smtp.host else None
        if send is None:
            terminal.say(
                "warning: no letters go, because smtp.host is not set: who subscribes is answered once it is",
                err=True,
            )
        site.serve(
            site.guarded(
                people, archive, app.web_look(settings), settings, today=lambda: app.utcnow().date()
            ),
            site.jobs(people, send=send),
            host=settings.web.host if host is None else host,
            port=settings.web.port if port is None else port,
            ready=ready,
        )
