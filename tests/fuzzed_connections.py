"""Bytes for a server that speaks HTTP, made by chance: requests framed well, badly and in two ways."""

import contextlib
import random
import re
import socket
import time

_TARGETS = (
    *(
        b"/",
        b"/healthz",
        b"/weekly/subscribe",
        b"/weekly/unsubscribe/" + b"a" * 52,
        b"/papers/weekly/atom.xml",
        b"*",
    ),
    *(
        b"http://evil.test/",
        b"//evil.test",
        b"/%00",
        b"/\xff",
        b"/ x",
        b"?",
        b"",
        b"evil.test:443",
        b"/" + b"a" * 20_000,
    ),
)
_METHODS = (
    b"GET",
    b"GET",
    b"POST",
    b"POST",
    b"HEAD",
    b"CONNECT",
    b"OPTIONS",
    b"PRI",
    b"G\0T",
    b"get",
    b"TRACE",
)
_VERSIONS = (b"HTTP/1.1",) * 6 + (b"HTTP/1.0", b"HTTP/2.0", b"HTTP/0.9", b"HTTP/1.1 x", b"", b"http/1.1")
_HEADERS = (
    *(
        b"Host: x",
        b"Host: a\r\nHost: b",
        b"Host:",
        b"Connection: close",
        b"Connection: keep-alive",
        b"Expect: 100-continue",
    ),
    *(
        b"Transfer-Encoding: chunked",
        b"Transfer-Encoding: chunked, identity",
        b"Transfer-Encoding:\x0bchunked",
    ),
    *(b"Transfer-Encoding: xchunked", b"Transfer-Encoding : chunked", b"Transfer-Encoding: chunked\r\n , x"),
    *(
        b"Content-Length: 5",
        b"Content-Length: 5\r\nContent-Length: 6",
        b"Content-Length: +5",
        b"Content-Length: 0x5",
    ),
    *(
        b"Content-Length: -1",
        b"Content-Length: 5, 5",
        b"Content-Length: 99999999999",
        b"Content-Length: " + b"9" * 5000,
    ),
    *(
        b"Upgrade: websocket\r\nConnection: Upgrade",
        b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk",
        b"A: " + b"b" * 20_000,
    ),
    *(
        b"\0: x",
        b": x",
        b"A\nB: c",
        b"A: b\rc",
        b"A: \xff",
        b"\r\n",
        b" A: b",
        b"Content-Type: multipart/form-data",
    ),
)
_BODIES = (
    *(
        b"",
        b"a=b&c",
        b"5\r\na=b&c\r\n0\r\n\r\n",
        b"5\r\na=b",
        b"-5\r\nx\r\n",
        b"ffffffffffffffffffff\r\n",
        b"zz\r\n",
        b"5;x=y\r\nabcde\r\n0\r\n",
    ),
    *(
        b"0\r\nHost: x\r\n\r\n",
        b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 3,
        b"\0" * 500,
    ),
    *(b"5\nabcde\n0\n\n", b"List-Unsubscribe=One-Click", b"\x16\x03\x01" + b"\0" * 50),
)
_HEAD = re.compile(rb"HTTP/1\.1 \d{3}.*?\r\n\r\n", re.DOTALL)


def answers(port: int, number: int) -> list[str]:
    """The heads of all answers to what is sent over one connection; the same number sends the same."""
    chance = random.Random(number)  # noqa: S311  no secret
    with socket.create_connection(("127.0.0.1", port), 10) as visitor:
        found = b""
        for piece in _pieces(chance):
            with contextlib.suppress(OSError):
                visitor.sendall(piece)
                time.sleep(chance.choice([0, 0, 0.02]))
        with contextlib.suppress(OSError):
            visitor.shutdown(socket.SHUT_WR)
        with contextlib.suppress(OSError):
            while piece := visitor.recv(65536):
                found += piece
    heads = [head.decode("latin-1") for head in _HEAD.findall(found)]
    # Before a body that is waited for, one may say so, and nothing else.
    return [head for head in heads if not head.startswith("HTTP/1.1 100")]


def _pieces(chance: random.Random) -> list[bytes]:
    """What is sent, where it is cut."""
    sent = b""
    for _ in range(chance.choice([1, 1, 1, 3])):
        first = b" ".join(chance.choice(part) for part in (_METHODS, _TARGETS, _VERSIONS))
        lines = [first, *chance.sample(_HEADERS, chance.choice([0, 1, 2, 3, 6]))]
        if chance.random() < 0.7:
            lines.insert(1, b"Host: x")
        end = b"\r\n" if chance.random() < 0.95 else b"\n"
        sent += end.join(lines) + end + end + chance.choice(_BODIES)
    if chance.random() < 0.1:
        at = chance.randrange(len(sent))
        sent = sent[:at] + chance.randbytes(3) + sent[at + chance.randrange(3) :]
    cuts = sorted(chance.randrange(len(sent)) for _ in range(chance.choice([0, 0, 2, 6])))
    # Often right behind the head, so that the answer begins before the body is there.
    cuts = sorted([*cuts, sent.find(b"\r\n\r\n") + 4]) if chance.random() < 0.6 else cuts
    return [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
