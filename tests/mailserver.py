"""A real mail server that a test starts itself: Postfix takes mails, Dovecot shows them by IMAP.

Both have their own configuration, queue and ports, on loopback only, and touch nothing of the system's own.
No mail leaves: what is for no mailbox of the test comes back to its sender, as from any other server.
"""

import contextlib
import imaplib
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

# Seconds until a server answers, and until a mail is where it goes.
PATIENCE_S = 20

_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
myhostname = mx.example.org
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_mynetworks, reject
mydestination =
alias_maps =
alias_database =
default_transport = error:5.1.2 no mail leaves this machine
relay_transport = error:5.1.2 no mail leaves this machine
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = texthash:{folder}/mailboxes
virtual_alias_maps = texthash:{folder}/gone
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_transport = virtual
recipient_delimiter = +
"""
_MASTER = """
127.0.0.1:{smtp} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
_DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%d/%n
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%d/%n
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
"""
PASSWORD = "only-on-loopback"  # noqa: S105


class MailHost:
    """A running mail server. folder: where all of it is.

    smtp: the port that takes mails; imap: the one that shows them, and imaps: by TLS, 0 without it.
    """

    def __init__(self, folder: Path, smtp: int, imap: int, imaps: int) -> None:
        self.folder = folder
        self.smtp = smtp
        self.imap = imap
        self.imaps = imaps

    def maildir(self, address: str) -> Path:
        """The Maildir of a mailbox; there is none before its first mail."""
        local, _, domain = address.partition("@")
        return self.folder / "mail" / domain / local

    def send(self, mail: bytes, *, sender: str, recipient: str) -> None:
        """Hand a mail over, as a reader's own server does."""
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=PATIENCE_S) as session:
            session.sendmail(sender, [recipient], mail)

    def relay(self, mail: bytes, *, sender: str, recipient: str) -> None:
        """Hand a mail over as a relay takes it, without a look at its recipient: what fails comes back."""
        command = [found("sendmail"), "-C", f"{self.folder}/postfix", "-f", sender, recipient]
        subprocess.run(command, input=mail, check=True, capture_output=True)

    def mails(self, address: str, *, count: int = 1) -> list[bytes]:
        """The mails of a mailbox as IMAP gives them, once there are so many."""
        until = time.monotonic() + PATIENCE_S
        while len(found := self._read(address)) < count and time.monotonic() < until:
            time.sleep(0.1)
        assert len(found) >= count, self.log()
        return found

    def arrived(self, address: str, *, count: int = 1) -> list[Path]:
        """The new files of a mailbox, once there are so many."""
        until = time.monotonic() + PATIENCE_S
        while len(found := [*self.maildir(address).glob("new/*")]) < count and time.monotonic() < until:
            time.sleep(0.05)
        assert len(found) >= count, self.log()
        return sorted(found)

    def log(self) -> str:
        """What both servers wrote down."""
        logs = (self.folder / name for name in ("postfix.log", "dovecot.log"))
        return "\n".join(path.read_text(errors="replace") for path in logs if path.exists())

    def _read(self, address: str) -> list[bytes]:
        with imaplib.IMAP4("127.0.0.1", self.imap, timeout=PATIENCE_S) as session:
            session.login(address, PASSWORD)
            session.select("INBOX", readonly=True)
            numbers = session.search(None, "ALL")[1][0].split()
            answers = (session.fetch(number, "(BODY.PEEK[])")[1][0] for number in numbers)
            return [answer[1] for answer in answers if isinstance(answer, tuple)]


