"""Rules about reading: whether text stands out from what is behind it, and is large enough.

In light, in the dark that a page asks for, and in the dark that clients make by themselves.
"""

from collections.abc import Iterator
from functools import lru_cache

from newsletter import color
from newsletter.color import Color
from newsletter.lint.cascade import Cascade, Look, View
from newsletter.lint.mail import Hit, Mail
from newsletter.lint.page import Element, Page

# Source: WCAG 2.2 §1.4.3. Large is 18 pt, or 14 pt and bold; a point is 4/3 of a pixel.
_ENOUGH, _ENOUGH_LARGE = 4.5, 3.0
_LARGE, _LARGE_BOLD = 24.0, 18.66
# Below this nobody reads it.
_UNREADABLE = 2.0
# Pixels below which text is hard to read on a phone.
_SMALLEST = 14.0
# Pixels below which text is meant not to be seen.
_SEEN = 3.0
# Lightness of 100 from which on a ground dazzles, and up to which what is around it is dark.
_LIGHT_GROUND, _DARK_GROUND = 80.0, 40.0
# Beside or above its line, a mark may be smaller than it.
_MARKS = frozenset({"sup", "sub"})

_LIGHT = View("in light", "light", 640)
_DARK = View("in dark mode", "dark", 640)
_PHONE = View("on a phone", "light", 360)


def contrast(mail: Mail) -> Iterator[Hit]:
    """Text that does not stand out."""
    if (cascade := mail.cascade) is None:
        return
    page = cascade.page
    for view in (_LIGHT, _DARK) if cascade.dark else (_LIGHT,):
        for element, look in _read(cascade, view):
            if look.ground:
                yield from _compared(page, element, look, look.ink, look.ground, view.name)
    for element, look in _read(cascade, _LIGHT):
        if look.ground:
            ink, ground = color.lit(look.ink), color.dimmed(look.ground)
            yield from _compared(
                page, element, look, ink, ground, "where a client darkens the mail by itself"
            )


def dark_boxes(mail: Mail) -> Iterator[Hit]:
    """Light grounds that a dark mode leaves as they were."""
    if (cascade := mail.cascade) is None or not cascade.dark:
        return
    looks = cascade.looks(_DARK)
    for element, look in zip(cascade.page.elements, looks, strict=False):
        around = looks[element.within].ground if element.within >= 0 else None
        if element.outlook or look.hidden or not look.ground or not around or look.ground == around:
            continue
        if color.lightness(look.ground) > _LIGHT_GROUND and color.lightness(around) < _DARK_GROUND:
            message = f"A light ground is left in dark mode: {color.css(look.ground)} in {color.css(around)}"
            yield Hit(message, element.start, kind=color.css(look.ground))


def font_size(mail: Mail) -> Iterator[Hit]:
    """Text that is too small."""
    if (cascade := mail.cascade) is None:
        return
    page = cascade.page
    told: set[int] = set()
    narrow = any("width" in condition for condition in cascade.conditions)
    for view in (_LIGHT, _PHONE) if narrow else (_LIGHT,):
        for element, look in _read(cascade, view):
            if look.size < _SMALLEST - 0.01 and element.name not in _MARKS and element.index not in told:
                told.add(element.index)
                message = f"{look.size:g} px; {_SMALLEST:g} can be read on a phone: {_quoted(page, element)}"
                yield Hit(message, element.start)


def preheader(mail: Mail) -> str | None:
    """The hidden words with which a page begins, None where it begins with others."""
    if (cascade := mail.cascade) is None:
        return None
    for element, look in zip(cascade.page.elements, cascade.looks(_LIGHT), strict=False):
        if element.words:
            return cascade.page.text(element) if look.hidden or look.size < _SEEN else None
    return None


def _read(cascade: Cascade, view: View) -> Iterator[tuple[Element, Look]]:
    """The elements with words of their own that are seen."""
    for element, look in zip(cascade.page.elements, cascade.looks(view), strict=False):
        if element.words and not look.hidden and look.size >= _SEEN:
            yield element, look


def _compared(
    page: Page, element: Element, look: Look, ink: Color, ground: Color, where: str
) -> Iterator[Hit]:
    large = look.size >= _LARGE or (look.bold and look.size >= _LARGE_BOLD)
    enough = _ENOUGH_LARGE if large else _ENOUGH
    # Measures round to a hundredth, as WCAG's own tools do.
    ratio = round(_ratio(ink, ground), 2)
    if ratio >= enough:
        return
    colors = f"{color.css(ink)} on {color.css(ground)}"
    message = f"{ratio:.2f}:1 {where}, {colors}; {enough} is needed: {_quoted(page, element)}"
    level = "error" if ratio < _UNREADABLE else ""
    yield Hit(message, element.start, level=level, kind=f"{where} {colors}")


@lru_cache(maxsize=1024)
def _ratio(one: Color, other: Color) -> float:
    return color.contrast(one, other)


def _quoted(page: Page, element: Element) -> str:
    text = page.text(element)
    return f"“{text}”" if len(text) <= 40 else f"“{text[:39]}…”"
