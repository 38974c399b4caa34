"""A connection to a server, secured and logged in, and what the server can do.

Nothing of a mail is sent here. BackendUnavailable says what is in the way, and whether waiting can help:
`fatal` is a wrong password, a certificate that is not trusted, a server without the TLS that is required or
one that does not want us. Neither a password nor an address stands in an error.
Source: RFC 5321 §3.1 and §3.2, RFC 3207, RFC 4954; XOAUTH2 as Google and Microsoft describe it.
"""

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from newsletter.errors import BackendUnavailable
from newsletter.outcomes.replies import legible

# What is wrong when the connection fails, and what to do. The first that fits counts.
_PROBLEMS: dict[type[Exception], str] = {
    ssl.SSLEOFError: "ended the connection at the turn to TLS; check smtp.security, or try later",
    ssl.SSLError: 'speaks no TLS on this port; try smtp.security = "starttls", with port 587 as a rule',
    socket.gaierror: "is a name that nobody knows; correct smtp.host",
    ConnectionRefusedError: "refuses the connection; check smtp.host and smtp.port",
    TimeoutError: "gave no answer in time; check smtp.host and smtp.port, or try again later",
    smtplib.SMTPServerDisconnected: "ended the connection; check smtp.port and smtp.security, or try later",
}
# Seconds to reach a server, over all its addresses.
CONNECT_S = 30.0
# Seconds that an address still gets if there are many.
_LEAST_S = 1.0


@dataclass(frozen=True, slots=True)
class Server:
    """Where mails are handed over.

    security: "starttls", "tls" or "none". verify: whether its certificate has to be valid for its name.
    timeout_s: for each answer. access_token: of OAuth 2, in place of a password.
    """

    host: str
    port: int = 587
    user: str = ""
    password: str = field(default="", repr=False)
    security: str = "starttls"
    verify: bool = True
    timeout_s: float = 30.0
    access_token: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return f"{self.host}:{self.port}"

    def words(self, code: int, said: bytes | str, *recipients: str) -> str:
        """What it said, in one line, without addresses, recipients' names and what was used to log in."""
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        return f"{code} {self.clean(text, *recipients)}".strip()

    def clean(self, text: str, *recipients: str) -> str:
        """The text in one line, without addresses, recipients' names and what was used to log in."""
        for secret in filter(None, (self.access_token, self.password, self.user)):
            text = text.replace(secret, "…")
        return legible(text, recipients=recipients)


class Client(smtplib.SMTP):
    """The session of the standard library, on a connection to whichever address of the server answers."""

    def __init__(self, server: Server, name: str, tls: ssl.SSLContext | None, *, timeout_s: float) -> None:
        self._server = server
        self._tls = tls
        super().__init__(server.host, server.port, name, timeout=timeout_s)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        reached = _reach(host, port, min(timeout, CONNECT_S))
        reached.settimeout(timeout)
        if self._server.security == "tls":
            return self._context().wrap_socket(reached, server_hostname=host)
        return reached

    def _context(self) -> ssl.SSLContext:
        return self._tls or tls_for(self._server)

    def turn_to_tls(self) -> None:
        """Secures the connection, after the server has said that it is ready."""
        assert self.sock is not None  # noqa: S101  it has just answered
        self.sock = self._context().wrap_socket(self.sock, server_hostname=self._server.host)
        # What it said before is nobody's word (RFC 3207 §4.2).
        self.file = None
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False

    def has_more(self) -> bool:
        """Whether something lies there that nobody has asked for."""
        if self.sock is None or self.file is None:
            return False
        timeout = self.sock.gettimeout()
        self.sock.setblocking(False)
        try:
            return bool(self.file.peek(1))
        except ssl.SSLWantReadError:
            return False
        finally:
            self.sock.settimeout(timeout)


def opened(server: Server, name: str, *, timeout_s: float, tls: ssl.SSLContext | None = None) -> Client:
    """A session that is ready for a mail; close it. name: of this machine, as its mails are from.

    timeout_s: for each answer. tls: as of `tls_for`, for whoever opens many. Raises: BackendUnavailable.
    """
    client: Client | None = None
    try:
        with translated(server):
            client = Client(server, name, tls, timeout_s=timeout_s)
            _greet(client, server)
            if server.security == "starttls":
                _secure(client, server)
            if server.user:
                _log_in(client, server)
            _heard_out(client, server)
    except BaseException:
        if client is not None:
            client.close()
        raise
    return client


def detached(client: Client) -> tuple[socket.socket, Mapping[str, str]]:
    """The bare connection of a session, and what its server can do; the session is not to be used again."""
    sock, features = client.sock, client.esmtp_features
    assert sock is not None  # noqa: S101  it is open
    if client.file is not None:
        client.file.close()
    client.sock = client.file = None
    return sock, features if client.does_esmtp else {}


# What to think of a server that speaks out of turn.
_IN_BETWEEN = "something stands between it and this machine; check smtp.host and smtp.port"


