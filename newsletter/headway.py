"""How far a run over the network has come: a bar at a terminal, a line for each source elsewhere, on stderr.

Shows what it is told and decides nothing.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from newsletter.announcements import Silence
from newsletter.gather import Note, State, Step

Tell = Callable[[Step | Note], None]
# Where no bar shows each step, one of so many is told.
_MILESTONE = 10


@contextmanager
def told() -> Iterator[Tell]:
    """Whom to tell while the block runs. A bar appears with the first step, and goes with the block."""
    if not sys.stderr.isatty():
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


def warn(text: str) -> None:
    """Says what did not come, where the run goes on without it."""
    print(f"warning: {text}", file=sys.stderr)


def _in_lines(news: Step | Note) -> None:
    if isinstance(news, Note):
        if _is_told(news):
            print(f"{news.name}: {news.text}", file=sys.stderr)
    elif news.so_far == 0 and news.number % _MILESTONE == 0:
        print(f"{news.number} of {news.of}", file=sys.stderr)


def _is_told(note: Note) -> bool:
    """What went wrong is told by whoever decides whether the run goes on."""
    wrong = note.quiet is not None and note.quiet.silence is Silence.WRONG
    return note.state is not State.FAILED and not wrong
