r"""Repair of text that lost its LaTeX on the way.

Owns `repair`: it walks the rules, keeps clear of web addresses and accounts for every change. The rules
themselves, with their measured precision, are the table in `rules`. Never guesses: what has no sure reading
stays as it is.

Hugging Face imports an arXiv abstract by unwrapping `\cmd{X}` to `X` and dropping, inside `$..$`, the dollars
and every backslash; `7.93$\times$` arrives as `7.93times`.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.residue.rules import RULES, Rule

__all__ = ["RULES", "Change", "Repaired", "Rule", "repair"]

# Characters of the words around a change that a person is shown, on either side.
CONTEXT = 80
# One repair can lay open another (braces in braces). More rounds than any real abstract needs; a bound keeps
# text built to nest without end from costing more than this.
ROUNDS = 6
# How far back the start of a web address is looked for.
ADDRESS_LENGTH = 300

_ADDRESS = re.compile(r"://|^www\.|[\w-]\.(?:com|org|io|co|ai|net|edu|dev|me|eu|de|uk|cn)/")


@dataclass(frozen=True, slots=True)
class Change:
    """One repaired place. `before` stands at `offset` in the text as it came, with the words around it."""

    offset: int
    before: str
    after: str
    rule: str


@dataclass(frozen=True, slots=True)
class Repaired:
    """A text put right, and every change that was made, in the order of the text."""

    text: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    after: str


def repair(text: str, *, title: str = "") -> Repaired:
    r"""The text with its lost LaTeX put right; repairing the result again changes nothing.

    title: of the same paper. It names what a private command of the authors (`\ours`) stood for.
    """
    current = text
    origins: Sequence[int] = range(len(text) + 1)
    touched: list[tuple[int, int, str]] = []
    for _ in range(ROUNDS):
        start_of_round = current
        for rule in RULES:
            if edits := _edits(rule, current, title):
                touched += [(origins[edit.start], origins[edit.end], rule.name) for edit in edits]
                current, origins = _spliced(current, origins, edits)
        if current == start_of_round:
            break
    regions = _regions(touched)
    changes = dict.fromkeys(_change(text, current, origins, regions, place) for place in sorted(touched))
    return Repaired(current, tuple(change for change in changes if change.before != change.after))


def _edits(rule: Rule, text: str, title: str) -> list[_Edit]:
    if not rule.applies(text, title):
        return []
    return [
        _Edit(match.start(), match.end(), after)
        for match in rule.pattern.finditer(text)
        if (after := rule.after(match, title)) != match[0]
        and (rule.in_addresses or not _in_address(text, match.start()))
    ]


def _in_address(text: str, at: int) -> bool:
    near = text[max(0, at - ADDRESS_LENGTH) : at]
    word = near[max(near.rfind(" "), near.rfind("\n")) + 1 :]
    return bool(word) and _ADDRESS.search(word) is not None


def _spliced(text: str, origins: Sequence[int], edits: list[_Edit]) -> tuple[str, Sequence[int]]:
    """The edited text, and for each of its characters the place in the first text that it comes from."""
    pieces: list[str] = []
    places: list[int] = []
    done = 0
    for edit in edits:
        pieces += (text[done : edit.start], edit.after)
        places += origins[done : edit.start]
        places += [origins[edit.start]] * len(edit.after)
        done = edit.end
    pieces.append(text[done:])
    places += origins[done:]
    return "".join(pieces), places


def _regions(touched: list[tuple[int, int, str]]) -> list[tuple[int, int]]:
    """The touched stretches, overlapping ones as one."""
    regions: list[tuple[int, int]] = []
    for start, end, _ in sorted(touched):
        if regions and start < regions[-1][1]:
            regions[-1] = (regions[-1][0], max(end, regions[-1][1]))
        else:
            regions.append((start, end))
    return regions


def _change(
    text: str,
    repaired: str,
    origins: Sequence[int],
    regions: list[tuple[int, int]],
    place: tuple[int, int, str],
) -> Change:
    """The words around one place, before and after."""
    start, end, rule = place
    # The words may reach into another place, half of which has no counterpart: they take all of it.
    for _ in range(2):
        start = max(text.rfind(" ", max(0, start - CONTEXT), start) + 1, start - CONTEXT)
        blank = text.find(" ", end, end + CONTEXT)
        end = blank if blank >= 0 else min(end + CONTEXT, len(text))
        left = regions[max(0, bisect_right(regions, (start, len(text))) - 1)]
        right = regions[max(0, bisect_right(regions, (end, -1)) - 1)]
        start = left[0] if left[0] < start < left[1] else start
        end = right[1] if right[0] < end < right[1] else end
    after = repaired[bisect_left(origins, start) : bisect_left(origins, end)]
    return Change(start, text[start:end], after, rule)
