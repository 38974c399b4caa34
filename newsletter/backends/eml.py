"""Mails as files of a folder, for whoever tries things out before there is a server for mail.

Owns their names. `letter-1.eml` is a letter as it would go, `letter-1.html` its page, for a browser; no file
is overwritten, and a process that dies leaves at most one that is cut short. `delivery-7.eml` is the mail of
a delivery, whole and as it would go; written again, it replaces itself. All are for the eyes of this user
alone, since a mail has its reader's own links.
"""

import os
from email import message_from_bytes, policy
from itertools import count
from pathlib import Path

from newsletter.backends import files
from newsletter.errors import BackendUnavailable


def save(mail: bytes, folder: Path) -> Path:
    """The page of the mail, which stands in the folder now, with the mail beside it.

    Raises: BackendUnavailable where they cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        letter = next(path for number in count(1) if not (path := folder / f"letter-{number}.eml").exists())
        _write(letter, mail)
        page = letter.with_suffix(".html")
        _write(page, _page(mail))
    except OSError as error:
        problem = f"{folder}: cannot keep letters there: {error.strerror}"
        raise BackendUnavailable(f"{problem}; make the folder writable, or name another one") from error
    return page


def open_carrier(folder: Path, *, durable: bool = True) -> files.FileCarrier:
    """A carrier that writes each mail into the folder, which is made where there is none.

    durable: whether each mail outlives a power cut. Raises: BackendUnavailable where it cannot be written.
    """
    # A name with a dot in front is out of sight until the mail is whole.
    places = files.Places(folder, folder, ".delivery-", _name)
    return files.opened(places, durable=durable)


def _name(number: int) -> str:
    return f"delivery-{number}.eml"


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _page(mail: bytes) -> bytes:
    body = message_from_bytes(mail, policy=policy.default).get_body(("html", "plain"))
    return str(body.get_content() if body else "").encode()
