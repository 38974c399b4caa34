"""What the styles of a page come to for each element: colour, ground, size, whether it is seen.

A small cascade: the selectors that mails use, and the properties that reading needs. Whatever else a page
says is passed over, so that where it matters an element counts as unknown rather than wrong.
"""

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from itertools import islice
from typing import NamedTuple

from newsletter import color, css
from newsletter.color import BLACK, WHITE, Color
from newsletter.css import Declaration
from newsletter.lint import selectors
from newsletter.lint.page import Element, Page
from newsletter.lint.selectors import Selector


class View(NamedTuple):
    """Who looks at the page. scheme: "light" or "dark"; width: of the window, in pixels."""

    name: str
    scheme: str
    width: int


class Look(NamedTuple):
    """How the text of an element looks. ground: what lies behind, None where that is an image.

    size: in pixels. hidden: whether nothing in it is seen, whatever its size.
    """

    ink: Color
    ground: Color | None
    size: float
    bold: bool
    hidden: bool


class _Styled(NamedTuple):
    selector: Selector
    declared: tuple[Declaration, ...]
    within: tuple[str, ...]


_READ = frozenset(
    {"color", "background", "background-color", "background-image", "font", "font-size", "font-weight"}
    | {"display", "visibility", "opacity", "max-height", "height", "overflow"}
)
# Elements that are looked at around one, for a selector of several parts: no mail is deeper.
_DEEPEST = 200
# Comparisons of an element with a selector: a bomb of both is left at some point; its size is told anyway.
_MOST = 150_000

_SIZES = {"h1": 2.0, "h2": 1.5, "h3": 1.17, "h5": 0.83, "h6": 0.67, "small": 0.83, "big": 1.2}
_BOLD = frozenset({"b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"})
_WORDS = {"xx-small": 9, "x-small": 10, "small": 13, "medium": 16, "large": 18, "x-large": 24, "xx-large": 32}
_UNITS = {
    "px": 1.0,
    "": 1.0,
    "pt": 4 / 3,
    "pc": 16.0,
    "in": 96.0,
    "cm": 96 / 2.54,
    "mm": 96 / 25.4,
    "rem": 16.0,
}
_LENGTH = re.compile(r"([+-]?[0-9]{0,6}\.?[0-9]{0,6})(px|pt|pc|in|cm|mm|rem|em|ex|%)?")
_FONT_SIZE = re.compile(
    r"(?:^|\s)([0-9.]+(?:px|pt|em|rem|%)|(?:xx?-)?(?:small|large)|medium)(?:\s*/\s*[\w.%]+)?\s"
)
_COLOR = re.compile(r"#[0-9a-fA-F]+|(?:rgb|hsl)a?\([^()]*\)|[a-zA-Z]+")
_LINK = Color(0, 0, 238)
_DARK_CANVAS = Color(18, 18, 18)

_FEATURE = re.compile(r"\(\s*(min|max)-(?:device-)?width\s*:\s*([0-9]+)px\s*\)")
_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(\w+)\s*\)")


