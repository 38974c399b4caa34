"""Words → lines of the text body: wrapped, underlined and set in columns, as a fixed-width font shows them.

Counts columns and not characters: a wide character of Chinese, Japanese or Korean takes two, a combining one
none.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

# Columns of the text body: 78 is RFC 5322's recommended line, less two for a quotation mark in replies.
COLUMNS = 76

# Where a line may end: at white space, but for what is there to prevent it.
_BREAKABLE = re.compile("[^\\S\u00a0\u202f]+")

# Characters of what no-break spaces join. A number and its noun are shorter; text that was copied from a page
# may have no other spaces at all.
_LONGEST_JOINED = 30

# Chinese and Japanese write no blanks: a line may end after any of these characters. Korean writes blanks.
_UNSPACED = re.compile(
    "[\u2e80-\u312f\u3190-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
)

# Small kana and marks that lengthen or repeat what stands before them begin no line; punctuation goes by
# its category. Source: JIS X 4051, characters that shall not begin a line.
_NEVER_FIRST = frozenset("ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶー々〻ゝゞヽヾ")


def width(text: str) -> int:
    """The columns that the text takes."""
    return len(text) if text.isascii() else sum(map(_width, text))


def wrap(text: str, indent: str = "", hanging: str | None = None) -> str:
    """The text as lines of at most COLUMNS columns; `hanging` indents all but the first line.

    A URL is never broken. Another word longer than a line is. What a no-break space joins stays together
    where that is short; it becomes a plain space.
    """
    rest = indent if hanging is None else hanging
    room = COLUMNS - max(len(indent), len(rest))
    lines: list[str] = []
    line, gap = "", ""
    for word in _words(text):
        for piece in _pieces(word, room):
            before = rest if lines else indent
            if line and width(before) + width(line) + width(gap) + width(piece) > COLUMNS:
                lines.append(before + line)
                line, gap = "", ""
            line, gap = line + gap + piece, ""
        gap = " "
    return "\n".join([*lines, (rest if lines else indent) + line]) if line else ""


def rule(text: str, mark: str) -> str:
    """A line of `mark` below the text, as wide as its widest line."""
    return mark * max(map(width, text.split("\n")))


def columns(table: Sequence[Sequence[str]], indent: str = "") -> list[str]:
    """Each row as text whose cells stand below those of the row before; columns that are empty are left out.

    A first cell that leaves no room for the others stands above them.
    """
    table = [[re.sub(r"\s", " ", cell) for cell in row] for row in table]
    widths = [max(map(width, column)) for column in zip(*table, strict=True)]
    rest = sum(wide + 2 for wide in widths[1:] if wide)
    first = min(widths[0], max(0, COLUMNS - len(indent) - rest)) if widths else 0
    lines = []
    for head, *cells in table:
        filled = (f"  {_filled(cell, wide)}" for cell, wide in zip(cells, widths[1:], strict=True) if wide)
        above = "" if width(head) <= first else wrap(head, indent) + "\n"
        lines.append(f"{above}{indent}{_filled('' if above else head, first)}{''.join(filled)}".rstrip())
    return lines


def _filled(cell: str, wide: int) -> str:
    return cell + " " * (wide - width(cell))


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _words(text: str) -> Iterator[str]:
    for word in _BREAKABLE.split(text):
        parts = word.split()
        yield from [" ".join(parts)] if 0 < len(word) <= _LONGEST_JOINED else parts


def _pieces(word: str, room: int) -> Iterator[str]:
    """The parts of a word between which a line may end."""
    if "://" in word:
        yield word
        return
    for part in _unspaced(word) if _UNSPACED.search(word) else [word]:
        yield from _slices(part, room)


def _unspaced(word: str) -> Iterator[str]:
    part = ""
    for before, character in zip(" " + word, word, strict=False):
        if part and _may_part(before, character):
            yield part
            part = ""
        part += character
    yield part


def _may_part(before: str, after: str) -> bool:
    """Whether a line may end between two characters, of which one is written without blanks."""
    if not (_UNSPACED.match(before) or _UNSPACED.match(after)) or after in _NEVER_FIRST:
        return False
    closes = _width(after) == 0 or unicodedata.category(after) in ("Pe", "Pf", "Po")
    return not closes and unicodedata.category(before) not in ("Ps", "Pi")


def _slices(word: str, room: int) -> Iterator[str]:
    while width(word) > room:
        end = next(at for at in range(1, len(word) + 1) if at == len(word) or width(word[: at + 1]) > room)
        yield word[:end]
        word = word[end:]
    yield word