@contextlib.contextmanager
def mail_host(
    *mailboxes: str, gone: Sequence[str] = (), certificate: Path | None = None
) -> Iterator[MailHost]:
    """A mail server with those mailboxes; each also takes what is sent to its name with a plus behind it.

    gone: addresses whose mail is taken and comes back in a report.
    certificate: what it shows; its key has the same name with the ending .key.

    Skips the test where no server can be started, unless NEWSLETTER_TEST_MAIL forbids it.
    """
    require()
    # Not pytest's own folder: the users of both servers may not enter that.
    folder = Path(tempfile.mkdtemp(prefix="newsletter-mail-"))
    try:
        with free_ports(3) as (smtp, imap, imaps):
            host = MailHost(folder, smtp, imap, imaps if certificate else 0)
        _lay_out(host, mailboxes, certificate)
        (folder / "gone").write_text("".join(f"{address} gone@nowhere.example\n" for address in gone))
        with running(postfix(folder)), running([found("dovecot"), "-F", "-c", f"{folder}/dovecot.conf"]):
            _wait_for(host)
            yield host
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def require() -> None:
    lacking = [name for name in ("postfix", "dovecot") if not shutil.which(name, path=_PATH)]
    reason = f"{' and '.join(lacking)} not installed" if lacking else "needs root" * (os.getuid() != 0)
    if reason and not os.environ.get("NEWSLETTER_TEST_MAIL"):
        pytest.skip(f"a mail server cannot be started: {reason}")
    assert not reason, reason


_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


def found(name: str) -> str:
    path = shutil.which(name, path=_PATH)
    assert path, name
    return path


def postfix(folder: Path) -> list[str]:
    subprocess.run([found("postfix"), "-c", f"{folder}/postfix", "check"], check=True, capture_output=True)
    asked = subprocess.run([found("postconf"), "-dh", "daemon_directory"], check=True, capture_output=True)
    return [f"{asked.stdout.decode().strip()}/master", "-d", "-c", f"{folder}/postfix"]


def _lay_out(host: MailHost, mailboxes: Sequence[str], certificate: Path | None) -> None:
    """Write the configuration of both servers, with folders that their users may enter."""
    folder = host.folder
    owner, postfix = pwd.getpwnam("mail"), pwd.getpwnam("postfix")
    for name in ("postfix", "queue", "data", "mail", "run"):
        (folder / name).mkdir()
    folder.chmod(0o755)
    os.chown(folder / "data", postfix.pw_uid, postfix.pw_gid)
    os.chown(folder / "mail", owner.pw_uid, owner.pw_gid)
    domains = sorted({address.partition("@")[2] for address in mailboxes})
    places = {address: "{2}/{0}/".format(*address.partition("@")) for address in mailboxes}
    values = {
        "folder": folder,
        "domains": ", ".join(domains),
        "uid": owner.pw_uid,
        "gid": owner.pw_gid,
        "smtp": host.smtp,
        "imap": host.imap,
        "imaps": host.imaps,
        "ssl": _tls(certificate),
        "password": PASSWORD,
    }
    (folder / "mailboxes").write_text("".join(f"{address} {place}\n" for address, place in places.items()))
    (folder / "postfix" / "main.cf").write_text(_MAIN.format(**values))
    (folder / "postfix" / "master.cf").write_text(_MASTER.format(**values))
    (folder / "dovecot.conf").write_text(_DOVECOT.format(**values))


def _tls(certificate: Path | None) -> str:
    if certificate is None:
        return "no"
    return f"yes\nssl_cert = <{certificate}\nssl_key = <{certificate.with_suffix('.key')}"


@contextlib.contextmanager
def running(command: Sequence[str]) -> Iterator[None]:
    # A session of its own: Postfix ends its whole process group when it is ended.
    process = subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        end(process)


def end(process: subprocess.Popen[Any]) -> None:
    """End a server with all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    process.wait(PATIENCE_S)


def _wait_for(host: MailHost) -> None:
    for port in (host.smtp, host.imap):
        until = time.monotonic() + PATIENCE_S
        while not greets(port):
            assert time.monotonic() < until, host.log()
            time.sleep(0.05)


def greets(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as connection:
        return bool(connection.recv(1))
    return False


@contextlib.contextmanager
def free_ports(count: int) -> Iterator[list[int]]:
    with contextlib.ExitStack() as opened:
        sockets = [opened.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        yield [one.getsockname()[1] for one in sockets]
