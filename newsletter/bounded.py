"""Rendering in a process of its own, so that no look and no paper can take the one that asks down.

Owns the child, its limits and what the two say to each other: lengths and bytes over pipes, pickled to the
child and JSON from it, because what a child says is not trusted. The child has none of the parent's
environment but what Python needs, and no text of a look or a paper reaches the parent except as text.
Whatever becomes of a child (a crash, a hang, half an answer), the parent goes on with a fresh one.
`python -m newsletter.bounded` is the child.
"""

import json
import math
import os
import pickle
import shlex
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from newsletter import rendering
from newsletter.errors import RenderError
from newsletter.model import Issue, ReaderLinks, RenderedIssue
from newsletter.rendering import Look

try:
    import resource
except ImportError:  # Windows, where only the time is limited
    resource = None  # type: ignore[assignment]

# Seconds that one rendering may take. Measured: 0.03 for 30 papers, 0.7 for 1,000.
TIMEOUT_S = 10.0
# Address space of the child. Measured: 53 MB for 30 papers, 82 MB for 1,000.
MEMORY_BYTES = 512_000_000
# What a child may answer. Both bodies come to 0.1 MB for 30 papers, 2.5 MB for 1,000.
ANSWER_BYTES = 16_000_000

# -P: nothing of the folder that the parent happens to stand in. -B: nothing is written.
COMMAND = (sys.executable, "-BP", "-m", "newsletter.bounded")

# Seconds for a child to load; measured 0.25, and a machine may be busy.
_START_S = 30.0
# Seconds beyond its time in which a child may say where it was, before it is killed.
_GRACE_S = 1.0
# What Python itself needs to start. Settings and passwords stand in other variables.
_KEPT = ("LD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT")
_LENGTH = struct.Struct(">Q")
_READY = b"ready"


class _Crash(Exception):  # noqa: N818  what happened, in its own word
    """A child that ended, or said nothing that makes sense; the text says how, `then` what to do."""

    def __init__(self, what: str, then: str = "compare the look with the default one") -> None:
        self.then = then
        super().__init__(what)


class _Exceeded(Exception):  # noqa: N818
    """A child that went beyond a limit; the text names it."""


