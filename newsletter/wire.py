"""One mail, spliced for each reader: the bytes that `message.compose` makes for them, made once.

Owns the marks at a reader's own values, where they lie in the finished mail, and what a mail must be like
to travel. Never decides what an issue says, whom it goes to, or how. An issue is rendered and composed once
with marks (`config.marked_links`): tokens of a key that no reader has. Tokens have one length, and only
letters that quoted-printable leaves alone, so that another one in their place moves nothing else.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, Self

from newsletter import dkim, message, rendering
from newsletter.errors import NewsletterError, RenderError
from newsletter.links import TOKEN_LENGTH
from newsletter.model import Attachment, MailingList, ReaderLinks, RenderedIssue

if TYPE_CHECKING:
    import hashlib

# Hexadecimal digits of a mail's own key (`message.delivery_key`).
KEY_LENGTH = 20
# RFC 5322 §2.1.1: octets of a line, without its end.
_LONGEST_LINE = 998

# Stands where a reader's address goes. The whole field is replaced.
_NOBODY = "reader@example.invalid"
_NO_KEY = "0" * KEY_LENGTH

# Which value goes into a hole, by its place among those of a reader.
_TO, _KEY, _PREFERENCES, _UNSUBSCRIBE = range(4)
# Fields of a head, as they are written or canonical (`dkim`); one goes on in lines that begin with a space.
_TO_FIELD = re.compile(rb"^To:.*\r\n(?:[ \t].*\r\n)*", re.I | re.M)
_KEY_OF_MAIL = re.compile(rb"^Message-ID: ?<([0-9a-f]{20})@", re.I | re.M)
_LEAVE_MARK, _CHOOSE_MARK = (
    re.compile(rb"^%b: <[^>]*?([a-z2-7]{%d})>" % (name, TOKEN_LENGTH), re.M)
    for name in (b"List-Unsubscribe", b"List-Help")
)

# An address that stands in one line after "To: " as it is; the longest such line has 76 characters.
_PLAIN = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_PLAIN_LENGTH = 72

# What no mail may hold on its way: a line end that is only half one, NUL, and more than seven bits.
_NOT_TO_TRAVEL = re.compile(rb"\r(?!\n)|(?<!\r)\n|[\0\x80-\xff]")
# Fields that each mail of an issue has once.
_ONCE = (
    *("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "List-Id"),
    *("List-Unsubscribe", "List-Unsubscribe-Post", "List-Archive", "List-Help"),
)


@dataclass(frozen=True, slots=True)
class Reader:
    """What is a reader's own in a mail. key: twenty hexadecimal digits (`message.delivery_key`)."""

    address: str = field(repr=False)
    preferences_token: str = field(repr=False)
    unsubscribe_token: str = field(repr=False)
    key: str = field(repr=False)


# Readers whose mails are read back before an issue goes.
_SAMPLES = (
    Reader("ada@example.org", "a2" * 26, "7z" * 26, "0123456789abcdef0123"),
    Reader(f"{'o' * 60}+list@{'long.' * 30}example.org", "b" * 52, "c" * 52, "f" * 20),
    Reader("{odd}|o'neil%x@example.org", "2" * 52, "zy" * 26, "9" * 20),
)


def pattern(
    rendered: RenderedIssue,
    *,
    list: MailingList,
    links: ReaderLinks,
    sent_at: datetime,
    attachments: Iterable[Attachment] = (),
) -> bytes:
    """The whole mail with marks where a reader's own values go; checked, so that it can go to anybody.

    rendered: with the same links, those of `config.marked_links`. sent_at: aware.
    Raises: RenderError for a look that leaves no way to leave, or changes the address of one.
    """
    marks = [links.preferences[-TOKEN_LENGTH:], links.unsubscribe[-TOKEN_LENGTH:]]
    for template, text in (
        (rendering.SUBJECT, rendered.subject),
        (rendering.HTML, rendered.html),
        (rendering.TEXT, rendered.text),
    ):
        _require_marks(text, marks, look=list.look, template=template)
    mail = message.compose(
        rendered,
        list=list,
        links=links,
        recipient=_NOBODY,
        sent_at=sent_at,
        attachments=attachments,
        key=_NO_KEY,
    )
    WireTemplate.of(mail).check()
    return mail


def _require_marks(text: str, marks: Sequence[str], *, look: str, template: str) -> None:
    """Raises RenderError where a text has a mark that is not whole, or lacks the one for leaving."""
    rest = text
    for mark in marks:
        rest = rest.replace(mark, "")
    # A quarter of a mark is long enough not to be there by chance.
    quarters = [mark[at : at + 13] for mark in marks for at in range(0, TOKEN_LENGTH, 13)]
    if any(quarter in rest.lower() for quarter in quarters):
        raise RenderError(
            look,
            template,
            "changes the address of a reader's page, which no reader could open then; write it as it is: "
            "{{ links.unsubscribe | address }}, {{ links.preferences | address }}",
        )
    if template == rendering.SUBJECT and rest != text:
        raise RenderError(look, template, "shows the address of a reader's page; leave it to the bodies")
    if template != rendering.SUBJECT and marks[1] not in text:
        raise RenderError(
            look,
            template,
            "shows a reader no way to leave; write {{ links.unsubscribe | address }} where they find it",
        )


