"""`newsletter stats`: readers, themes and issues over time."""

from typing import Annotated

import typer

from newsletter import app, terminal
from newsletter.cli import door, readers

commands = typer.Typer()


@commands.command(rich_help_panel=door.READERS, epilog="Example: newsletter stats --list weekly --weeks 52")
def stats(
    *,
    list_slug: readers.AnyList = None,
    weeks: Annotated[int, typer.Option(min=1, max=520, help="The last so many weeks.")] = 26,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Count readers, papers and issues week by week: who came and left, what fitted, what arrived."""
    from newsletter import deliver, stats_report

    settings = app.load_settings(config_path)
    readers.known_list(settings, list_slug)
    with app.open_store(settings, create=False, honour=True) as database:
        found = deliver.overview(database, list=list_slug, weeks=weeks, now=app.utcnow())
    if as_json:
        door.print_json(stats_report.overview_json(found))
        return
    for rows in stats_report.overview_tables(found, bars=terminal.watched()):
        terminal.show(rows)
