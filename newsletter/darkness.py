"""The page of a mail as clients show it that are set to dark, each in its own way.

Owns what becomes of every colour and every dark rule; which colours a look should have is not asked here.
What Outlook alone reads stays as it is. Each function gives a whole page again.
"""

import re
from collections.abc import Callable, Iterator

from newsletter import color, css, tags
from newsletter.color import Color
from newsletter.tags import Kind, Token

# A piece of a page that is written anew: where it starts and ends, and what stands there then.
_Change = tuple[int, int, str]

_PREFERENCE = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
# Media conditions that hold in every window and in none, whatever stands around them.
_ALWAYS, _NEVER = "(min-width:0)", "(max-width:0)"
# Colours in a value; what is in url() or a string is no colour.
_COLORS = re.compile(
    r"""url\([^)]*\)?|"[^"]*"?|'[^']*'?|(?P<color>\#[0-9a-f]+\b|(?:rgb|hsl)a?\([^()]*\)|(?<![\w-])[a-z]{3,20}(?![\w(-]))""",
    re.IGNORECASE,
)
_TEXT_ATTRIBUTES = frozenset({"color", "text", "link", "alink", "vlink"})


def forced(html: str) -> str:
    """The page as a client shows it that darkens mails by itself and knows no dark rules.

    The apps of Gmail and Outlook for Windows do so; the model is that of `color`.
    """
    canvas = (
        f"background-color:{color.css(color.dimmed(color.WHITE))};color:{color.css(color.lit(color.BLACK))}"
    )
    return _beginning(_written(html, _Forced(_scheme("none"))), f"html{{{canvas}}}")


def preferred(html: str) -> str:
    """The page as a client shows it whose reader prefers dark and that knows the rules for it."""
    return _beginning(_written(html, _Preferring("dark")), ":root{color-scheme:dark}")


def unpreferred(html: str) -> str:
    """The page as it is shown in light, also in a browser that is set to dark."""
    return _beginning(_written(html, _Preferring("light")), ":root{color-scheme:light}")


def without_styles(html: str) -> str:
    """The page without any style block: Gmail shows it so in an account of another provider."""
    changes: list[_Change] = []
    start = -1
    for token in tags.read(html):
        if token.name != "style":
            continue
        if token.kind is Kind.OPEN:
            start = token.start
        elif start >= 0:
            changes.append((start, token.end, ""))
            start = -1
    if start >= 0:
        changes.append((start, len(html), ""))
    return _changed(html, changes)


class _Preferring:
    """The changes for a client whose reader prefers one scheme."""

    def __init__(self, scheme: str) -> None:
        self.condition = _scheme(scheme)
        self.scheme = f"only {scheme}" if scheme == "light" else scheme

    def attribute(self, token: Token, name: str, value: str) -> str:
        """The value of an attribute as it is then."""
        if name == "media":
            return self.condition(value)
        if name == "content" and _is_scheme(token):
            return self.scheme
        return value

    def block(self, text: str) -> str:
        """A style block as it is then."""
        changes = [
            (declared.start, declared.end, self.scheme)
            for rule in css.read(text).rules
            for declared in rule.declarations
            if declared.name == "color-scheme"
        ]
        return self.condition(_changed(text, changes))


class _Forced:
    """The changes for a client that darkens by itself."""

    def __init__(self, condition: Callable[[str], str]) -> None:
        self.condition = condition

    def attribute(self, token: Token, name: str, value: str) -> str:
        """The value of an attribute as it is then."""
        if name == "style":
            return _changed(value, _recolored(css.declarations(value)))
        if name == "bgcolor" or name in _TEXT_ATTRIBUTES:
            turn = color.dimmed if name == "bgcolor" else color.lit
            return _turned(value, turn)
        if name == "content" and _is_scheme(token):
            return "light only"
        return self.condition(value) if name == "media" else value

    def block(self, text: str) -> str:
        """A style block as it is then."""
        changes = [
            change
            for rule in css.read(text).rules
            if not any(_PREFERENCE.search(around) for around in rule.within)
            for change in _recolored(rule.declarations)
        ]
        return self.condition(_changed(text, changes))


def _scheme(preferred: str) -> Callable[[str], str]:
    """What writes the conditions of media anew for a reader who prefers that scheme."""

    def fixed(condition: re.Match[str]) -> str:
        return _ALWAYS if condition[1].lower() == preferred else _NEVER

    return lambda text: _PREFERENCE.sub(fixed, text) if "prefers" in text.lower() else text


def _is_scheme(token: Token) -> bool:
    return token.name == "meta" and any(
        attribute.name == "name" and attribute.value.lower() in {"color-scheme", "supported-color-schemes"}
        for attribute in token.attributes
    )


def _recolored(declared: tuple[css.Declaration, ...]) -> Iterator[_Change]:
    for one in declared:
        if one.name == "color-scheme":
            yield one.start, one.end, "light only"
        elif turn := _turn(one.name):
            yield one.start, one.end, _turned(one.value, turn)


def _turn(name: str) -> Callable[[Color], Color] | None:
    """What becomes of the colours of a property: of text, of what lies behind it, of rules."""
    if name.startswith(("background", "box-shadow")):
        return color.dimmed
    if name.startswith(("border", "outline", "column-rule")):
        return color.turned
    if name in {"color", "fill", "stroke", "caret-color", "-webkit-text-fill-color"} or name.startswith(
        "text-"
    ):
        return color.lit
    return None


def _turned(value: str, turn: Callable[[Color], Color]) -> str:
    def fresh(found: re.Match[str]) -> str:
        known = color.parse(found["color"]) if found["color"] else None
        return color.css(turn(known)) if known and known.alpha else found.group()

    return _COLORS.sub(fresh, value)


def _written(html: str, how: _Preferring | _Forced) -> str:
    changes: list[_Change] = []
    in_style = False
    for token in tags.read(html):
        if token.kind is Kind.TEXT and in_style:
            changes.append((token.start, token.end, how.block(html[token.start : token.end])))
        in_style = token.kind is Kind.OPEN and token.name == "style"
        if token.kind is not Kind.OPEN:
            continue
        for attribute in token.attributes:
            fresh = how.attribute(token, attribute.name, attribute.value)
            if fresh != attribute.value:
                changes.append((attribute.start, attribute.end, _quoted(html, attribute, fresh)))
    return _changed(html, changes)


def _quoted(html: str, attribute: tags.Attribute, value: str) -> str:
    value = value.replace("&", "&amp;").replace('"', "&quot;").replace("'", "&#39;")
    return value if html[attribute.start - 1] in "\"'" else f'"{value}"'


def _beginning(html: str, rule: str) -> str:
    """The page with a rule before all others, which each of them can override."""
    style = f"<style>{rule}</style>"
    place = 0
    for token in tags.read(html):
        if token.kind is Kind.OPEN and token.name in {"html", "head"}:
            place = token.end
        elif token.kind is Kind.OTHER or token.kind is Kind.COMMENT:
            place = place or token.end
        elif token.kind is not Kind.TEXT or html[token.start : token.end].strip():
            break
    return html[:place] + style + html[place:]


def _changed(text: str, changes: list[_Change] | Iterator[_Change]) -> str:
    pieces, done = [], 0
    for start, end, fresh in changes:
        pieces += [text[done:start], fresh]
        done = end
    return "".join([*pieces, text[done:]])
