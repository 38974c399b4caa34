"""Mail messages saved as .eml: a digest inside of an envelope.

Owns the envelope: which part is read, its encoding, and the date of the message. The HTML part is tried
first, because its links are still in it; then the plain text, then attached texts. What is inside is read
by the other formats, and the lines of a report are those of the part.

Headers are read by Python's older mail policy: the newer one parses every header by a grammar, and raises
IndexError, AttributeError or UnicodeError where a hostile one breaks it.
"""

import email
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from typing import Protocol

from newsletter.errors import DigestError
from newsletter.model import Digest
from newsletter.sources import dates, decoding
from newsletter.sources.document import Document

NAME = "eml"

# Parts that hold parts: a newsletter has three or four. Python's reader recurses for each.
MOST_NESTED = 40
# Texts of one message that are looked at: two bodies and some attached files.
MOST_PARTS = 20
# Characters. A mail program writes none longer; a subject is cut there before it is decoded.
_LONGEST_HEADER = 2_000
_NEXT_STEP = "save the mail that lists papers"

_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60}):(?:[ \t]|$)")
# Two of these in the first block make a message of a text.
_OF_A_MAIL = {
    "from", "to", "subject", "date", "message-id", "mime-version", "received", "content-type", "return-path",
    "delivered-to", "reply-to", "list-id", "dkim-signature", "x-from", "x-to", "sender", "list-unsubscribe",
}  # fmt: skip
_NESTED = re.compile(r"^content-type:\s{0,80}[\"']?(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)
_TEXTS = ("text/html", "text/plain", "text/markdown", "application/json", "application/x-bibtex", "text/csv")


class Format(Protocol):
    """A module that reads one format."""

    def sniff(self, document: Document) -> bool:
        """Whether it recognises the text."""
        ...

    def parse(self, document: Document) -> Digest:
        """The digest in the text."""
        ...


class Mail:
    """The format of messages, which reads what is in them by the formats it is given."""

    def __init__(self, formats: Mapping[str, Format]) -> None:
        self._formats = formats

    def sniff(self, document: Document) -> bool:
        """Whether the text begins with the headers of a message."""
        first, _, rest = document.start.partition("\n")
        names: set[str] = set()
        for line in rest.split("\n") if first.startswith("From ") else [first, *rest.split("\n")]:
            match = _HEADER.match(line)
            if match:
                names.add(match[1].casefold())
            elif line[:1] not in (" ", "\t") or not names:
                break
        return len(names & _OF_A_MAIL) >= 2

    def parse(self, document: Document) -> Digest:
        """The digest in the first part that holds one, dated by itself or else by the message.

        Raises: DigestError for a delivery report, for a message without papers, and for one that is broken.
        """
        message = _message(document)
        for text in _texts(message):
            inner = Document(text, document.source)
            named = next((each for each in self._formats.values() if each.sniff(inner)), None)
            digest = named.parse(inner) if named else None
            if digest and digest.papers:
                sent = _header(message, "Date")
                date = digest.date or dates.day(sent)
                return replace(digest, format=NAME, date=date, date_text=digest.date_text or sent)
        subject = _header(message, "Subject")[:100]
        problem = f"a mail (“{subject}”) in which no papers were found; {_NEXT_STEP}"
        raise DigestError(document.source, problem)


def _message(document: Document) -> Message:
    if sum(1 for _ in _NESTED.finditer(document.text)) > MOST_NESTED:
        problem = f"a mail of more than {MOST_NESTED} messages in each other; {_NEXT_STEP}"
        raise DigestError(document.source, problem)
    message = email.message_from_string(document.text.lstrip("\n"))
    if any(part.get_content_type() == "message/delivery-status" for part in message.walk()):
        problem = f"a delivery report, not a digest; {_NEXT_STEP}"
        raise DigestError(document.source, problem)
    return message


def _texts(message: Message) -> Iterator[str]:
    """The texts of the message, HTML first."""
    parts = [part for part in message.walk() if part.get_content_type() in _TEXTS]
    for part in sorted(parts, key=lambda part: _TEXTS.index(part.get_content_type()))[:MOST_PARTS]:
        if text := decoding.plain(_decoded(part)).strip("\n"):
            yield text


def _decoded(part: Message) -> str:
    """The text of one part. What is neither base64 nor quoted-printable was decoded with the whole file."""
    payload = part.get_payload()
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().casefold()
    if not isinstance(payload, str):
        return ""
    if encoding not in ("base64", "quoted-printable"):
        return payload
    data = part.get_payload(decode=True)
    try:
        charset = part.get_content_charset() or "utf-8"
        return data.decode(charset, "replace") if isinstance(data, bytes) else ""
    except (LookupError, ValueError):
        # A charset that does not exist, or whose name is no name.
        return data.decode("utf-8", "replace") if isinstance(data, bytes) else ""


def _header(message: Message, name: str) -> str:
    """The header's words, decoded as far as that is possible."""
    raw = str(message.get(name, ""))[:_LONGEST_HEADER]
    try:
        pieces = [
            piece.decode(charset or "utf-8", "replace") if isinstance(piece, bytes) else piece
            for piece, charset in decode_header(raw)
        ]
    except (HeaderParseError, LookupError, ValueError):
        pieces = [raw]
    return " ".join(decoding.plain("".join(pieces)).split())
