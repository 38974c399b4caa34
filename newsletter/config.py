"""Settings: everything an operator may choose, parsed once and frozen.

A TOML file, overridden by the environment (`NEWSLETTER__LISTS__WEEKLY__TITLE`), over built-in defaults.
Turns settings into the values that the layers below work with; no layer below sees a setting.
Units are in the names. A mistake is reported with its place and the nearest right name, all of them at once.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date as Date
from datetime import timedelta
from email.headerregistry import Address
from email.utils import parseaddr
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Self, get_args
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    SecretStr,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from newsletter import addresses
from newsletter.errors import ConfigError, NotFound
from newsletter.model import MailingList, Phrase, ReaderLinks, Theme

# The built-in themes, in the order of an issue. Each is a file in newsletter/themes.
BUILTIN_THEMES = ("kv-cache", "parallelism", "diffusion-efficiency")
ENVIRONMENT_PREFIX = "NEWSLETTER__"
# RFC 5321 §4.5.3.1.1
_LOCAL_PART_OCTETS = 64
# What stands before the path of a SQLite database.
_SQLITE = "sqlite:///"
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]


def _mailbox(text: str) -> str:
    name, spec = parseaddr(text)
    if re.search(r"[\x00-\x1f\x7f]", text) or text.count("@") != 1 or not spec:
        raise ValueError("write one address, such as: Paper Weekly <digest@example.org>")
    address = Address(display_name=name, addr_spec=spec)
    if "." not in address.domain or len(address.username.encode()) > _LOCAL_PART_OCTETS:
        raise ValueError(f"{spec} is not an address that mail can come from")
    return str(address)


def _optional_mailbox(text: str) -> str:
    return _mailbox(text) if text else ""


def _public_url(text: str) -> str:
    parts = urlsplit(text)
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if not parts.hostname or parts.query or parts.fragment:
        raise ValueError("write the address of the site, such as: https://news.example.org")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise ValueError("use https: readers' links and one-click unsubscribing need it (RFC 8058)")
    return text.rstrip("/")


def _hf_period(text: str) -> str:
    addresses.hf_daily(text, today=Date.min + timedelta(days=31))
    return text


def _web_address(text: str) -> str:
    if not re.match(r"https?://", text):
        raise ValueError("write the address of a feed, such as: https://example.org/papers.xml")
    return text


def _database_url(url: SecretStr) -> SecretStr:
    text = url.get_secret_value()
    path = text.removeprefix(_SQLITE)
    if not re.match(r"postgres(ql)?(\+psycopg)?://.", text) and path in {text, "", ":memory:"}:
        raise ValueError("write sqlite:///newsletter.db, or postgresql://USER:PASSWORD@HOST/NAME")
    return url


# Words to look for: something that can be found.
Words = Annotated[str, StringConstraints(pattern=r"\w", max_length=200)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ListSettings(_Table):
    """One mailing list: `[lists.<slug>]`."""

    title: str = "Paper Weekly"
    sender: Annotated[str, AfterValidator(_mailbox)] = "Paper Weekly <digest@news.example.org>"
    reply_to: Annotated[str, AfterValidator(_optional_mailbox)] = ""
    postal_address: str = ""
    themes: tuple[str, ...] = ()
    trending_limit: int = Field(default=5, ge=0, le=100)
    look: str = "default"


class ThemeSettings(_Table):
    """One theme: `[themes.<slug>]`. What is left out comes from the built-in theme of that name."""

    title: str | None = None
    blurb: str | None = None
    phrases: dict[Words, FiniteFloat] = {}
    exclude: tuple[Words, ...] | None = None
    require: tuple[Annotated[tuple[Words, ...], Field(min_length=1)], ...] | None = None
    threshold: FiniteFloat | None = Field(default=None, gt=0)
    limit: int | None = Field(default=None, ge=1, le=100)


class SourceSettings(_Table):
    """One place that digests come from: `[[sources]]`, with exactly one of its kinds."""

    file: str | None = None
    hf_daily: Annotated[str, AfterValidator(_hf_period)] | None = None
    arxiv: Annotated[str, StringConstraints(pattern=r"\S", max_length=2000)] | None = None
    arxiv_category: (
        Annotated[str, StringConstraints(pattern=r"^[a-z-]+(\.[A-Za-z-]+)?(\+[a-z-]+(\.[A-Za-z-]+)?)*$")]
        | None
    ) = None
    feed: Annotated[str, AfterValidator(_web_address)] | None = None
    max_results: int = Field(default=200, ge=1, le=2000)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = ("file", "hf_daily", "arxiv", "arxiv_category", "feed")
        given = [kind for kind in kinds if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(f"a source has exactly one of {', '.join(kinds)}; this one has {len(given)}")
        if "max_results" in self.model_fields_set and self.arxiv is None:
            raise ValueError("max_results belongs to a source of the kind arxiv")
        return self


class Settings(BaseSettings):
    """The whole configuration, as `config.example.toml` describes it."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=ENVIRONMENT_PREFIX, env_nested_delimiter="__"
    )

    base_url: Annotated[str, AfterValidator(_public_url)] = "https://news.example.org"
    database_url: Annotated[SecretStr, AfterValidator(_database_url)] = SecretStr("sqlite:///newsletter.db")
    templates_dir: Path | None = None
    cache_dir: Path | None = None
    sources: tuple[SourceSettings, ...] = ()
    lists: dict[Slug, ListSettings] = Field(default={"weekly": ListSettings()}, min_length=1)
    themes: dict[Slug, ThemeSettings] = {}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file."""
        return env_settings, init_settings


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
    mistakes = _unknown_variables(os.environ)
    try:
        settings = Settings(**values)
    except ValidationError as error:
        mistakes += [_mistake(place, text, detail) for detail in error.errors()]
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
            raise ConfigError(f"{place}: no theme {slug!r}; {_known('themes', known)}")
    return tuple(known[slug] for slug in dict.fromkeys(slugs or known))


def mailing_list(settings: Settings, slug: str | None = None) -> MailingList:
    """The list of that slug, or the first one that is configured.

    Raises: NotFound for a slug that no list has, ConfigError for a list that names an unknown theme.
    """
    name = next(iter(settings.lists)) if slug is None else slug
    if name not in settings.lists:
        raise NotFound(f"no list {name!r}; {_known('lists', settings.lists)}")
    chosen = settings.lists[name]
    return MailingList(
        slug=name,
        title=chosen.title,
        sender=chosen.sender,
        reply_to=chosen.reply_to,
        postal_address=chosen.postal_address,
        themes=chosen_themes(settings, chosen.themes, place=f"lists.{name}.themes"),
        trending_limit=chosen.trending_limit,
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
    if url.startswith(_SQLITE):
        url = f"{_SQLITE}{folder / url.removeprefix(_SQLITE)}"
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


def _unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Mistakes in the names of variables, which pydantic-settings passes over in silence."""
    names = [name for name in environment if name.upper().startswith(ENVIRONMENT_PREFIX)]
    tops = {name: name[len(ENVIRONMENT_PREFIX) :].split("__")[0].lower() for name in names}
    wrong = {name: top for name, top in tops.items() if top not in Settings.model_fields}
    return [f"{name}: unknown setting{_nearest(top, Settings.model_fields)}" for name, top in wrong.items()]