class _Hole(NamedTuple):
    """Where a value goes, or the part of it that one line has. at: its place among the pieces."""

    at: int
    value: int
    start: int
    stop: int


class _Spot(NamedTuple):
    """What a hole is made of: from where to where in a text."""

    start: int
    stop: int
    value: int
    part: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Cut:
    """A text in pieces, with an empty one in each hole."""

    pieces: tuple[bytes, ...] = field(repr=False)
    holes: tuple[_Hole, ...]

    @classmethod
    def of(cls, text: bytes, spots: Iterable[_Spot]) -> Self:
        pieces, holes, at = [], [], 0
        for spot in sorted(spots):
            pieces += [text[at : spot.start], b""]
            holes.append(_Hole(len(pieces) - 1, spot.value, *spot.part))
            at = spot.stop
        return cls((*pieces, text[at:]), tuple(holes))

    def filled(self, values: Sequence[bytes]) -> list[bytes]:
        """The pieces with those values in the holes."""
        pieces = [*self.pieces]
        for at, value, start, stop in self.holes:
            pieces[at] = values[value][start:stop]
        return pieces


@dataclass(frozen=True, slots=True)
class _Signing:
    """What signatures are made of: the canonical mail in pieces, hashed as far as all readers share it.

    Measured: a mail of 73 KB takes 50 µs beside the signature itself, and 3,500 µs where it is read anew.
    """

    signers: tuple[dkim.Signer, ...]
    head: dkim.Head
    signed_head: _Cut
    shared: "hashlib._Hash"
    rest: _Cut

    @classmethod
    def of(cls, pattern: bytes, head: bytes, marks: Reader, signers: Iterable[dkim.Signer]) -> Self:
        signed = dkim.canonical_head(head)
        text = dkim.canonical_body(pattern[len(head) + 2 :])
        body = _Cut.of(text, _spots(text, b"", marks))
        return cls(
            tuple(signers),
            signed,
            _Cut.of(signed.canonical, _spots(signed.canonical, signed.canonical, marks)),
            sha256(body.pieces[0]),
            _Cut((b"", *body.pieces[1:]), body.holes),
        )

    def fields(self, values: Sequence[bytes]) -> list[bytes]:
        """The fields of the signatures of a mail with those values."""
        to = dkim.canonical_field(values[_TO]) + b"\r\n"
        head = self.head._replace(canonical=b"".join(self.signed_head.filled((to, *values[1:]))))
        body = self.shared.copy()
        body.update(b"".join(self.rest.filled(values)))
        digest = body.digest()
        return [signer.sign(head, digest) for signer in self.signers]


@dataclass(frozen=True, slots=True)
class WireTemplate:
    """A mail that is whole but for what is a reader's own.

    dotted: whether a line of it begins with a dot that SMTP doubles; the same for every reader.
    """

    dotted: bool
    _mail: _Cut = field(repr=False)
    _marks: Reader = field(repr=False)
    _signing: _Signing | None = field(repr=False)

    @classmethod
    def of(cls, pattern: bytes, *, signers: Sequence[dkim.Signer] = (), stuffed: bool = False) -> Self:
        """The template of a mail with marks, which those sign. Raises: NewsletterError for one without.

        stuffed: whether its mails are as they go by SMTP, with dots doubled (RFC 5321 §4.5.2): once for all
        readers, where looking for them takes 90 µs a mail.
        """
        head = pattern.partition(b"\r\n\r\n")[0] + b"\r\n"
        to, key = _TO_FIELD.search(head), _KEY_OF_MAIL.search(head)
        choose, leave = _CHOOSE_MARK.search(head), _LEAVE_MARK.search(head)
        if not (to and key and choose and leave):
            raise NewsletterError(
                "this mail of the issue has no marks at what is a reader's own; render the issue again"
            )
        marks = Reader(_NOBODY, choose[1].decode(), leave[1].decode(), key[1].decode())
        signing = _Signing.of(pattern, head, marks, signers) if signers else None
        text = pattern.replace(b"\r\n.", b"\r\n..") if stuffed else pattern
        dotted = not stuffed and b"\r\n." in pattern
        return cls(dotted, _Cut.of(text, _spots(text, head, marks)), marks, signing)

    def splice(self, reader: Reader) -> bytes:
        """The mail of that reader: byte for byte what `message.compose` makes for them, and signed."""
        values = _values(reader)
        mail = self._mail.filled(values)
        return b"".join(self._signing.fields(values) + mail if self._signing else mail)

    def check(self) -> None:
        """Raises NewsletterError for a mail that would not arrive as it is, or not be each reader's own."""
        pattern = self.splice(self._marks)
        if problem := _trouble(pattern) or next(filter(None, map(self._unlike, _SAMPLES)), ""):
            raise NewsletterError(f"a mail of this issue cannot travel: {problem}")

    def _unlike(self, reader: Reader) -> str:
        """What of that reader's mail is not what it should be, in words; "" where all is."""
        spliced = self.splice(reader)
        return _trouble(spliced) or _difference(
            _read(self.splice(self._marks)), _read(spliced), self._marks, reader
        )


