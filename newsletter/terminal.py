"""What is shown while a command runs and when it is done: to a person at a terminal, and to a pipe or a log.

Owns tables on stdout and how far taking papers in has come on stderr. Counts and decides nothing.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from newsletter import report

# Papers between two lines in a log: a line every second or so, and none for a digest of one day.
_MILESTONE = 5000


def show(rows: report.Rows) -> None:
    """Print a table; its cells with tabs between them where no person looks on. Nothing where it is empty."""
    if not rows.cells:
        return
    if not sys.stdout.isatty():
        typer.echo(report.tab_separated(rows) + "\n")
        return
    # Loaded only where a person looks at a table: rich takes a tenth of the time of a whole render.
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for head in rows.head:
        table.add_column(Text(head), overflow="fold")
    for cells in rows.cells:
        table.add_row(*(Text(cell) for cell in cells))  # Text, because a title is never markup
    Console().print(table)


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """What is to be told how many of `total` papers are done: a bar shows it, or a line now and then."""
    if not sys.stderr.isatty():
        yield lambda done: _milestone(label, done, total)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    # Without markup, because a file may be called anything.
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done: bar.update(task, completed=done)


def _milestone(label: str, done: int, total: int) -> None:
    if done < total and done % _MILESTONE == 0:
        typer.echo(f"{label}: {done} of {total} papers", err=True)