def _reach(host: str, port: int, within_s: float) -> socket.socket:
    """A connection to the first address of the name that answers. within_s: for all of them together."""
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    each_s = max(_LEAST_S, within_s / len(addresses))
    last: OSError = ConnectionRefusedError()
    for family, kind, protocol, _, address in addresses:
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(min(each_s, within_s))
            sock.connect(address)
        except OSError as error:
            sock.close()
            last = error
        else:
            return sock
    raise last


def _greet(client: Client, server: Server) -> None:
    """Says who is there. A server that knows nothing but HELO will do where nothing else is needed."""
    code, said = client.ehlo()
    if 500 <= code < 600 and server.security != "starttls" and not server.user:
        code, said = client.helo()
    if not 200 <= code < 300:
        raise smtplib.SMTPHeloError(code, said)


def _secure(client: Client, server: Server) -> None:
    if not client.has_extn("starttls"):
        problem = f'{server.name} offers no STARTTLS; try smtp.security = "tls", with port 465 as a rule'
        raise BackendUnavailable(problem, fatal=True)
    code, said = client.docmd("STARTTLS")
    if code != 220:
        problem = f"{server.name} does not turn to TLS: {server.words(code, said)}"
        raise BackendUnavailable(problem, fatal=code >= 500)
    _heard_out(client, server)
    client.turn_to_tls()
    _greet(client, server)


def _heard_out(client: Client, server: Server) -> None:
    if client.has_more():
        raise BackendUnavailable(f"{server.name} says more than it was asked; {_IN_BETWEEN}")


def _log_in(client: Client, server: Server) -> None:
    # Not login(), which tries a wrong password in every way; a server may break off after the first.
    ways = _ways(client, server)
    offered = client.esmtp_features.get("auth", "").upper().split()
    chosen = next((way for way in ways if way in offered), None)
    if chosen is None:
        problem = "takes no login that this program knows; clear smtp.user, or try another smtp.port"
        raise BackendUnavailable(f"{server.name} {problem}", fatal=True)
    client.user, client.password = server.user, server.password
    try:
        client.auth(chosen, ways[chosen])  # type: ignore[arg-type]  # as in smtplib's own login()
    except UnicodeEncodeError:
        # It carries the password along.
        problem = "smtp.user and smtp.password may have ASCII letters only; use an app password"
        raise BackendUnavailable(problem, fatal=True) from None


def _ways(client: Client, server: Server) -> dict[str, Callable[..., str | None]]:
    """The ways to log in, the best first. A password is never tried where a token is configured."""
    if server.access_token:
        bearer = f"user={server.user}\x01auth=Bearer {server.access_token}\x01\x01"
        # A challenge is the description of an error, and asks for an empty answer.
        return {"XOAUTH2": lambda challenge=None: bearer if challenge is None else ""}
    return {"PLAIN": client.auth_plain, "LOGIN": client.auth_login, "CRAM-MD5": client.auth_cram_md5}


def tls_for(server: Server) -> ssl.SSLContext:
    """What decides whether the server is the one that it says it is. Reading all authorities takes 20 ms."""
    context = ssl.create_default_context()
    if not server.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def farewell(client: Client) -> None:
    """Ends a session; what the server says to it changes nothing about what it took."""
    with suppress(smtplib.SMTPException, OSError):
        client.quit()
    client.close()


@contextmanager
def translated(server: Server) -> Iterator[None]:
    """Turns what smtplib and the system raise into BackendUnavailable with the next step."""
    try:
        yield
    except (smtplib.SMTPException, OSError, ValueError) as error:
        problem = f"{server.name} {_problem(server, error)}"
        # Not `from error`: its own words may hold the login or an address.
        raise BackendUnavailable(problem, fatal=_is_fatal(error)) from None


def _is_fatal(error: Exception) -> bool:
    """Whether the same would happen again whenever it is tried."""
    match error:
        case smtplib.SMTPResponseException():
            # smtplib's own -1 is for what is no reply.
            return error.smtp_code >= 500
        case ssl.SSLEOFError():
            return False
        case ssl.SSLError():
            return True
    return isinstance(error, ValueError)


def _problem(server: Server, error: Exception) -> str:
    match error:
        case smtplib.SMTPAuthenticationError():
            said = server.words(error.smtp_code, error.smtp_error)
            secret = "smtp.access_token" if server.access_token else "smtp.password"
            return f"does not accept the login: {said}; check smtp.user and {secret}"
        case smtplib.SMTPResponseException():
            return f"is not ready: {server.words(error.smtp_code, error.smtp_error)}; try again later"
        case ssl.SSLCertVerificationError():
            return f"shows a certificate that is not trusted: {error.verify_message}; use the name it is for"
    for kind, problem in _PROBLEMS.items():
        if isinstance(error, kind):
            return problem
    return f"cannot be used: {server.clean(str(error))}; check [smtp] in the configuration"
