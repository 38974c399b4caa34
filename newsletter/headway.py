"""How far long work has come, over the network, into the store or a folder, on stderr: a bar, or lines.

Shows what it is told and decides nothing. Where a process keeps a log, its journal hears the lines instead
(`heard_by`), whichever thread says them.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from newsletter.announcements import Silence
from newsletter.gather import Note, State, Step

Tell = Callable[[Step | Note], None]
# Who hears lines in place of stderr; of the whole process, because its threads share a log.
_listeners: list[Callable[[str, str], None]] = []
# Where no bar shows each step, one of so many is told.
_MILESTONE = 10
# Papers between two lines in a log: a line every second or so, and none for a digest of one day.
_PAPERS_A_LINE = 5000
# Mails between two lines.
_MAILS_A_LINE = 5000
# Files of an archive between two lines.
_FILES_A_LINE = 500
# Rows of a table between two lines in a log: a line every few seconds.
_ROWS_A_LINE = 100_000


@contextmanager
def told() -> Iterator[Tell]:
    """Whom to tell while the block runs. A bar appears with the first step, and goes with the block."""
    if not _watched():
        yield _in_lines
        return
    with ExitStack() as open_bars:
        bars: list[Tell] = []

        def tell(news: Step | Note) -> None:
            if not bars:
                bars.append(open_bars.enter_context(_bar()))
            bars[0](news)

        yield tell


@contextmanager
def _bar() -> Iterator[Tell]:
    # Loaded only where a person waits: an issue made from a file needs no bar.
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def tell(news: Step | Note) -> None:
            if isinstance(news, Step):
                name = f"{news.number} of {news.of}: {news.name[:60]}"
                bar.update(task, description=name, completed=news.so_far, total=news.total)
            elif _is_told(news):
                bar.console.print(f"{news.name}: {news.text}", markup=False, highlight=False)

        yield tell


def of_papers(label: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
    """What is to be told how many of `total` papers are done: a bar shows it, or a line now and then."""
    return _counted(label, total, "papers", _PAPERS_A_LINE)


def of_mails(label: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
    """What is to be told how many of `total` mails are done: a bar shows it, or a line now and then."""
    return _counted(label, total, "mails", _MAILS_A_LINE)


def of_files(label: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
    """What is to be told how many of `total` files are done: a bar shows it, or a line now and then."""
    return _counted(label, total, "files", _FILES_A_LINE)


@contextmanager
def _counted(label: str, total: int, things: str, a_line: int) -> Iterator[Callable[[int], None]]:
    if not _watched():
        yield lambda done: _milestone(f"{label}: {done} of {total} {things}", done, total, a_line)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    # Without markup, because a file may be called anything.
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def of_readers(label: str) -> Iterator[Callable[[int], None]]:
    """What is to be told how many readers are done, out of a number that nobody knows yet."""
    if not _watched():
        yield _in_steps(label, "readers", _ROWS_A_LINE)
        return
    with _spinner(label, "readers") as tell:
        yield tell


@contextmanager
def of_delivery(label: str, total: int) -> Iterator[Callable[[int, str], None]]:
    """What is to be told how many of `total` readers are done with, and how it goes: a bar, or ten lines."""
    if not _watched():
        told = [0]
        yield lambda done, words: _tenth(label, done, total, words, told)
        return
    with _rated(label, total, in_percent=False) as tell:
        yield lambda done, words: tell(done, done, ("", words))


@contextmanager
def of_rows(label: str, total: int) -> Iterator[Callable[[int, int], None]]:
    """What is to be told how many of `total` bytes, and lines are done: a bar, or a line at times."""
    if not _watched():
        in_steps = _in_steps(label, "rows", _ROWS_A_LINE)
        yield lambda _, lines: in_steps(lines)
        return
    with _rated(label, total, in_percent=True) as tell:
        yield lambda done, lines: tell(done, lines, (f"{lines:,} rows", ""))


@contextmanager
def of_copying(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """What is to be told how many of `total` rows are done: a bar shows it, or a line now and then."""
    if not _watched():
        yield _in_steps(label, "rows", _ROWS_A_LINE)
        return
    with _rated(label, total, in_percent=False) as tell:
        yield lambda done: tell(done, done, ("", ""))


@contextmanager
def _rated(
    label: str, total: int, *, in_percent: bool
) -> Iterator[Callable[[int, int, tuple[str, str]], None]]:
    """A bar that is told how much of `total` is done, how many things those are, and words.

    How many come in a second stands between the two words.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn() if in_percent else MofNCompleteColumn(),
        TextColumn("{task.fields[words]}", markup=False),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total, words="")
        first: list[int] = []

        def tell(done: int, things: int, words: tuple[str, str]) -> None:
            first.append(things)
            seconds = bar.tasks[task].elapsed
            rate = f"{(things - first[0]) / seconds:,.0f} a second" if seconds and things > first[0] else ""
            bar.update(task, completed=done, words=", ".join(filter(None, (words[0], rate, words[1]))))
            del first[1:]

        yield tell


