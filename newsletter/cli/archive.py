"""`newsletter archive`: the public archive as plain files, for any host."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from newsletter import app, folder, headway, report, terminal
from newsletter.cli import door

commands = typer.Typer(
    no_args_is_help=True,
    help="Write the public archive and its feeds as plain files.",
    epilog="Example: newsletter archive build --out public",
)


@commands.callback()
def _archive() -> None:
    """Write the public archive and its feeds as plain files."""


@commands.command(epilog="Example: newsletter archive build --out public --list weekly")
def build(
    *,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="The folder of the archive; made where there is none.")
    ],
    list_slug: Annotated[
        str | None,
        typer.Option("--list", metavar="SLUG", help="Only this list.", show_default="every public list"),
    ] = None,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Write the issues, themes, search and feeds of every public list as plain files.

    They stand under any address, and open from a folder too. Only what changed is written; what is not public
    any more is taken away, and files of others are left alone. Readers ask for the list at base_url.
    """
    from newsletter.archive import Site  # it takes as long to load as a whole render, which needs none

    settings = app.load_settings(config_path)
    look, today = app.web_look(settings), app.utcnow().date()
    with app.open_archive(settings, list_slug) as archive:
        site = Site(archive, look, base_url=settings.base_url, as_files=True)
        # The page of all lists is whole only where all are built.
        paths = {_file_of(path): path for path in site.paths(today=today) if path or list_slug is None}
        with headway.of_files(str(out), len(paths)) as told:
            kept = folder.keep(
                out,
                [*paths],
                lambda name: site.document(paths[name], today=today).body,
                within=f"{list_slug}/" if list_slug else "",
                progress=told,
            )
    if as_json:
        door.print_json({"out": str(out), **asdict(kept)})
        return
    said = f"{len(kept.written)} written, {len(kept.unchanged)} unchanged, {len(kept.removed)} removed"
    terminal.say(f"{out}: {report.counted(len(paths), 'file')}: {said}")
    if not any(path.endswith(".bib") for path in paths.values()):
        terminal.say("no issue is public yet; approve one with: newsletter issues approve", err=True)


def _file_of(path: str) -> str:
    """The file of an address: of a page the one that servers of plain files take for it."""
    return f"{path}index.html" if path.endswith("/") or not path else path