class Cascade:
    """The styles of a page, ready for several views."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._by_key: dict[str, list[tuple[int, _Styled]]] = {}
        self._left = _MOST
        self._looks: dict[View, list[Look]] = {}
        # The texts of the at-rules around the rules that count.
        self.conditions: set[str] = set()
        self.dark = any(_is_dark_meta(one) for one in page.named("meta"))
        for order, styled in enumerate(_styled(page)):
            self.conditions.update(styled.within)
            self._by_key.setdefault(selectors.key(styled.selector.compounds[0]), []).append((order, styled))
        self.dark = self.dark or any(
            scheme == "dark" for around in self.conditions for scheme in _SCHEME.findall(around.lower())
        )

    def looks(self, view: View) -> list[Look]:
        """How the text of each element looks, in the order of the page, of a bomb only the beginning."""
        if view not in self._looks:
            self._looks[view] = self._looked(view)
        return self._looks[view]

    def _looked(self, view: View) -> list[Look]:
        dark = view.scheme == "dark" and self.dark
        start = Look(WHITE if dark else BLACK, _DARK_CANVAS if dark else WHITE, 16.0, False, False)
        holds = {around: _holds(around.lower(), view) for around in self.conditions}
        found: list[Look] = []
        for element, rules in zip(self.page.elements, self._rules, strict=False):
            around = found[element.within] if element.within >= 0 else start
            if not element.outlook:
                held = [rule.declared for rule in rules if all(holds[one] for one in rule.within)]
                around = _computed(element, around, _values(element, held))
            found.append(around)
        return found

    @cached_property
    def _rules(self) -> list[list[_Styled]]:
        """The rules for each element, the weightier later, as far as the page is looked at."""
        found: list[list[_Styled]] = []
        for element in self.page.elements:
            found.append([] if element.outlook else self._selecting(element))
            if self._left <= 0:
                break
        return found

    def _selecting(self, element: Element) -> list[_Styled]:
        rules: list[tuple[tuple[int, int, int], int, _Styled]] = []
        names = [element.name, "*"]
        if element.attributes:
            names += [f".{one}" for one in (element.get("class") or "").split()]
            names += [f"#{id_}"] if (id_ := element.get("id")) else []
        for name in names:
            for order, styled in self._by_key.get(name, ()):
                self._left -= 1
                if self._left > 0 and self._fits(element, styled):
                    rules.append((styled.selector.weight, order, styled))
        rules.sort(key=lambda rule: rule[:2])
        return [styled for _, _, styled in rules]

    def _fits(self, element: Element, styled: _Styled) -> bool:
        first, *rest = styled.selector.compounds
        if not selectors.meets(element, first):
            return False
        for compound in rest:
            found = self._above(element, compound)
            if found is None:
                return False
            element = found
        return True

    def _above(self, element: Element, compound: selectors.Compound) -> Element | None:
        """The nearest element around one that is what a compound asks for."""
        for around in islice(self.page.around(element), 1 if compound.near else _DEEPEST):
            self._left -= 1
            if selectors.meets(around, compound):
                return around
        return None


def _values(element: Element, held: list[tuple[Declaration, ...]]) -> dict[str, str]:
    """The properties that are read, each with the value that wins."""
    style = element.get("style") if element.attributes else None
    if style:
        held.append(attribute(style))
    values: dict[str, str] = {}
    important: dict[str, str] = {}
    for declared in held:
        for one in declared:
            if one.name in _READ:
                _set(important if one.important else values, one)
    for name, value in important.items():
        if name == "background":
            values.pop("background-color", None)
            values.pop("background-image", None)
        values[name] = value
    return values


def _set(values: dict[str, str], one: Declaration) -> None:
    if one.name == "background":  # the short form sets what it does not name, too
        values.pop("background-color", None)
        values.pop("background-image", None)
    values[one.name] = one.value


@lru_cache(maxsize=512)
def attribute(style: str) -> tuple[Declaration, ...]:
    """The declarations of a style attribute; most stand in a page many times."""
    return css.declarations(style)


def length(text: str, around: float) -> float | None:
    """A font size in pixels, None where it is not said in a way that is read here."""
    text = text.strip().lower()
    if text in _WORDS:
        return float(_WORDS[text])
    match = _LENGTH.fullmatch(text)
    if not match or not match[1].strip("+-."):
        return None
    number, unit = float(match[1]), match[2] or ""
    if unit in {"em", "%", "ex"}:
        return number * around * {"em": 1.0, "%": 0.01, "ex": 0.5}[unit]
    return number * _UNITS[unit]


def _styled(page: Page) -> Iterator[_Styled]:
    for block in page.blocks:
        around = (f"@media {block.media}",) if block.media else ()
        for rule in block.sheet.rules:
            declared = tuple(one for one in rule.declarations if one.name in _READ)
            if not declared or any(
                one.startswith("@") and not one.lower().startswith("@media") for one in rule.within
            ):
                continue
            for text in rule.selectors:
                if selector := selectors.parse(text):
                    yield _Styled(selector, declared, around + rule.within)


def _holds(around: str, view: View) -> bool:
    if "print" in around or " not " in around:
        return False
    schemes = _SCHEME.findall(around)
    widths = _FEATURE.findall(around)
    return all(scheme == view.scheme for scheme in schemes) and all(
        view.width >= int(bound[:6]) if side == "min" else view.width <= int(bound[:6])
        for side, bound in widths
    )


def _is_dark_meta(meta: Element) -> bool:
    return meta.get("name") == "color-scheme" and "dark" in (meta.get("content") or "")


def _computed(element: Element, around: Look, values: dict[str, str]) -> Look:
    plain = not values and not element.attributes
    if plain and element.name not in _SIZES and element.name not in _BOLD and element.name != "a":
        return around
    size = _size(element, around.size, values)
    return Look(
        _ink(element, around, values),
        _ground(element, around, values),
        size,
        _bold(element, around, values),
        around.hidden or _hidden(values),
    )


def _size(element: Element, around: float, values: dict[str, str]) -> float:
    said = values.get("font-size")
    if said is None and "font" in values and (match := _FONT_SIZE.search(values["font"])):
        said = match[1]
    found = length(said, around) if said is not None else None
    return around * _SIZES.get(element.name, 1.0) if found is None else found


def _bold(element: Element, around: Look, values: dict[str, str]) -> bool:
    said = values.get("font-weight", "").lower()
    if said in {"bold", "bolder"} or (said.isdecimal() and len(said) < 5):
        return said in {"bold", "bolder"} or int(said) >= 700
    if said in {"normal", "lighter"}:
        return False
    return around.bold or element.name in _BOLD


def _ink(element: Element, around: Look, values: dict[str, str]) -> Color:
    said = values.get("color", "").lower()
    if said in {"inherit", "currentcolor"}:
        return around.ink
    named = (
        element.get("color" if element.name == "font" else "text")
        if element.name in {"font", "body"}
        else None
    )
    found = color.parse(said) if said else None
    if found is None and named:
        found = color.parse(named)
    if found is None:
        return _LINK if element.name == "a" and element.get("href") is not None and not said else around.ink
    return color.over(found, around.ground or WHITE)


def _ground(element: Element, around: Look, values: dict[str, str]) -> Color | None:
    image = values.get("background-image", "none").lower()
    short = values.get("background", "")
    if (
        image not in {"none", "initial"}
        or "url(" in short
        or "gradient(" in short
        or element.get("background")
    ):
        return None
    said = values.get("background-color") or _first_color(short) or element.get("bgcolor") or ""
    found = color.parse(said if len(said) < 60 else "")
    if found is None or found.alpha == 0:
        return around.ground
    if found.alpha < 1:
        return color.over(found, around.ground) if around.ground else None
    return found


def _first_color(short: str) -> str:
    return next((text for text in _COLOR.findall(short[:200]) if color.parse(text)), "")


def _hidden(values: dict[str, str]) -> bool:
    return (
        values.get("display", "").lower() == "none"
        or values.get("visibility", "").lower() in {"hidden", "collapse"}
        or values.get("opacity", "").strip() in {"0", "0.0"}
        or (
            values.get("overflow", "").lower() == "hidden"
            and _none(values.get("max-height", values.get("height", "")))
        )
    )


def _none(text: str) -> bool:
    return bool(text) and length(text, 16.0) == 0
