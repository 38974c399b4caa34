"""A server with two places: who gets one, and who makes room."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from newsletter import listening
from newsletter.web import guarding, serving

ASK = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
ASK_LONG = b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n"
SLOW = (ASK[:-2], b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na=b", b"")


class Small:
    """The server. arrived: released for each request that is there; ended: lets long ones be answered."""

    def __init__(self, opened: ExitStack) -> None:
        self.arrived, self.ended = threading.Semaphore(0), threading.Event()
        self._opened = opened
        place = opened.enter_context(listening.at("127.0.0.1", 0))
        self._place = place.getsockname()
        server = uvicorn.Server(serving.config(self))
        thread = threading.Thread(target=server.run, args=([place],))
        thread.start()
        opened.callback(thread.join)
        opened.callback(setattr, server, "should_exit", True)

    def visit(self, sent: bytes) -> socket.socket:
        """A connection over which that was sent."""
        visitor = self._opened.enter_context(socket.create_connection(self._place, 10))
        visitor.sendall(sent)
        return visitor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers each request."""
        request = Request(scope, receive)
        await request.body()
        self.arrived.release()
        while request.url.path == "/long" and not self.ended.is_set():
            await asyncio.sleep(0.01)
        answer: Response = PlainTextResponse("ok\n")
        await answer(scope, receive, send)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[Small]:
    monkeypatch.setattr(serving, "MOST_CONNECTIONS", 2)
    with ExitStack() as opened:
        yield Small(opened)


def answered(visitor: socket.socket) -> str:
    """One whole answer."""
    found = b""
    while not found.endswith((b"ok\n", b"minute\n")) and (piece := visitor.recv(4096)):
        found += piece
    return found.decode()


@pytest.mark.parametrize("sent", SLOW)
def test_who_is_slow_to_ask_makes_room_for_who_comes(small: Small, sent: bytes) -> None:
    for _ in range(6):
        small.visit(sent)

    assert answered(small.visit(ASK)).split()[1] == "200"


def test_who_comes_while_all_others_are_answered_is_told_to_come_back(small: Small) -> None:
    visitors = [small.visit(ASK_LONG) for _ in range(2)]
    for _ in visitors:
        assert small.arrived.acquire(timeout=10)
    last = answered(small.visit(ASK))
    small.ended.set()

    assert last.split()[1] == "503"
    assert f"\r\ncontent-security-policy: {guarding.PAGE_POLICY}\r\n" in last
    assert "\r\nretry-after: 60\r\n" in last
    assert [answered(visitor).split()[1] for visitor in visitors] == ["200", "200"]


def test_who_asks_for_nothing_more_makes_room_for_who_comes(small: Small) -> None:
    visitors = [small.visit(ASK) for _ in range(2)]
    assert [answered(visitor).split()[1] for visitor in visitors] == ["200", "200"]

    for _ in range(4):
        visitors.append(small.visit(ASK))
        assert answered(visitors[-1]).split()[1] == "200"

    visitors[-2].sendall(ASK)
    assert answered(visitors[-2]).split()[1] == "200"
