"""The header of a mail, whatever its bytes: its fields, and the tokens of the addresses in them.

Read by hand, line by line, because Python's email package raises IndexError, AttributeError or
UnicodeEncodeError where a hostile header breaks its grammar, and no grammar is needed to find a token.
Nothing here raises, and the time grows with the bytes alone.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Iterable, Iterator, Mapping

from newsletter.links import TOKEN_LENGTH

# Fields by their names in small letters.
Fields = Mapping[str, list[str]]
# A token, and nothing that would go on with it.
TOKEN = rf"([a-z2-7]{{{TOKEN_LENGTH}}})(?![a-z0-9])"
# Where servers and people write whom a mail goes to.
ADDRESSED = (
    "to",
    "cc",
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "resent-to",
    "apparently-to",
)
# Characters of a field that are looked at: two hundred addresses.
_LONGEST_FIELD = 20_000
_FIELD = re.compile(rb"([!-9;-~]{1,76})[ \t]*:(.*)", re.DOTALL)
_LINE_END = re.compile(rb"\r\n?|\n")
# RFC 2047 §2. No address may hold one, and some programs write them all the same.
_ENCODED_WORD = re.compile(r"=\?[\w-]{1,40}\?([bq])\?([!->@-~]{0,2000})\?=", re.IGNORECASE | re.ASCII)
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?)")


def fields(text: bytes) -> Fields:
    """The fields before the first empty line by their names in small letters, unfolded and decoded."""
    found: dict[str, list[str]] = {}
    for line in _unfolded(text):
        if match := _FIELD.fullmatch(line):
            name = match[1].decode("ascii").lower()
            found.setdefault(name, []).append(_decoded(match[2][:_LONGEST_FIELD].decode("latin-1")))
    return found


def groups(text: bytes, *, most: int) -> Iterator[Fields]:
    """At most so many groups of fields, with empty lines between them (RFC 3464 §2.1)."""
    at = 0
    for _ in range(most):
        while start := _LINE_END.match(text, at):
            at = start.end()
        if at >= len(text):
            return
        yield fields(text[at:])
        at = _end(text, at)


def first(fields: Fields, name: str) -> str:
    """The value of the first field of that name, without blanks around it; "" where there is none."""
    return next(iter(fields.get(name, ())), "").strip()


def tokens(fields: Fields, names: Iterable[str], address: str) -> Iterator[str]:
    """The tokens behind the plus of that mailbox in those fields, in small letters; none for no address."""
    local = re.escape(address.partition("@")[0])
    # The domain is not compared: inside of its server a mailbox may have another one.
    addressed = re.compile(rf"(?<![\w.+-]){local}\+{TOKEN}", re.IGNORECASE | re.ASCII)
    for name in names if address else ():
        for value in fields.get(name, ()):
            # Without blanks as well, for an address that was folded in its midst.
            for text in (value, re.sub(r"\s", "", value)):
                yield from (match[1].lower() for match in addressed.finditer(text))


def _end(text: bytes, at: int) -> int:
    """Where the group that begins there ends."""
    for line in _LINE_END.finditer(text, at):
        if _LINE_END.match(text, line.end()):
            return line.end()
    return len(text)


def _unfolded(text: bytes) -> Iterator[bytes]:
    """The lines of the header, each with those that go on with it."""
    lines: list[bytes] = []
    for line in _lines(text):
        if not line:
            break
        if line[:1] in (b" ", b"\t"):
            lines.append(line)
            continue
        yield b"".join(lines)
        lines = [line]
    yield b"".join(lines)


def _lines(text: bytes) -> Iterator[bytes]:
    at = 0
    for end in _LINE_END.finditer(text):
        yield text[at : end.start()]
        at = end.end()
    yield text[at:]


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
