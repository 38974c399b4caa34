"""Copies of the last good answer of each address, in a folder of the user's cache.

A copy spares the server an answer that has not changed (ETag, Last-Modified) and stands in for one that
cannot be had. Losing the folder loses nothing else. Each copy is one file, readable by its owner only and
replaced whole, so that a crash leaves the old or the new one; a copy that cannot be read is no copy.
"""

import contextlib
import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from newsletter.fetch import Fetched

# Copies that nobody has renewed for so long are removed; a month of daily pages is looked up again for less.
KEPT_FOR = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Copy:
    """One answer as it was kept, and when it was last known to be good."""

    fetched: Fetched
    at: datetime


class Kept:
    """The copies in one folder, which need not exist."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def copy(self, address: str) -> Copy | None:
        """The last good answer of the address, None where there is none."""
        try:
            head, _, body = self._path(address).read_bytes().partition(b"\n")
            values = json.loads(head)
            at = datetime.fromisoformat(values["at"])
            found = Fetched(
                body, values["address"], values["etag"], values["modified"], values["content_type"]
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None
        complete = hashlib.sha256(body).hexdigest() == values.get("sha256") and at.tzinfo is not None
        return Copy(found, at) if complete else None

    def keep(self, address: str, fetched: Fetched, *, now: datetime) -> None:
        """Keeps the answer in place of an earlier one; where nothing can be written, nothing is kept."""
        values = {
            "at": now.isoformat(),
            "address": fetched.address,
            "etag": fetched.etag,
            "modified": fetched.modified,
            "content_type": fetched.content_type,
            "sha256": hashlib.sha256(fetched.body).hexdigest(),
        }
        path = self._path(address)
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(json.dumps(values).encode() + b"\n" + fetched.body)
            fresh.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)
        self._sweep(now)

    def _path(self, address: str) -> Path:
        return self._folder / f"{hashlib.sha256(address.encode()).hexdigest()}.copy"

    def _sweep(self, now: datetime) -> None:
        oldest = (now - KEPT_FOR).timestamp()
        for path in self._folder.glob("*.copy*"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < oldest:
                    path.unlink(missing_ok=True)
