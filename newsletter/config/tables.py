"""What may be set: every table of the configuration, its types and bounds.

Parsed once and frozen. Units are in the names.
"""

import ipaddress
import re
from datetime import date as Date
from datetime import timedelta
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    SecretStr,
    StringConstraints,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from newsletter import addresses

ENVIRONMENT_PREFIX = "NEWSLETTER__"
# RFC 5321 §4.5.3.1.1
_LOCAL_PART_OCTETS = 64
# What stands before the path of a SQLite database.
SQLITE = "sqlite:///"
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
    summaries: Literal["abstract", "hf", "model"] = "abstract"
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


class SummariserSettings(_Table):
    """The model that lists with summaries = "model" are told by: `[summariser]`."""

    base_url: Annotated[str, AfterValidator(_endpoint)] = "https://api.openai.com/v1"
    model: Annotated[str, StringConstraints(pattern=r"^[\w./:@+-]*$", max_length=100)] = ""
    api_key: SecretStr = SecretStr("")
    timeout_s: FiniteFloat = Field(default=20.0, ge=0.1, le=300)
    max_papers: int = Field(default=50, ge=1, le=1000)


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
    summariser: SummariserSettings = SummariserSettings()

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
