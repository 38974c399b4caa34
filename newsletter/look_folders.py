"""Looks as folders: which there are, and the files of each.

A folder is a look when it holds at least one file that looks are made of. What it lacks it takes from the
default look, so that a folder with one stylesheet is a look. Of three files of one name the operator's own
counts, then that of the bundled look, then that of the default one.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from newsletter.errors import NewsletterError, NotFound
from newsletter.rendering import HTML, STYLES, SUBJECT, TEXT
from newsletter.templating import BUNDLED, Look

DEFAULT = "default"
# The words that the bodies of the default look share.
WORDS = "words.j2"

# How one template names another, whatever it does with it.
_NAMED = re.compile(r"""["']([^"'\n]+)["']""")


def shipped_looks() -> Path:
    """The folder of the bundled looks."""
    return shipped("_templates", in_checkout="templates")


def shipped(name: str, *, in_checkout: str) -> Path:
    """A file or folder that stands beside the package in a checkout and inside of it once installed."""
    package = Path(__file__).parent
    installed = package / name
    return installed if installed.exists() else package.parent / in_checkout


def names(bundled: Path, own: Path | None) -> tuple[str, ...]:
    """The names of every look, bundled or the operator's own."""
    known = _known(bundled)
    folders = (folder for root in (bundled, own) if root for folder in _inside(root))
    return tuple(sorted({folder.name for folder in folders if _paths(folder).keys() & known}))


def load(name: str, *, bundled: Path, own: Path | None) -> Look:
    """The look of that name, whole. Raises: NotFound, NewsletterError for a file that cannot be read."""
    if name not in (known := names(bundled, own)):
        empty = own is not None and (own / name).is_dir()
        hint = f"; that folder holds none of {', '.join(sorted(_known(bundled)))}" if empty else ""
        raise NotFound(f"no look {name!r}; looks: {', '.join(known)}{hint}")
    shipped = _paths(bundled / DEFAULT) | _paths(bundled / name)
    mine = _paths(own / name) if own else {}
    places = {file: f"{BUNDLED}{path.parent.name}/{file}" for file, path in shipped.items()}
    places |= {file: f"{path.parent.parent.name}/{name}/{file}" for file, path in mine.items()}
    return Look(name, {file: _text(path) for file, path in (shipped | mine).items()}, places)


def folder(name: str, *, bundled: Path, own: Path | None) -> Look:
    """A bundled folder of templates that is no look, such as that of the web, with the operator's own files.

    It has the words of the default look, so that a page says what a mail says.
    Raises: NewsletterError for a file that cannot be read.
    """
    shipped = {WORDS: bundled / DEFAULT / WORDS} | _paths(bundled / name)
    mine = {file: path for file, path in _paths(own / DEFAULT).items() if file == WORDS} if own else {}
    mine |= _paths(own / name) if own else {}
    places = {file: f"{BUNDLED}{path.parent.name}/{file}" for file, path in shipped.items()}
    places |= {file: f"{path.parent.parent.name}/{path.parent.name}/{file}" for file, path in mine.items()}
    return Look(name, {file: _text(path) for file, path in (shipped | mine).items()}, places)


def used(look: Look) -> tuple[str, ...]:
    """The files of a look that are rendered, or named by one that is."""
    found = [name for name in (SUBJECT, HTML, TEXT, STYLES) if name in look.files]
    for name in found:  # it grows while it is read
        found += [other for other in _mentioned(look.files[name], look.files) if other not in found]
    return tuple(sorted(found))


def idle(look: Look, own: Path | None) -> tuple[str, ...]:
    """The operator's own files of a look that change nothing, because no template of it names them."""
    files = _paths(own / look.name) if own else {}
    return tuple(sorted(files.keys() - set(used(look))))


def _known(bundled: Path) -> Collection[str]:
    return {SUBJECT, HTML, TEXT, STYLES} | _paths(bundled / DEFAULT).keys()


def _paths(folder: Path) -> dict[str, Path]:
    """The files of a folder, but for hidden ones and the copies that editors leave."""
    files = (path for path in _inside(folder) if path.is_file())
    return {path.name: path for path in files if not path.name.startswith(".") and path.name[-1] != "~"}


def _inside(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        raise NewsletterError(f"{folder}: cannot read this folder of looks: {error.strerror}") from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NewsletterError(f"{path}: cannot read this file of a look: {error}") from error


def _mentioned(source: str, files: Mapping[str, str]) -> Iterator[str]:
    return (name for name in dict.fromkeys(_NAMED.findall(source)) if name in files)
