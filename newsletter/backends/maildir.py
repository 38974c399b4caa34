"""Mails into a Maildir, for a mail program that reads one: each is new mail there, and nothing is sent.

Owns the names: a mail of a delivery has one name, and one that a mail program has taken to cur/ already is
not delivered again. Lines end as those of files do, which is how mail servers write them.
Source: https://cr.yp.to/proto/maildir.html
"""

from pathlib import Path

from newsletter.backends import files
from newsletter.errors import BackendUnavailable


def open_carrier(folder: Path, *, durable: bool = True) -> files.FileCarrier:
    """A carrier into the Maildir, which is made where there is none.

    durable: whether each mail outlives a power cut. Raises: BackendUnavailable where it cannot be written.
    """
    seen = folder / "cur"
    try:
        # A parent that mkdir makes along the way gets no mode.
        for one in (folder, seen):
            one.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A mail program puts a colon and what it did with the mail behind the name.
        arrived = {path.name.partition(":")[0] for path in seen.iterdir()}
    except OSError as error:
        problem = f"{folder}: cannot be used as a Maildir: {error.strerror}"
        raise BackendUnavailable(f"{problem}; make it writable, or set delivery.folder") from error
    return files.opened(
        files.Places(folder / "tmp", folder / "new", "delivery-", _name, arrived, b"\n"), durable=durable
    )


def _name(number: int) -> str:
    return f"delivery-{number}"
