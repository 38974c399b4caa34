"""The file of a SQLite database, before SQLite sees it.

Owns the refusal of a place where a database cannot be or would not be safe, and the rights of a new file.
Never opens the database itself.
"""

import os
from pathlib import Path

from newsletter.errors import StoreError

# Where two machines may see one file, and its locks and shared memory do not hold.
# Source: sqlite.org/wal.html, "WAL does not work over a network filesystem".
_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "fuse.sshfs"})
_MOUNTS = Path("/proc/self/mounts")


def usable(path: str, *, create: bool) -> Path:
    """The file at `path`, made empty where there is none and `create` says so.

    Raises: StoreError for a folder, a missing folder, a network file system, and no file where none is made.
    """
    file = Path(path)
    if file.is_dir():
        raise StoreError(f"{file}: this is a folder; name a file in it in database_url")
    if not file.parent.is_dir():
        raise StoreError(f"{file}: no folder {file.parent}; make it, or name another file in database_url")
    if not create and not file.exists():
        raise StoreError(f"{file}: no database yet; newsletter ingest makes it")
    if kind := network_file_system(file.resolve(), _mounts()):
        raise StoreError(
            f"{file}: on a network file system ({kind}), where SQLite loses data; "
            "name a file on a local disk in database_url, or a PostgreSQL server"
        )
    if not file.exists():
        _make(file)
    return file


def network_file_system(path: Path, mounts: str) -> str | None:
    """The kind of network file system that holds an absolute path; None for a local one.

    mounts: as Linux tells them, one line each: device, mount point, kind.
    """
    kind = _file_system(path, mounts)
    return kind if kind in _NETWORK else None


def file_system(path: Path) -> tuple[str, bool]:
    """The kind of file system that holds a path, "" where it is unknown; and whether it is on a network."""
    kind = _file_system(path.resolve(), _mounts())
    return kind, kind in _NETWORK


def _file_system(path: Path, mounts: str) -> str:
    points = [line.split()[1:3] for line in mounts.splitlines() if len(line.split()) > 2]
    # A blank in the name of a mount point is written so. Source: fstab(5).
    holding = [(point.replace("\\040", " "), kind) for point, kind in points]
    holding = [(point, kind) for point, kind in holding if path.is_relative_to(point)]
    # Of two file systems mounted at one point, the later hides the earlier.
    return max(enumerate(holding), key=lambda one: (len(one[1][0]), one[0]))[1][1] if holding else ""


def _mounts() -> str:
    try:
        return _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:  # no Linux: then nothing is known, and nothing refused
        return ""


def _make(file: Path) -> None:
    try:
        # For its owner alone: readers' addresses will be in it. SQLite gives its -wal and -shm the same.
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(
            f"{file}: cannot make the database: {error.strerror}; "
            "make the folder writable for this user, or set database_url"
        ) from error