class Renderer:
    """`rendering.render` in a child that is kept from one issue to the next, for any number of threads.

    To be used in a `with` block, which ends the child. timeout_s: of one rendering, on the clock and of the
    processor. memory_bytes: address space of the child. command: what starts it; only tests name another.
    """

    def __init__(
        self,
        *,
        timeout_s: float = TIMEOUT_S,
        memory_bytes: int = MEMORY_BYTES,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._command = (*command, str(timeout_s), str(memory_bytes))
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._child: _Child | None = None

    def __enter__(self) -> Self:
        self._begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._end()

    def render(self, issue: Issue, *, look: Look, links: ReaderLinks) -> RenderedIssue:
        """The issue as mail, as `rendering.render` makes it. Raises: RenderError, for a limit too."""
        wanted = pickle.dumps((issue, Look(look.name, dict(look.files)), links))
        with self._lock:
            try:
                return self._ask_twice(wanted)
            except _Crash as crash:
                raise RenderError(look.name, rendering.HTML, f"{crash}, twice; {crash.then}") from crash
            except _Exceeded as limit:
                raise RenderError(look.name, rendering.HTML, str(limit)) from limit

    def _ask_twice(self, wanted: bytes) -> RenderedIssue:
        try:
            return self._ask(wanted)
        except _Crash:
            # A machine short of memory ends a process once; a look that ends one does it again.
            return self._ask(wanted)

    def _ask(self, wanted: bytes) -> RenderedIssue:
        if self._child is None:
            self._begin()
        if self._child is None:
            raise _Crash("no process to render in could be started", "free memory or processes")
        spent = True
        try:
            answer, spent = _understood(self._child.answer(wanted))
        finally:
            # What stopped anywhere may have left anything behind.
            if spent:
                self._end()
                self._begin()
        if isinstance(answer, RenderError):
            raise answer
        return answer

    def _begin(self) -> None:
        """Starts a child, which loads while the caller goes on; none where the system has no room for one."""
        with suppress(OSError):
            self._child = _Child(self._command, self._timeout_s)

    def _end(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None


class _Child:
    """One process that renders: started at once, asked one thing at a time."""

    def __init__(self, command: Sequence[str], timeout_s: float) -> None:
        self._command = command
        self._timeout_s = timeout_s
        self._ready = False
        # A session of its own, so that Ctrl-C at a terminal is for the parent to answer.
        self._process = subprocess.Popen(  # noqa: S603  our own interpreter and module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=os.sep,
            env=_environment(),
            start_new_session=True,
        )
        self._to: IO[bytes] = self._process.stdin  # type: ignore[assignment]  # a pipe, as asked for
        self._from: IO[bytes] = self._process.stdout  # type: ignore[assignment]

    def answer(self, wanted: bytes) -> bytes:
        """What the child says to that. Raises: _Crash, _Exceeded; then the child has to be ended."""
        if not self._ready:
            self._start()
        with self._within(self._timeout_s + _GRACE_S, rendering.exhausted(_late(self._timeout_s))):
            with suppress(OSError):  # a broken pipe: how the child ended is told below
                _write(self._to, wanted)
            return self._said()

    def _start(self) -> None:
        with self._within(_START_S, f"no process to render in was ready after {_START_S:g} s; try again"):
            try:
                said = self._said()
            except _Crash as crash:
                problem = "no process to render in could be started"
                raise _Crash(problem, f"this says why: {shlex.join(self._command)}") from crash
            if said != _READY:
                raise _Crash("the process that renders does not begin as it should")
        self._ready = True

    def end(self) -> None:
        """Ends the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        with suppress(OSError):  # what it did not read
            self._to.close()
        self._from.close()

    @contextmanager
    def _within(self, seconds: float, says: str) -> Iterator[None]:
        """Kills the child after that time, which ends the reading and writing of its pipes."""
        late = threading.Event()

        def kill() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(seconds, kill)
        timer.start()
        try:
            yield
        except _Crash as crash:
            if late.is_set():
                raise _Exceeded(says) from crash
            raise
        finally:
            timer.cancel()
            timer.join()

    def _said(self) -> bytes:
        try:
            return _read(self._from, most=ANSWER_BYTES)
        except EOFError as error:
            code = self._code()
            if code == -getattr(signal, "SIGXCPU", 0):
                raise _Exceeded(rendering.exhausted(_late(self._timeout_s))) from error
            raise _Crash(_ending(code)) from error

    def _code(self) -> int:
        """How the process ended that says nothing more; 0 for one that goes on all the same."""
        try:
            return self._process.wait(timeout=_GRACE_S)
        except subprocess.TimeoutExpired:
            return 0


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    paths = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "PYTHONUTF8": "1"}


def _late(timeout_s: float) -> TimeoutError:
    return TimeoutError(f"the look took longer than {timeout_s:g} s to render")


def _ending(code: int) -> str:
    how = f"died of {signal.Signals(-code).name}" if code < 0 else "stopped without a whole answer"
    return f"the process that renders {how}"


def _write(stream: IO[bytes], data: bytes) -> None:
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def _read(stream: IO[bytes], *, most: float = math.inf) -> bytes:
    """The next message. Raises: EOFError where there is none or only half of one, _Exceeded."""
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    if length > most:
        raise _Exceeded(f"the look made more than {most / 1e6:,.0f} MB of mail; a loop without end?")
    return _exactly(stream, length)


def _exactly(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def _understood(answer: bytes) -> tuple[RenderedIssue | RenderError, bool]:
    """What the child meant, and whether it can be asked no more. Raises: _Crash for what makes no sense."""
    try:
        values = json.loads(answer)
        if "rendered" in values:
            texts = {name: str(values["rendered"][name]) for name in ("subject", "preheader", "html", "text")}
            return RenderedIssue(**texts, cuts=tuple(map(str, values["rendered"]["cuts"]))), False
        told = (str(values[name]) for name in ("look", "template", "problem"))
        line = values["line"] and int(values["line"])
        return RenderError(*told, line=line), bool(values["spent"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _Crash("the process that renders gave an answer that makes no sense") from error


def serve(timeout_s: float, memory_bytes: int) -> None:
    """The child: one answer for each question, until there are no more."""
    questions, answers = _take_pipes()
    _limit(memory_bytes)
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, partial(_stop, timeout_s))
    _write(answers, _READY)
    with suppress(EOFError):
        while True:
            issue, look, links = pickle.loads(_read(questions))  # noqa: S301  what our own parent wrote
            _write(answers, _answer(issue, look, links, timeout_s))


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
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _stop(timeout_s: float, number: int, frame: object) -> None:
    # Raised wherever the child is: the traceback leads to the template and its line.
    raise _late(timeout_s)


@contextmanager
def _timed(timeout_s: float) -> Iterator[None]:
    """Raises TimeoutError in what takes too long, and ends this process where that is of no avail.

    The parent kills it before, unless the parent is gone.
    """
    if resource is None:
        yield
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    enough = math.ceil(used.ru_utime + used.ru_stime + timeout_s + 2 * _GRACE_S)
    resource.setrlimit(resource.RLIMIT_CPU, (enough, resource.RLIM_INFINITY))
    signal.setitimer(signal.ITIMER_REAL, timeout_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _answer(issue: Issue, look: Look, links: ReaderLinks, timeout_s: float) -> bytes:
    try:
        with _timed(timeout_s):
            rendered = rendering.render(issue, look=look, links=links)
            return json.dumps({"rendered": asdict(rendered)}).encode()
    except RenderError as error:
        spent = isinstance(error.__cause__, MemoryError | TimeoutError)
        if isinstance(error.__cause__, MemoryError):
            error.problem = rendering.exhausted(_large())
        return _told(error, spent=spent)
    except (MemoryError, TimeoutError) as error:
        # Not in a template: in MJML, or where styles are inlined.
        limit = _large() if isinstance(error, MemoryError) else error
        return _told(RenderError(look.name, rendering.HTML, rendering.exhausted(limit)), spent=True)
    except Exception as error:
        problem = f"{error!r}, which no look should be able to cause; compare it with the default one"
        return _told(RenderError(look.name, rendering.HTML, problem), spent=True)


def _large() -> MemoryError:
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    return MemoryError(f"the look takes more than {most / 1e6:,.0f} MB of memory")


def _told(error: RenderError, *, spent: bool) -> bytes:
    place = {"look": error.look, "template": error.template, "line": error.line}
    return json.dumps(place | {"problem": error.problem, "spent": spent}).encode()


if __name__ == "__main__":
    serve(float(sys.argv[1]), int(sys.argv[2]))
