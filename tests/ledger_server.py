"""A mail server that writes down what it took before it says so: whoever sends is judged by its file.

Speaks SMTP with and without PIPELINING. Its ledger has one line for each mail, in the order in which they
came: "recipient TAB message-id TAB state TAB seconds", where the state is "taken", or "dropped" for one that
was taken and whose sender got no answer; seconds are of the monotonic clock. A refused mail leaves no line.
Whether one is refused depends on the seed, the recipient and how often that was named before, and on nothing
else: two runs meet the same fate.

Run as a process of its own: python -m tests.ledger_server --ledger FILE. It prints its port first.
"""

import argparse
import asyncio
import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_HERE = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Ways:
    """How the server behaves.

    delay_s: between the line in the ledger and the answer. mood: parts of a hundred that are put off and that
    are refused, half of them each at RCPT and at the end. drop_one_in: of so many taken mails one is not
    answered, and the connection ends; 0 for none. most: mails of a connection before it is told 421; 0: any.
    """

    delay_s: float = 0.0
    pipelining: bool = True
    mood: tuple[int, int] = (0, 0)
    seed: int = 0
    drop_one_in: int = 0
    most: int = 0


class Book:
    """The ledger, and what the server remembers of its recipients."""

    def __init__(self, path: Path, ways: Ways) -> None:
        self.ways = ways
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._named: Counter[str] = Counter()
        self._taken = itertools.count(1)

    def enter(self, recipient: str, mail: bytes) -> bool:
        """Write the mail down. Whether its sender is to be told."""
        dropped = self.ways.drop_one_in and next(self._taken) % self.ways.drop_one_in == 0
        state = "dropped" if dropped else "taken"
        line = f"{recipient}\t{_message_id(mail)}\t{state}\t{time.monotonic():.6f}\n"
        os.write(self._file, line.encode())
        return not dropped

    def fate(self, recipient: str) -> tuple[str, str]:
        """The answers to this try of the recipient, at RCPT and at the end."""
        later, never = self.ways.mood
        if not later + never:
            return _OK, _OK
        self._named[recipient] += 1
        chance = random.Random(f"{self.ways.seed} {recipient} {self._named[recipient]}")  # noqa: S311
        drawn = chance.randrange(100)
        if drawn >= later + never:
            return _OK, _OK
        answer = "451 4.3.0 later" if drawn < later else "552 5.2.2 no room"
        return (answer, _OK) if chance.randrange(2) else (_OK, answer)


_OK = "250 2.0.0 ok"
_END = b"\r\n.\r\n"
# Bytes in which a Message-ID is looked for.
_HEADERS = 8192


def _message_id(mail: bytes) -> str:
    """The id between its brackets; "" without one among the first headers."""
    headers = b"\r\n" + mail[:_HEADERS]
    at = headers.lower().find(b"\r\nmessage-id:")
    begin = headers.find(b"<", at)
    return headers[begin + 1 : headers.find(b">", begin)].decode("ascii", "replace") if at >= 0 else ""


