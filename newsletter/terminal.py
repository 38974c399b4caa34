"""What a command shows when it is done, or asks: to a person at a terminal, and to a pipe.

Owns tables, marked text and lines, and sees that none of them commands the terminal. Decides nothing.
"""

import shutil
import sys
import textwrap

import typer

from newsletter import report

# Longer lines are hard to read, however wide the terminal is.
WIDEST = 100


def say(text: str, *, err: bool = False) -> None:
    """Print a text and a line end. err: on stderr."""
    typer.echo(report.harmless(text), err=err)


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
        table.add_column(Text(report.harmless(head)), overflow="fold")
    for cells in rows.cells:
        # Text, because a title is never markup.
        table.add_row(*(Text.assemble(*_styled(cell)) for cell in cells))
    Console().print(table)


def show_text(text: report.Cell) -> None:
    """Print a text in lines of a readable length, with what is marked in it."""
    width = min(shutil.get_terminal_size().columns, WIDEST)
    if not sys.stdout.isatty():
        say(textwrap.fill(str(text), width))
        return
    from rich.console import Console
    from rich.text import Text

    Console(width=width).print(Text.assemble(*_styled(text)), highlight=False)


def _styled(cell: report.Cell) -> list[tuple[str, str]]:
    if isinstance(cell, str):
        return [(report.harmless(cell), "")]
    return [(report.harmless(text), "bold underline" if marked else "") for text, marked in cell.parts]
