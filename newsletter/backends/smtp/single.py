"""One mail on a session of its own: a letter, or a test mail.

Owns one transaction step by step, so that it is known where it ended. Nothing was sent when
BackendUnavailable is raised, but for MaybeSent: then the mail may have arrived. Neither a password nor an
address stands in an error: of the server's own words those are taken out.
Source: RFC 5321 §3.3 and §4.5.2.
"""

import re
import smtplib

from newsletter.backends.smtp.session import Client, Server, farewell, opened, translated
from newsletter.errors import MaybeSent, Refused


def send(mail: bytes, *, sender: str, recipient: str, server: Server) -> str:
    """What the server said when it took the mail. mail: with CRLF, in 7 bits.

    Raises: BackendUnavailable where no mail can go, Refused where the server does not take this one.
    """
    # The name that a client gives itself; asking the system for its own can take many seconds.
    session = opened(server, sender.rpartition("@")[2], timeout_s=server.timeout_s)
    try:
        with translated(server):
            return _transaction(session, mail, (sender, recipient), server)
    finally:
        farewell(session)


def _transaction(session: Client, mail: bytes, envelope: tuple[str, str], server: Server) -> str:
    sender, recipient = envelope

    def refusal(what: str, then: str) -> Refused:
        later = 400 <= code < 500
        told = server.words(code, said, recipient)
        problem = f"{server.name} refuses {what}: {told}; {'try again later' if later else then}"
        return Refused(problem, later=later)

    code, said = session.mail(sender)
    if code != 250:
        raise refusal("this sender", "check the sender of the list")
    code, said = session.rcpt(recipient)
    if code not in (250, 251):
        raise refusal("this recipient", "check the address")
    code, said = session.docmd("DATA")
    if code != 354:
        raise refusal("the mail", "ask whoever runs it")
    code, said = _hand_over(session, mail, server)
    if code != 250:
        raise refusal("the mail", "ask whoever runs it")
    return server.words(code, said)


def _hand_over(session: Client, mail: bytes, server: Server) -> tuple[int, bytes]:
    # A line of one dot ends a mail, so a dot at the start of a line is doubled (RFC 5321 §4.5.2).
    stuffed = re.sub(rb"^\.", b"..", mail.rstrip(b"\r\n") + b"\r\n", flags=re.MULTILINE)
    try:
        session.send(stuffed + b".\r\n")
        return session.getreply()
    except (smtplib.SMTPServerDisconnected, OSError) as error:
        problem = "took the mail and then said nothing; it may have arrived, so look before you send it again"
        raise MaybeSent(f"{server.name} {problem}") from error
