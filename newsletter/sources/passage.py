"""A stretch of a source's text: wrapped lines that are one text, each with its number.

Owns how lines are joined and how a place in the joined text leads back to its line.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable

_BLANKS = re.compile(r"\s+")


class Passage:
    """Lines in their order, blanks folded, and the number of each in the unit of the digest.

    text: the wrapped lines as one.
    """

    __slots__ = ("_starts", "lines", "numbers", "text")

    def __init__(self, lines: tuple[str, ...], numbers: tuple[int, ...]) -> None:
        self.lines = lines
        self.numbers = numbers
        self.text, self._starts = (lines[0], [0]) if len(lines) == 1 else _joined(lines)

    @property
    def line(self) -> int:
        """The number of the first line."""
        return self.numbers[0]

    def line_at(self, offset: int) -> int:
        """The number of the line that this place of the text comes from."""
        return self.numbers[bisect_right(self._starts, offset) - 1]


def of(text: str, line: int) -> Passage:
    """The passage of a text whose lines all stand at one place: an item, a field, a single line."""
    lines = _folded(text.split("\n"))
    return Passage(lines, (line,) * len(lines))


def counted(lines: Iterable[str], first: int) -> Passage:
    """The passage of lines that follow each other, the first with that number."""
    numbered = [(line, number) for number, line in enumerate(lines, start=first) if line.strip()]
    return Passage(
        _folded(line for line, _ in numbered) or ("",), tuple(number for _, number in numbered) or (first,)
    )


def numbered(lines: Iterable[tuple[int, str]], line: int) -> Passage:
    """The passage of lines that carry their numbers, with gaps or without; of none an empty one on `line`."""
    kept = [(number, bare) for number, text in lines if (bare := folded(text))] or [(line, "")]
    return Passage(tuple(text for _, text in kept), tuple(number for number, _ in kept))


def joined(passages: Iterable[Passage]) -> Passage:
    """Several passages as one: paragraphs of an abstract, where damage may reach from one into the next."""
    parts = list(passages)
    return Passage(
        tuple(line for part in parts for line in part.lines),
        tuple(number for part in parts for number in part.numbers),
    )


def _joined(lines: tuple[str, ...]) -> tuple[str, list[int]]:
    """The wrapped lines as one, and where in it each of them starts."""
    pieces: list[str] = []
    starts: list[int] = []
    length = 0
    for line in lines:
        if pieces and not _ends_inside_word(pieces[-1], line):
            pieces.append(" ")
            length += 1
        starts.append(length)
        pieces.append(line)
        length += len(line)
    return "".join(pieces), starts


def _folded(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(bare for line in lines if (bare := folded(line))) or ("",)


def folded(line: str) -> str:
    """The line without blanks around it, and with one blank for each run of them."""
    bare = line.strip()
    return _BLANKS.sub(" ", bare) if "  " in bare or "\t" in bare else bare


def _ends_inside_word(line: str, following: str) -> bool:
    """Whether a hyphen ends the line and its word goes on in the next; not in `pre- and post-training`."""
    is_hanging = following.split(" ", 1)[0] in {"and", "or", "to", "nor"}
    return line.endswith("-") and line[-2:-1].isalnum() and not is_hanging
