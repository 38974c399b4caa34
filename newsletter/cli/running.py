"""`newsletter run`, `worker`, `tick` and `units`: the processes that stay, and what starts them."""

from pathlib import Path
from typing import Annotated

import typer

from newsletter import app, terminal
from newsletter.cli import door

commands = typer.Typer()


@commands.command(rich_help_panel=door.WEEKS, epilog="Example: newsletter run --config weekly/config.toml")
def run(*, config_path: door.Config = None) -> None:
    """Keep the schedule: collect, draft, send and report, until it is ended.

    What happens is told on stderr, a line for each event. Ctrl-C or SIGTERM ends it within half a minute, and
    once more at once; SIGHUP has the configuration read again. Whatever is cut short goes on when it is
    started anew. On PostgreSQL it may run on several machines: one leads, the others stand by and deliver.
    """
    from newsletter import daemon  # it takes as long to load as a whole render

    if status := daemon.run(config_path):
        raise typer.Exit(status)


@commands.command(rich_help_panel=door.WEEKS, epilog="Example: newsletter worker --config weekly/config.toml")
def worker(*, config_path: door.Config = None) -> None:
    """Deliver what is due on one more machine, until it is ended; it needs PostgreSQL.

    Start it on as many machines as you want, with the same configuration; each may come and go at any time,
    and rates hold for all of them together. Signals and log are as of newsletter run.
    """
    from newsletter import daemon  # it takes as long to load as a whole render

    if status := daemon.work(config_path):
        raise typer.Exit(status)


@commands.command(rich_help_panel=door.WEEKS, epilog="Example: newsletter tick --config weekly/config.toml")
def tick(*, config_path: door.Config = None, as_json: door.AsJson = False) -> None:
    """Keep the schedule once, for cron: do what is due now, and end.

    It says nothing where nothing is due. Two at once do no harm: an issue that one is at is left to it. Exit
    status: 0 done, or tried again by the next one; 1 something waits for you.
    """
    from newsletter import daemon

    settings = app.load_settings(config_path)
    with door.until_told() as stopping:
        events = daemon.tick(settings, stopping=stopping)
    if as_json:
        door.print_json([{"event": one.name, "level": one.level, **one.values} for one in events])
    if any(one.level == "error" for one in events):
        raise typer.Exit(1)


@commands.command(
    rich_help_panel=door.WEEKS, epilog="Example: newsletter units --user newsletter --out /etc/systemd/system"
)
def units(
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write them there.", show_default="print them"),
    ] = None,
    user: Annotated[
        str, typer.Option("--user", metavar="NAME", help="Who runs it; a user that exists.")
    ] = "newsletter",
    config_path: door.Config = None,
) -> None:
    """Write units for systemd: a service or a timer that keeps the schedule, and a service of a worker.

    They start this program with the configuration that is named, may write where it keeps its files and
    nowhere else, and take passwords from newsletter.env beside it. A file that is there is written anew.
    """
    from newsletter.daemon import units

    made = units.made(app.load_settings(config_path), path=config_path or app.DEFAULT_CONFIG, user=user)
    if out is None:
        for name, text in made.items():
            typer.echo(f"# {name}\n{text}")
        return
    for place in units.written(made, out):
        typer.echo(f"wrote {place}")
    terminal.say("next: systemctl daemon-reload && systemctl enable --now newsletter.service", err=True)
