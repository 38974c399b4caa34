"""Rules about the bytes: lines, parts and encodings, as servers on the way and RFC 5322 want them."""

import re
from collections.abc import Iterator
from itertools import islice

from newsletter.lint.mail import Hit, Mail
from newsletter.lint.parts import Part, Wire

# Octets of a line without its end. Source: RFC 5322 §2.1.1; for quoted-printable RFC 2045 §6.7 (5).
_LINE, _QP_LINE = 998, 76
# Places of one fault that are looked for; what is beyond is the same again.
_PLACES = 1_000

_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_LINES = re.compile(rb"[^\r\n]+")
_EIGHT_BIT = re.compile(rb"[\x80-\xff]")
_NAME = re.compile(rb"[!-9;-~]+")
# Characters of a field's name that every server takes.
_LONGEST_NAME = 76


def line_ends(mail: Mail) -> Iterator[Hit]:
    """Lines that do not end in CRLF."""
    for match in islice(_BARE.finditer(mail.raw or b""), _PLACES):
        sign = "CR" if match.group() == b"\r" else "LF"
        yield Hit(
            f"A bare {sign}: lines end in CRLF, and servers refuse or repair others.",
            match.start(),
            "headers",
            kind=sign,
        )


def line_length(mail: Mail) -> Iterator[Hit]:
    """Lines that are too long to travel."""
    if (wire := mail.wire) is None:
        return
    for at, length in _longer(wire, 0, len(wire.raw), _LINE):
        yield Hit(f"A line of {length:,} octets; {_LINE} may travel.", at, "headers", kind="line")
    for part in wire.every():
        if part.encoding == "quoted-printable" and not part.inner:
            for at, length in _longer(wire, part.start, part.end, _QP_LINE):
                message = f"A quoted-printable line of {length:,} octets; {_QP_LINE} are allowed."
                yield Hit(message, at, "headers", "warning", "quoted-printable")


def _longer(wire: Wire, start: int, end: int, most: int) -> Iterator[tuple[int, int]]:
    """Where lines are that have more octets, and how many."""
    lines = ((line.start(), line.end() - line.start()) for line in _LINES.finditer(wire.raw, start, end))
    return islice(((at, length) for at, length in lines if length > most), _PLACES)


def header_syntax(mail: Mail) -> Iterator[Hit]:
    """Header fields that are none."""
    wire = mail.wire
    for field in wire.top.fields if wire else ():
        name, colon, _ = field.written.partition(b":")
        shown = name[:40].decode("ascii", errors="replace")
        if not colon or not _NAME.fullmatch(name):
            yield Hit(f"No header field: {shown!r}", field.start, "headers", kind="name")
        elif len(name) > _LONGEST_NAME:
            yield Hit(
                f"A field's name of {len(name)} characters: {shown}…", field.start, "headers", kind="name"
            )
        if found := _EIGHT_BIT.search(field.written):
            message = f"An 8-bit octet in {shown}: headers are ASCII, the rest goes as encoded words."
            yield Hit(message, field.start + found.start(), "headers", kind="eight")
        if not field.value and colon:
            yield Hit(f"{shown} is empty.", field.start, "headers", kind="empty")
        elif b"\0" in field.written:
            yield Hit(f"A NUL in {shown}.", field.start, "headers", kind="eight")


def mime_structure(mail: Mail) -> Iterator[Hit]:
    """Parts in an order in which clients show the wrong one."""
    if (wire := mail.wire) is None:
        return
    bodies = [part for part in wire.every() if not part.attached]
    alternatives = [part for part in wire.every() if part.type == "multipart/alternative"]
    kinds = [inner.type for part in alternatives[:1] for inner in part.inner]
    at = alternatives[0].start if alternatives else wire.top.start
    if not alternatives and {"text/plain", "text/html"} <= {part.type for part in bodies}:
        yield Hit("Text and HTML are not in a multipart/alternative: clients show both.", at, "headers")
    elif kinds and "text/plain" in kinds and kinds[0] != "text/plain":
        yield Hit("The text stands behind the HTML: clients show the last that they can.", at, "headers")
    for part in wire.every():
        if part.type.startswith("multipart/") and not (part.inner and part.closed):
            what = "without the boundary at its end" if part.inner else "without parts"
            yield Hit(f"A {part.type} {what}.", part.start, "headers", kind="parts")


def mime_encoding(mail: Mail) -> Iterator[Hit]:
    """Bodies whose charset or transfer encoding does not fit."""
    wire = mail.wire
    for part in wire.every() if wire else ():
        if part.type.startswith("text/") and not part.attached and wire:
            yield from _of_body(wire, part)


def _of_body(wire: Wire, part: Part) -> Iterator[Hit]:
    charset = part.parameter("charset").lower()
    if charset not in {"utf-8", "us-ascii"} and (charset or part.get("content-type")):
        message = f"{part.type} in charset {charset or 'unsaid'}; UTF-8 is read everywhere."
        yield Hit(message, _at(part), "headers", "warning", "charset")
    found = _EIGHT_BIT.search(wire.raw, part.start, part.end)
    if found and part.encoding in {"7bit", "quoted-printable", "base64"}:
        message = f"An 8-bit octet in a {part.encoding} body."
        yield Hit(message, found.start(), "headers", kind="eight")
    elif found:
        message = f"An {part.encoding} body needs 8BITMIME on every hop; quoted-printable does not."
        yield Hit(message, found.start(), "headers", "warning", "eight")
    if part.encoding == "base64" and part.type in {"text/html", "text/plain"}:
        message = f"{part.type} as base64 is a third larger than quoted-printable, and filters count it."
        yield Hit(message, _at(part), "headers", "warning", "base64")


def _at(part: Part) -> int:
    return part.fields[0].start if part.fields else part.start
