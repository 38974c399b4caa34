"""Rules about header fields: those every mail needs, and those that a list needs."""

import re
from collections.abc import Iterator
from email.utils import parsedate_tz

from newsletter.lint.links import split
from newsletter.lint.mail import Hit, Mail
from newsletter.lint.parts import Field, Wire

# What each mail has exactly once, and what a list's has besides. Source: RFC 5322 §3.6, RFC 2045 §4,
# RFC 2919, RFC 8058; Gmail and Yahoo ask senders of many mails for them since 2024.
_NEEDED = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version")
_LISTED = ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post")
_ONCE = (
    *_NEEDED,
    *_LISTED,
    "Reply-To",
    "Sender",
    "Cc",
    "Content-Type",
    "Content-Transfer-Encoding",
    "In-Reply-To",
)

_URI = re.compile(r"<([^<>]*)>")
_BARE_MAILTO = re.compile(r"\s*mailto:(?![^@?\s]+@[^@?\s]+(?:\?|\s*\Z))", re.IGNORECASE)
_FOLDED_URI = re.compile(rb"<[^<>]*[\r\n][^<>]*>")
_ENCODED = re.compile(r"=\?[^?\s]{1,40}\?[bqBQ]\?")
_MESSAGE_ID = re.compile(r"<([^\s<>@]+)@([^\s<>@]+)>")
_LIST_ID = re.compile(r"<([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+)>\s*\Z")


def needed(mail: Mail) -> Iterator[Hit]:
    """Header fields that are missing, or there twice."""
    if (wire := mail.wire) is None:
        return
    for name in (*_NEEDED, *_LISTED):
        if not wire.fields(name.lower()):
            level = "warning" if name in {"To", "List-Id"} else "error"
            yield Hit(f"No {name}.", -1, "headers", level, f"no {level}")
    for name in _ONCE:
        for again in wire.fields(name.lower())[1:]:
            yield Hit(
                f"{name} a second time; servers refuse that or choose one.",
                again.start,
                "headers",
                kind="twice",
            )


def unsubscribing(mail: Mail) -> Iterator[Hit]:
    """A List-Unsubscribe that no client can follow with one click."""
    if (wire := mail.wire) is None:
        return
    for field in wire.fields("list-unsubscribe")[:1]:
        if _ENCODED.search(field.value):
            yield Hit("List-Unsubscribe is encoded: no client reads that.", field.start, "headers")
        elif _FOLDED_URI.search(field.written):
            yield Hit("List-Unsubscribe is folded inside of an address.", field.start, "headers")
        elif not any(split(uri)[0] == "https" for uri in _URI.findall(field.value)):
            yield Hit(
                "List-Unsubscribe without an <https://…> address: no one-click button.",
                field.start,
                "headers",
            )
        elif any(_BARE_MAILTO.match(uri) for uri in _URI.findall(field.value)):
            yield Hit("List-Unsubscribe has a mailto: without an address.", field.start, "headers")
    for field in wire.fields("list-unsubscribe-post")[:1]:
        if field.value != "List-Unsubscribe=One-Click":
            yield Hit("List-Unsubscribe-Post is not List-Unsubscribe=One-Click.", field.start, "headers")


def list_id(mail: Mail) -> Iterator[Hit]:
    """A List-Id that filters cannot sort by."""
    wire = mail.wire
    for field in wire.fields("list-id")[:1] if wire else ():
        if not _LIST_ID.search(field.value):
            yield Hit("List-Id does not end with a name of two labels in <…>.", field.start, "headers")


def subject_encoding(mail: Mail) -> Iterator[Hit]:
    """An ASCII subject that is encoded all the same."""
    wire = mail.wire
    for field in wire.fields("subject")[:1] if wire else ():
        if wire and _ENCODED.search(field.value) and wire.subject.isascii():
            yield Hit(
                "The subject is ASCII and encoded all the same; filters count that.", field.start, "headers"
            )


def message_id(mail: Mail) -> Iterator[Hit]:
    """A Message-ID that is none, or of another domain than the sender's."""
    wire = mail.wire
    for field in wire.fields("message-id")[:1] if wire else ():
        match = _MESSAGE_ID.fullmatch(field.value)
        if match is None:
            yield Hit("Message-ID is not of the form <key@domain>.", field.start, "headers", "error")
        elif wire and not _related(match[2].lower(), wire.sender_domain):
            message = f"Message-ID is of {match[2]}, the sender of {wire.sender_domain or 'no domain'}."
            yield Hit(message, field.start, "headers")


def _related(one: str, other: str) -> bool:
    return bool(other) and (one == other or one.endswith(f".{other}") or other.endswith(f".{one}"))


def sender(mail: Mail) -> Iterator[Hit]:
    """A sender that is no address, or has no name."""
    wire = mail.wire
    for field in wire.fields("from")[:1] if wire else ():
        if "@" not in field.value or not (wire and "." in wire.sender_domain):
            yield Hit("From holds no address.", field.start, "headers", "error")
        elif "<" not in field.value or not field.value.partition("<")[0].strip(' "'):
            yield Hit("The sender has no name; an inbox shows the bare address.", field.start, "headers")


def date(mail: Mail) -> Iterator[Hit]:
    """A Date that is none."""
    wire = mail.wire
    for field in wire.fields("date")[:1] if wire else ():
        if not _is_date(field):
            yield Hit("Date is not of the form Tue, 06 Jan 2026 09:00:00 +0000.", field.start, "headers")


def _is_date(field: Field) -> bool:
    try:
        return parsedate_tz(field.value[:100]) is not None
    except (IndexError, ValueError):  # the standard library's own limits
        return False


def auto_submitted(mail: Mail) -> Iterator[Hit]:
    """A mail by a program that holidays answer."""
    if (wire := mail.wire) and _is_list(wire):
        fields = wire.fields("auto-submitted")
        if not fields:
            yield Hit("No Auto-Submitted: auto-generated: every holiday notice comes back.", -1, "headers")
        elif not fields[0].value.lower().startswith("auto-"):
            yield Hit("Auto-Submitted does not say auto-generated.", fields[0].start, "headers")


def _is_list(wire: Wire) -> bool:
    return bool(wire.fields("list-id") or wire.fields("list-unsubscribe"))


def header_placeholders(mail: Mail) -> Iterator[Hit]:
    """What a template left unfilled in a header field."""
    wire = mail.wire
    for field in wire.top.fields if wire else ():
        if found := _LEFT.search(field.value):
            yield Hit(f"A header still holds a placeholder: {found.group()}", field.start, "headers")


_LEFT = re.compile(
    r"\{\{[^{}\n]{1,60}\}\}|%%\w{1,40}%%|\*\|[\w:]{1,40}\|\*|\[\[\w{1,40}\]\]|\bXX-[\w-]{1,40}-XX\b"
)
