"""What may be set: every table of the configuration, its types and bounds.

Parsed once and frozen. Units are in the names.
"""

import ipaddress
import re
from datetime import date as Date
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    FiniteFloat,
    SecretStr,
    StringConstraints,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from newsletter import addresses, identity, message
from newsletter.config import keys
from newsletter.config.bounces import BouncesSettings
from newsletter.config.delivery import DeliverySettings, DkimSettings, SmtpSettings
from newsletter.config.schedule import RunSettings, ScheduleSettings
from newsletter.config.table import Table
from newsletter.model import TRENDING, Ranking
from newsletter.selection import phrases

ENVIRONMENT_PREFIX = "NEWSLETTER__"
# What stands before the @ has at most 64 characters, and a plus and a token (`links`) come behind it.
_TOKEN_NAME = 11
# Another character would mean something in a mailto: address, or begin the token (RFC 6068).
_TOKEN_LOCAL = re.compile(rf"[A-Za-z0-9._-]{{1,{_TOKEN_NAME}}}")
# What the web site has beside its lists.
RESERVED_SLUGS = ("assets", "healthz", "metrics", "robots")
# What stands before the path of a SQLite database.
SQLITE = "sqlite:///"
# A category of arXiv, or an archive for all of its categories.
Category = Annotated[str, StringConstraints(pattern=r"^[a-z-]+(\.[A-Za-z-]+)?$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]


def _mailbox(text: str) -> str:
    return str(message.mailbox(text))


def _optional_mailbox(text: str) -> str:
    return _mailbox(text) if text else ""


def _public_url(text: str) -> str:
    parts = urlsplit(text)
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if not parts.hostname or parts.query or parts.fragment:
        raise ValueError("write the address of the site, such as: https://news.example.org")
    if parts.username or parts.password or not re.fullmatch(r"[!-~]+", text):
        raise ValueError("write neither a name nor a password nor a space into the address of the site")
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


def _endpoint(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("write the address of an API, such as: https://api.openai.com/v1")
    if parts.username or parts.password:
        raise ValueError(
            "write no password into an address; a key belongs into NEWSLETTER__SUMMARISER__API_KEY"
        )
    if parts.scheme == "http" and not _is_near(parts.hostname):
        raise ValueError("use https: on the way to another network anybody could read the key")
    return text.rstrip("/")


def _is_near(host: str) -> bool:
    """Whether a host is this machine, or one of the same network."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".localhost"))


def _database_url(url: SecretStr) -> SecretStr:
    text = url.get_secret_value()
    path = text.removeprefix(SQLITE)
    if not re.match(r"postgres(ql)?(\+psycopg)?://.", text) and path in {text, "", ":memory:"}:
        raise ValueError("write sqlite:///newsletter.db, or postgresql://USER:PASSWORD@HOST/NAME")
    return url


def _token_mailbox(text: str) -> str:
    if not text:
        return ""
    address = message.mailbox(text)
    if address.display_name or not _TOKEN_LOCAL.fullmatch(address.username):
        raise ValueError(f"write one bare address, with at most {_TOKEN_NAME} letters or digits before the @")
    return address.addr_spec


def _leaving_file(path: Path) -> Path:
    if not path.name:
        raise ValueError("name a file, such as newsletter.leaving")
    return path


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        raise ValueError("write an address or a network, such as 127.0.0.1 or 10.0.0.0/8") from error


def _list_slug(slug: str) -> str:
    if slug in RESERVED_SLUGS:
        raise ValueError(f"{slug} is a page of the web site; choose another slug")
    return slug


def _phrase(text: str) -> str:
    if (longest := max(map(_length, phrases.ways(text)))) > MOST_PHRASE_WORDS:
        raise ValueError(f"a phrase of {longest} words is too long; {MOST_PHRASE_WORDS} are the most")
    return text


def _length(way: phrases.Way) -> int:
    """The words of one way to write a phrase."""
    return sum(len(part.split()) for part in way.parts)


def _some(group: tuple[str, ...]) -> tuple[str, ...]:
    if not group:
        raise ValueError("a group of which one has to be there needs at least one phrase")
    return group


def _arxiv_id(text: str) -> str:
    found = identity.arxiv_id(text)
    if found is None:
        raise ValueError("write the arXiv id of a paper, such as: 2402.02750")
    return found.id


def _theme_slug(slug: str) -> str:
    if slug == TRENDING:
        raise ValueError(f"{TRENDING} is the section of what fits no theme; choose another slug")
    return slug


# Words of a theme's phrases with all alternatives written out: the time to make it ready grows with them, and
# the largest built-in one has 700. And words of one phrase: nobody means more than a dozen word for word.
MOST_WORDS = 20_000
MOST_PHRASE_WORDS = 12
# A weight, or a sum of weights: beyond it, two decimals mean nothing.
_MOST_POINTS = 1_000_000
# In the language of `selection.phrases`.
PhraseText = Annotated[str, StringConstraints(max_length=200), AfterValidator(_phrase)]


_RANKING = Ranking()
# A part of a rank is from 0 to 1; a weight beyond this would leave nothing to the others.
_Weight = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]


class RankingSettings(Table):
    """What puts one paper before another: `[lists.<slug>.ranking]`."""

    relevance: _Weight = _RANKING.relevance
    votes: _Weight = _RANKING.votes
    freshness: _Weight = _RANKING.freshness
    code: _Weight = _RANKING.code
    half_life_days: float = Field(default=_RANKING.half_life_days, gt=0, le=36500)
    diversity: _Weight = _RANKING.diversity


class ListSettings(Table):
    """One mailing list: `[lists.<slug>]`."""

    title: str = "Paper Weekly"
    description: Annotated[str, StringConstraints(max_length=500)] = ""
    public: bool = True
    sender: Annotated[str, AfterValidator(_mailbox)] = "Paper Weekly <digest@news.example.org>"
    reply_to: Annotated[str, AfterValidator(_optional_mailbox)] = ""
    postal_address: str = ""
    themes: tuple[str, ...] = ()
    trending_limit: int = Field(default=5, ge=0, le=100)
    limit: int | None = Field(default=None, ge=1, le=1000)
    ranking: RankingSettings = RankingSettings()
    summaries: Literal["abstract", "hf", "model"] = "abstract"
    look: str = "default"
    attach: tuple[Literal["bib", "ris"], ...] = ()
    shorten: bool = True
    schedule: ScheduleSettings = ScheduleSettings()


class PhraseSettings(Table):
    """One phrase: its weight, or a table that says where and in what company it counts."""

    weight: float = Field(ge=-_MOST_POINTS, le=_MOST_POINTS, allow_inf_nan=False)
    fields: tuple[Literal["title", "abstract", "tags"], ...] = Field(default=(), alias="in")
    beside: tuple[PhraseText, ...] = Field(default=(), alias="with")
    without: tuple[PhraseText, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _weight_alone(cls, value: object) -> object:
        return value if isinstance(value, dict | cls) else {"weight": value}

    @model_validator(mode="after")
    def _nothing_is_everywhere(self) -> Self:
        if not self.weight and (self.fields or self.beside or self.without):
            raise ValueError(
                "a weight of 0 removes the phrase everywhere; it goes with no in, with or without"
            )
        return self


class ThemeSettings(Table):
    """One theme: `[themes.<slug>]`. What is left out comes from the built-in theme of that name."""

    title: str | None = None
    blurb: str | None = None
    phrases: dict[PhraseText, PhraseSettings] = Field(default={})
    exclude: tuple[PhraseText, ...] | None = None
    require: tuple[Annotated[tuple[PhraseText, ...], AfterValidator(_some)], ...] | None = None
    categories: tuple[Category, ...] | None = None
    like: tuple[Annotated[str, AfterValidator(_arxiv_id)], ...] | None = None
    threshold: float | None = Field(default=None, gt=0, le=_MOST_POINTS)
    limit: int | None = Field(default=None, ge=1, le=100)

    @model_validator(mode="after")
    def _few_words(self) -> Self:
        companions = (texts for one in self.phrases.values() for texts in (one.beside, one.without))
        texts = chain(self.phrases, *companions, self.exclude or (), *(self.require or ()))
        words = sum(_length(way) for text in texts for way in phrases.ways(text))
        if words > MOST_WORDS:
            problem = f"its phrases come to {words:,} words with their alternatives written out"
            raise ValueError(f"{problem}; {MOST_WORDS:,} are the most")
        return self


class SourceSettings(Table):
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


class OverrideSettings(Table):
    """One change to whatever is made of the papers: `[[overrides]]`."""

    edit: Literal["pin", "drop", "move"]
    paper: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
    section: Slug | None = None
    place: int | None = Field(default=None, ge=1, le=1000)
    why: Annotated[str, StringConstraints(max_length=1000)] = ""
    list: Slug | None = None
    issue: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        placed = self.section is not None or self.place is not None
        if self.edit == "drop" and placed:
            raise ValueError("a dropped paper has neither section nor place")
        if self.edit == "move" and not placed:
            raise ValueError("say where it moves: section, place, or both")
        return self


class SummariserSettings(Table):
    """The model that lists with summaries = "model" are told by: `[summariser]`."""

    base_url: Annotated[str, AfterValidator(_endpoint)] = "https://api.openai.com/v1"
    model: Annotated[str, StringConstraints(pattern=r"^[\w./:@+-]*$", max_length=100)] = ""
    api_key: SecretStr = SecretStr("")
    timeout_s: FiniteFloat = Field(default=20.0, ge=0.1, le=300)
    max_papers: int = Field(default=50, ge=1, le=1000)


class WebSettings(Table):
    """Where the web site listens, and how much is asked of it: `[web]`."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    processes: int = Field(default=1, ge=1, le=64)
    trusted_proxies: tuple[Annotated[str, AfterValidator(_network)], ...] = ()
    letters_per_hour: int = Field(default=500, ge=1, le=1_000_000)


class Settings(BaseSettings):
    """The whole configuration, as `config.example.toml` describes it."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=ENVIRONMENT_PREFIX, env_nested_delimiter="__"
    )

    base_url: Annotated[str, AfterValidator(_public_url)] = "https://news.example.org"
    database_url: Annotated[SecretStr, AfterValidator(_database_url)] = SecretStr("sqlite:///newsletter.db")
    secret_keys: Annotated[tuple[SecretStr, ...], AfterValidator(keys.checked)] = ()
    leave_address: Annotated[str, AfterValidator(_token_mailbox)] = ""
    bounce_address: Annotated[str, AfterValidator(_token_mailbox)] = ""
    leaving_file: Annotated[Path, AfterValidator(_leaving_file)] = Path("newsletter.leaving")
    fence_file: Path = Path("newsletter.fence")
    templates_dir: Path | None = None
    cache_dir: Path | None = None
    sources: tuple[SourceSettings, ...] = ()
    lists: dict[Annotated[Slug, AfterValidator(_list_slug)], ListSettings] = Field(
        default={"weekly": ListSettings()}, min_length=1
    )
    themes: dict[Annotated[Slug, AfterValidator(_theme_slug)], ThemeSettings] = {}
    overrides: tuple[OverrideSettings, ...] = ()
    summariser: SummariserSettings = SummariserSettings()
    smtp: SmtpSettings = SmtpSettings()
    delivery: DeliverySettings = DeliverySettings()
    dkim: tuple[DkimSettings, ...] = ()
    bounces: BouncesSettings = BouncesSettings()
    web: WebSettings = WebSettings()
    run: RunSettings = RunSettings()

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
