"""What mail clients do not support, and what to write instead: our table of it.

Only what a reader loses something by is here. What a client may leave out without harm (round corners,
shadows, :hover, a font) is not, and neither is what stands in a media query, which only those read that know
it. Source of every row: caniemail.com, the feature of that name, as tested in that year; partial support that
a mail can rely on counts as support.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from newsletter.css import Declaration
from newsletter.lint.cascade import attribute
from newsletter.lint.mail import Hit, Mail
from newsletter.lint.page import Element

GMAIL, APPLE, WORD, OUTLOOK, YAHOO = "Gmail", "Apple Mail", "Outlook for Windows", "Outlook.com", "Yahoo"


class Feature(NamedTuple):
    """One thing a mail may use. kind: where it is found; value: which values count, "" for every one.

    fails: the clients that do not have it; instead: what works, or what becomes of it.
    """

    kind: str
    name: str
    value: str
    fails: tuple[str, ...]
    source: str
    year: int
    instead: str


_EVERY = (GMAIL, WORD, OUTLOOK, YAHOO)
_WORD_YAHOO = (WORD, YAHOO)

FEATURES: tuple[Feature, ...] = (
    Feature("property", "display", "flex|inline-flex", (WORD,), "css-display-flex", 2021, "a table"),
    Feature("property", "display", "grid|inline-grid", (WORD,), "css-display-grid", 2019, "a table"),
    Feature(
        "property", "flex-direction", "column.*", (GMAIL, WORD, YAHOO), "css-flex-direction", 2023, "a table"
    ),
    Feature("property", "flex-wrap", "wrap.*", (GMAIL, WORD, YAHOO), "css-flex-wrap", 2023, "a table"),
    Feature("property", "align-items", "", (GMAIL, WORD, YAHOO), "css-align-items", 2023, "valign"),
    Feature("property", "justify-content", "", (GMAIL, WORD, YAHOO), "css-justify-content", 2021, "align"),
    Feature("property", "grid-template-columns", "", _EVERY, "css-grid-template", 2023, "a table"),
    Feature("property", "grid-template-rows", "", _EVERY, "css-grid-template", 2023, "a table"),
    Feature("property", "grid-template-areas", "", _EVERY, "css-grid-template", 2023, "a table"),
    Feature("property", "gap", "", _WORD_YAHOO, "css-gap", 2022, "padding"),
    Feature("property", "row-gap", "", _WORD_YAHOO, "css-gap", 2022, "padding"),
    Feature("property", "column-gap", "", _WORD_YAHOO, "css-gap", 2022, "padding"),
    Feature("property", "position", "absolute|fixed|sticky", (GMAIL, WORD), "css-position", 2021, "a table"),
    Feature("property", "inset", "", _EVERY, "css-inset", 2024, "a table"),
    Feature("property", "float", "left|right", (WORD,), "css-float", 2024, "align on a table"),
    Feature("property", "column-count", "", _WORD_YAHOO, "css-column-count", 2019, "a table"),
    Feature("property", "columns", "", _WORD_YAHOO, "css-column-layout-properties", 2022, "a table"),
    Feature("property", "transform", "(?!none).*", _EVERY, "css-transform", 2019, "nothing"),
    Feature("property", "clip-path", "(?!none).*", _EVERY, "css-clip-path", 2021, "an image cut beforehand"),
    Feature("property", "filter", "(?!none).*", _EVERY, "css-filter", 2024, "an image made beforehand"),
    Feature(
        "property", "mask-image", "(?!none).*", _EVERY, "css-mask-image", 2024, "an image made beforehand"
    ),
    Feature("property", "aspect-ratio", "", _EVERY, "css-aspect-ratio", 2023, "width and height"),
    Feature("property", "object-fit", "", _WORD_YAHOO, "css-object-fit", 2021, "an image of the right shape"),
    Feature(
        "property", "writing-mode", "(?!horizontal).*", _WORD_YAHOO, "css-writing-mode", 2022, "an image"
    ),
    Feature("property", "visibility", "hidden", (GMAIL, WORD), "css-visibility", 2019, "display:none"),
    Feature("property", "inline-size", "", _EVERY, "css-block-inline-size", 2022, "width"),
    Feature("property", "block-size", "", _EVERY, "css-block-inline-size", 2022, "height"),
    Feature("property", "max-inline-size", "", _EVERY, "css-max-inline-size", 2024, "max-width"),
    Feature(
        "property", "margin-inline", "", _EVERY, "css-margin-inline-block", 2022, "margin-left and -right"
    ),
    Feature(
        "property", "margin-block", "", _EVERY, "css-margin-inline-block", 2022, "margin-top and -bottom"
    ),
    Feature(
        "property", "margin-inline-start", "", _EVERY, "css-margin-inline-start-end", 2022, "margin-left"
    ),
    Feature("property", "margin-inline-end", "", _EVERY, "css-margin-inline-start-end", 2022, "margin-right"),
    Feature("property", "margin-block-start", "", _EVERY, "css-margin-block-start-end", 2022, "margin-top"),
    Feature("property", "margin-block-end", "", _EVERY, "css-margin-block-start-end", 2022, "margin-bottom"),
    Feature("property", "padding-inline", "", _EVERY, "css-padding-inline-block", 2022, "padding"),
    Feature("property", "padding-block", "", _EVERY, "css-padding-inline-block", 2022, "padding"),
    Feature(
        "property", "padding-inline-start", "", _EVERY, "css-padding-inline-start-end", 2022, "padding-left"
    ),
    Feature(
        "property", "padding-inline-end", "", _EVERY, "css-padding-inline-start-end", 2022, "padding-right"
    ),
    Feature(
        "property", "padding-block-start", "", _EVERY, "css-padding-block-start-end", 2022, "padding-top"
    ),
    Feature(
        "property", "padding-block-end", "", _EVERY, "css-padding-block-start-end", 2022, "padding-bottom"
    ),
    Feature(
        "property", "border-inline", "", _EVERY, "css-border-inline-block", 2022, "border-left and -right"
    ),
    Feature(
        "property", "border-block", "", _EVERY, "css-border-inline-block", 2022, "border-top and -bottom"
    ),
    Feature(
        "property", "background-image", ".*url.*", (WORD,), "css-background-image", 2023, "a background-color"
    ),
    Feature("property", "background", ".*url.*", (WORD,), "css-background-image", 2023, "a background-color"),
    Feature("function", "calc(", "", (WORD, OUTLOOK, YAHOO), "css-unit-calc", 2020, "a length"),
    Feature("function", "min(", "", (WORD, OUTLOOK, YAHOO), "css-function-min", 2021, "width and max-width"),
    Feature("function", "max(", "", (WORD, OUTLOOK, YAHOO), "css-function-max", 2021, "width and min-width"),
    Feature("function", "clamp(", "", (WORD, OUTLOOK, YAHOO), "css-function-clamp", 2021, "a length"),
    Feature("function", "var(", "", _EVERY, "css-variables", 2020, "the value itself"),
    Feature("function", "light-dark(", "", _EVERY, "css-function-light-dark", 2024, "a media query"),
    Feature("function", "lab(", "", _EVERY, "css-modern-color", 2023, "#rrggbb"),
    Feature("function", "lch(", "", _EVERY, "css-modern-color", 2023, "#rrggbb"),
    Feature("function", "oklab(", "", _EVERY, "css-modern-color", 2023, "#rrggbb"),
    Feature("function", "oklch(", "", _EVERY, "css-modern-color", 2023, "#rrggbb"),
    Feature("function", "rgba(", "", (WORD,), "css-rgba", 2021, "#rrggbb"),
    Feature(
        "function", "linear-gradient(", "", (WORD, OUTLOOK, YAHOO), "css-linear-gradient", 2021, "a colour"
    ),
    Feature(
        "function", "radial-gradient(", "", (WORD, OUTLOOK, YAHOO), "css-radial-gradient", 2021, "a colour"
    ),
    Feature("function", "conic-gradient(", "", _EVERY, "css-conic-gradient", 2023, "a colour"),
    Feature("unit", "rem", "", _WORD_YAHOO, "css-unit-rem", 2020, "px"),
    Feature("unit", "vw", "", (WORD,), "css-unit-vw", 2020, "px or %"),
    Feature("unit", "vh", "", (WORD,), "css-unit-vh", 2023, "px"),
    Feature("unit", "ch", "", _WORD_YAHOO, "css-unit-ch", 2020, "px"),
    Feature("selector", ":has(", "", _EVERY, "css-pseudo-class-has", 2022, "a class"),
    Feature("selector", ":not(", "", _EVERY, "css-pseudo-class-not", 2019, "a class"),
    Feature("selector", ":nth-child(", "", _EVERY, "css-pseudo-class-nth-child", 2019, "a class"),
    Feature("selector", ":nth-of-type(", "", _EVERY, "css-pseudo-class-nth-of-type", 2019, "a class"),
    Feature("selector", ":first-child", "", (GMAIL, WORD), "css-pseudo-class-first-child", 2019, "a class"),
    Feature("selector", ":last-child", "", (GMAIL, WORD), "css-pseudo-class-last-child", 2019, "a class"),
    Feature("selector", "::before", "", (GMAIL, WORD, YAHOO), "css-pseudo-element-before", 2020, "text"),
    Feature("selector", "::after", "", (GMAIL, WORD, YAHOO), "css-pseudo-element-after", 2020, "text"),
    Feature("element", "video", "", _EVERY, "html-video", 2019, "an image with a link"),
    Feature("element", "audio", "", _EVERY, "html-audio", 2020, "a link"),
    Feature("element", "svg", "", _EVERY, "html-svg", 2020, "a PNG"),
    Feature("element", "meter", "", (GMAIL, WORD, YAHOO), "html-meter", 2019, "a table"),
    Feature("element", "progress", "", _EVERY, "html-progress", 2019, "a table"),
    Feature("element", "dialog", "", _EVERY, "html-dialog", 2019, "the text itself"),
    Feature("element", "marquee", "", (GMAIL, WORD), "html-marquee", 2020, "the text itself"),
    Feature("element", "link", "stylesheet", (GMAIL, OUTLOOK, YAHOO), "html-link", 2023, "a style block"),
    Feature("attribute", "hidden", "", _EVERY, "html-hidden", 2024, "display:none"),
    Feature("attribute", "popover", "", _EVERY, "html-popover", 2023, "the text itself"),
    Feature("format", "svg", "", (GMAIL,), "image-svg", 2023, "PNG"),
    Feature("format", "webp", "", (WORD,), "image-webp", 2021, "PNG or JPEG"),
    Feature("format", "avif", "", (WORD,), "image-avif", 2023, "PNG or JPEG"),
    Feature("format", "heic", "", (WORD, OUTLOOK), "image-heif", 2020, "PNG or JPEG"),
    Feature("format", "tiff", "", (WORD, OUTLOOK, YAHOO), "image-tiff", 2020, "PNG or JPEG"),
    Feature("format", "mp4", "", (GMAIL, WORD), "image-mp4", 2021, "GIF"),
)

_UNIT = re.compile(r"(?<![\w.#-])[+-]?(?:[0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})(rem|vw|vh|ch)\b")
_FUNCTION = re.compile(r"(?<![\w-])([a-z][a-z-]{1,30}\()", re.IGNORECASE)
_PSEUDO = re.compile(r"::?[a-z-]{1,30}\(?", re.IGNORECASE)
_FORMAT = re.compile(r"\.(\w{3,5})(?:[?#]|\Z)")
# Selectors that only one client follows, who is known to read what they guard.
_ONE_CLIENT = re.compile(
    r"\[(?:data-)?ogs[bc]|\[class[~^*]?=|\.moz-text-html|#outlook|#MessageViewBody|u ?\+ ?\."
)


def support(mail: Mail) -> Iterator[Hit]:
    """What some client does not support, and a reader loses something by."""
    if (page := mail.page) is None:
        return
    for element in page.elements:
        if not element.outlook:
            yield from _of_element(element)
    for block in page.blocks:
        for rule in block.sheet.rules:
            if rule.within or block.media or _ONE_CLIENT.search(", ".join(rule.selectors)[:1000]):
                continue
            yield from _of_selectors(rule.selectors, block.start + rule.at)
            for declared, feature in _of_declarations(rule.declarations):
                yield _hit(feature, block.start + declared.at)


def _of_element(element: Element) -> Iterator[Hit]:
    for feature in _index("element").get(element.name, ()):
        if not feature.value or feature.value in (element.get("rel") or "").lower():
            yield _hit(feature, element.start)
    for one in element.attributes:
        if one.name == "style":
            for _, feature in _of_attribute(one.value):
                yield _hit(feature, one.start)
        elif one.name == "src" and element.name == "img" and (match := _FORMAT.search(one.value[-200:])):
            for feature in _index("format").get(match[1].lower(), ()):
                yield _hit(feature, one.start)
        elif one.name in _index("attribute"):
            for feature in _index("attribute")[one.name]:
                yield _hit(feature, one.at)


def _of_attribute(style: str) -> Iterable[tuple[Declaration, Feature]]:
    return _of_declarations(attribute(style))


def _of_selectors(selectors: tuple[str, ...], at: int) -> Iterator[Hit]:
    for selector in selectors:
        for found in _PSEUDO.findall(selector) if ":" in selector else ():
            for feature in _index("selector").get(_modern(found.lower()), ()):
                yield _hit(feature, at)


def _modern(pseudo: str) -> str:
    """A pseudo-element as it is written today."""
    return f":{pseudo}" if pseudo in {":before", ":after"} else pseudo


@cache
def _index(kind: str) -> dict[str, list[Feature]]:
    found: dict[str, list[Feature]] = {}
    for feature in FEATURES:
        if feature.kind == kind:
            found.setdefault(feature.name, []).append(feature)
    return found


def _of_declarations(declared: tuple[Declaration, ...]) -> list[tuple[Declaration, Feature]]:
    """The features that some declarations use without a fallback before them."""
    found: list[tuple[Declaration, Feature]] = []
    plain: set[str] = set()
    for one in declared:
        used = _used(one)
        # What a client cannot read it leaves out, and what it read before holds. A background-color that is
        # drawn stays where an image on it is not.
        family = "background" if one.name.startswith("background") else one.name
        if used and family not in plain:
            found += [(one, feature) for feature in used]
        elif not used:
            plain.add(family)
    if "background" in plain:
        found = [(one, feature) for one, feature in found if not one.name.startswith("background")]
    return found


def _used(one: Declaration) -> list[Feature]:
    value = one.value.lower()
    used = [
        feature
        for feature in _index("property").get(one.name, ())
        if not feature.value or re.fullmatch(feature.value, value[:500], re.DOTALL)
    ]
    if "(" in value:
        called = dict.fromkeys(_FUNCTION.findall(value))
        features = [feature for name in called for feature in _index("function").get(name, ())]
        used += [known for known in features if not known.value or re.fullmatch(known.value, one.name)]
    if any(unit in value for unit in ("rem", "vw", "vh", "ch")):
        used += [feature for unit in dict.fromkeys(_UNIT.findall(value)) for feature in _index("unit")[unit]]
    return used


def _hit(feature: Feature, at: int) -> Hit:
    shown = {"element": f"<{feature.name}>", "format": f"an image as {feature.name}"}
    name = shown.get(feature.kind, feature.name.rstrip("("))
    if feature.kind == "property" and "|" in feature.value + "|" and feature.value.isalpha():
        name = f"{feature.name}:{feature.value}"
    elif feature.kind == "property" and feature.name == "display":
        name = f"display:{feature.value.partition('|')[0]}"
    fails = " and ".join(
        [", ".join(feature.fails[:-1]), feature.fails[-1]] if feature.fails[1:] else feature.fails
    )
    message = f"{name} is not known to {fails}; use {feature.instead}. (caniemail: {feature.source})"
    return Hit(message, at, kind=f"{feature.kind} {name}")
