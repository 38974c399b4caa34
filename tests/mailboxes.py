"""A mail server that a test starts itself, on this machine, and what it was given."""

import socket
import ssl
from collections.abc import Callable
from types import TracebackType
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

# What a server says to one command of a session, None for what it would say anyway.
Says = Callable[[str, Envelope], str | None]


class MailServer:
    """Takes every mail, or says what `says` tells it to.

    tls: what it shows; at_once: before anything is said. login: the only name and password that it accepts.
    """

    def __init__(
        self,
        says: Says = lambda command, envelope: None,
        *,
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
        at_once: bool = False,
        login: tuple[str, str] | None = None,
    ) -> None:
        self.mails: list[Envelope] = []
        self.secure: list[bool] = []
        self.port = _free_port(host)
        self._says = says
        self._login = login
        self._controller = Controller(
            self,
            hostname=host,
            port=self.port,
            ssl_context=tls if at_once else None,
            tls_context=None if at_once else tls,
            authenticator=self._authenticated,
            auth_require_tls=False,
        )

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self._says("MAIL", envelope) or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self._says("RCPT", envelope) or "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if said := self._says("DATA", envelope):
            return said
        self.mails.append(envelope)
        self.secure.append(server.transport.get_extra_info("cipher") is not None)
        return "250 2.0.0 queued as 4711"

    def _authenticated(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: LoginPassword
    ) -> AuthResult:
        right = self._login and (given.login, given.password) == tuple(part.encode() for part in self._login)
        return AuthResult(success=bool(right), handled=False)


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as found:
        port: int = found.getsockname()[1]
        return port
