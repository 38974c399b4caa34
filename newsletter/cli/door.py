"""What every command shares: its options, how it reads digests, how it ends when something stops it."""

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from newsletter import app, config, output, terminal
from newsletter.config import Settings
from newsletter.errors import NewsletterError
from newsletter.gather import Enriched
from newsletter.model import Digest, MailingList

# What the commands are for, as `newsletter --help` groups them, in this order.
PAGE = "From a page to an issue"
THEMES = "Tune the themes"
WEEKS = "Week by week, with a store"
READERS = "Readers"
_PANELS = (PAGE, THEMES, WEEKS, READERS)


class Door(TyperGroup):
    """Turns whatever stops a command into one line on stderr and the right exit status."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of the commands, those for one purpose beside each other."""
        names = super().list_commands(ctx)
        return sorted(names, key=lambda name: _PANELS.index(self.commands[name].rich_help_panel))  # type: ignore[attr-defined]

    def invoke(self, ctx: Any) -> Any:
        """What the command gives, or the exit that its error means."""
        try:
            return super().invoke(ctx)
        except NewsletterError as error:
            if ctx.params.get("debug"):
                raise
            terminal.say(f"error: {error}", err=True)
            raise typer.Exit(error.exit_code) from error


def day(text: str) -> date:
    """The day that was written. Raises: BadParameter."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"no day {text!r}; write it as 2026-11-24") from error


_DIGEST_HELP = "Saved digests, or their addresses; - reads standard input."
Digests = Annotated[list[str] | None, typer.Argument(metavar="DIGEST", help=_DIGEST_HELP, show_default=False)]
Day = Annotated[
    date | None,
    typer.Option(
        "--date", parser=day, metavar="YYYY-MM-DD", help="The issue's date.", show_default="today, UTC"
    ),
]
Enrich = Annotated[bool, typer.Option("--enrich", help="Ask arXiv for the papers that come without an id.")]
Config = Annotated[
    Path | None,
    typer.Option("--config", help="The configuration.", show_default="config.toml, else built-in defaults"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ListSlug = Annotated[
    str | None, typer.Option("--list", metavar="SLUG", help="The mailing list.", show_default="the first one")
]
Themes = Annotated[
    list[str] | None,
    typer.Option("--theme", metavar="SLUG", help="Only this theme; may be repeated.", show_default=False),
]
LookName = Annotated[
    str | None, typer.Option("--look", metavar="NAME", help="The look.", show_default="the list's")
]


def read(
    given: Sequence[str], settings: Settings, *, enrich: bool
) -> tuple[tuple[Digest, ...], tuple[Enriched, ...]]:
    """The digests, and what arXiv knew of their papers where that was asked for."""
    read = app.read_digests(given, settings)
    return app.enrich(read, settings) if enrich else (read, ())


def mailing_list(settings: Settings, slug: str | None, themes: Sequence[str] | None) -> MailingList:
    """The list of that slug, or the first; with other themes than its own where some are named."""
    chosen = config.mailing_list(settings, slug)
    if not themes:
        return chosen
    return replace(chosen, themes=config.chosen_themes(settings, themes, place="--theme"))


def print_json(values: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print JSON on stdout."""
    typer.echo(output.as_json(values), nl=False)


@contextmanager
def until_told() -> Iterator[Callable[[], bool]]:
    """Whether SIGTERM or Ctrl-C came: the first lets what is under way end, the second ends at once."""
    told: list[int] = []

    def hear(number: int, _: object) -> None:
        if told:
            raise KeyboardInterrupt
        told.append(number)
        terminal.say("ending what is under way; once more ends at once", err=True)

    before = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(told)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
