"""The arithmetic of colours: read as CSS writes them, measured as WCAG does, turned dark as mail clients do.

Owns the formulas and nothing else: which colour a text has, and on what, is found elsewhere.
"""

import colorsys
import re
from functools import lru_cache
from typing import NamedTuple


class Color(NamedTuple):
    """A colour of sRGB. red, green and blue: from 0 to 255; alpha: from 0, unseen, to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0


WHITE, BLACK = Color(255, 255, 255), Color(0, 0, 0)

# The lightness at which the model of forced dark turns a colour around, of 100.
_MIDDLE = 50.0
# What is left of the distance to the middle, and of the colourfulness, after the turn.
_LIGHTNESS_KEPT, _CHROMA_KEPT = 0.75, 0.8

# The reference white of sRGB (D65), as CIE XYZ.
_WHITE_X, _WHITE_Z = 0.95047, 1.08883

_HEX = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_FUNCTION = re.compile(r"(rgb|hsl)a?\(([^()]*)\)")
_PARTS = re.compile(r"[\s,/]+")
_NUMBER = re.compile(r"([+-]?(?:[0-9]{1,9}\.?[0-9]*|\.[0-9]+))(%|deg)?")

# The names of CSS Color 4, each with its six digits.
_NAMED = """
aliceblue f0f8ff, antiquewhite faebd7, aqua 00ffff, aquamarine 7fffd4, azure f0ffff, beige f5f5dc,
bisque ffe4c4, black 000000, blanchedalmond ffebcd, blue 0000ff, blueviolet 8a2be2, brown a52a2a,
burlywood deb887, cadetblue 5f9ea0, chartreuse 7fff00, chocolate d2691e, coral ff7f50,
cornflowerblue 6495ed, cornsilk fff8dc, crimson dc143c, cyan 00ffff, darkblue 00008b,
darkcyan 008b8b, darkgoldenrod b8860b, darkgray a9a9a9, darkgreen 006400, darkgrey a9a9a9,
darkkhaki bdb76b, darkmagenta 8b008b, darkolivegreen 556b2f, darkorange ff8c00, darkorchid 9932cc,
darkred 8b0000, darksalmon e9967a, darkseagreen 8fbc8f, darkslateblue 483d8b, darkslategray 2f4f4f,
darkslategrey 2f4f4f, darkturquoise 00ced1, darkviolet 9400d3, deeppink ff1493, deepskyblue 00bfff,
dimgray 696969, dimgrey 696969, dodgerblue 1e90ff, firebrick b22222, floralwhite fffaf0,
forestgreen 228b22, fuchsia ff00ff, gainsboro dcdcdc, ghostwhite f8f8ff, gold ffd700,
goldenrod daa520, gray 808080, green 008000, greenyellow adff2f, grey 808080, honeydew f0fff0,
hotpink ff69b4, indianred cd5c5c, indigo 4b0082, ivory fffff0, khaki f0e68c, lavender e6e6fa,
lavenderblush fff0f5, lawngreen 7cfc00, lemonchiffon fffacd, lightblue add8e6, lightcoral f08080,
lightcyan e0ffff, lightgoldenrodyellow fafad2, lightgray d3d3d3, lightgreen 90ee90,
lightgrey d3d3d3, lightpink ffb6c1, lightsalmon ffa07a, lightseagreen 20b2aa, lightskyblue 87cefa,
lightslategray 778899, lightslategrey 778899, lightsteelblue b0c4de, lightyellow ffffe0,
lime 00ff00, limegreen 32cd32, linen faf0e6, magenta ff00ff, maroon 800000, mediumaquamarine 66cdaa,
mediumblue 0000cd, mediumorchid ba55d3, mediumpurple 9370db, mediumseagreen 3cb371,
mediumslateblue 7b68ee, mediumspringgreen 00fa9a, mediumturquoise 48d1cc, mediumvioletred c71585,
midnightblue 191970, mintcream f5fffa, mistyrose ffe4e1, moccasin ffe4b5, navajowhite ffdead,
navy 000080, oldlace fdf5e6, olive 808000, olivedrab 6b8e23, orange ffa500, orangered ff4500,
orchid da70d6, palegoldenrod eee8aa, palegreen 98fb98, paleturquoise afeeee, palevioletred db7093,
papayawhip ffefd5, peachpuff ffdab9, peru cd853f, pink ffc0cb, plum dda0dd, powderblue b0e0e6,
purple 800080, rebeccapurple 663399, red ff0000, rosybrown bc8f8f, royalblue 4169e1,
saddlebrown 8b4513, salmon fa8072, sandybrown f4a460, seagreen 2e8b57, seashell fff5ee,
sienna a0522d, silver c0c0c0, skyblue 87ceeb, slateblue 6a5acd, slategray 708090, slategrey 708090,
snow fffafa, springgreen 00ff7f, steelblue 4682b4, tan d2b48c, teal 008080, thistle d8bfd8,
tomato ff6347, turquoise 40e0d0, violet ee82ee, wheat f5deb3, white ffffff, whitesmoke f5f5f5,
yellow ffff00, yellowgreen 9acd32
"""
NAMES = dict(re.findall(r"(\w+) (\w{6})", _NAMED))


@lru_cache(maxsize=1024)
def parse(text: str) -> Color | None:
    """The colour that CSS writes so, None where it is none of a mail: currentcolor, lab(), var()."""
    text = text.strip().lower()
    if text == "transparent":
        return Color(0, 0, 0, 0)
    if text in NAMES:
        text = f"#{NAMES[text]}"
    if _HEX.fullmatch(text):
        return _of_digits(text[1:])
    if written := _FUNCTION.fullmatch(text):
        return _of_function(written[1], _PARTS.split(written[2].strip()))
    return None


def css(color: Color) -> str:
    """The colour as every mail client reads it: #rrggbb, and rgba() only where it lets something through."""
    red, green, blue = (min(255, max(0, round(part))) for part in color[:3])
    if color.alpha >= 1:
        return f"#{red:02x}{green:02x}{blue:02x}"
    return f"rgba({red},{green},{blue},{round(color.alpha, 3):g})"


