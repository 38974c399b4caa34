"""One text while it is being edited, and what the edits come to.

Owns the account: which place of the first text each character of the edited one comes from, and the `Change`
that a person is shown for each edit. Decides nothing about what is wrong in a text.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

# Characters of the words around a change that a person is shown, on either side.
CONTEXT = 80
# Edits of edits melt into one stretch, which every change in it shows whole. Longer than a formula; a bound
# keeps text built to melt into one from being shown once for each of its changes.
STRETCH = 600
# Every place of a text as long as an abstract: copying these is cheaper than counting them.
_PLACES = array("q", range(4096))


@dataclass(frozen=True, slots=True)
class Change:
    """One repaired place. `before` stands at `offset` in the text as it came, with the words around it."""

    offset: int
    before: str
    after: str
    rule: str


class Edit(NamedTuple):
    """What comes instead of the characters from `start` to `end`."""

    start: int
    end: int
    after: str


def _identity(length: int) -> "array[int]":
    return _PLACES[:length] if length <= len(_PLACES) else array("q", range(length))


@dataclass(slots=True)
class Draft:
    """A text under repair. `origins` has, for each of its characters and its end, the place it comes from."""

    first: str
    text: str = ""
    origins: Sequence[int] = ()
    touched: list[tuple[int, int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.text = self.first
        self.origins = range(len(self.first) + 1)

    def apply(self, edits: Sequence[Edit], rule: str) -> None:
        """Make the edits, which are in order and apart from each other."""
        origins = self.origins if isinstance(self.origins, array) else _identity(len(self.origins))
        pieces: list[str] = []
        places = array("q")
        done = 0
        for edit in edits:
            self.touched.append((origins[edit.start], origins[edit.end], rule))
            pieces += (self.text[done : edit.start], edit.after)
            places += origins[done : edit.start]
            places += array("q", (origins[edit.start],)) * len(edit.after)
            done = edit.end
        pieces.append(self.text[done:])
        places += origins[done:]
        self.text, self.origins = "".join(pieces), places

    def changes(self) -> tuple[Change, ...]:
        """Every edit that shows, in the order of the text; not again what a change of the same rule shows."""
        stretches = self._stretches()
        shown_to: dict[str, int] = {}
        found: list[Change] = []
        for place in sorted(set(self.touched)):
            _, end, rule = place
            if end <= shown_to.get(rule, -1):
                continue
            change = self._change(stretches, place)
            shown_to[rule] = change.offset + len(change.before)
            if change.before != change.after:
                found.append(change)
        return tuple(dict.fromkeys(found))

    def _stretches(self) -> list[tuple[int, int]]:
        """The touched stretches, overlapping ones as one."""
        stretches: list[tuple[int, int]] = []
        for start, end, _ in sorted(self.touched):
            if stretches and start < stretches[-1][1] and end - stretches[-1][0] < STRETCH:
                stretches[-1] = (stretches[-1][0], max(end, stretches[-1][1]))
            else:
                stretches.append((start, end))
        return stretches

    def _change(self, stretches: list[tuple[int, int]], place: tuple[int, int, str]) -> Change:
        """The words around one place, before and after."""
        start, end, rule = place
        text = self.first
        # The words may reach into another place, half of which has no counterpart: they take all of it.
        for _ in range(2):
            start = max(text.rfind(" ", max(0, start - CONTEXT), start) + 1, start - CONTEXT)
            blank = text.find(" ", end, end + CONTEXT)
            end = blank if blank >= 0 else min(end + CONTEXT, len(text))
            left = stretches[max(0, bisect_right(stretches, (start, len(text))) - 1)]
            right = stretches[max(0, bisect_right(stretches, (end, -1)) - 1)]
            start = left[0] if left[0] < start < left[1] else start
            end = right[1] if right[0] < end < right[1] else end
        after = self.text[bisect_left(self.origins, start) : bisect_left(self.origins, end)]
        return Change(start, text[start:end], after, rule)
