"""An SMTP server that does to each command what a test tells it to, and writes down what it took.

It answers by the book, several commands at once too, but where a fault is named: "drop" and "reset" end the
connection without a word, "421" says goodbye, "4xx" and "5xx" refuse, "wait" says nothing any more; bytes
are said as they are, and a list of bytes piece by piece. The commands are those of SMTP, CONNECT for the
greeting, BODY for the first bytes of a mail, and "." for its end.
"""

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import NamedTuple, Self

Fault = str | bytes | list[bytes] | None
# Of a command and what follows it.
Faults = Callable[[str, str], Fault]

OFFERED = ("PIPELINING", "SIZE 1000000", "DSN")
_REPLIES = {
    "CONNECT": b"220 hello\r\n", "HELO": b"250 hello\r\n", "STARTTLS": b"220 go\r\n", "AUTH": b"235 you\r\n",
    "DATA": b"354 go\r\n", ".": b"250 2.0.0 queued as 4711\r\n", "QUIT": b"221 bye\r\n",
    "TOOMUCH": b"503 5.5.0 one by one\r\n",
}  # fmt: skip
_SAID = {"421": b"421 4.3.2 bye\r\n", "4xx": b"450 4.3.0 later\r\n", "5xx": b"500 5.3.0 no\r\n"}
_PIECE_S = 0.002


class Mail(NamedTuple):
    """What was taken: written down before the answer to its end."""

    recipient: str
    content: bytes


class _Gone(Exception):  # noqa: N818
    """The connection is over."""


class SmtpServer:
    """faults: by command, or what says it. seen: all commands; said: with what followed them.

    most: mails that a connection takes. turn_s: how late each word is. flushed: forgets what it heard beyond
    the first command. strict: takes more than one command at once for a mistake.
    """

    def __init__(
        self,
        faults: Faults | Mapping[str, Fault] = {},  # noqa: B006  it is read only
        *,
        offered: Sequence[str] = OFFERED,
        tls: ssl.SSLContext | None = None,
        most: int = 1_000_000,
        turn_s: float = 0.0,
        at_once: bool = False,
        flushed: bool = False,
        strict: bool = False,
    ) -> None:
        self.mails: list[Mail] = []
        self.seen: list[str] = []
        self.said: list[tuple[str, str]] = []
        self.at_once, self.flushed, self.strict = at_once, flushed, strict
        self.connections = 0
        self._open: list[socket.socket] = []
        self.offered, self.tls, self.most, self.turn_s = offered, tls, most, turn_s
        self.ended = threading.Event()
        self.fault: Faults = faults if callable(faults) else lambda command, _: faults.get(command)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def recipients(self) -> list[str]:
        return sorted(mail.recipient for mail in self.mails)

    def hang_up(self) -> None:
        """Ends all connections of its own accord."""
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=_Connection(self, connection).run, daemon=True).start()


class _Connection:
    def __init__(self, server: SmtpServer, connection: socket.socket) -> None:
        self.server = server
        self.connection = connection
        self.heard = b""
        self.sender = self.recipient = ""
        self.taken = 0

    def run(self) -> None:
        with contextlib.suppress(_Gone, OSError):
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.server.at_once:
                self.turn_to_tls()
            self.answer("CONNECT", "")
            while True:
                command, _, rest = self.line().decode("utf-8", "replace").partition(" ")
                self.command(command.upper(), rest)
        self.connection.close()

    def command(self, command: str, rest: str) -> None:
        if command == "MAIL" and self.taken >= self.server.most:
            self.say(b"421 4.7.0 enough for one connection\r\n")
            raise _Gone
        if not self.answer(command, rest):
            return
        if command in ("MAIL", "RSET"):
            self.sender, self.recipient = rest[5:].partition(" ")[0], ""
        elif command == "RCPT":
            self.recipient = rest[4:-1]
        elif command == "STARTTLS":
            self.turn_to_tls()
        elif command == "DATA":
            self.data()
        elif command == "QUIT":
            raise _Gone

    def turn_to_tls(self) -> None:
        assert self.server.tls is not None
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)

    def data(self) -> None:
        self.fill()
        if not self.answer("BODY", "", usual=b""):
            raise _Gone
        while b"\r\n.\r\n" not in b"\r\n" + self.heard:
            self.fill()
        body, _, self.heard = (b"\r\n" + self.heard).partition(b"\r\n.\r\n")
        if not self.recipient:
            self.say(b"554 5.5.1 no recipient\r\n")
            return
        # The ledger is ahead of the answer.
        fault = self.server.fault(".", self.recipient)
        if fault not in ("4xx", "5xx", "421"):
            self.server.mails.append(Mail(self.recipient, body[2:].replace(b"\r\n..", b"\r\n.") + b"\r\n"))
            self.taken += 1
        self.answer(".", self.recipient)
        self.sender = self.recipient = ""

    def answer(self, command: str, rest: str, *, usual: bytes | None = None) -> bool:
        """Whether it was answered by the book."""
        self.server.seen.append(command)
        self.server.said.append((command, rest))
        fault = self.server.fault(command, rest)
        if fault is None:
            reply = _REPLIES.get(command, b"250 2.1.0 ok\r\n") if usual is None else usual
            if command == "EHLO":
                lines = ["hello", *self.server.offered]
                reply = "".join(f"250-{line}\r\n" for line in lines).encode() + b"250 ok\r\n"
            elif (command == "RCPT" and not self.sender) or (command == "DATA" and not self.recipient):
                self.say(b"503 5.5.1 not now\r\n")
                return False
            self.say(reply)
            return True
        self.fail(fault)
        return False

    def fail(self, fault: Fault) -> None:
        if fault == "wait":
            self.server.ended.wait(10)
        elif fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif isinstance(fault, str) and fault in _SAID:
            self.say(_SAID[fault])
        elif isinstance(fault, list):
            for piece in fault:
                self.say(piece)
                time.sleep(_PIECE_S)
        elif isinstance(fault, bytes):
            self.say(fault)
        if fault in ("wait", "reset", "drop", "421"):
            raise _Gone

    def line(self) -> bytes:
        while b"\n" not in self.heard:
            self.fill()
        line, _, self.heard = self.heard.partition(b"\n")
        if self.server.flushed:
            self.heard = b""
        if self.server.strict and self.heard:
            self.heard = b""
            return b"TOOMUCH"
        return line.rstrip(b"\r")

    def fill(self) -> None:
        heard = self.connection.recv(65536)
        if not heard:
            raise _Gone
        self.heard += heard

    def say(self, words: bytes) -> None:
        if self.server.turn_s:
            time.sleep(self.server.turn_s)
        self.connection.sendall(words)
