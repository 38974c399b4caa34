"""What can be learned of a mail server without a mail.

Owns how far a session is taken: to its greeting, to TLS, to the login, each in a session of its own, so that
it is known which of them fails. Sends no mail and names no reader.
"""

import smtplib
import ssl
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime

from newsletter.backends import smtp
from newsletter.backends.smtp import Server
from newsletter.diagnosis.server import Session
from newsletter.errors import BackendUnavailable


def look(server: Server, *, name: str, now: datetime) -> Session:
    """What one look at the server came to. name: of this machine, as its mails are from."""
    seen = Session(f"{server.host}:{server.port}")
    plain = replace(server, user="", security="tls" if server.security == "tls" else "none")
    try:
        with _session(plain, name) as session:
            seen = replace(seen, reached=True, features=_features(session))
    except BackendUnavailable as error:
        # A server of TLS from the start is reached and secured in one step.
        return replace(seen, trouble=str(error))
    try:
        with _session(replace(server, user=""), name) as session:
            seen = _secured(replace(seen, features=_features(session)), session, now)
    except BackendUnavailable as error:
        return replace(seen, secured=False, trouble=str(error))
    if not server.user:
        return seen
    try:
        with _session(server, name) as session:
            return replace(seen, logged_in=True, features=_features(session))
    except BackendUnavailable as error:
        return replace(seen, logged_in=False, trouble=str(error))


def _session(server: Server, name: str) -> AbstractContextManager[smtplib.SMTP]:
    return smtp._session(server, f"@{name}")


def _features(session: smtplib.SMTP) -> dict[str, str]:
    return {word.upper(): value for word, value in session.esmtp_features.items()}


def _secured(seen: Session, session: smtplib.SMTP, now: datetime) -> Session:
    sock = session.sock
    if not isinstance(sock, ssl.SSLSocket):
        return seen
    # Nothing is told of a certificate that does not have to be valid.
    until = (sock.getpeercert() or {}).get("notAfter")
    left = ssl.cert_time_to_seconds(until) - now.timestamp() if isinstance(until, str) else None
    days = None if left is None else int(left // 86400)
    return replace(seen, secured=True, tls=sock.version() or "", days_left=days)
