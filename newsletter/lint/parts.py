"""The bytes of a mail cut into header fields and parts, each with its place.

Reads leniently and never fails: what is wrong on the way is told by the rules, not here. The standard parser
is not used because it forgets where a thing stood, and what was wrong with it.
"""

import binascii
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header
from functools import cached_property
from typing import NamedTuple

# Levels of parts in parts; a mail of ours has two.
_DEEPEST = 8
# Parts of a mail that are looked at.
_MOST = 100

# Characters of a header that are decoded.
_LONGEST = 5_000
# The charsets of mails: Python knows others that no mail has, some of which take their time.
_CHARSET = re.compile(
    r"utf-?8|us-ascii|ascii|(iso|windows|cp|koi8|gb|big5|shift|euc|latin|mac)[\w-]*", re.IGNORECASE
)

_FIELD = re.compile(rb"([^\r\n:]*):?([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)(?:\r\n|\n|\r|\Z)")
_BLANK = re.compile(rb"\r\n|\n|\r")
_PARAMETER = re.compile(r";\s*([\w!#$&+.^`{}~*-]+)\s*=\s*(?:\"([^\"]*)\"?|([^\s;]*))")
_DOMAIN = re.compile(r"@([\w.-]+)")
_FOLD = re.compile(r"[\r\n]+[ \t]*")


class Field(NamedTuple):
    """One header field. name: in lower case; value: unfolded, not decoded; start, end: its place."""

    name: str
    value: str
    start: int
    end: int
    written: bytes = b""


@dataclass
class Part:
    """One part of a mail. start, end: where its body is; inner: the parts in it.

    closed: whether the last boundary of those is there.
    """

    fields: tuple[Field, ...]
    start: int
    end: int
    inner: list["Part"] = field(default_factory=list)
    closed: bool = True

    def get(self, name: str) -> str:
        """The value of the first field of that name, "" where there is none."""
        return next((one.value for one in self.fields if one.name == name), "")

    @cached_property
    def type(self) -> str:
        """Its media type, in lower case."""
        return (self.get("content-type").partition(";")[0].strip() or "text/plain").lower()

    @cached_property
    def encoding(self) -> str:
        """Its transfer encoding, in lower case."""
        return (self.get("content-transfer-encoding").strip() or "7bit").lower()

    def parameter(self, name: str) -> str:
        """A parameter of its content type, "" where there is none."""
        found = _PARAMETER.findall(self.get("content-type"))
        return next((quoted or bare for key, quoted, bare in found if key.lower() == name), "")

    @property
    def attached(self) -> bool:
        """Whether it is a file that comes with the mail."""
        return self.get("content-disposition").strip().lower().startswith("attachment")


@dataclass
class Wire:
    """A mail as it travels."""

    raw: bytes
    top: Part

    def place(self, at: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1."""
        line = bisect_left(self._breaks, at)
        return line + 1, at - (self._breaks[line - 1] if line else -1)

    @cached_property
    def _breaks(self) -> list[int]:
        return [match.start() for match in re.finditer(rb"\n", self.raw)]

    def every(self, part: Part | None = None) -> Iterator[Part]:
        """All parts, the outer before the inner."""
        part = part or self.top
        yield part
        for inner in part.inner:
            yield from self.every(inner)

    def fields(self, name: str) -> list[Field]:
        """The fields of the mail that have that name, in lower case."""
        return [one for one in self.top.fields if one.name == name]

    def body(self, type_: str) -> str | None:
        """The text of the first part of a media type that is no attachment."""
        for part in self.every():
            if part.type == type_ and not part.attached and not part.inner:
                return self.decoded(part)
        return None

    def decoded(self, part: Part) -> str:
        """The text of a part, with line feeds alone at the end of its lines."""
        content = _transferred(self.raw[part.start : part.end], part.encoding)
        return _read(content, part.parameter("charset") or "utf-8").replace("\r\n", "\n")

    @cached_property
    def subject(self) -> str:
        """The subject, decoded."""
        return decoded_words(self.top.get("subject"))

    @cached_property
    def sender_domain(self) -> str:
        """The domain of the sender, in lower case."""
        # The standard parser of addresses recurses with every bracket of a comment.
        found = _DOMAIN.findall(self.top.get("from")[:_LONGEST])
        return found[-1].strip(".").lower() if found else ""


def unpack(raw: bytes) -> Wire:
    """The mail with its fields and parts."""
    count = [0]
    return Wire(raw, _part(raw, 0, len(raw), 0, count))


def decoded_words(value: str) -> str:
    """A header's value with its encoded words read."""
    try:
        pieces = decode_header(value[:_LONGEST])
    except (HeaderParseError, ValueError):
        return value
    return "".join(
        _read(piece, charset or "utf-8") if isinstance(piece, bytes) else piece for piece, charset in pieces
    ).strip()


def _part(raw: bytes, start: int, end: int, depth: int, count: list[int]) -> Part:
    count[0] += 1
    fields, body = _fields(raw, start, end)
    part = Part(fields, body, end)
    boundary = part.parameter("boundary")
    if part.type.startswith("multipart/") and boundary and depth < _DEEPEST:
        for first, last in _between(raw, body, end, boundary):
            if count[0] >= _MOST:
                break
            part.inner.append(_part(raw, first, last, depth + 1, count))
        part.closed = f"--{boundary}--".encode("latin-1", errors="replace") in raw[body:end]
    return part


def _fields(raw: bytes, start: int, end: int) -> tuple[tuple[Field, ...], int]:
    """The header fields from here on, and where the body begins."""
    found: list[Field] = []
    at = start
    while at < end:
        if blank := _BLANK.match(raw, at, end):
            return tuple(found), blank.end()
        match = _FIELD.match(raw, at, end)
        if match is None or match.end() == at:
            break
        value = _FOLD.sub(" ", match[2].decode("utf-8", errors="replace")).strip()
        name = match[1].decode("latin-1").lower()
        found.append(Field(name, value, at, match.end(), match.group()))
        at = match.end()
    return tuple(found), end


def _between(raw: bytes, start: int, end: int, boundary: str) -> Iterator[tuple[int, int]]:
    """Where the parts between the lines of a boundary begin and end."""
    mark = b"--" + boundary.encode("latin-1", errors="replace")
    begin = -1
    at = raw.find(mark, start, end)
    while at >= 0:
        after = raw[at + len(mark) : at + len(mark) + 2]
        whole = after == b"--" or after[:1] in {b"\r", b"\n", b" ", b"\t", b""}
        if whole and (at == start or raw[at - 1 : at] in {b"\n", b"\r"}):
            if begin >= 0:
                yield begin, max(begin, at - (2 if raw[at - 2 : at] == b"\r\n" else 1))
            if after == b"--":
                return
            line = raw.find(b"\n", at, end)
            begin = line + 1 if line >= 0 else end
        at = raw.find(mark, at + len(mark), end)
    if 0 <= begin < end:
        yield begin, end


def _transferred(content: bytes, encoding: str) -> bytes:
    try:
        if encoding == "quoted-printable":
            return binascii.a2b_qp(content)
        if encoding == "base64":
            return binascii.a2b_base64(content)
    except (binascii.Error, ValueError):
        pass
    return content


def _read(content: bytes, charset: str) -> str:
    try:
        known = charset if _CHARSET.fullmatch(charset) else "utf-8"
        return content.decode(known, errors="replace")
    except (LookupError, ValueError):
        return content.decode("utf-8", errors="replace")
