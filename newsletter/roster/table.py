"""A table of people that is open, from its first row to its last."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from newsletter.roster.layout import Layout
from newsletter.roster.rows import Part, part


@dataclass(frozen=True, slots=True)
class Roster:
    """An open table. fingerprint: of all its bytes. file: its text in UTF-8. notes: for whoever gave it."""

    source: str
    fingerprint: str
    file: BinaryIO
    size: int
    layout: Layout
    notes: tuple[str, ...] = ()

    def parts(self, offset: int, lines: int) -> Iterator[Part]:
        """The rows from a place where a part ended, or from the first one where that is 0, in parts."""
        if not offset:
            offset, lines = self._start()
        while found := part(self.file, offset=offset, lines=lines, delimiter=self.layout.delimiter):
            yield found
            offset, lines = found.offset, found.lines

    def _start(self) -> tuple[int, int]:
        self.file.seek(0)
        for _ in range(self.layout.skip):
            self.file.readline()
        return self.file.tell(), self.layout.skip
