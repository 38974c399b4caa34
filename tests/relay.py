"""The relay of the containers as a real Postfix, in a folder of its own and on loopback only.

Its files are those that are shipped; only places, ports and networks are others. No mail leaves.
"""

import contextlib
import os
import pwd
import shutil
import smtplib
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from newsletter import containers
from tests import mailserver

# Who belongs to the network of those who may send, and who does not.
INSIDER, OUTSIDER = "127.0.0.2", "127.0.0.1"


@dataclass(frozen=True)
class Relay:
    """A running relay, and where its files are."""

    folder: Path
    port: int
    environment: dict[str, str]

    def session(self, source: str) -> smtplib.SMTP:
        """A session of somebody with that address."""
        return smtplib.SMTP("127.0.0.1", self.port, timeout=20, source_address=(source, 0))

    def start(self, *words: str) -> subprocess.CompletedProcess[str]:
        """What the script `start` did with those words."""
        command = ["sh", str(self.folder / "start"), *words]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

    def trusting(self) -> ssl.SSLContext:
        """What checks as strictly as newer releases of Python do."""
        context = ssl.create_default_context(capath=str(self.folder / "run"))
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")


@contextlib.contextmanager
def relay() -> Iterator[Relay]:
    """A relay that has begun. Skips the test where no server can be started."""
    mailserver.require()
    folder = Path(tempfile.mkdtemp(prefix="newsletter-relay-"))
    with mailserver.free_ports(1) as [port]:
        one = Relay(folder, port, {**os.environ, "MAIL_CONFIG": f"{folder}/etc"})
    _lay_out(one)
    try:
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                ["sh", str(folder / "start")],
                env=one.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            _wait_for(one)
            yield one
        finally:
            # Not ended with what started it: Postfix's first process has a session of its own.
            subprocess.run([mailserver.found("postfix"), "stop"], env=one.environment, capture_output=True)
            mailserver.end(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _lay_out(one: Relay) -> None:
    folder = one.folder
    folder.chmod(0o755)
    for name in ("etc", "queue", "data", "run"):
        (folder / name).mkdir()
    os.chown(folder / "data", pwd.getpwnam("postfix").pw_uid, -1)
    texts = containers.shipped()
    moved = {
        "/var/spool/postfix": f"{folder}/queue",
        "/var/lib/postfix": f"{folder}/data",
        "/run/relay": f"{folder}/run",
        "172.30.64.0/24": f"{INSIDER}/32",
        "127.0.0.0/8, ": "",
        "\n587 ": f"\n127.0.0.1:{one.port} ",
    }
    places = {"main.cf": "etc/main.cf", "master.cf": "etc/master.cf", "start": "start"}
    for name, place in places.items():
        text = texts[f"relay/{name}"]
        for before, after in moved.items():
            text = text.replace(before, after)
        (folder / place).write_text(text)


def _wait_for(one: Relay) -> None:
    until = time.monotonic() + mailserver.PATIENCE_S
    while not mailserver.greets(one.port):
        assert time.monotonic() < until, one.log()
        time.sleep(0.05)