def _mistake(place: str, text: str, detail: ErrorDetails) -> str:
    path = [str(part) for part in detail["loc"]]
    line = _line_of(text, path)
    where = f"{place}, line {line}" if line else place
    if detail["type"] == "extra_forbidden":
        problem = f"unknown setting{_nearest(path[-1], _siblings(path[:-1]))}"
    else:
        problem = detail["msg"].removeprefix("Value error, ")
    return f"{where}: {'.'.join(path)}: {problem}"


def _nearest(word: str, known: Iterable[str]) -> str:
    match = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {match[0]!r}?" if match else f"; {_known('settings here', known)}"


def _known(what: str, names: Iterable[str]) -> str:
    return f"{what}: {', '.join(names) or 'none'}"


def _siblings(path: list[str]) -> list[str]:
    """The settings that may stand in the table at `path`."""
    model: type[BaseModel] = Settings
    for part in path:
        field = model.model_fields.get(part)
        if field is not None:
            tables = [kind for kind in get_args(field.annotation) if isinstance(kind, type)]
            model = next((kind for kind in tables if issubclass(kind, BaseModel)), model)
    return list(model.model_fields)


def _line_of(text: str, path: list[str]) -> int | None:
    """The line of the key at `path` in TOML source, counted from 1; None where it was written another way."""
    table: list[str] = []
    named = [part for part in path if not part.isdigit()]
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\[?([^\]]+)\]", line):
            table = [part.strip(" \"'") for part in header[1].split(".")]
            if table == path:
                return number
            continue
        key = re.match(r"\s*[\"']?([^\"'=\s]+)[\"']?\s*=", line)
        if key and [*table, key[1]] == named[: len(table) + 1]:
            return number
    return None
