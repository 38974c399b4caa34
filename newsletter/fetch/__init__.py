"""Digests over HTTP: `guard` says where a request may go, `client` makes one GET, `kept` remembers answers.

These values are all that the verbs see of the network. They load no HTTP library, so that an issue made from
a file on disk does not wait for one.
"""

from collections.abc import Callable
from dataclasses import dataclass

# Told, while an answer comes in: the bytes so far, and how many there will be, where the server says so.
Watch = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Fetched:
    """The whole body that an address gave, unpacked, and what the server says it can be known again by."""

    body: bytes
    address: str
    etag: str = ""
    modified: str = ""
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class NotModified:
    """The server's word that the copy at hand is still the newest one (RFC 9110 §15.4.5)."""

    address: str
