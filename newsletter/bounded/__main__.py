"""The child that renders: `python -m newsletter.bounded SECONDS BYTES`, for its parent alone.

Owns its own limits: of memory, files, processor time, and the time of each issue, after which it still says
in which template it was. Answers one issue after the other until its parent closes the pipe.
"""

import json
import math
import os
import pickle
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import partial
from typing import IO

from newsletter import rendering, templating
from newsletter.bounded import talk
from newsletter.errors import RenderError
from newsletter.model import Issue, ReaderLinks
from newsletter.templating import Look

try:
    import resource
except ImportError:  # Windows, where only the parent limits the time
    resource = None  # type: ignore[assignment]


def serve(timeout_s: float, memory_bytes: int) -> None:
    """The child: one answer for each question, until there are no more."""
    questions, answers = _take_pipes()
    _limit(memory_bytes)
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, partial(_stop, timeout_s))
    talk.write(answers, talk.READY)
    with suppress(EOFError):
        while True:
            issue, look, links = pickle.loads(talk.read(questions))  # noqa: S301  what our own parent wrote
            talk.write(answers, _answer(issue, look, links, timeout_s))


def _take_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """The pipes to the parent, out of the way of whoever prints or reads standard input."""
    questions, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return os.fdopen(questions, "rb"), os.fdopen(answers, "wb")


def _limit(memory_bytes: int) -> None:
    if resource is None:
        return
    most = {resource.RLIMIT_AS: memory_bytes, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0}
    for kind, limit in most.items():
        # Refused where the system has a lower one already, and for memory by some that are not Linux.
        with suppress(ValueError):
            resource.setrlimit(kind, (limit, limit))


def _stop(timeout_s: float, number: int, frame: object) -> None:
    # Raised wherever the child is: the traceback leads to the template and its line.
    raise talk.late(timeout_s)


@contextmanager
def _timed(timeout_s: float) -> Iterator[None]:
    """Raises TimeoutError in what takes too long, and ends this process where that is of no avail.

    The parent kills it before, unless the parent is gone.
    """
    if resource is None:
        yield
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    enough = math.ceil(used.ru_utime + used.ru_stime + timeout_s + 2 * talk.GRACE_S)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (enough if hard < 0 else min(enough, hard), hard))
    signal.setitimer(signal.ITIMER_REAL, timeout_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _answer(issue: Issue, look: Look, links: ReaderLinks, timeout_s: float) -> bytes:
    template, line = rendering.HTML, None
    try:
        with _timed(timeout_s):
            rendered = rendering.render(issue, look=look, links=links)
            return json.dumps({"rendered": asdict(rendered)}).encode()
    except RenderError as error:
        template, line = error.template, error.line
        limit = _limit_of(error.__cause__)
        problem = limit or error.problem
    except Exception as error:
        # Not in a template: in MJML, or where styles are inlined.
        limit = _limit_of(error)
        problem = limit or f"{error!r}, which no look should cause; compare it with the default one"
    told = {"template": template, "line": line, "problem": problem, "spent": bool(limit)}
    return json.dumps(told).encode()


def _limit_of(error: BaseException | None) -> str:
    """What went beyond a limit, "" for any other error."""
    if isinstance(error, TimeoutError):
        return templating.exhausted(error)
    if isinstance(error, MemoryError):
        most, _ = resource.getrlimit(resource.RLIMIT_AS) if resource else (-1, -1)
        known = f"the look takes more than {most / 1e6:,.0f} MB of memory" if most >= 0 else ""
        return templating.exhausted(MemoryError(known))
    return ""


if __name__ == "__main__":
    serve(float(sys.argv[1]), int(sys.argv[2]))
