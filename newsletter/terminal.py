"""What a command shows when it is done, or asks: to a person at a terminal, and to a pipe.

Owns tables, marked text and messages, and sees that none of them commands the terminal. Decides nothing.
"""

import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from newsletter import report

if TYPE_CHECKING:  # loaded only where a person looks at a table: it takes a tenth of a whole render
    from rich.table import Table
    from rich.text import Text

# Longer lines are hard to read, however wide the terminal is.
WIDEST = 100


def watched() -> bool:
    """Whether a person looks at what is shown, rather than another program."""
    return sys.stdout.isatty()


def show(rows: report.Rows) -> None:
    """Print a table; its cells with tabs between them where no person looks on. Nothing where it is empty."""
    if not watched():
        if text := report.tab_separated(rows):
            typer.echo(text + "\n")
        return
    if rows.title:
        typer.secho(report.harmless(rows.title), bold=True)
    if rows.cells:
        from rich.console import Console

        console = Console()
        console.print(_table(report.told(rows), console.width))
    if rows.title or rows.cells:
        typer.echo()


def say(text: str, *, err: bool = False) -> None:
    """Print a message, whole words in each line where a person looks on, or on stderr."""
    text = report.harmless(text)
    if (sys.stderr if err else sys.stdout).isatty():
        text = "\n".join(_filled(line) for line in text.split("\n"))
    typer.echo(text, err=err)


def show_text(text: report.Cell) -> None:
    """Print a text in lines of a readable length, with what is marked in it."""
    if not watched():
        typer.echo(report.harmless(textwrap.fill(str(text), _readable())))
        return
    from rich.console import Console
    from rich.text import Text

    Console(width=_readable()).print(Text.assemble(*_styled(text)), highlight=False)


def show_heading(text: str) -> None:
    """Print what the next texts are about, apart from those above."""
    text = report.harmless(text)
    if watched():
        text = typer.style(f"── {text} ".ljust(_readable(), "─"), bold=True)
    typer.echo(f"\n{text}\n")


def _readable() -> int:
    return min(shutil.get_terminal_size().columns, WIDEST)


def _filled(line: str) -> str:
    """A line in several. Addresses, commands and paths stay whole, to be copied; an indent stays too."""
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.fill(
        line,
        _readable(),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _table(rows: report.Rows, width: int) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    sizes = report.widths(rows, width)
    # The box leaves one blank between columns.
    table = Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, report.GAP - 1, 0, 0),
        header_style="bold",
    )
    for head, size, numeric in zip(rows.head, sizes, report.numeric(rows), strict=True):
        table.add_column(
            Text(report.harmless(head)), width=size, justify="right" if numeric else "left", overflow="fold"
        )
    for cells in rows.cells:
        if len(cells) == 1:
            table.add_section()
            cells = ("",) * report.wordy(rows) + cells
            table.add_row(*(Text(str(cell), style="italic") for cell in cells))
        else:
            table.add_row(*_broken(cells, sizes))
    return table


def _broken(cells: Sequence[report.Cell], sizes: Sequence[int]) -> list["Text"]:
    """The cells in lines as long as their columns are wide."""
    from rich.text import Text

    # Text, because a title is never markup.
    texts = [Text.assemble(*_styled(cell)) for cell in cells]
    return [
        Text("\n").join(text[start:end] for start, end in report.lines(text.plain, size))
        for text, size in zip(texts, sizes, strict=True)
    ]


def _styled(cell: report.Cell) -> list[tuple[str, str]]:
    if isinstance(cell, str):
        return [(report.harmless(cell), "")]
    return [(report.harmless(text), "bold underline" if marked else "") for text, marked in cell.parts]
