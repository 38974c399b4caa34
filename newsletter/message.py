"""RenderedIssue + reader → the bytes of a mail.

Owns every header and its RFC, the MIME structure and the transfer encoding. Never decides what an issue
says and never talks to a server. The same input gives the same bytes, so a repeated mail is recognised
as one (RFC 7352) and a preview is what is sent.
"""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from email import parser, policy
from email.errors import MessageError
from email.headerregistry import Address, Group, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr

from newsletter import legible
from newsletter.model import Attachment, MailingList, ReaderLinks, RenderedIssue

# C0 and C1 controls, the Unicode line ends and lone surrogates: a header is one line of Unicode, whatever a
# paper's title holds.
_NOT_IN_A_HEADER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
# How an encoded word begins (RFC 2047 §2). Python's email package decodes those of a text that it is given
# and writes what comes out as it is: a line end in one would begin a header of its own.
_ENCODED = "=?"


class _Uris(UnstructuredHeader):
    """A header of angle-bracketed URIs, folded between them and never inside one.

    The standard folding would turn a URI of over about 60 characters into an encoded word, which
    RFC 2369 §2 does not allow and which one-click unsubscribing does not survive.
    """

    def fold(self, *, policy: policy.EmailPolicy) -> str:
        """The header as lines, one URI on each."""
        uris = f",{policy.linesep} ".join(str(self).split(", "))
        return f"{self.name}: {uris}{policy.linesep}"  # type: ignore[attr-defined]


def _policy() -> "policy.EmailPolicy[EmailMessage]":
    registry = HeaderRegistry()
    for name in ("list-unsubscribe", "list-archive", "list-help"):
        registry.map_to_type(name, _Uris)  # type: ignore[arg-type]  # a mixin, as the registry asks
    # The standard library folds quoted-printable lines at the length of a header, and RFC 2045 §6.7 allows
    # them 76 characters.
    return policy.SMTP.clone(header_factory=registry, max_line_length=76)


_POLICY = _policy()

# Where one header ends and the next begins: a line that starts with a space goes on with the one before.
_FIELD_ENDS = re.compile(rb"\r\n(?![ \t])")
_OF_A_READER = frozenset((b"to", b"date", b"message-id"))

# RFC 5321 §4.5.3.1.1
_LOCAL_PART_OCTETS = 64
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", re.IGNORECASE)


def mailbox(text: str) -> Address:
    """The one address that a text is, with or without a display name. Raises: ValueError."""
    name, spec = parseaddr(text)
    # parseaddr finds an address in much that is none, and the first one where there are several.
    whole = text.strip() == spec or text.strip().endswith(f"<{spec}>")
    if _NOT_IN_A_HEADER.search(text) or _ENCODED in text or text.count("@") != 1 or not whole:
        raise ValueError("write one address, such as: Paper Weekly <digest@example.org>")
    try:
        address = Address(display_name=name, addr_spec=spec)
    except (MessageError, IndexError, ValueError) as error:
        raise ValueError(f"{spec} is not an address") from error
    if not spec.isascii():
        raise ValueError(f"{spec} has other letters than ASCII, which not every server takes")
    if not _DOMAIN.fullmatch(address.domain) or len(address.username) > _LOCAL_PART_OCTETS:
        raise ValueError(f"{spec} is not an address that mail can come from")
    return address


def compose(
    rendered: RenderedIssue,
    *,
    list: MailingList,
    links: ReaderLinks,
    recipient: str,
    sent_at: datetime,
    attachments: Iterable[Attachment] = (),
    key: str = "",
) -> bytes:
    """A whole mail: CRLF, 7-bit, text/plain before text/html, every header a bulk mail needs.

    sent_at: aware. recipient: one address, with or without a display name. attachments: behind both bodies.
    key: twenty hexadecimal digits that stand for this mail alone (`delivery_key`), "" to make them of what
    is given. Nothing but To, Message-ID and the links differs from reader to reader.
    Source: RFC 5322 §3.6, RFC 2046 §5.1.3–4, RFC 2183, RFC 2369, RFC 2919, RFC 8058 §3.1, RFC 3834 §5.
    """
    key = key or _key(list.slug, sent_at.isoformat(), recipient, rendered.subject)
    mail = _headed(list, recipient, rendered.subject, sent_at, key)
    _of_a_list(mail, list, links)
    # The same for every reader. Neither encoding of a body leaves "=_" in it, so that no text can end a part.
    boundary = f"=_{_key('parts', list.slug, sent_at.date().isoformat(), rendered.subject)}"
    _add_bodies(mail, rendered, boundary=boundary)
    _attach(mail, attachments, boundary=f"{boundary}-files")
    mail["Content-Language"] = "en"
    return mail.as_bytes()


def delivery_key(list: str, number: int, subscription_key: bytes) -> str:
    """The key of an issue's mail to one reader: the same on every try and machine, whatever secrets sign.

    list: its slug. number: of the issue. It tells nothing of the reader, and nobody can guess it.
    Source: RFC 7352 (a mail that comes twice is known by its Message-ID).
    """
    return _key("delivery", list, str(number), subscription_key.hex())


