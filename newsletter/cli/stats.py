"""`newsletter stats`: readers, themes and issues over time."""

import webbrowser
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsletter import app, config, output, terminal
from newsletter.cli import door, readers
from newsletter.config import Settings

if TYPE_CHECKING:  # it takes as long to load as a whole render, which needs none
    from newsletter.deliver import Overview

commands = typer.Typer()


@commands.command(rich_help_panel=door.READERS, epilog="Example: newsletter stats --list weekly --weeks 52")
def stats(
    *,
    list_slug: readers.AnyList = None,
    weeks: Annotated[int, typer.Option(min=1, max=520, help="The last so many weeks.")] = 26,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write a page with plots there.", show_default=False),
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open that page in the browser.")] = False,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Count readers, papers and issues week by week: who came and left, what fitted, what arrived.

    --html writes one page that works offline; its plots need: pip install 'newsletter[stats]'.
    """
    from newsletter import deliver, stats_report

    if open_ and html is None:
        raise typer.BadParameter("say where the page is written, too: --html FILE")
    settings = app.load_settings(config_path)
    readers.known_list(settings, list_slug)
    with app.open_store(settings, create=False, honour=True) as database:
        found = deliver.overview(database, list=list_slug, weeks=weeks, now=app.utcnow())
    if html is not None:
        _write(found, settings, html, open_=open_)
    if as_json:
        door.print_json(stats_report.overview_json(found))
    if as_json or html is not None:
        return
    for rows in stats_report.overview_tables(found, bars=terminal.watched()):
        terminal.show(rows)


def _write(found: "Overview", settings: Settings, path: Path, *, open_: bool) -> None:
    from newsletter import stats_page

    lists = {slug: one.title for slug, one in settings.lists.items()}
    themes = {slug: theme.title for slug, theme in config.themes(settings).items()}
    title = lists.get(found.list, found.list) if found.list else _all(lists)
    page = stats_page.page(found, app.web_look(settings), title=title, lists=lists, themes=themes)
    output.write_page(path, page)
    terminal.say(f"wrote {path}", err=True)
    if open_ and not webbrowser.open(path.resolve().as_uri()):
        terminal.say(f"no browser found; open {path} in one", err=True)


def _all(titles: Mapping[str, str]) -> str:
    return "Every list" if len(titles) > 1 else next(iter(titles.values()), "")
