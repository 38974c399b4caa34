"""Settings: everything an operator may choose, parsed once and frozen.

A TOML file, overridden by the environment (`NEWSLETTER__LISTS__WEEKLY__TITLE`), over built-in defaults.
Turns settings into the values that the layers below work with; no layer below sees a setting.
Units are in the names. A mistake is reported with its place and the nearest right name, all of them at once.
"""

import os
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from pydantic import SecretStr, ValidationError

from newsletter.config.mistakes import listed, mistake, unknown_variables
from newsletter.config.tables import (
    SQLITE,
    ListSettings,
    Settings,
    SourceSettings,
    SummariserSettings,
    ThemeSettings,
)
from newsletter.errors import ConfigError, NotFound
from newsletter.model import MailingList, Phrase, ReaderLinks, Theme

__all__ = [
    "BUILTIN_THEMES",
    "ListSettings",
    "Settings",
    "SourceSettings",
    "SummariserSettings",
    "ThemeSettings",
    "chosen_themes",
    "load",
    "mailing_list",
    "preview_links",
    "themes",
]

# The built-in themes, in the order of an issue. Each is a file in newsletter/themes.
BUILTIN_THEMES = ("kv-cache", "parallelism", "diffusion-efficiency")


def load(path: Path | None) -> Settings:
    """The settings of a TOML file, or the built-in defaults where `path` is None.

    Raises: ConfigError, which lists every mistake with its place.
    """
    text = "" if path is None else _read(path)
    place = str(path or "the environment")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{place}: not valid TOML: {error}") from error
    mistakes = unknown_variables(os.environ)
    try:
        settings = Settings(**values)
    except ValidationError as error:
        mistakes += [mistake(place, text, detail) for detail in error.errors()]
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    return settings if path is None else _relative_to(path.resolve().parent, settings)


def themes(settings: Settings) -> dict[str, Theme]:
    """Every theme by its slug: the built-in ones in their order, then the operator's own."""
    slugs = dict.fromkeys((*BUILTIN_THEMES, *settings.themes))
    return {slug: _theme(slug, settings.themes.get(slug, ThemeSettings())) for slug in slugs}


def chosen_themes(settings: Settings, slugs: Sequence[str], *, place: str) -> tuple[Theme, ...]:
    """The themes of those slugs, each once and in their order; every theme where none is named.

    Raises: ConfigError for a slug that no theme has; `place` says where it was written.
    """
    known = themes(settings)
    for slug in slugs:
        if slug not in known:
            raise ConfigError(f"{place}: no theme {slug!r}; {listed('themes', known)}")
    return tuple(known[slug] for slug in dict.fromkeys(slugs or known))


def mailing_list(settings: Settings, slug: str | None = None) -> MailingList:
    """The list of that slug, or the first one that is configured.

    Raises: NotFound for a slug that no list has, ConfigError for a list that names an unknown theme.
    """
    name = next(iter(settings.lists)) if slug is None else slug
    if name not in settings.lists:
        raise NotFound(f"no list {name!r}; {listed('lists', settings.lists)}")
    chosen = settings.lists[name]
    return MailingList(
        slug=name,
        title=chosen.title,
        sender=chosen.sender,
        reply_to=chosen.reply_to,
        postal_address=chosen.postal_address,
        themes=chosen_themes(settings, chosen.themes, place=f"lists.{name}.themes"),
        trending_limit=chosen.trending_limit,
        summaries=chosen.summaries,
        look=chosen.look,
    )


def preview_links(settings: Settings, list_slug: str, on: str) -> ReaderLinks:
    """The addresses that a preview shows where a reader's own will stand. on: the issue's ISO date."""
    home = f"{settings.base_url}/{list_slug}"
    return ReaderLinks(
        web=f"{home}/{on}",
        archive=f"{home}/",
        preferences=f"{home}/preferences/preview",
        unsubscribe=f"{home}/unsubscribe/preview",
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot read the configuration: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text; save it as UTF-8") from error


def _relative_to(folder: Path, settings: Settings) -> Settings:
    """The settings with every path counted from the folder of the file that holds them."""
    sources = tuple(
        source.model_copy(update={"file": str(folder / source.file)}) if source.file else source
        for source in settings.sources
    )
    templates = settings.templates_dir and folder / settings.templates_dir
    url = settings.database_url.get_secret_value()
    if url.startswith(SQLITE):
        url = f"{SQLITE}{folder / url.removeprefix(SQLITE)}"
    cache = settings.cache_dir and folder / settings.cache_dir
    paths = {"sources": sources, "templates_dir": templates, "cache_dir": cache}
    return settings.model_copy(update=paths | {"database_url": SecretStr(url)})


def _theme(slug: str, own: ThemeSettings) -> Theme:
    base = _builtin(slug) if slug in BUILTIN_THEMES else ThemeSettings()
    given = own.model_dump(exclude_none=True, exclude={"phrases"})
    merged = base.model_copy(update=given | {"phrases": base.phrases | own.phrases})
    phrases = tuple(Phrase(text, weight) for text, weight in merged.phrases.items())
    if not merged.title or not any(phrase.weight > 0 for phrase in phrases):
        raise ConfigError(f"themes.{slug}: a theme of your own needs a title and a phrase with a weight")
    defaults = Theme(slug=slug, title=merged.title, blurb=merged.blurb or "", phrases=phrases)
    return replace(
        defaults,
        exclude=merged.exclude or (),
        require=merged.require or (),
        threshold=merged.threshold or defaults.threshold,
        limit=merged.limit or defaults.limit,
    )


def _builtin(slug: str) -> ThemeSettings:
    text = files("newsletter").joinpath("themes", f"{slug}.toml").read_text(encoding="utf-8")
    return ThemeSettings(**tomllib.loads(text))
