"""One connection on its way through many mails: a socket that never waits, and its conversation.

Moves bytes between the two, and decides nothing. A write that fails is told after what the server may have
said before it went away was read. With TLS the same, record by record.
"""

import socket
import ssl
from contextlib import suppress

from newsletter.backends.carrier import Parcel
from newsletter.backends.smtp.conversation import Conversation

# Bytes of a mail that the system takes in one call without a wait; a mail of 60 KB goes at once.
_SEND_BUFFER = 262_144
_READ_BYTES = 65_536
_TRY_AGAIN = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_ENDED = "ended the connection"
_QUIT = b"QUIT\r\n"


class Lane:
    """A connection. given: mails so far. space: how many more it was said to take.

    since: of the last progress. told: the ripe mail that was told. leaving: whether it has said
    goodbye. watched: whether for room to write.
    """

    __slots__ = (
        "_left", "_tls", "conversation", "given", "leaving", "since", "sock", "space", "told", "watched",
    )  # fmt: skip

    def __init__(self, sock: socket.socket, conversation: Conversation, *, now: float) -> None:
        sock.setblocking(False)
        with suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        self.sock = sock
        self.conversation = conversation
        self.given = 0
        self.space = 0
        self.since = now
        self.told: Parcel | None = None
        self.leaving = False
        self.watched = False
        self._tls = isinstance(sock, ssl.SSLSocket)
        self._left: bytes | memoryview = b""

    @property
    def blocked(self) -> bool:
        """Whether something waits to be written."""
        return bool(self._left)

    def read(self, now: float) -> None:
        """Take in what is there, to the end where the connection is over."""
        conversation = self.conversation
        answers = conversation.answers
        while not conversation.over:
            try:
                heard = self.sock.recv(_READ_BYTES)
            except _TRY_AGAIN:
                break
            except OSError:
                heard = b""
            if not heard:
                conversation.lost(_ENDED)
                break
            conversation.receive(heard)
            # Of TLS more may lie decrypted where no selector sees it.
            if not self._tls:
                break
        if conversation.answers != answers:
            self.since = now

    def write(self, now: float) -> bool:
        """Whether all there is to say could be written or waits; False where the connection is over.

        Nothing of it was written then, or the conversation knows.
        """
        out = self.conversation.out
        if out:
            parts = [self._left, *out] if self._left else out
            self._left = parts[0] if len(parts) == 1 else b"".join(parts)
            out.clear()
        while self._left:
            try:
                sent = self.sock.send(self._left)
            except _TRY_AGAIN:
                return True
            except OSError:
                self._left = b""
                return False
            self.since = now
            self._left = memoryview(self._left)[sent:] if sent < len(self._left) else b""
        return True

    def release(self, now: float) -> None:
        """Write the end of the ripe mail. If none of it can be written, the mail comes back."""
        # What was said before the end is no answer to it.
        self.read(now)
        if self.conversation.over:
            return
        self.conversation.release()
        if not self.write(now):
            self.conversation.lost(_ENDED, end_written=False)

    def exchange(self, now: float) -> None:
        """Write what there is to say; where that is not possible, hear what the server said last."""
        while not self.write(now) and not self.conversation.over:
            self.read(now)
            self.conversation.lost(_ENDED)

    def leave(self) -> None:
        """Say goodbye; nothing depends on whether it is heard (RFC 5321 §4.1.1.10)."""
        self.leaving = True
        with suppress(OSError):
            self.sock.send(_QUIT)
