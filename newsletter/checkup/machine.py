"""The machine as the settings mean it: which folders, files and keys are looked at."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from newsletter import surroundings
from newsletter.config import Settings
from newsletter.diagnosis import Check, dkim, machine
from newsletter.store import files

_SQLITE = "sqlite:///"


def keys(settings: Settings) -> tuple[dkim.Key, ...]:
    """The signatures that mails are to carry."""
    return tuple(surroundings.signing_key(one.domain, one.selector, one.key_file) for one in settings.dkim)


def exposed(settings: Settings, file: Path | None) -> tuple[str, ...]:
    """The files with secrets or addresses in them that others can read. file: of the settings."""
    # Of a configuration whose secrets all stand in the environment, nothing needs to be hidden.
    secret = file is not None and any(key.get_secret_value() in _text(file) for key in _secrets(settings))
    paths = [one.key_file for one in settings.dkim] + [settings.leaving_file]
    paths += [file] if file is not None and secret else []
    if path := database_file(settings):
        paths.append(path)
    return surroundings.exposed(paths)


def database_file(settings: Settings) -> Path | None:
    """The file of the database, None for one on a server."""
    url = settings.database_url.get_secret_value()
    return Path(url.removeprefix(_SQLITE)) if url.startswith(_SQLITE) else None


def checks(settings: Settings, store: machine.Store, *, now: datetime) -> Iterator[Check]:
    """How the machine stands."""
    yield from machine.clock_checks(now, store)
    yield machine.zone_check(surroundings.missing_zones())
    for use, folder in _folders(settings):
        yield machine.place_check(surroundings.place(use, folder))
    kind, network = files.file_system(settings.leaving_file.parent)
    leavers = surroundings.leavers(settings.leaving_file, network=kind if network else "")
    yield machine.leavers_check(leavers)


def _folders(settings: Settings) -> Iterator[tuple[str, Path]]:
    if path := database_file(settings):
        yield "the database", path.parent
    if settings.delivery.backend != "smtp":
        yield "mails", settings.delivery.folder


def _secrets(settings: Settings) -> Iterator[SecretStr]:
    every = (
        *settings.secret_keys,
        settings.smtp.password,
        settings.smtp.access_token,
        settings.summariser.api_key,
    )
    yield from (secret for secret in every if secret.get_secret_value())


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")
