"""The names in one string of authors.

Owns what parts them: semicolons where there are any, else commas and `and`, but never inside of brackets, and
never before a `Jr.`; where every `and` stands between two `Family, Given`, only the `and`. What stands in
brackets is an affiliation and no part of a name, and whoever else there is (`et al.`) has none.
"""

import re
from collections.abc import Iterator

# Characters of one string of authors: six thousand names of thirty characters.
LONGEST = 200_000
_SUFFIXES = {"jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "phd", "ph.d.", "md"}
_AND = re.compile(r"^(?:and|&)\s+|\s+(?:and|&)\s+", re.IGNORECASE)
_COMMA = re.compile(r"[,·、，]")
# What ends a list that leaves somebody out.
OTHERS = re.compile(r",?\s*(?:\bet\.? ?al\b\.?|\band others\b|\.\.\.|…)\s*$", re.IGNORECASE)


def split(text: str) -> Iterator[str]:
    """Each name in the string, in its order."""
    text = OTHERS.sub("", _outside_brackets(" ".join(text[:LONGEST].split())))
    if text.startswith("[") and text.endswith("]"):
        text = text.strip("[]")
    people = _AND.split(text)
    if len(people) > 1 and all(person.count(",") == 1 for person in people):
        yield from (" ".join(reversed(person.split(","))).strip() for person in people)
        return
    waiting = ""
    for piece in text.split(";") if ";" in text else _COMMA.split(text):
        for name in map(str.strip, _AND.split(piece)):
            name = name.strip("\"'").strip()
            if name.casefold() in _SUFFIXES and waiting:
                waiting = f"{waiting} {name}"
            elif name:
                if waiting:
                    yield waiting
                waiting = name
    if waiting:
        yield waiting


def _outside_brackets(text: str) -> str:
    """The text without what stands in round brackets; an opening one without an end takes nothing away."""
    kept: list[str] = []
    depth = 0
    for piece in re.split(r"([()])", text):
        if piece == "(":
            depth += 1
        elif piece == ")":
            depth = max(0, depth - 1)
        elif depth == 0:
            kept.append(piece)
    return "".join(kept).strip() if depth == 0 else text.strip()
