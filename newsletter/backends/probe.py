"""What can be learned of a mail server without a mail.

Owns how far a session is taken: to its greeting, to TLS, to the login, each in a session of its own, so that
it is known which of them fails. Sends no mail and names no reader.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from newsletter.backends.smtp import Server, session
from newsletter.diagnosis.server import Session
from newsletter.errors import BackendUnavailable


def look(server: Server, *, name: str, now: datetime) -> Session:
    """What one look at the server came to. name: of this machine, as its mails are from."""
    seen = Session(f"{server.host}:{server.port}")
    plain = replace(server, user="", security="tls" if server.security == "tls" else "none")
    try:
        with _session(plain, name) as opened:
            seen = _secured(replace(seen, reached=True, features=_features(opened)), opened, now)
    except BackendUnavailable as error:
        # A server of TLS from the start is reached and secured in one step.
        return replace(seen, trouble=str(error))
    if server.security == "starttls":
        try:
            with _session(replace(server, user=""), name) as opened:
                seen = _secured(replace(seen, features=_features(opened)), opened, now)
        except BackendUnavailable as error:
            return replace(seen, secured=False, trouble=str(error))
    if not server.user:
        return seen
    try:
        with _session(server, name) as opened:
            return replace(seen, logged_in=True, features=_features(opened))
    except BackendUnavailable as error:
        return replace(seen, logged_in=False, trouble=str(error))


@contextmanager
def _session(server: Server, name: str) -> Iterator[smtplib.SMTP]:
    opened = session.opened(server, name, timeout_s=server.timeout_s)
    try:
        yield opened
    finally:
        session.farewell(opened)


def _features(opened: smtplib.SMTP) -> dict[str, str]:
    return {word.upper(): value for word, value in opened.esmtp_features.items()}


def _secured(seen: Session, opened: smtplib.SMTP, now: datetime) -> Session:
    sock = opened.sock
    if not isinstance(sock, ssl.SSLSocket):
        return seen
    # Nothing is told of a certificate that does not have to be valid.
    until = (sock.getpeercert() or {}).get("notAfter")
    left = ssl.cert_time_to_seconds(until) - now.timestamp() if isinstance(until, str) else None
    days = None if left is None else int(left // 86400)
    return replace(seen, secured=True, tls=sock.version() or "", days_left=days)
