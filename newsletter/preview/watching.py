"""Which files have changed since somebody last looked.

A file is another one when its time or its size is, or when it came or went. Nothing is read.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

# When a file was written last, in nanoseconds, and its bytes; None for one that is not there.
Stamp = tuple[int, int] | None
# How long to wait before looking again: short enough that nobody waits for what was saved.
PAUSE_S = 0.2


def stamp(path: Path) -> Stamp:
    """What tells a file from itself before it was written again."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size


def stamps(paths: Iterable[Path]) -> Mapping[Path, Stamp]:
    """The stamps of files, of the files in folders, and of the folders."""
    found: dict[Path, Stamp] = {}
    for path in paths:
        found[path] = stamp(path)
        if path.is_dir():
            found |= {inside: stamp(inside) for inside in _inside(path)}
    return found


def _inside(folder: Path) -> list[Path]:
    try:
        return [*folder.iterdir()]
    except OSError:  # it went away meanwhile
        return []
