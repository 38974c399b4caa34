"""How fast the subscribe form is at 200 requests a second, beside a bare route that gives the same bytes.

usage: python -m tests.benchmarks.web_form [SECONDS]      20 seconds each, unless another number is given

One process serves, as `newsletter web` does; this one asks, each request at its own time whether or not
the one before was answered (open loop), so that a server that falls behind shows. Goal: p99 of the form at
most 50 ms.
"""

import asyncio
import multiprocessing
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from newsletter import listening, store
from newsletter.web import serving
from tests.site import Site, settings

RATE = 200
GOAL_MS = 50.0
REQUEST = b"GET /weekly/subscribe HTTP/1.1\r\nHost: news.example.org\r\n\r\n"


def form() -> ASGIApp:
    """The site."""
    folder = Path(tempfile.mkdtemp())
    site = Site(store.open_store(f"sqlite:///{folder}/newsletter.db"), settings(folder))
    return site.application


def bare() -> ASGIApp:
    """A route that does nothing but give the bytes of the form."""
    folder = Path(tempfile.mkdtemp())
    site = Site(store.open_store(f"sqlite:///{folder}/newsletter.db"), settings(folder))
    body = site.client.get("/weekly/subscribe").content

    async def give(request: Request) -> Response:
        return HTMLResponse(body)

    return Starlette(routes=[Route("/weekly/subscribe", give)])


def serve(place: socket.socket, made: Callable[[], ASGIApp]) -> None:
    uvicorn.Server(serving.config(made())).run([place])


async def visit(port: int, seconds: float) -> list[float]:
    """How long each request took from the moment it was due, in milliseconds."""
    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    took: list[float] = []

    async def one(due: float) -> None:
        reader, writer = idle.pop() if idle else await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split()[0]))
        took.append((time.perf_counter() - due) * 1000)
        idle.append((reader, writer))

    began = time.perf_counter()
    waiting = []
    for number in range(int(RATE * seconds)):
        due = began + number / RATE
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        waiting.append(asyncio.create_task(one(due)))
    await asyncio.gather(*waiting)
    for _, writer in idle:
        writer.close()
    return took


def measured(made: Callable[[], ASGIApp], seconds: float) -> tuple[float, float]:
    """The median and the 99th percentile, in milliseconds, after a second to get warm."""
    with listening.at("127.0.0.1", 0) as place:
        process = multiprocessing.get_context("fork").Process(target=serve, args=(place, made))
        process.start()
        try:
            port = place.getsockname()[1]
            asyncio.run(visit(port, 1.0))
            took = asyncio.run(visit(port, seconds))
        finally:
            process.kill()
            process.join()
    return statistics.median(took), statistics.quantiles(took, n=100)[98]


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    rows = {name: measured(made, seconds) for name, made in (("bare", bare), ("form", form))}
    for name, (median, worst) in rows.items():
        print(
            f"{name}: p50 {median:.2f} ms, p99 {worst:.2f} ms at {RATE} requests a second for {seconds:.0f} s"
        )
    ratios = [ours / theirs for ours, theirs in zip(rows["form"], rows["bare"], strict=True)]
    print(f"form / bare: p50 {ratios[0]:.2f}, p99 {ratios[1]:.2f}")
    print(
        f"goal: p99 of the form at most {GOAL_MS:.0f} ms: {'met' if rows['form'][1] <= GOAL_MS else 'missed'}"
    )


if __name__ == "__main__":
    main()
