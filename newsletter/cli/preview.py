"""`newsletter preview`: the issue in a browser, live, where an editor looks at it and changes it."""

import sys
import webbrowser
from typing import Annotated

import typer

from newsletter import bounded, terminal
from newsletter.cli import door

commands = typer.Typer()


@commands.command(
    rich_help_panel=door.PAGE, epilog="Example: newsletter preview daily-papers.txt --theme kv-cache"
)
def preview(
    digests: door.Digests = None,
    *,
    issue: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="An issue of the store: weekly, weekly/7.", show_default=False),
    ] = None,
    list_slug: door.ListSlug = None,
    look: door.LookName = None,
    themes: door.Themes = None,
    date: door.Day = None,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Where the desk listens.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Its port; 0 takes any that is free.")] = 8765,
    open_: Annotated[
        bool | None,
        typer.Option("--open/--no-open", help="Open the browser.", show_default="at a terminal"),
    ] = None,
    config_path: door.Config = None,
) -> None:
    """Look at the issue in a browser, live, and edit it.

    A change of the configuration, a look, a digest or the draft shows at once. Without a digest: the open
    draft, else what the configured sources hold, else the bundled sample. Ctrl-C ends it.
    """
    from newsletter import preview as desk  # a web server takes as long to load as a whole render

    if issue and digests:
        raise typer.BadParameter("name --issue or digests, not both")
    wanted = desk.Wanted(
        digests=tuple(digests or ()),
        issue=issue or "",
        list_slug=list_slug,
        look=look,
        themes=tuple(themes or ()),
        on=date,
        config=config_path,
    )

    def ready(address: str) -> None:
        typer.echo(address)
        sys.stdout.flush()
        wants_open = sys.stdout.isatty() if open_ is None else open_
        if wants_open and not webbrowser.open(address):
            terminal.say("no browser found; open the address in one", err=True)

    with bounded.Renderer() as renderer:
        means = desk.Means(render=renderer.render)
        desk.serve(wanted, means, host=host, port=port, ready=ready)
