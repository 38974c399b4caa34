"""The selectors that mails use: type, class, id, attribute, and what stands inside of what."""

import re
from functools import lru_cache
from typing import NamedTuple

from newsletter.lint.page import Element


class Selector(NamedTuple):
    """One selector, from the right: what each compound asks for. weight: as CSS counts it."""

    compounds: tuple["Compound", ...]
    weight: tuple[int, int, int]


class Compound(NamedTuple):
    """What one element has to be: "" and nothing where that does not matter."""

    name: str
    id: str
    classes: frozenset[str]
    attributes: tuple[tuple[str, str | None], ...]
    near: bool  # whether it is the parent of the one to its right


_PART = re.compile(
    r"(?P<gap>\s*[>+~]\s*|\s+)|(?P<name>[a-zA-Z][\w-]*|\*)|\.(?P<class>-?[\w-]+)|\#(?P<id>[\w-]+)"
    r"|\[\s*(?P<attribute>[\w-]+)\s*(?:(?P<how>[~|^$*]?=)\s*[\"']?(?P<value>[^\"'\]]*)[\"']?\s*)?\]"
    r"|:(?P<pseudo>root|link)(?![\w(-])"
)
_PSEUDO = {"root": "html", "link": "a"}
# Characters of a selector that is followed.
_LONGEST_SELECTOR = 500


@lru_cache(maxsize=1024)
def parse(text: str) -> Selector | None:
    """The selector, None for one that is not followed here: siblings, most pseudo-classes."""
    if not 0 < len(text) <= _LONGEST_SELECTOR:
        return None
    compounds: list[Compound] = []
    at = 0
    while at < len(text):
        parts: list[re.Match[str]] = []
        while (part := _PART.match(text, at)) and not part["gap"]:
            parts.append(part)
            at = part.end()
        sign = part["gap"].strip() if part else ""
        if not parts or (part is None and at < len(text)) or sign in {"+", "~"}:
            return None
        compound = _compound(parts, near=sign == ">")
        if compound is None:
            return None
        compounds.append(compound)
        at = part.end() if part else at
    weights = [_weight(compound) for compound in compounds]
    ids, classes, names = (sum(column) for column in zip(*weights, strict=True))
    return Selector(tuple(reversed(compounds)), (ids, classes, names))


def _compound(parts: list[re.Match[str]], *, near: bool) -> Compound | None:
    names = [part["name"].lower() for part in parts if part["name"] and part["name"] != "*"]
    names += [_PSEUDO[part["pseudo"]] for part in parts if part["pseudo"]]
    if any(part["how"] not in {None, "="} for part in parts):
        return None
    return Compound(
        name=names[0] if names else "",
        id=next((part["id"] for part in parts if part["id"]), ""),
        classes=frozenset(part["class"] for part in parts if part["class"]),
        attributes=tuple((part["attribute"].lower(), part["value"]) for part in parts if part["attribute"]),
        near=near,
    )


def _weight(compound: Compound) -> tuple[int, int, int]:
    """What a compound adds to the weight of its selector."""
    return bool(compound.id), len(compound.classes) + len(compound.attributes), bool(compound.name)


def key(compound: Compound) -> str:
    """One thing that an element must have for a selector to be tried on it."""
    if compound.id:
        return f"#{compound.id}"
    if compound.classes:
        return f".{min(compound.classes)}"
    return compound.name or "*"


def meets(element: Element, compound: Compound) -> bool:
    """Whether an element is what a compound asks for."""
    if compound.name and compound.name != element.name:
        return False
    if compound.id and element.get("id") != compound.id:
        return False
    if compound.classes and not compound.classes <= set((element.get("class") or "").split()):
        return False
    return all(
        (have := element.get(name)) is not None and (value is None or have == value)
        for name, value in compound.attributes
    )