@contextmanager
def of_checks(label: str) -> Iterator[Callable[[int, int], None]]:
    """What is to be told how many checks are done, and of how many: a bar shows it, where a person waits."""
    if not _watched():
        yield lambda done, of: None
        return
    with ExitStack() as open_bars:
        bars: list[Callable[[int], None]] = []

        def tell(done: int, of: int) -> None:
            if not bars:
                bars.append(open_bars.enter_context(_counted(label, of, "checks", of)))
            bars[0](done)

        yield tell


@contextmanager
def of_questions(label: str) -> Iterator[Callable[[int], None]]:
    """What is to be told how many questions were asked: a sign of life shows it, or a line now and then."""
    if not _watched():
        yield lambda asked: _question_milestone(label, asked)
        return
    with ExitStack() as open_bars:
        bars: list[Callable[[int], None]] = []

        def tell(asked: int) -> None:
            if not bars:
                bars.append(open_bars.enter_context(_spinner(label, "papers asked about")))
            bars[0](asked)

        yield tell


@contextmanager
def _spinner(label: str, things: str) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    text = TextColumn("{task.description}", markup=False)
    with Progress(
        SpinnerColumn(), text, TimeElapsedColumn(), console=Console(stderr=True), transient=True
    ) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done: bar.update(task, description=f"{label}: {done:,} {things}")


def _in_steps(label: str, things: str, a_line: int) -> Callable[[int], None]:
    """Tells every so many things once."""
    told = [0]

    def tell(done: int) -> None:
        if done // a_line > told[0]:
            told[0] = done // a_line
            _say(f"{label}: {told[0] * a_line:,} {things}")

    return tell


def _tenth(label: str, done: int, total: int, words: str, told: list[int]) -> None:
    """Tells every tenth of what is to be done once. told: how many of those were told."""
    tenth = done * 10 // total if total else 0
    if tenth > told[0]:
        told[0] = tenth
        _say(f"{label}: {done:,} of {total:,}{words and f', {words}'}")


def _question_milestone(label: str, asked: int) -> None:
    if asked % _MILESTONE == 0:
        _say(f"{label}: {asked} papers asked about")


def _milestone(text: str, done: int, total: int, a_line: int) -> None:
    if done < total and done % a_line == 0:
        _say(text)


@contextmanager
def heard_by(listener: Callable[[str, str], None]) -> Iterator[None]:
    """While the block runs, each line goes there with its level, "info" or "warning", and there is no bar."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def warn(text: str) -> None:
    """Says what did not come, where the run goes on without it."""
    if _listeners:
        _listeners[-1](text, "warning")
    else:
        print(f"warning: {text}", file=sys.stderr)


def _say(text: str) -> None:
    if _listeners:
        _listeners[-1](text, "info")
    else:
        print(text, file=sys.stderr)


def _watched() -> bool:
    """Whether a person looks on, and no journal keeps what is said."""
    return sys.stderr.isatty() and not _listeners


def _in_lines(news: Step | Note) -> None:
    if isinstance(news, Note):
        if _is_told(news):
            _say(f"{news.name}: {news.text}")
    elif news.so_far == 0 and news.number % _MILESTONE == 0:
        _say(f"{news.number} of {news.of}")


def _is_told(note: Note) -> bool:
    """What went wrong is told by whoever decides whether the run goes on."""
    wrong = note.quiet is not None and note.quiet.silence is Silence.WRONG
    return note.state is not State.FAILED and not wrong