def over(front: Color, back: Color) -> Color:
    """What is seen where `front` lies on an opaque `back`."""
    if front.alpha >= 1:
        return front
    parts = (
        near * front.alpha + far * (1 - front.alpha) for near, far in zip(front[:3], back[:3], strict=True)
    )
    return Color(*parts)


@lru_cache(maxsize=1024)
def luminance(color: Color) -> float:
    """The relative luminance, from 0 to 1. Source: WCAG 2.2, "relative luminance"."""
    red, green, blue = (_linear(part) for part in color[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    """The contrast of two opaque colours, from 1 to 21. Source: WCAG 2.2, "contrast ratio"."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def lightness(color: Color) -> float:
    """The lightness L* of CIE Lab, from 0 to 100."""
    return _to_lab(color)[0]


def dimmed(color: Color) -> Color:
    """A background as a client shows it that darkens a mail by itself: a light one turned dark."""
    return _turned(color, turn=lightness(color) >= _MIDDLE)


def lit(color: Color) -> Color:
    """The colour of a text as a client shows it that darkens a mail by itself: a dark one turned light."""
    return _turned(color, turn=lightness(color) < _MIDDLE)


def turned(color: Color) -> Color:
    """The colour of a rule as a client shows it that darkens a mail by itself: turned whichever it was."""
    return _turned(color, turn=True)


@lru_cache(maxsize=1024)
def _turned(color: Color, *, turn: bool) -> Color:
    # The model by which react-email and others stand in for clients that do not tell theirs (the apps of
    # Gmail, Outlook for Windows): lightness turned around the middle of Lab, and everything less colourful.
    light, a, b = _to_lab(color)
    if turn:
        light = _MIDDLE - (light - _MIDDLE) * _LIGHTNESS_KEPT
    return _of_lab(light, a * _CHROMA_KEPT, b * _CHROMA_KEPT, color.alpha)


def _of_digits(digits: str) -> Color:
    if len(digits) < 6:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue, alpha = (int(digits[at : at + 2] or "ff", 16) for at in (0, 2, 4, 6))
    return Color(red, green, blue, alpha / 255)


def _of_function(name: str, parts: list[str]) -> Color | None:
    numbers = [_NUMBER.fullmatch(part) for part in parts]
    if len(parts) not in {3, 4} or not all(numbers):
        return None
    first, second, third = (
        _measured(number, 255 if name == "rgb" else 360 if at == 0 else 100)
        for at, number in enumerate(numbers[:3])
        if number
    )
    alpha = _within(_measured(numbers[3], 1), 1) if len(numbers) == 4 and numbers[3] else 1.0
    if name == "hsl":
        shares = colorsys.hls_to_rgb(first / 360 % 1, _within(third, 100) / 100, _within(second, 100) / 100)
        red, green, blue = (share * 255 for share in shares)
        return Color(red, green, blue, alpha)
    return Color(_within(first, 255), _within(second, 255), _within(third, 255), alpha)


def _measured(number: re.Match[str], whole: float) -> float:
    return float(number[1]) * whole / 100 if number[2] == "%" else float(number[1])


def _within(number: float, most: float) -> float:
    return min(most, max(0.0, number))


def _linear(part: float) -> float:
    share = part / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


def _gamma(share: float) -> float:
    share = min(1.0, max(0.0, share))
    return 255 * (12.92 * share if share <= 0.0031308 else 1.055 * share ** (1 / 2.4) - 0.055)


@lru_cache(maxsize=1024)
def _to_lab(color: Color) -> tuple[float, float, float]:
    red, green, blue = (_linear(part) for part in color[:3])
    x = _root((0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / _WHITE_X)
    y = _root(0.2126729 * red + 0.7151522 * green + 0.0721750 * blue)
    z = _root((0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / _WHITE_Z)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _of_lab(light: float, a: float, b: float, alpha: float) -> Color:
    middle = (light + 16) / 116
    x, y, z = _cube(middle + a / 500) * _WHITE_X, _cube(middle), _cube(middle - b / 200) * _WHITE_Z
    return Color(
        _gamma(3.2404542 * x - 1.5371385 * y - 0.4985314 * z),
        _gamma(-0.9692660 * x + 1.8760108 * y + 0.0415560 * z),
        _gamma(0.0556434 * x - 0.2040259 * y + 1.0572252 * z),
        alpha,
    )


# The two halves of CIE's function between XYZ and Lab, which is a line near black.
def _root(share: float) -> float:
    return float(share ** (1 / 3)) if share > 216 / 24389 else (24389 / 27 * share + 16) / 116


def _cube(root: float) -> float:
    return root**3 if root**3 > 216 / 24389 else (116 * root - 16) * 27 / 24389
