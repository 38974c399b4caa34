"""Mails that lie in a mailbox of an IMAP server.

Owns the session: TLS that is verified, login, and what is marked as seen. A mail is looked at without that
mark, and gets it only when `settle` says so: a process that dies before that reads it again. Nothing is
deleted or moved. Of a mail only its first part is fetched, and it is not parsed here. Neither a password nor
an address stands in an error.
Source: RFC 9051, RFC 3501 §5.1.3 (the names of folders), RFC 4616 (PLAIN).
"""

import base64
import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from newsletter.errors import NewsletterError

# Mails that are asked for at once: a server answers with all their numbers in a line, of which a client takes
# 1 MB. The others are there the next time.
_MOST = 50_000
_ASCII = re.compile(r"[ -~]+|[^ -~]+")
# What is wrong when the connection fails, and what to do. The first that fits counts.
_PROBLEMS: dict[type[BaseException], str] = {
    ssl.SSLCertVerificationError: "shows a certificate that is not trusted; use the name it is for",
    ssl.SSLError: 'speaks no TLS on this port; try bounces.security = "starttls", with port 143 as a rule',
    socket.gaierror: "is a name that nobody knows; correct bounces.imap_host",
    ConnectionRefusedError: "refuses the connection; check bounces.imap_host and bounces.imap_port",
    TimeoutError: "gave no answer in time; check bounces.imap_host and bounces.imap_port, or try again later",
    imaplib.IMAP4.readonly: "lets nobody write to the folder, so that no mail can be marked as seen",
    imaplib.IMAP4.abort: "ended the connection; try again: what was taken in is marked as seen",
    OSError: "ended the connection; try again: what was taken in is marked as seen",
}


@dataclass(frozen=True, slots=True)
class Server:
    """Where a mailbox is. security: "tls", "starttls" or "none". timeout_s: for each answer."""

    host: str
    port: int = 993
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    folder: str = "INBOX"
    security: str = "tls"
    timeout_s: float = 60.0

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail of an open mailbox. number: the server's own, for good."""

    number: str
    server: Server
    session: imaplib.IMAP4 = field(repr=False)

    def content(self, *, most: int) -> bytes | None:
        """At most so many bytes; None where somebody else took it away. Raises: NewsletterError."""
        with _translated(self.server):
            _, found = self.session.uid("FETCH", self.number, f"(BODY.PEEK[]<0.{most}>)")
            return next((part[1] for part in found if isinstance(part, tuple)), None)

    def settle(self) -> None:
        """Mark it as seen. Raises: NewsletterError."""
        with _translated(self.server):
            self.session.uid("STORE", self.number, "+FLAGS.SILENT", r"(\Seen)")


@contextmanager
def opened(server: Server) -> Iterator[list[Mail]]:
    """The mails that nobody has seen, in the order they came. Raises: NewsletterError."""
    with _translated(server):
        session = _connected(server)
    try:
        with _translated(server):
            _log_in(session, server)
            _select(session, server)
            _, found = session.uid("SEARCH", "UNSEEN", "UNDELETED")
        numbers = (found[0] or b"").split()[:_MOST]
        yield [Mail(number.decode("ascii", "replace"), server, session) for number in numbers]
    finally:
        # What was taken in is marked, whatever the goodbye is like.
        with suppress(imaplib.IMAP4.error, OSError):
            session.logout()


def folder_name(folder: str) -> str:
    """The name of a folder as the protocol has it, in quotes. Source: RFC 3501 §5.1.3."""
    coded = "".join(map(_coded, _ASCII.findall(folder)))
    return '"' + coded.replace("\\", r"\\").replace('"', r"\"") + '"'


def _coded(run: str) -> str:
    if " " <= run[0] <= "~":
        return run.replace("&", "&-")
    text = base64.b64encode(run.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
    return f"&{text}-"


def _connected(server: Server) -> imaplib.IMAP4:
    if server.security == "tls":
        context = ssl.create_default_context()
        return imaplib.IMAP4_SSL(server.host, server.port, ssl_context=context, timeout=server.timeout_s)
    session = imaplib.IMAP4(server.host, server.port, timeout=server.timeout_s)
    if server.security == "starttls":
        try:
            session.starttls(ssl_context=ssl.create_default_context())
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            problem = 'offers no STARTTLS; try bounces.security = "tls", with port 993 as a rule'
            raise NewsletterError(f"{server.name} {problem}") from None
    return session


def _log_in(session: imaplib.IMAP4, server: Server) -> None:
    login = f"\0{server.user}\0{server.password}".encode()
    try:
        if "AUTH=PLAIN" in session.capabilities:
            session.authenticate("PLAIN", lambda _: login)
        else:
            session.login(server.user, server.password)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeEncodeError):
        # Not `from error`: its own words may hold the login.
        problem = "does not accept the login; check bounces.imap_user and bounces.imap_password"
        raise NewsletterError(f"{server.name} {problem}") from None


def _select(session: imaplib.IMAP4, server: Server) -> None:
    answer, _ = session.select(folder_name(server.folder))
    if answer != "OK":
        raise NewsletterError(
            f"{server.name} has no folder {server.folder!r} for this login; check bounces.imap_folder"
        )


@contextmanager
def _translated(server: Server) -> Iterator[None]:
    """Turns what imaplib and the system raise into NewsletterError with the next step."""
    try:
        yield
    except (imaplib.IMAP4.error, OSError, ValueError) as error:
        # Not `from error`: its own words may hold the login.
        known = (problem for kind, problem in _PROBLEMS.items() if isinstance(error, kind))
        problem = next(known, "cannot be used; check [bounces] in the configuration, or try again later")
        raise NewsletterError(f"{server.name} {problem}") from None
