"""The bytes of a mail → what it asks of us.

Owns how a mail says that its reader leaves: by whom it is addressed to. Its sender may be anybody, and it may
be a machine: the token is the proof, and a mail program that leaves for its owner is one, too. Never decides
whether a token is ours, and never answers (RFC 3834 §2).

The header is read by hand, line by line, because Python's email package raises IndexError, AttributeError or
UnicodeEncodeError where a hostile one breaks its grammar, and no grammar is needed to find a token.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from newsletter.links import TOKEN_LENGTH

# Bytes of a mail that are looked at: its header stands first, and servers take none of a tenth of this.
MOST_BYTES = 1_000_000
# Tokens of one mail: nobody is on more lists than that, and each costs a few signatures.
MOST_TOKENS = 20
# Characters of a field that are looked at: two hundred addresses.
_LONGEST_FIELD = 20_000

# Where servers and people write whom a mail goes to.
_ADDRESSED = (
    "to",
    "cc",
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "resent-to",
    "apparently-to",
)
_TOKEN = rf"([a-z2-7]{{{TOKEN_LENGTH}}})(?![a-z0-9])"
_ASKED = re.compile(rf"(?<![a-z0-9])unsubscribe[\s:]{{1,20}}{_TOKEN}", re.IGNORECASE)
# Who sends delivery reports, where it is not said that a mail is one.
_REPORTER = re.compile(r"mailer-daemon@", re.IGNORECASE)
_FIELD = re.compile(rb"([!-9;-~]{1,76})[ \t]*:(.*)", re.DOTALL)
# RFC 2047 §2. No address may hold one, and some programs write them all the same.
_ENCODED_WORD = re.compile(r"=\?[\w-]{1,40}\?([bq])\?([!->@-~]{0,2000})\?=", re.IGNORECASE | re.ASCII)
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?)")


class Ignored(StrEnum):
    """Why a mail asks nothing of us."""

    REPORT = "delivery report"  # a server could not deliver something, or tells that it did
    COMPLAINT = "complaint"  # a provider tells that somebody called our mail spam
    AUTOMATIC = "automatic reply"  # somebody is on holiday
    LIST = "list mail"  # a mailing list or a bulk mail of others
    OTHER = "other mail"  # nothing that is known; perhaps a person wrote it


@dataclass(frozen=True, slots=True)
class Leave:
    """The readers whose tokens these are leave, where they are ours. In the order of the mail, each once."""

    tokens: tuple[str, ...]


def read(mail: bytes, *, leave_address: str) -> Leave | Ignored:
    """What the mail asks. leave_address: the mailbox that readers leave by, "" where there is none.

    A token counts in whatever mail it stands, be it a report or an automatic reply.
    """
    fields = _fields(mail[:MOST_BYTES])
    tokens = dict.fromkeys(_tokens(fields, leave_address))
    return Leave(tuple(tokens)[:MOST_TOKENS]) if tokens else _ignored(fields)


def _tokens(fields: Mapping[str, list[str]], leave_address: str) -> Iterator[str]:
    local = re.escape(leave_address.partition("@")[0])
    # The domain is not compared: inside of its server a mailbox may have another one.
    addressed = re.compile(rf"(?<![\w.+-]){local}\+{_TOKEN}", re.IGNORECASE | re.ASCII)
    for name in _ADDRESSED if leave_address else ():
        for value in fields.get(name, ()):
            # Without blanks as well, for an address that was folded in its midst.
            for text in (value, re.sub(r"\s", "", value)):
                yield from (match[1].lower() for match in addressed.finditer(text))
    for value in fields.get("subject", ()):
        yield from (match[1].lower() for match in _ASKED.finditer(value))


def _ignored(fields: Mapping[str, list[str]]) -> Ignored:
    content = " ".join(fields.get("content-type", ())).lower()
    automatic = (value.strip().lower() for value in fields.get("auto-submitted", ()))
    precedence = {value.strip().lower() for value in fields.get("precedence", ())}
    if "feedback-report" in content:
        return Ignored.COMPLAINT
    if "multipart/report" in content:
        return Ignored.REPORT
    if fields.keys() & {"list-id", "list-unsubscribe"} or precedence & {"list", "bulk", "junk"}:
        return Ignored.LIST
    if _REPORTER.search(" ".join((*fields.get("from", ()), *fields.get("return-path", ())))):
        return Ignored.REPORT
    if any(value != "no" for value in automatic) or fields.keys() & {"x-autoreply", "x-autorespond"}:
        return Ignored.AUTOMATIC
    return Ignored.AUTOMATIC if "auto_reply" in precedence else Ignored.OTHER


def _fields(mail: bytes) -> Mapping[str, list[str]]:
    """The fields of the header by their names in small letters, unfolded and decoded."""
    found: dict[str, list[str]] = {}
    for line in _unfolded(mail):
        if match := _FIELD.fullmatch(line):
            name = match[1].decode("ascii").lower()
            found.setdefault(name, []).append(_decoded(match[2][:_LONGEST_FIELD].decode("latin-1")))
    return found


def _unfolded(mail: bytes) -> Iterator[bytes]:
    """The lines of the header, each with those that go on with it."""
    lines: list[bytes] = []
    for line in re.split(rb"\r?\n|\r", mail):
        if not line:
            break
        if line[:1] in (b" ", b"\t"):
            lines.append(line)
            continue
        yield b"".join(lines)
        lines = [line]
    yield b"".join(lines)


def _decoded(text: str) -> str:
    """The text with its encoded words in plain letters, as far as these are ASCII; a token is."""
    if "=?" not in text:
        return text
    return _ENCODED_WORD.sub(_word, _BETWEEN_WORDS.sub(r"\1", text))


def _word(match: re.Match[str]) -> str:
    try:
        if match[1].lower() == "b":
            return base64.b64decode(match[2] + "==").decode("latin-1")
        return quopri.decodestring(match[2].encode("ascii"), header=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return match[0]
