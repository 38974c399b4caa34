"""From the bytes of a file to clean text, or a refusal that says what the bytes are.

Owns encodings, line ends and control characters. Knows nothing of papers: a text that comes out of here may
still be no digest. Line numbers count the line ends of the file, whichever kind it uses.
"""

import re
import unicodedata

from newsletter.errors import DigestError
from newsletter.model import Skipped

# Bytes. A page of 97 papers has 170 KB, all of two years' Daily Papers as JSON lines 22 MB.
MAX_BYTES = 25_000_000
# Lines. All of two years' Daily Papers have 250,000 wrapped, and 700,000 as indented JSON.
MAX_LINES = 1_000_000
# Share of NUL bytes that no text has. One or two may be left by a broken copy.
BINARY_SHARE = 0.001
# The next step that every refusal ends with.
SAVE_AS_TEXT = "open the page in a browser, select all, copy, and save the text as a .txt file"
# What an XML or HTML text says of its encoding, and the encodings that it may name: those of the web but for
# UTF-16, whose mark was looked for before.
_DECLARED = re.compile(rb"(?:encoding|charset)\s*=\s*[\"']?([A-Za-z][A-Za-z0-9._-]{0,40})", re.IGNORECASE)
_OF_THE_WEB = re.compile(
    r"us-ascii|iso-8859-\d{1,2}|latin-?1|windows-125\d|cp125\d|koi8-[ru]|gb(?:2312|k|18030)|big5|shift_jis|euc-(?:jp|kr)",
    re.IGNORECASE,
)

_SIGNATURES = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a ZIP archive or an office document",
    b"\xd0\xcf\x11\xe0": "an office document",
    b"{\\rtf": "a rich text document",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"SQLite format 3": "an SQLite database",
}
# UTF-32 comes first, because its little-endian mark begins with that of UTF-16.
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
)
# How the accents and quotes of a text look that was encoded twice.
# Its bytes were read as Latin-1, or as Windows-1252 with Latin-1 where that has no character.
_TO_BYTE = {
    ord(character): byte
    for byte in range(0x80, 0xA0)
    if (character := bytes([byte]).decode("cp1252", errors="ignore"))
}
_TWICE = re.compile("[\u00c3\u00ce\u00cf][\u0080-\u00bf]|\u00e2(?:\u0080|\u20ac)")
_LINE_END = re.compile("\r\n|[\r\u0085\u2028\u2029]")
# Single characters that are not what a reader sees: ends of lines; control characters and marks without width
# that a copy brings along (soft hyphen, zero-width blank, byte order mark); overrides of writing direction,
# which make a line read as something that it is not; blanks of other widths; halves of characters.
_ODD = re.compile(
    "[\r\u0085\u2028\u2029"
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069"
    "\u00a0\u2000-\u200a\u202f\u205f\u3000\ud800-\udfff]"
)
_LINE_ENDS = "\r\u0085\u2028\u2029"
# Marks over and under one letter: scripts need three; more are there to be looked at.
_MARK = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
_HEAPED = re.compile(f"([{_MARK}]{{4}})[{_MARK}]+")
# Marks of any script that one letter may have. Putting them into their order takes time with the square of
# their number: a megabyte of them would take minutes. Source: UAX 15, section 13.
_MOST_MARKS = 30
_MANY_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{_MOST_MARKS + 1},}}")


def text_of(data: bytes, source: str) -> tuple[str, tuple[Skipped, ...]]:
    """The text with plain line ends and blanks and no control characters; and a note where it was not UTF-8.

    Raises DigestError for what cannot be text: too large, empty, an archive, an image, other binary data.
    """
    if len(data) > MAX_BYTES:
        problem = f"this is larger than {MAX_BYTES // 1_000_000} MB, which no papers page is; {SAVE_AS_TEXT}"
        raise DigestError(source, problem)
    for signature, what in _SIGNATURES.items():
        if data.startswith(signature):
            raise DigestError(source, f"this is {what}, not text; {SAVE_AS_TEXT}")
    text, notes = _decoded(data, source)
    text = plain(text)
    if text.count("\n") > MAX_LINES:
        raise DigestError(source, f"more than {MAX_LINES:,} lines, which no digest has; {SAVE_AS_TEXT}")
    if not text.strip():
        raise DigestError(source, f"this is empty; {SAVE_AS_TEXT}")
    return text, notes


def plain(text: str) -> str:
    """The text with plain line ends and blanks, letters and accents in one, and nothing unseen in it."""
    if text.isascii() and text.isprintable():
        return text
    text = _ODD.sub(_evened, text.replace("\r\n", "\n"))
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _MANY_MARKS.sub(_thinned, _HEAPED.sub(r"\1", text)))


def _thinned(match: re.Match[str]) -> str:
    """The signs, with no more marks in a row than a letter can have."""
    kept, marks = [], 0
    for sign in match[0]:
        marks = marks + 1 if unicodedata.combining(sign) else 0
        if marks <= _MOST_MARKS:
            kept.append(sign)
    return "".join(kept)


def _evened(match: re.Match[str]) -> str:
    character = match[0]
    if character in _LINE_ENDS:
        return "\n"
    if "\ud800" <= character <= "\udfff":
        return "\ufffd"
    return " " if character.isspace() and character > "\x7f" else ""


def _decoded(data: bytes, source: str) -> tuple[str, tuple[Skipped, ...]]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), ()
    if data.count(0) > BINARY_SHARE * len(data):
        raise DigestError(source, f"this is binary data, not text; {SAVE_AS_TEXT}")
    if named := _named_encoding(data):
        return data.decode(named, errors="replace"), ()
    try:
        return _read_once(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        return _mended(data, error)


def _named_encoding(data: bytes) -> str | None:
    """The encoding other than UTF-8 that a text of tags names at its beginning."""
    start = data[:1024].lstrip()
    match = _DECLARED.search(start) if start.startswith(b"<") else None
    name = match[1].decode() if match else ""
    return name if _OF_THE_WEB.fullmatch(name) else None


def _read_once(text: str) -> tuple[str, tuple[Skipped, ...]]:
    """The text; of one that was encoded twice from end to end (`JosÃ©`, `â€œ`) what it was before.

    No other text can be taken for one: all of its letters beyond ASCII have to come out as UTF-8 again.
    """
    # One sign after the other is seen ten times as fast as all of them at once.
    first = _TWICE.search(text) if any(sign in text for sign in "ÃÎÏâ") else None
    if first is None:
        return text, ()
    try:
        was = text.translate(_TO_BYTE).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text, ()
    line = text.count("\n", 0, first.start()) + 1
    return was, (Skipped(line, first[0].encode().hex(" "), "UTF-8 encoded twice: read as it was before"),)


def _mended(data: bytes, error: UnicodeDecodeError) -> tuple[str, tuple[Skipped, ...]]:
    """UTF-8 with a few broken characters stays UTF-8; otherwise it is what Windows saves."""
    as_utf8 = data.decode("utf-8", errors="replace")
    broken = as_utf8.count("\ufffd")
    is_utf8 = sum(not character.isascii() for character in as_utf8) > 2 * broken
    line = len(_LINE_END.sub("\n", data[: error.start].decode("utf-8")).split("\n"))
    why = "not UTF-8: the character is lost" if is_utf8 else "not UTF-8: the text is read as Windows-1252"
    note = Skipped(line, data[error.start : error.end].hex(" "), why)
    return as_utf8 if is_utf8 else data.decode("cp1252", errors="replace"), (note,)