def _values(reader: Reader) -> tuple[bytes, bytes, bytes, bytes]:
    """The values that go into the holes, in their order."""
    tokens = reader.preferences_token, reader.unsubscribe_token
    if len(reader.key) != KEY_LENGTH or len(tokens[0]) != TOKEN_LENGTH or len(tokens[1]) != TOKEN_LENGTH:
        raise ValueError("a token has 52 characters and a key 20: any other would not fit its place")
    return _to_field(reader.address), reader.key.encode(), tokens[0].encode(), tokens[1].encode()


def _to_field(address: str) -> bytes:
    if len(address) <= _PLAIN_LENGTH and _PLAIN.fullmatch(address):
        return b"To: %b\r\n" % address.encode()
    return message.to_field(address)


def _spots(text: bytes, head: bytes, marks: Reader) -> Iterator[_Spot]:
    """Where a reader's own values lie in the text. head: what it begins with, b"" for a body."""
    if to := _TO_FIELD.search(head):
        yield _Spot(*to.span(), _TO, (0, _LONGEST_LINE))
    if key := _KEY_OF_MAIL.search(head):
        yield _Spot(*key.span(1), _KEY, (0, KEY_LENGTH))
    yield from _marked(text, marks.preferences_token, _PREFERENCES)
    yield from _marked(text, marks.unsubscribe_token, _UNSUBSCRIBE)


def _marked(text: bytes, mark: str, value: int) -> Iterator[_Spot]:
    """Where the mark lies, in two parts where quoted-printable broke the line within it."""
    soft = b"=\r\n"
    for found in re.finditer(b"(?:=\r\n)?".join(bytes([letter]) for letter in mark.encode()), text):
        start, stop = found.span()
        cut = found[0].find(soft)
        if cut < 0:
            yield _Spot(start, stop, value, (0, TOKEN_LENGTH))
        else:
            yield _Spot(start, start + cut, value, (0, cut))
            yield _Spot(start + cut + len(soft), stop, value, (cut, TOKEN_LENGTH))


def _trouble(mail: bytes) -> str:
    """What servers would change in the mail or refuse it for, in words; "" for nothing."""
    if found := _NOT_TO_TRAVEL.search(mail):
        return f"octet {found.start()} is {found[0]!r}; all is to be seven bits, in lines that end with CR LF"
    if not mail.endswith(b"\r\n"):
        return "its last line has no end"
    number, longest = max(enumerate(mail.split(b"\r\n"), start=1), key=lambda line: len(line[1]))
    if len(longest) > _LONGEST_LINE:
        return (
            f"line {number} has {len(longest)} characters, and a mail may have {_LONGEST_LINE} (RFC 5322): "
            f"{longest[:40].decode('ascii', 'replace')}…; is base_url that long?"
        )
    return ""


def _read(mail: bytes) -> EmailMessage:
    return message_from_bytes(mail, policy=policy.default)


def _difference(marked: EmailMessage, read: EmailMessage, marks: Reader, reader: Reader) -> str:
    """What a program that reads the mail finds otherwise than in the pattern with the reader's values."""
    if defects := [*_defects(read)]:
        return f"a program that reads it finds {defects[0]}"
    if wrong := [name for name in _ONCE if len(read.get_all(name, [])) != 1]:
        return f"it has not one field {wrong[0]}"
    if [one.addr_spec for one in read["To"].addresses] != [reader.address]:
        return "its field To is not the address of the reader"
    wanted, got = (_texts(one) for one in (marked, read))
    for mark, value in _pairs(marks, reader):
        wanted = [text.replace(mark, value) for text in wanted]
    return "" if wanted == got else "what is a reader's own stands in a place where it cannot be found"


def _pairs(marks: Reader, reader: Reader) -> Iterator[tuple[str, str]]:
    yield marks.preferences_token, reader.preferences_token
    yield marks.unsubscribe_token, reader.unsubscribe_token
    yield f"<{marks.key}@", f"<{reader.key}@"


def _texts(mail: EmailMessage) -> list[str]:
    """All that people read of the mail, and its fields but To and signatures."""
    fields = [f"{name}: {value}" for name, value in mail.items() if name not in ("To", "DKIM-Signature")]
    return [*fields, *(part.get_content() for part in mail.walk() if part.get_content_maintype() == "text")]


def _defects(mail: EmailMessage) -> Iterator[Exception]:
    for part in mail.walk():
        yield from part.defects
        for value in part.values():
            yield from value.defects
