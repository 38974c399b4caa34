"""Tables of people, as files: what an import reads and an export writes.

Owns their form: delimiter, names of columns, rows, cells that a spreadsheet would run. Opens no file (that is
`roster_file`), and knows nothing of who is subscribed.
"""

from newsletter.roster.cells import guarded, plain
from newsletter.roster.entries import Entry, LeftOut, Reader, first_of_each
from newsletter.roster.layout import Layout, find
from newsletter.roster.rows import Part, part
from newsletter.roster.table import Roster
from newsletter.roster.written import as_data, json_lines, table

__all__ = [
    "Entry",
    "Layout",
    "LeftOut",
    "Part",
    "Reader",
    "Roster",
    "as_data",
    "find",
    "first_of_each",
    "guarded",
    "json_lines",
    "part",
    "plain",
    "table",
]
