"""What Docker needs to run newsletter: an image, a compose file, a mail relay.

Owns the files in this folder, and that secrets stand in two of them and in no other: they are drawn anew for
the folder that the files are written to. Starts nothing. A file that is there already is an operator's, and
stays as it is; who dies in between has some of the files, and gets the others the next time.
"""

import secrets
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path

from newsletter import folder
from newsletter.errors import NewsletterError

# What each file is called where it is written, by what it is called here.
NAMES = {
    "compose.yaml": "compose.yaml",
    "config.toml": "config/config.toml",
    "newsletter.env.example": "newsletter.env",
    "database.env.example": "database.env",
    "Dockerfile": "Dockerfile",
    "Dockerfile.dockerignore": "Dockerfile.dockerignore",
    "relay/Dockerfile": "relay/Dockerfile",
    "relay/main.cf": "relay/main.cf",
    "relay/master.cf": "relay/master.cf",
    "relay/start": "relay/start",
}
# What stands in an example in place of a secret.
DRAWN = "CHANGE-ME"
_OF_SECRETS = ".env"
# The processes in the containers are other users than the one who writes the files, and read them.
_READ_BY_ALL, _FOLDER, _READ_BY_OWNER = 0o644, 0o755, 0o600


def shipped() -> Mapping[str, str]:
    """The text of each file by its name here, with nothing secret in it."""
    here = files("newsletter").joinpath("containers")
    return {name: here.joinpath(*name.split("/")).read_text(encoding="utf-8") for name in NAMES}


def drawn() -> str:
    """A secret that nobody has seen. It may stand in an address as it is."""
    return secrets.token_urlsafe(32)


def write(out: Path, *, draw: Callable[[], str] = drawn) -> tuple[list[Path], list[Path]]:
    """The files written to the folder, and those that were there already and were left alone.

    draw: what makes a secret. Nobody but the owner reads the files that have one. Raises: NewsletterError.
    """
    written: list[Path] = []
    kept: list[Path] = []
    for name, text in shipped().items():
        place = out / NAMES[name]
        try:
            if place.exists():
                kept.append(place)
                continue
            _write_new(place, text.replace(DRAWN, draw()))
        except OSError as error:
            raise NewsletterError(f"{place}: cannot be written: {error.strerror}") from error
        written.append(place)
    return written, kept


def _write_new(place: Path, text: str) -> None:
    if not place.parent.exists():
        place.parent.mkdir(parents=True)
        place.parent.chmod(_FOLDER)
    if place.suffix == _OF_SECRETS:
        folder.replace(place, [text.encode()], mode=_READ_BY_OWNER)
        return
    folder.replace(place, [text.encode()])
    place.chmod(_READ_BY_ALL)
