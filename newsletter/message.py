"""RenderedIssue + reader → the bytes of a mail.

Owns every header and its RFC, the MIME structure and the transfer encoding. Never decides what an issue
says and never talks to a server. The same input gives the same bytes, so a repeated mail is recognised
as one (RFC 7352) and a preview is what is sent.
"""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from email import policy
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr
from typing import NamedTuple

from newsletter.model import MailingList, ReaderLinks, RenderedIssue

# C0 and C1 controls and the Unicode line ends: a header is one line, whatever a paper's title holds.
_NOT_IN_A_HEADER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Attachment(NamedTuple):
    """A file that a mail brings along. subtype: of the media type application/…."""

    name: str
    subtype: str
    content: bytes


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


def compose(
    rendered: RenderedIssue,
    *,
    list: MailingList,
    links: ReaderLinks,
    recipient: str,
    sent_at: datetime,
    attachments: Iterable[Attachment] = (),
) -> bytes:
    """A whole mail: CRLF, 7-bit, text/plain before text/html, every header a bulk mail needs.

    sent_at: aware. recipient: one address, with or without a display name. attachments: behind both bodies.
    Source: RFC 5322 §3.6, RFC 2046 §5.1.3–4, RFC 2183, RFC 2369, RFC 2919, RFC 8058 §3.1, RFC 3834 §5.
    """
    sender = _address(list.sender)
    key = _key(list.slug, sent_at.isoformat(), recipient, rendered.subject)
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = sender
    mail["To"] = _address(recipient)
    mail["Subject"] = _one_line(rendered.subject)
    mail["Date"] = format_datetime(sent_at)
    mail["Message-ID"] = f"<{key}@{sender.domain}>"
    if list.reply_to:
        mail["Reply-To"] = _address(list.reply_to)
    mail["List-Id"] = formataddr((_one_line(list.title), f"{list.slug}.{sender.domain}"))
    mail["List-Unsubscribe"] = f"<{links.unsubscribe}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["List-Archive"] = f"<{links.archive}>"
    mail["List-Help"] = f"<{links.preferences}>"
    mail["Auto-Submitted"] = "auto-generated"
    _add_bodies(mail, rendered, boundary=f"=_{key}")
    _attach(mail, attachments, boundary=f"=_{key}-files")
    mail["Content-Language"] = "en"
    return mail.as_bytes()


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


def _one_line(text: str) -> str:
    return " ".join(_NOT_IN_A_HEADER.sub(" ", text).split())


def _key(*parts: str) -> str:
    """Twenty hexadecimal digits that stand for these parts, the same each time."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:20]
