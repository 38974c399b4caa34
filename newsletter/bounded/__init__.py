"""Rendering in a process of its own, so that no look and no paper can take the one that asks down.

Owns the child (`__main__`), which has none of the parent's environment but what Python needs, and the time
that it may take. What it says is JSON and not trusted: a pickle goes to it, none comes back. Whatever becomes
of a child (a crash, a hang, half an answer), the parent goes on with a fresh one.
"""

import json
import os
import pickle
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from newsletter import rendering, templating
from newsletter.bounded import talk
from newsletter.errors import RenderError
from newsletter.model import Issue, ReaderLinks, RenderedIssue
from newsletter.templating import Look

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
# What Python itself needs to start. Settings and passwords stand in other variables.
_KEPT = ("LD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT")


class _Crash(Exception):  # noqa: N818  what happened, in its own word
    """A child that ended, or said nothing that makes sense; the text says how, `then` what to do."""

    def __init__(self, what: str, then: str = "compare the look with the default one") -> None:
        self.then = then
        super().__init__(what)


class _Exceeded(Exception):  # noqa: N818
    """A child that went beyond a limit; the text names it."""


class _Faulty(Exception):  # noqa: N818
    """What a child says is wrong with the look. spent: whether it can be asked no more."""

    def __init__(self, template: str, problem: str, line: int | None, *, spent: bool) -> None:
        self.template = template
        self.problem = problem
        self.line = line
        self.spent = spent
        super().__init__(problem)


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
        wanted = pickle.dumps((issue, look, links))
        with self._lock:
            try:
                return self._ask_twice(wanted)
            except _Faulty as fault:
                raise _error(look, fault.problem, template=fault.template, line=fault.line) from fault
            except _Crash as crash:
                raise _error(look, f"{crash}, twice; {crash.then}") from crash
            except _Exceeded as limit:
                raise _error(look, str(limit)) from limit

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
            rendered = _understood(self._child.answer(wanted))
            spent = False
        except _Faulty as fault:
            spent = fault.spent
            raise
        finally:
            # What stopped anywhere may have left anything behind.
            if spent:
                self._end()
                self._begin()
        return rendered

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
        with self._within(self._timeout_s + talk.GRACE_S, templating.exhausted(talk.late(self._timeout_s))):
            with suppress(OSError):  # a broken pipe: how the child ended is told below
                talk.write(self._to, wanted)
            return self._said()

    def _start(self) -> None:
        with self._within(_START_S, f"no process to render in was ready after {_START_S:g} s; try again"):
            try:
                said = self._said()
            except _Crash as crash:
                problem = "no process to render in could be started"
                raise _Crash(problem, f"this says why: {shlex.join(self._command)}") from crash
            if said != talk.READY:
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
            return talk.read(self._from, most=ANSWER_BYTES)
        except talk.TooLong as error:
            problem = f"the look made more than {ANSWER_BYTES / 1e6:,.0f} MB of mail; a loop without end?"
            raise _Exceeded(problem) from error
        except EOFError as error:
            code = self._code()
            if code == -getattr(signal, "SIGXCPU", 0):
                raise _Exceeded(templating.exhausted(talk.late(self._timeout_s))) from error
            raise _Crash(_ending(code)) from error

    def _code(self) -> int:
        """How the process ended that says nothing more; 0 for one that goes on all the same."""
        try:
            return self._process.wait(timeout=talk.GRACE_S)
        except subprocess.TimeoutExpired:
            return 0


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "PYTHONUTF8": "1"}


def _ending(code: int) -> str:
    how = f"died of {signal.Signals(-code).name}" if code < 0 else "stopped without a whole answer"
    return f"the process that renders {how}"


def _error(
    look: Look, problem: str, *, template: str = rendering.HTML, line: int | None = None
) -> RenderError:
    return RenderError(look.name, template, problem, line=line, place=look.places.get(template, ""))


def _understood(answer: bytes) -> RenderedIssue:
    """The issue that the child made. Raises: _Faulty, or _Crash for what makes no sense."""
    try:
        values = json.loads(answer)
        if "rendered" in values:
            texts = {name: str(values["rendered"][name]) for name in ("subject", "preheader", "html", "text")}
            return RenderedIssue(**texts, cuts=tuple(map(str, values["rendered"]["cuts"])))
        template, problem = str(values["template"]), str(values["problem"])
        line = values["line"] and int(values["line"])
        fault = _Faulty(template, problem, line, spent=bool(values["spent"]))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _Crash("the process that renders gave an answer that makes no sense") from error
    raise fault
