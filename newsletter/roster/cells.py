"""Cells of a table that a spreadsheet takes for text, whatever stands in them.

A spreadsheet runs a cell that begins with = + - or @ as a formula, and a formula can send the rest of the
table away. Such a cell gets an apostrophe, which says that it is text, and which is taken off where the table
is read.

Source: OWASP, "CSV Injection".
"""

import unicodedata

_FORMULA = frozenset("=+-@")
_CONTROLS = frozenset("\t\r\n")


def guarded(text: str) -> str:
    """The cell as it is written: `plain` gives the text back."""
    # Nearly every cell begins with a letter, and is not looked at any further.
    return f"'{text}" if text and not text[0].isalnum() and _runs(text) else text


def plain(text: str) -> str:
    """The text of a cell that was written, by `guarded` or by anybody."""
    return text[1:] if text[:1] == "'" and _runs(text) else text


def _runs(text: str) -> bool:
    """Whether a spreadsheet could take the cell for more than text, also behind apostrophes."""
    bare = text.lstrip("'")
    if bare[:1] in _CONTROLS:
        return True
    seen = next((letter for letter in bare if not _unseen(letter)), "")
    # Full-width signs count too: some programs make them plain before they look.
    return unicodedata.normalize("NFKC", seen)[:1] in _FORMULA if seen else False


def _unseen(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter) in {"Cc", "Cf"}
