"""Whether the server of `[smtp]` can be used, and what it can do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from newsletter.diagnosis.checks import Check, Group, Level

# Days that a certificate should be valid: those who renew by themselves do so a month before.
_FEW_DAYS = 14


@dataclass(frozen=True, slots=True)
class Session:
    """What one session with the server came to.

    reached, secured, logged_in: how far it came; None for what was not to be done. trouble: why it ended
    there, with the next step. tls: such as "TLSv1.3". days_left: of its certificate, None where it was not
    looked at. features: what it offers after EHLO, in capitals, with their values.
    """

    name: str
    reached: bool = False
    secured: bool | None = None
    logged_in: bool | None = None
    trouble: str = ""
    tls: str = ""
    days_left: int | None = None
    features: Mapping[str, str] = field(default_factory=dict)


def checks(session: Session, *, largest: int) -> Iterator[Check]:
    """How the server stands. largest: bytes of the largest mail that is known, 0 for none."""
    if not session.reached:
        yield _check(Level.PROBLEM, "", "connection", session.trouble)
        return
    yield _check(Level.OK, "", "connection", f"{session.name} answers")
    yield _security(session)
    if session.secured is False:
        return
    if session.logged_in is not None:
        yield _login(session)
    if session.days_left is not None:
        yield _certificate(session.days_left)
    yield _pipelining(session.features)
    yield _size(session.features, largest)
    yield _reports(session.features)


def _security(session: Session) -> Check:
    if session.secured is False:
        return _check(Level.PROBLEM, "tls", "TLS", session.trouble)
    if session.secured is None:
        said = "none to a server on this machine; whether it uses TLS on the way is its own setting"
        return _check(Level.SKIPPED, "tls", "TLS", said, "for Postfix: smtp_tls_security_level = may")
    return _check(Level.OK, "tls", "TLS", session.tls)


def _login(session: Session) -> Check:
    if session.logged_in:
        return _check(Level.OK, "", "login", "accepted")
    return _check(Level.PROBLEM, "", "login", session.trouble)


def _certificate(days: int) -> Check:
    said = f"valid for {days} more days"
    if days < _FEW_DAYS:
        step = "see that whoever runs the server renews it: no mail goes once it has run out"
        return _check(Level.WARNING, "", "certificate", said, step)
    return _check(Level.OK, "", "certificate", said)


def _pipelining(features: Mapping[str, str]) -> Check:
    if "PIPELINING" in features:
        return _check(Level.OK, "", "PIPELINING", "offered: a mail takes one turn of talk")
    said = "not offered: a mail takes four turns of talk, so that many readers take longer"
    return _check(Level.WARNING, "", "PIPELINING", said, "have it switched on, if the server is yours")


def _size(features: Mapping[str, str], largest: int) -> Check:
    written = features.get("SIZE", "")
    most = int(written) if written.isascii() and written.isdigit() else 0
    if not most:
        return _check(Level.OK, "", "SIZE", "no limit is told")
    said = f"takes mails up to {most / 1e6:,.1f} MB"
    if largest > most:
        said += f", and yours has {largest / 1e6:,.1f} MB"
        return _check(Level.PROBLEM, "", "SIZE", said, "set a limit for the list, or attach less")
    return _check(Level.OK, "", "SIZE", said + (f"; yours has {largest / 1e6:,.2f} MB" if largest else ""))


def _reports(features: Mapping[str, str]) -> Check:
    able = [name for name in ("8BITMIME", "DSN", "SMTPUTF8", "CHUNKING") if name in features]
    lacking = "" if "DSN" in features else "; without DSN its reports may name less"
    return _check(Level.OK, "", "other abilities", f"{', '.join(able) or 'none'}{lacking}")


def _check(level: Level, topic: str, name: str, said: str, step: str = "") -> Check:
    return Check(level, Group.SERVER, topic, name, said, step)
