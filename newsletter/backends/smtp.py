"""One mail to a server that speaks SMTP, on a connection of its own.

Owns the session: TLS, login, and one transaction step by step, so that it is known where it ended. Nothing
was sent when BackendUnavailable is raised, but for MaybeSent: then the mail may have arrived. Neither
a password nor an address stands in an error: of the server's own words those are taken out.
Source: RFC 5321 §3.3 and §4.5.2, RFC 3207, RFC 4954.
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from newsletter.errors import BackendUnavailable, MaybeSent, Refused

# Characters of what a server says: its first line tells.
_WORDS = 300
# What is wrong when the connection fails, and what to do. The first that fits counts.
_PROBLEMS: dict[type[Exception], str] = {
    ssl.SSLError: 'speaks no TLS on this port; try smtp.security = "starttls", with port 587 as a rule',
    socket.gaierror: "is a name that nobody knows; correct smtp.host",
    ConnectionRefusedError: "refuses the connection; check smtp.host and smtp.port",
    TimeoutError: "gave no answer in time; check smtp.host and smtp.port, or try again later",
    smtplib.SMTPServerDisconnected: "ended the connection; check smtp.port and smtp.security, or try later",
}
_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?")


@dataclass(frozen=True, slots=True)
class Server:
    """Where mails are handed over.

    security: "starttls", "tls" or "none". verify: whether its certificate has to be valid for its name.
    timeout_s: for each answer.
    """

    host: str
    port: int = 587
    user: str = ""
    password: str = field(default="", repr=False)
    security: str = "starttls"
    verify: bool = True
    timeout_s: float = 30.0


def send(mail: bytes, *, sender: str, recipient: str, server: Server) -> str:
    """What the server said when it took the mail. mail: with CRLF, in 7 bits.

    Raises: BackendUnavailable where no mail can go, Refused where the server does not take this one.
    """
    with _session(server, sender) as session:
        code, said = session.mail(sender)
        if code != 250:
            raise _refusal(server, "this sender", code, said, "check the sender of the list")
        code, said = session.rcpt(recipient)
        if code not in (250, 251):
            raise _refusal(server, "this recipient", code, said, "check the address")
        code, said = session.docmd("DATA")
        if code != 354:
            raise _refusal(server, "the mail", code, said, "ask whoever runs it")
        code, said = _hand_over(session, mail, server)
        if code != 250:
            raise _refusal(server, "the mail", code, said, "ask whoever runs it")
        return _words(server, code, said)


def _hand_over(session: smtplib.SMTP, mail: bytes, server: Server) -> tuple[int, bytes]:
    # A line of one dot ends a mail, so a dot at the start of a line is doubled (RFC 5321 §4.5.2).
    stuffed = re.sub(rb"^\.", b"..", mail.rstrip(b"\r\n") + b"\r\n", flags=re.MULTILINE)
    try:
        session.send(stuffed + b".\r\n")
        return session.getreply()
    except (smtplib.SMTPServerDisconnected, OSError) as error:
        problem = "took the mail and then said nothing; it may have arrived, so look before you send it again"
        raise MaybeSent(f"{_name(server)} {problem}") from error


@contextmanager
def _session(server: Server, sender: str) -> Iterator[smtplib.SMTP]:
    """An open session, secured and logged in; it is closed in any case."""
    session: smtplib.SMTP | None = None
    try:
        with _translated(server):
            session = _connected(server, sender)
            _secure(session, server)
            _log_in(session, server)
        with _translated(server):
            yield session
    finally:
        if session is not None:
            _close(session)


def _connected(server: Server, sender: str) -> smtplib.SMTP:
    # The name that a client gives itself; asking the system for its own can take many seconds.
    name = sender.rpartition("@")[2]
    if server.security == "tls":
        return smtplib.SMTP_SSL(
            server.host, server.port, name, timeout=server.timeout_s, context=_context(server)
        )
    return smtplib.SMTP(server.host, server.port, name, timeout=server.timeout_s)


def _secure(session: smtplib.SMTP, server: Server) -> None:
    session.ehlo_or_helo_if_needed()
    if server.security != "starttls":
        return
    if not session.has_extn("starttls"):
        problem = f'{_name(server)} offers no STARTTLS; try smtp.security = "tls", with port 465 as a rule'
        raise BackendUnavailable(problem)
    code, said = session.starttls(context=_context(server))
    if code != 220:
        raise BackendUnavailable(f"{_name(server)} does not turn to TLS: {_words(server, code, said)}")
    session.ehlo_or_helo_if_needed()


def _log_in(session: smtplib.SMTP, server: Server) -> None:
    if not server.user:
        return
    ways = {"PLAIN": session.auth_plain, "LOGIN": session.auth_login, "CRAM-MD5": session.auth_cram_md5}
    offered = session.esmtp_features.get("auth", "").upper().split()
    chosen = next((way for way in ways if way in offered), None)
    if chosen is None:
        problem = "takes no login that this program knows; clear smtp.user, or try another smtp.port"
        raise BackendUnavailable(f"{_name(server)} {problem}")
    session.user, session.password = server.user, server.password
    try:
        # Not login(), which tries a wrong password in every way; a server may break off after the first.
        session.auth(chosen, ways[chosen])  # type: ignore[arg-type]  # as in smtplib's own login()
    except UnicodeEncodeError:
        # It carries the password along.
        problem = "smtp.user and smtp.password may have ASCII letters only; use an app password"
        raise BackendUnavailable(problem) from None


def _context(server: Server) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not server.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _close(session: smtplib.SMTP) -> None:
    try:
        session.quit()
    except (smtplib.SMTPException, OSError):
        # The mail is with the server, or has been refused, whatever the goodbye is like.
        session.close()


@contextmanager
def _translated(server: Server) -> Iterator[None]:
    """Turns what smtplib and the system raise into BackendUnavailable with the next step."""
    try:
        yield
    except (smtplib.SMTPException, OSError, ValueError) as error:
        # Not `from error`: its own words may hold the login or an address.
        raise BackendUnavailable(f"{_name(server)} {_problem(server, error)}") from None


def _problem(server: Server, error: Exception) -> str:
    match error:
        case smtplib.SMTPAuthenticationError():
            said = _words(server, error.smtp_code, error.smtp_error)
            return f"does not accept the login: {said}; check smtp.user and smtp.password"
        case smtplib.SMTPResponseException():
            return f"is not ready: {_words(server, error.smtp_code, error.smtp_error)}; try again later"
        case ssl.SSLCertVerificationError():
            return f"shows a certificate that is not trusted: {error.verify_message}; use the name it is for"
    for kind, problem in _PROBLEMS.items():
        if isinstance(error, kind):
            return problem
    return f"cannot be used: {_clean(server, str(error))}; check [smtp] in the configuration"


def _refusal(server: Server, what: str, code: int, said: bytes, then: str) -> Refused:
    later = 400 <= code < 500
    next_step = "try again later" if later else then
    return Refused(f"{_name(server)} refuses {what}: {_words(server, code, said)}; {next_step}", later=later)


def _name(server: Server) -> str:
    return f"{server.host}:{server.port}"


def _words(server: Server, code: int, said: bytes | str) -> str:
    """What a server said, in one line, without an address and without what was used to log in."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {_clean(server, text)}".strip()


def _clean(server: Server, text: str) -> str:
    for secret in filter(None, (server.password, server.user)):
        text = text.replace(secret, "…")
    text = "".join(letter if letter.isprintable() else " " for letter in _ADDRESS.sub("<…>", text))
    return " ".join(text.split())[:_WORDS]