class Session(asyncio.Protocol):
    """One connection. Answers leave in order; the one to the end of a mail after its delay."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._heard = bytearray()
        self._body = False
        self._searched = 0
        self._recipients: list[tuple[str, str]] = []
        self._mails = 0
        self._answers: deque[list[str]] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._say("220 ledger ESMTP")

    def data_received(self, data: bytes) -> None:
        self._heard += data
        while not self._transport.is_closing() and (self._take() if self._body else self._command()):
            pass

    def _command(self) -> bool:
        end = self._heard.find(b"\n")
        if end < 0:
            return False
        line = self._heard[:end].decode("utf-8", "replace").strip()
        del self._heard[: end + 1]
        verb = line[:4].upper()
        known = {
            "EHLO": self._hello,
            "MAIL": self._sender,
            "RCPT": self._recipient,
            "DATA": self._begin,
            "QUIT": self._bye,
        }
        if verb in known:
            known[verb](line)
        else:
            self._say(_OK if verb in ("HELO", "NOOP", "RSET") else "502 5.5.2 unknown")
        if verb == "RSET":
            self._recipients.clear()
        return True

    def _hello(self, line: str) -> None:
        offered = ["PIPELINING"] if self._book.ways.pipelining else []
        names = ["ledger", *offered, "SIZE 100000000", "8BITMIME"]
        self._say("\r\n".join([*(f"250-{name}" for name in names), "250 ENHANCEDSTATUSCODES"]))

    def _sender(self, line: str) -> None:
        self._recipients.clear()
        if self._book.ways.most and self._mails >= self._book.ways.most:
            self._say("421 4.7.0 too many mails on this connection")
            self._close()
        else:
            self._say(_OK)

    def _recipient(self, line: str) -> None:
        recipient = line.partition("<")[2].partition(">")[0]
        at_once, at_end = self._book.fate(recipient)
        if at_once == _OK:
            self._recipients.append((recipient, at_end))
        self._say(at_once)

    def _begin(self, line: str) -> None:
        if not self._recipients:
            self._say("503 5.5.1 no recipient")
            return
        self._body, self._searched = True, 0
        self._say("354 go on")

    def _bye(self, line: str) -> None:
        self._say("221 2.0.0 bye")
        self._close()

    def _take(self) -> bool:
        end = self._heard.find(_END, self._searched)
        if end < 0:
            self._searched = max(0, len(self._heard) - len(_END))
            return False
        mail = bytes(self._heard[:end])
        del self._heard[: end + len(_END)]
        self._body = False
        self._mails += 1
        self._end(mail)
        return True

    def _end(self, mail: bytes) -> None:
        [(recipient, answer)] = self._recipients
        self._recipients.clear()
        if answer == _OK and not self._book.enter(recipient, mail):
            self._answers.append([])  # nothing after it is said any more
            self._transport.abort()
        elif self._book.ways.delay_s:
            later: list[str] = []
            self._answers.append(later)
            asyncio.get_running_loop().call_later(self._book.ways.delay_s, self._fill, later, answer)
        else:
            self._say(answer)

    def _fill(self, later: list[str], answer: str) -> None:
        later.append(answer)
        self._flush()

    def _say(self, answer: str) -> None:
        self._answers.append([answer])
        self._flush()

    def _close(self) -> None:
        self._answers.append(["", ""])
        self._flush()

    def _flush(self) -> None:
        told = []
        while self._answers and self._answers[0]:
            told.append(self._answers.popleft()[0])
        if self._transport.is_closing() or not told:
            return
        self._transport.write("".join(f"{one}\r\n" for one in told if one).encode())
        if "" in told:
            self._transport.close()


async def _serve(book: Book, host: str, port: int) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    server = await loop.create_server(lambda: Session(book), host, port, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await stop.wait()
    server.close()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger. at: of the monotonic clock."""

    recipient: str
    message_id: str
    state: str
    at: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class Ledger:
    """A running ledger server, seen from outside."""

    port: int
    path: Path

    def entries(self) -> list[Entry]:
        """Every mail that the server took up to now."""
        lines = (line.split("\t") for line in self.path.read_text().splitlines())
        return [Entry(*words, float(at)) for *words, at in lines]

    def recipients(self) -> Counter[str]:
        """How often each recipient was served."""
        return Counter(entry.recipient for entry in self.entries())


@contextmanager
def serving(
    folder: Path, ways: Ways | None = None, *, port: int = 0, host: str = _HERE, before: Sequence[str] = ()
) -> Iterator[Ledger]:
    """A ledger server in a process of its own, until the end. before: words before its command."""
    path = folder / "ledger.tsv"
    path.touch()
    program = [*before, sys.executable, "-m", "tests.ledger_server", "--host", host]
    command = [*program, "--ledger", str(path), "--port", str(port)]
    with subprocess.Popen([*command, *_options(ways or Ways())], cwd=_ROOT, stdout=subprocess.PIPE) as server:
        assert server.stdout
        try:
            yield Ledger(int(server.stdout.readline()), path)
        finally:
            server.terminate()


def _options(ways: Ways) -> list[str]:
    later, never = ways.mood
    given = [f"--delay={ways.delay_s}", f"--later={later}", f"--never={never}", f"--seed={ways.seed}"]
    return [*given, f"--drop={ways.drop_one_in}", f"--most={ways.most}", *["--plain"] * (not ways.pipelining)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--host", default=_HERE)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--plain", action="store_true")
    for name in ("port", "later", "never", "seed", "drop", "most"):
        parser.add_argument(f"--{name}", type=int, default=0)
    given = parser.parse_args()
    ways = Ways(
        delay_s=given.delay,
        pipelining=not given.plain,
        mood=(given.later, given.never),
        seed=given.seed,
        drop_one_in=given.drop,
        most=given.most,
    )
    asyncio.run(_serve(Book(given.ledger, ways), given.host, given.port))


if __name__ == "__main__":
    main()
