"""The bytes of a mail → its parts, in one pass over its lines, whatever they hold.

Owns where a part begins and ends (RFC 2046 §5.1). Knows nothing of reports. Python's own parser goes down
one call for each level and raises for some headers; this one has a stack, and nothing makes it raise. Beyond
the limits a mail is text: what is told by a report stands in the first parts of it.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from newsletter import mail_header
from newsletter.mail_header import Fields

# A report has three parts, and as many again where a gateway adds a notice of its own.
MOST_PARTS = 100
# Mails within mails, and parts within parts.
_DEEPEST = 20
_BOUNDARY = re.compile(r"\bboundary\s*=\s*(?:\"([^\"]{1,200})\"|([^\s;\"]{1,200}))", re.IGNORECASE)
# The parts that are a mail, or the header of one.
_MAILS = frozenset(("message/rfc822", "message/global"))
_HEADERS = frozenset(("text/rfc822-headers", "message/global-headers"))


@dataclass(frozen=True, slots=True)
class Part:
    """One part without parts of its own. kind: such as "text/plain", in small letters.

    fields: of its header; of a returned mail, the fields of that mail. returned: whether it belongs to a mail
    that the report brings along. body: without its transfer encoding.
    """

    kind: str
    fields: Fields = field(repr=False)
    body: bytes = field(repr=False)
    returned: bool = False


@dataclass(slots=True)
class _Open:
    """What is being read. boundaries: of the parts around, the outermost first."""

    boundaries: list[bytes] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    mails: int = 0
    start: int = 0
    within_header: bool = True
    skipped: bool = False
    kind: str = "text/plain"
    fields: Fields = field(default_factory=dict)


def split(mail: bytes) -> list[Part]:
    """The parts of a mail in their order, at most a hundred."""
    found: list[Part] = []
    state = _Open()
    for start, end in _lines(mail):
        if len(found) >= MOST_PARTS:
            return found
        if (level := _level(mail, start, end, state.boundaries)) is not None:
            found += _closed(mail, state, start)
            _turn(state, level, last=mail.startswith(b"--", start + 2 + len(state.boundaries[level])), at=end)
        elif state.within_header and not mail[start:end].strip(b"\r\n"):
            found += _opened(mail, state, end)
    return [*found, *_closed(mail, state, len(mail))]


def _lines(mail: bytes) -> Iterator[tuple[int, int]]:
    at = 0
    for line in mail.splitlines(keepends=True):
        yield at, at + len(line)
        at += len(line)


def _level(mail: bytes, start: int, end: int, boundaries: list[bytes]) -> int | None:
    """Which of the open boundaries the line is, the innermost first; None for any other line."""
    if not boundaries or not mail.startswith(b"--", start):
        return None
    line = mail[start + 2 : end].rstrip()
    for level in reversed(range(len(boundaries))):
        if line in (boundaries[level], boundaries[level] + b"--"):
            return level
    return None


def _turn(state: _Open, level: int, *, last: bool, at: int) -> None:
    """Go on behind a boundary: with the next part, or with what follows the last one and is of no part."""
    state.mails = state.depths[level]
    keep = level if last else level + 1
    del state.boundaries[keep:], state.depths[keep:]
    state.start, state.within_header, state.skipped = at, not last, last
    state.kind, state.fields = "text/plain", {}


def _opened(mail: bytes, state: _Open, end: int) -> Iterator[Part]:
    """Go on behind a header; a returned mail is told as soon as its own header is read."""
    fields = mail_header.fields(mail[state.start : end])
    content = mail_header.first(fields, "content-type")
    kind = content.partition(";")[0].strip().lower() or "text/plain"
    encoding = mail_header.first(fields, "content-transfer-encoding").lower()
    state.start, state.within_header = end, False
    state.kind, state.fields = kind, fields
    deep = len(state.boundaries) + state.mails >= _DEEPEST
    match = _BOUNDARY.search(content)
    if kind.startswith("multipart/") and match and not deep:
        state.boundaries.append((match[1] or match[2]).encode("latin-1", "replace").rstrip())
        state.depths.append(state.mails)
        state.skipped = True
        if state.mails:
            yield Part(kind, fields, b"", returned=True)
    elif kind in _MAILS and encoding not in ("base64", "quoted-printable") and not deep:
        state.mails += 1
        state.within_header = True


def _closed(mail: bytes, state: _Open, end: int) -> Iterator[Part]:
    """The part that ends there, where one was under way."""
    if state.skipped:
        return
    if state.within_header:
        # A header without an end, as of a mail that was cut off.
        fields = mail_header.fields(mail[state.start : end])
        yield Part("text/plain", fields, b"", returned=bool(state.mails))
        return
    body = _plain(mail[state.start : end], mail_header.first(state.fields, "content-transfer-encoding"))
    if state.kind in _HEADERS or state.kind in _MAILS:
        yield Part(state.kind, mail_header.fields(body), b"", returned=True)
    else:
        yield Part(state.kind, state.fields, body, returned=bool(state.mails))


def _plain(body: bytes, encoding: str) -> bytes:
    try:
        if encoding.lower() == "base64":
            return base64.b64decode(body)
        if encoding.lower() == "quoted-printable":
            return quopri.decodestring(body)
    except (binascii.Error, ValueError):
        return body
    return body
