r"""Repair of text that lost its LaTeX on the way.

Owns `repair`: it walks the rules, keeps clear of web addresses and accounts for every change. The rules
themselves, with their measured precision, are the table in `rules`. Never guesses: what has no sure reading
stays as it is.

Hugging Face imports an arXiv abstract by unwrapping `\cmd{X}` to `X` and dropping, inside `$..$`, the dollars
and every backslash; `7.93$\times$` arrives as `7.93times`.
"""

import re
from dataclasses import dataclass

from newsletter.residue import latex
from newsletter.residue.edits import Change, Draft, Edit
from newsletter.residue.rules import RULES, Family, Rule

__all__ = ["RULES", "Change", "Family", "Repaired", "Rule", "repair"]

# One repair can lay open another (braces in braces). More rounds than any real abstract needs; a bound keeps
# text built to nest without end from costing more than this.
ROUNDS = 12
# How far back the start of a web address is looked for.
ADDRESS_LENGTH = 300

_ADDRESS = re.compile(r"://|^www\.|[\w-]\.(?:com|org|io|co|ai|net|edu|dev|me|eu|de|uk|cn)/")


@dataclass(frozen=True, slots=True)
class Repaired:
    """A text put right, and every change that was made, in the order of the text."""

    text: str
    changes: tuple[Change, ...] = ()


def repair(text: str, *, title: str = "") -> Repaired:
    r"""The text with its lost and its raw LaTeX put right; repairing the result again changes nothing.

    title: of the same paper. It names what a private command of the authors (`\ours`) stood for.
    A text that still changes after so many rounds was built to do so: it stays as it came.
    """
    draft = Draft(text)
    if not repaired(draft, title):
        return Repaired(text)
    return Repaired(draft.text, draft.changes())


def repaired(draft: Draft, title: str) -> bool:
    """Whether the draft, once every repair was made in it, came to rest."""
    is_damaged = False
    for _ in range(ROUNDS):
        start_of_round = draft.text
        if edits := latex.edits(draft.text, title):
            draft.apply(edits, latex.RULE)
            is_damaged = True
        text = draft.text
        is_damaged = is_damaged or "\\" in text
        for rule in RULES:
            if rule.family is Family.DOUBTFUL and not is_damaged:
                continue
            # The loop over needles is written out here: as a call it takes a third of all repairs.
            for needle in rule.needles:
                if needle in text:
                    break
            else:
                continue
            if edits := _edits(rule, text, title):
                draft.apply(edits, rule.name)
                text = draft.text
                is_damaged = is_damaged or rule.family is Family.LOST
        if text == start_of_round:
            return True
    return False


def _edits(rule: Rule, text: str, title: str) -> list[Edit]:
    if rule.greek_title and title.isascii():
        return []
    has_addresses = not rule.in_addresses and ("/" in text or "www." in text)
    return [
        Edit(match.start(), match.end(), after)
        for match in rule.pattern.finditer(text)
        if (after := rule.after(match, title)) != match[0]
        and not (has_addresses and _in_address(text, match.start()))
    ]


def _in_address(text: str, at: int) -> bool:
    """Whether this place stands in a web address."""
    near = text[max(0, at - ADDRESS_LENGTH) : at]
    word = near[max(near.rfind(" "), near.rfind("\n")) + 1 :]
    return bool(word) and _ADDRESS.search(word) is not None
