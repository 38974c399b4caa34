"""A folder of files that this program keeps as they should be.

Owns how a file is replaced, which files of a folder are ours, and that no other is ever touched: a list of
ours stands in the folder itself. It is written before the files, with all that will be there and all that
was, so that whoever dies in between has touched no file that it does not name. Again, it changes nothing.
"""

import json
import os
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from newsletter.errors import NewsletterError

# The list of our files, beside them.
LIST = ".newsletter-files.json"


@dataclass(frozen=True, slots=True)
class Kept:
    """What bringing a folder up to date came to, in names of files."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]


def keep(
    out: Path,
    names: Collection[str],
    content: Callable[[str], bytes],
    *,
    within: str = "",
    progress: Callable[[int], None] = lambda done: None,
) -> Kept:
    """Let the folder hold those files, and of ours no other. names: below `out`, parted by slashes.

    within: what the names begin with that may be taken away. progress: told how many files are done.
    Raises: NewsletterError for a file that is in the way and not ours, or that cannot be written.
    """
    try:
        ours = _listed(out)
        _refuse_others(out, [name for name in names if name not in ours])
        out.mkdir(parents=True, exist_ok=True)
        _list(out, {*ours, *names})
        written = []
        for done, name in enumerate(names, start=1):
            if _written(out / name, content(name)):
                written.append(name)
            progress(done)
        gone = [name for name in sorted(ours - {*names}) if name.startswith(within)]
        removed = tuple(name for name in gone if _removed(out, name))
        _list(out, {*ours, *names} - {*gone})
    except OSError as error:
        raise NewsletterError(f"{error.filename or out}: cannot write there: {error.strerror}") from error
    fresh = frozenset(written)
    return Kept(tuple(written), tuple(name for name in names if name not in fresh), removed)


def replace(path: Path, parts: Iterable[bytes], *, mode: int = 0o666, durable: bool = False) -> None:
    """Write the file whole: who reads it sees what was there, or what is there now.

    mode: who may read and write it, as far as the process lets anybody. durable: whether its content is on
    the disk before it has its name. Raises: OSError.
    """
    fresh = path.with_name(path.name + ".new")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            file.writelines(parts)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def _listed(out: Path) -> set[str]:
    """The names of our files, as far as they can be names below the folder."""
    path = out / LIST
    if not path.exists():
        return set()
    try:
        names = json.loads(path.read_bytes())["files"]
        return {name for name in names if _is_below(name)}
    except (ValueError, KeyError, TypeError) as error:
        raise NewsletterError(f"{path}: not the list that was written here; empty the folder") from error


def _is_below(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and parts[0] != "/" and ".." not in parts


def _list(out: Path, names: Collection[str]) -> None:
    text = json.dumps({"files": sorted(names)}, ensure_ascii=False, indent=0) + "\n"
    _written(out / LIST, text.encode())


def _refuse_others(out: Path, names: Iterable[str]) -> None:
    for name in names:
        if (out / name).exists():
            raise NewsletterError(
                f"{out / name}: was not written by newsletter, and is not overwritten; choose an empty folder"
            )


def _written(path: Path, content: bytes) -> bool:
    """Whether the file had to be written."""
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    replace(path, [content])
    return True


def _removed(out: Path, name: str) -> bool:
    """Whether the file was there to be taken away; folders that are empty then go with it."""
    path = out / name
    # A link to a folder elsewhere: what is in there is not ours.
    if not path.is_file() or not path.resolve().is_relative_to(out.resolve()):
        return False
    path.unlink()
    for folder in path.parents:
        if folder == out:
            break
        with suppress(OSError):
            folder.rmdir()
    return True
