"""What a command shows when it is done: to a person at a terminal, and to a pipe.

Owns tables on stdout. Counts and decides nothing.
"""

import sys

import typer

from newsletter import report


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
