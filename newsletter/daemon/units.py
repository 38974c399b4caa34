"""What systemd needs: a service that keeps the schedule, or a timer of single steps, and one for a worker.

Owns what stands in the files, and that the process may write only where the configuration keeps files. Starts
nothing.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from newsletter.config import Settings
from newsletter.errors import ConfigError, NewsletterError

NAMES = (
    "newsletter.service",
    "newsletter-tick.service",
    "newsletter-tick.timer",
    "newsletter-worker.service",
)
# Source: systemd, "User/Group Name Syntax", the strict form.
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,30}")
_SQLITE = "sqlite:///"
# Folders that ProtectHome=yes hides.
_HOMES = ("/home", "/root", "/run/user")


def made(settings: Settings, *, path: Path, user: str) -> Mapping[str, str]:
    """The text of each unit by its name. path: of the configuration. user: who runs it.

    Raises: ConfigError for what is no name of a user, or a path that no unit can name.
    """
    if not _USER.fullmatch(user):
        raise ConfigError(f"--user {user!r}: a user has small letters, digits, - and _, such as newsletter")
    place = path.resolve()
    writable = [*dict.fromkeys(_writable(settings, place.parent))]
    values = {
        "user": user,
        "folder": _escaped(place.parent),
        "environment": _escaped(place.parent / "newsletter.env"),
        # A minus: one that is not there yet keeps nothing from starting.
        "writable": " ".join(_quoted(folder, before="-") for folder in writable),
        "home": "read-only" if _is_at_home([place, Path(sys.executable), *writable]) else "yes",
    }
    hardening = _template("hardening").format(**values).rstrip()
    command = f"{_quoted(Path(sys.executable))} -m newsletter"
    given = {"command": command, "config": _quoted(place), "hardening": hardening}
    return {name: _template(name).format(**given) for name in NAMES}


def written(units: Mapping[str, str], folder: Path) -> Iterator[Path]:
    """Each place, as it is written. Raises: NewsletterError for one that cannot be."""
    for name, text in units.items():
        place = folder / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        except OSError as error:
            problem = f"{place}: cannot be written: {error.strerror}"
            raise NewsletterError(f"{problem}; name a folder of yours with --out") from error
        yield place


def _writable(settings: Settings, folder: Path) -> Iterator[Path]:
    """The folders in which the process writes, the first one that of the configuration."""
    yield folder
    url = settings.database_url.get_secret_value()
    if url.startswith(_SQLITE):
        yield Path(url.removeprefix(_SQLITE)).resolve().parent
    yield settings.leaving_file.resolve().parent
    yield settings.fence_file.resolve().parent
    if settings.cache_dir:
        yield settings.cache_dir.resolve()
    if settings.delivery.backend != "smtp":
        yield settings.delivery.folder.resolve()
    for one in settings.lists.values():
        if one.schedule.rule() is not None and one.schedule.goes != "send":
            yield one.schedule.folder.resolve()


def _is_at_home(places: list[Path]) -> bool:
    return any(place.is_relative_to(home) for place in places for home in _HOMES)


def _template(name: str) -> str:
    return files("newsletter").joinpath("daemon", "systemd", name).read_text(encoding="utf-8")


def _escaped(path: Path) -> str:
    """The path as a setting of a unit names it. Source: systemd.unit(5), specifiers."""
    text = str(path)
    if not text.isprintable():
        raise ConfigError(f"{text!r}: a unit cannot name a path with such letters; move the folder")
    return text.replace("%", "%%")


def _quoted(path: Path, *, before: str = "") -> str:
    """The path as a word of a line. Source: systemd.syntax(7), quoting; `$` in systemd.service(5)."""
    text = before + _escaped(path)
    if re.fullmatch(r"[\w/.+@%=:,-]+", text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$") + '"'