def to_field(recipient: str) -> bytes:
    """The field To of a mail to that address, as `compose` writes it, with its CRLF."""
    field = EmailMessage(policy=_POLICY)
    field["To"] = _to(recipient)
    return field.as_bytes().removesuffix(b"\r\n")


def letter(
    rendered: RenderedIssue,
    *,
    list: MailingList,
    links: ReaderLinks | None,
    recipient: str,
    name: str,
    sent_at: datetime,
) -> bytes:
    """A whole mail to one person, who asked for it: as `compose` makes one, but for what lists have.

    links: of a reader of the list, for the headers by which they leave; None for somebody who is none.
    name: what stands for this mail alone: its Message-ID is the same each time, whenever it is sent.
    Source: RFC 3834 §5, MS-OXCMAIL §2.1.3.2.20.
    """
    key = _key(list.slug, "letter", name, recipient)
    mail = _headed(list, recipient, rendered.subject, sent_at, key)
    # For Exchange, which answers on behalf of the absent. Not All: that would keep bounces back, too.
    mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    if links:
        _of_a_list(mail, list, links)
    _add_bodies(mail, rendered, boundary=f"=_{key}")
    mail["Content-Language"] = "en"
    return mail.as_bytes()


def readdress(mail: bytes, *, recipient: str, sent_at: datetime) -> tuple[bytes, str, str]:
    """The same mail for somebody else, and the addresses that a server needs: its sender's and recipient's.

    Only To, Date and Message-ID differ. sent_at: aware; another one makes another Message-ID.
    recipient: one address, with or without a display name. Raises: ValueError for anything else.
    """
    to = mailbox(recipient)
    head, bodies = mail.split(b"\r\n\r\n", 1)
    sender = parser.BytesHeaderParser(policy=_POLICY).parsebytes(head)["From"].addresses[0]
    fresh = EmailMessage(policy=_POLICY)
    fresh["To"] = to
    fresh["Date"] = format_datetime(sent_at)
    fresh["Message-ID"] = f"<{_key(sent_at.isoformat(), str(to), str(head))}@{sender.domain}>"
    kept = [field for field in _FIELD_ENDS.split(head) if field.split(b":")[0].lower() not in _OF_A_READER]
    return b"\r\n".join([*kept, fresh.as_bytes().strip(), b"", bodies]), sender.addr_spec, to.addr_spec


def _headed(list: MailingList, recipient: str, subject: str, sent_at: datetime, key: str) -> EmailMessage:
    """A mail with the headers that every mail of ours has, and no body yet."""
    sender = _address(list.sender)
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = sender
    mail["To"] = _to(recipient)
    mail["Subject"] = _one_line(subject)
    mail["Date"] = format_datetime(sent_at)
    mail["Message-ID"] = f"<{key}@{sender.domain}>"
    if list.reply_to:
        mail["Reply-To"] = _address(list.reply_to)
    mail["Auto-Submitted"] = "auto-generated"
    return mail


def _of_a_list(mail: EmailMessage, list: MailingList, links: ReaderLinks) -> None:
    """Adds what tells a program that this is a list's mail, and how its reader leaves."""
    mail["List-Id"] = formataddr((_one_line(list.title), f"{list.slug}.{_address(list.sender).domain}"))
    # The page first: clients take the first address that they know (RFC 2369 §2), and it asks for no mail.
    leave = filter(None, (links.unsubscribe, links.unsubscribe_mail))
    mail["List-Unsubscribe"] = ", ".join(f"<{address}>" for address in leave)
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["List-Archive"] = f"<{links.archive}>"
    mail["List-Help"] = f"<{links.preferences}>"


def _add_bodies(mail: EmailMessage, rendered: RenderedIssue, *, boundary: str) -> None:
    # Quoted-printable always: eight-bit needs 8BITMIME on every hop, base64 grows the HTML by a third.
    mail.set_content(rendered.text, charset="utf-8", cte="quoted-printable")
    mail.make_alternative(boundary=boundary)
    mail.add_alternative(rendered.html, subtype="html", charset="utf-8", cte="quoted-printable")


def _attach(mail: EmailMessage, attachments: Iterable[Attachment], *, boundary: str) -> None:
    """Puts the files behind the bodies. A mail without any stays as it is: some clients show a paper clip."""
    for at, (name, subtype, content) in enumerate(attachments):
        if at == 0:
            # Else the boundary would be another one each time.
            mail.make_mixed(boundary=boundary)
        # Base64, because a line of a file may be longer than 998 octets, and may end in CR LF or in LF alone.
        mail.add_attachment(content, maintype="application", subtype=subtype, cte="base64", filename=name)


def _address(text: str) -> Address:
    name, spec = parseaddr(_one_line(text))
    return Address(display_name=name, addr_spec=spec)


def _to(recipient: str) -> Address | Group:
    try:
        return _address(recipient)
    except (MessageError, ValueError, IndexError):
        # Such as =?a@example.org, whose field programs would read as something else. It is in the envelope.
        return Group("undisclosed-recipients")


def _one_line(text: str) -> str:
    text = legible.text(_NOT_IN_A_HEADER.sub(" ", text)).replace(_ENCODED, "= ?")
    return " ".join(text.split())


def _key(*parts: str) -> str:
    """Twenty hexadecimal digits that stand for these parts, the same each time."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:20]
