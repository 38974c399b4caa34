"""Settings: everything an operator may choose, parsed once and frozen.

A TOML file, overridden by the environment (`NEWSLETTER__LISTS__WEEKLY__TITLE`), over built-in defaults.
Turns settings into the values that the layers below work with; no layer below sees a setting.
Units are in the names. A mistake is reported with its place and the nearest right name, all of them at once.
"""

import os
import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsError

from newsletter import links
from newsletter.config.bounces import BouncesSettings
from newsletter.config.delivery import DeliverySettings, DkimSettings, SmtpSettings, is_loopback
from newsletter.config.lacking import lacking
from newsletter.config.mistakes import listed, located, mistake, unknown_variables, unreadable_variable
from newsletter.config.schedule import RunSettings, ScheduleSettings
from newsletter.config.tables import (
    RESERVED_SLUGS,
    SQLITE,
    ListSettings,
    PhraseSettings,
    RankingSettings,
    Settings,
    SourceSettings,
    SummariserSettings,
    ThemeSettings,
    WebSettings,
)
from newsletter.config.theming import BUILTIN_THEMES, DEFAULT_THEMES, chosen_themes, themes
from newsletter.errors import ConfigError, NotFound
from newsletter.model import TRENDING, Edit, EditKind, MailingList, Ranking, ReaderLinks, Schedule

__all__ = [
    "BUILTIN_THEMES",
    "DEFAULT_THEMES",
    "RESERVED_SLUGS",
    "BouncesSettings",
    "DeliverySettings",
    "DkimSettings",
    "ListSettings",
    "PhraseSettings",
    "RankingSettings",
    "RunSettings",
    "ScheduleSettings",
    "Settings",
    "SmtpSettings",
    "SourceSettings",
    "SummariserSettings",
    "ThemeSettings",
    "WebSettings",
    "approve_link",
    "chosen_themes",
    "confirm_link",
    "is_loopback",
    "lacking",
    "link_keys",
    "load",
    "mailing_list",
    "overrides",
    "preview_links",
    "public_list",
    "public_lists",
    "reader_links",
    "schedule",
    "schedules",
    "themes",
]

# Bytes of a configuration; the largest built-in theme has 10 KB.
MAX_BYTES = 1_000_000
# Mistakes that are told; each is looked for in the whole file.
MOST_MISTAKES = 100
# The TOML reader takes memory with the square of the parts of one key.
_LONG_KEY = re.compile(r"(?:\.[ \t]*[^\s.=,\[\]{}]+[ \t]*){64}")


def load(path: Path | None) -> Settings:
    """The settings of a TOML file, or the built-in defaults where `path` is None.

    Raises: ConfigError, which lists the mistakes with their places, the first hundred where there are more.
    """
    text = "" if path is None else _read(path)
    place = str(path or "the environment")
    values = _values(text, place)
    mistakes = unknown_variables(os.environ)
    try:
        settings = Settings(**values)
    except ValidationError as error:
        details = error.errors()
        mistakes += [mistake(place, text, detail) for detail in details[:MOST_MISTAKES]]
        if len(details) > MOST_MISTAKES:
            mistakes.append(f"{place}: and {len(details) - MOST_MISTAKES:,} more mistakes")
    except (SettingsError, RecursionError) as error:
        raise ConfigError(unreadable_variable(error)) from error
    else:
        mistakes += [located(place, text, *wrong) for wrong in _wrong_overrides(settings)]
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    return settings if path is None else _relative_to(path.resolve().parent, settings)


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
        description=chosen.description,
        sender=chosen.sender,
        reply_to=chosen.reply_to,
        postal_address=chosen.postal_address,
        themes=chosen_themes(settings, chosen.themes, place=f"lists.{name}.themes"),
        trending_limit=chosen.trending_limit,
        limit=chosen.limit,
        ranking=Ranking(**chosen.ranking.model_dump()),
        summaries=chosen.summaries,
        look=chosen.look,
        attach=chosen.attach,
        shorten=chosen.shorten,
    )


def schedule(settings: Settings, slug: str) -> Schedule | None:
    """How the issues of that list come about, None for one that has none by a clock."""
    if slug not in settings.lists:
        return None
    chosen = settings.lists[slug].schedule
    rule = chosen.rule()
    if rule is None:
        return None
    return Schedule(
        rule=rule,
        lead=timedelta(hours=chosen.lead_hours),
        max_lateness=timedelta(hours=chosen.max_lateness_hours),
        approval=chosen.approval,
        unapproved=chosen.unapproved,
        least=chosen.least_papers,
        too_few=chosen.too_few,
        goes=chosen.goes,
        editor=chosen.editor,
        reader_time=chosen.reader_time,
    )


def schedules(settings: Settings) -> dict[str, Schedule]:
    """How the issues of each list come about that has a schedule, by its slug."""
    found = {slug: schedule(settings, slug) for slug in settings.lists}
    return {slug: one for slug, one in found.items() if one}


def public_lists(settings: Settings) -> dict[str, MailingList]:
    """The lists that stand on the web, by their slugs. Raises: ConfigError."""
    return {slug: mailing_list(settings, slug) for slug, one in settings.lists.items() if one.public}


def public_list(settings: Settings, slug: str) -> MailingList:
    """The list of that slug, where it stands on the web. Raises: NotFound; ConfigError."""
    chosen = mailing_list(settings, slug)
    if not settings.lists[slug].public:
        raise NotFound(f"list {slug!r} is not public; set lists.{slug}.public = true to show it")
    return chosen


