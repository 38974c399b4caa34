"""How far long work has come: a bar on a terminal, a line for each milestone elsewhere.

Owns where that is shown, which is stderr. Counts nothing itself.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Papers between two lines in a log: a line every second or so, and none for a digest of one day.
_MILESTONE = 5000


@contextmanager
def of_papers(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """What is to be told how many of `total` papers are done, while they are."""
    if not sys.stderr.isatty():
        yield lambda done: _milestone(label, done, total)
        return
    # Loaded only where a person looks on: rich takes a tenth of the time of a whole render.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    # Without markup, because a file may be called anything.
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done: bar.update(task, completed=done)


def _milestone(label: str, done: int, total: int) -> None:
    if done < total and done % _MILESTONE == 0:
        print(f"{label}: {done} of {total} papers", file=sys.stderr)