def overrides(settings: Settings, list: MailingList, *, number: int | None = None) -> tuple[Edit, ...]:
    """The configured changes to an issue of the list, in their order.

    number: of the issue in the store, None for one that is only rendered.
    """
    return tuple(
        Edit(
            kind=EditKind(one.edit),
            paper=one.paper,
            section=one.section or "",
            place=one.place,
            text=one.why,
            who="config",
        )
        for one in settings.overrides
        if one.list in (None, list.slug) and one.issue in (None, number)
    )


def preview_links(settings: Settings, list_slug: str, issue: str) -> ReaderLinks:
    """The addresses that a preview shows where a reader's own will stand.

    issue: what its address calls it: its number, or for one that has none its ISO date.
    """
    home = f"{settings.base_url}/{list_slug}"
    return ReaderLinks(
        web=f"{home}/{issue}/",
        archive=f"{home}/",
        preferences=f"{home}/preferences/preview",
        unsubscribe=f"{home}/unsubscribe/preview",
        unsubscribe_mail=links.leaving_mail(settings.leave_address, "preview"),
    )


def reader_links(settings: Settings, list_slug: str, issue: str, key: bytes) -> ReaderLinks:
    """The addresses of one subscription.

    issue: what its address calls the issue, as a rule its number; "" for a mail that is about none.
    key: of the subscription. Raises: ConfigError where no key signs them.
    """
    return links.of_reader(
        key,
        site=settings.base_url,
        list=list_slug,
        issue=issue,
        keys=link_keys(settings),
        leave_address=settings.leave_address,
    )


def marked_links(settings: Settings, list_slug: str, issue: str) -> ReaderLinks:
    """The addresses of `reader_links` with a mark in place of each token, as `wire.pattern` takes them.

    issue: what its address calls the issue. Raises: ConfigError where no key signs them.
    """
    return reader_links(settings, list_slug, issue, links.mark_key(link_keys(settings)))


def confirm_link(settings: Settings, list_slug: str, key: bytes) -> str:
    """Where a yes is said. key: of the letter that asks for it. Raises: ConfigError where no key signs it."""
    token = links.sign(key, links.Purpose.CONFIRM, list=list_slug, keys=link_keys(settings))
    return f"{settings.base_url}/{list_slug}/confirm/{token}"


def approve_link(settings: Settings, list_slug: str, approval: links.Approval) -> str:
    """Where a draft is looked at and approved; "" where this site serves nobody, or no key signs links."""
    unset = Settings.model_fields["base_url"].default
    if not settings.secret_keys or (settings.base_url == unset and not settings.run.web):
        return ""
    token = links.approval_token(approval, list=list_slug, keys=link_keys(settings))
    return f"{settings.base_url}/{list_slug}/approve/{token}"


def link_keys(settings: Settings) -> links.Keys:
    """What signs the links of readers. Raises: ConfigError where nothing does."""
    if not settings.secret_keys:
        raise ConfigError(
            "secret_keys: none, and without one no reader can be given a link; make one with: "
            'python3 -c "import secrets; print(secrets.token_urlsafe(32))", write it into '
            'NEWSLETTER__SECRET_KEYS as ["…"], and keep it: links of mails that went out need it'
        )
    return links.Keys(tuple(key.get_secret_value().encode() for key in settings.secret_keys))


def _wrong_overrides(settings: Settings) -> Iterator[tuple[list[str], str]]:
    """Each override that names no list or no section that there is: its place, and the problem."""
    slugs = [*dict.fromkeys((*BUILTIN_THEMES, *settings.themes)), TRENDING]
    for at, one in enumerate(settings.overrides):
        if one.list is not None and one.list not in settings.lists:
            yield ["overrides", str(at), "list"], f"no list {one.list!r}; {listed('lists', settings.lists)}"
        if one.section is not None and one.section not in slugs:
            problem = f"no section {one.section!r}; {listed('sections', slugs)}"
            yield ["overrides", str(at), "section"], problem


def _values(text: str, place: str) -> dict[str, Any]:
    if _LONG_KEY.search(text):
        raise ConfigError(f"{place}: a key of more than 64 parts, which no setting has")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{place}: not valid TOML: {error}") from error
    except RecursionError as error:
        raise ConfigError(f"{place}: brackets within brackets, too deep to be read") from error
    except ValueError as error:
        # Python reads no number of more than 4,300 digits, and the TOML reader passes that on.
        raise ConfigError(f"{place}: a number of more digits than can be read") from error


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ConfigError(f"{path}: larger than {MAX_BYTES:,} bytes, which no configuration is")
        # Some editors begin a text with a byte order mark.
        return data.decode("utf-8-sig")
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
    leaving, fence = folder / settings.leaving_file, folder / settings.fence_file
    lists = {slug: _placed(folder, one) for slug, one in settings.lists.items()}
    outbox = settings.delivery.model_copy(update={"folder": folder / settings.delivery.folder})
    dkim = tuple(one.model_copy(update={"key_file": folder / one.key_file}) for one in settings.dkim)
    paths: dict[str, object] = {"sources": sources, "delivery": outbox, "dkim": dkim}
    paths |= {"templates_dir": templates, "cache_dir": cache, "leaving_file": leaving}
    paths |= {"fence_file": fence, "lists": lists}
    return settings.model_copy(update=paths | {"database_url": SecretStr(url)})


def _placed(folder: Path, one: ListSettings) -> ListSettings:
    """The list with the folder of its issues counted from there."""
    if one.schedule.rule() is None:
        return one
    chosen = one.schedule.model_copy(update={"folder": folder / one.schedule.folder})
    return one.model_copy(update={"schedule": chosen})
