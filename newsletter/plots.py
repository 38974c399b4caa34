"""Numbers → plots, as SVG to stand in a page.

Owns how a plot is drawn, and in which sizes. It draws no word of anybody: dates, numbers and what they count.
Its colours are those of the page (`var(--bar)`), so that it is dark where the page is; each stands in two
sizes, one for a phone, because letters that shrink with a picture are not read. Raises ConfigError where
matplotlib is not installed.
"""

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date as Date
from typing import Any

from lxml import etree

from newsletter import mjml
from newsletter.errors import ConfigError

# CSS pixels, as wide as the text of the page on a desk and on a phone.
_WIDE, _NARROW = 640, 350
# What stands for the colours of the page while a plot is drawn, since a program that draws knows no names.
_COLORS = {"ink": "#010101", "soft": "#010102", "bar": "#010103", "over": "#010104", "line": "#010105"}
_INK, _SOFT, _BAR, _OVER, _LINE = _COLORS.values()
# A number that stays above this part of its most is shown without its beginning.
_FROM_ZERO = 0.85
_SVG = "{http://www.w3.org/2000/svg}"
_SETTINGS = {
    "svg.fonttype": "none",  # letters stay letters
    "svg.hashsalt": "newsletter",  # the same numbers make the same bytes
    "font.size": 12,
    "text.color": _SOFT,
    "axes.edgecolor": _LINE,
    "axes.labelcolor": _SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "grid.color": _LINE,
    "grid.linewidth": 0.8,
    "xtick.color": _LINE,
    "xtick.labelcolor": _SOFT,
    "ytick.labelcolor": _SOFT,
    "ytick.major.size": 0,
    "path.simplify": False,
}


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot as SVG. wide: for a desk; narrow: for a phone. One of them is shown."""

    wide: str
    narrow: str


@dataclass(frozen=True, slots=True)
class Words:
    """What a plot is called, and what it shows, for those who do not see it. key: its own in a page."""

    key: str
    title: str
    shows: str


def require() -> None:
    """Return where plots can be drawn. Raises: ConfigError, which says what to install."""
    try:
        import matplotlib as found
    except ModuleNotFoundError as error:
        raise ConfigError("plots need matplotlib; run: pip install 'newsletter[stats]'") from error
    del found


def area(words: Words, days: Sequence[Date], numbers: Sequence[int], *, height: int = 260) -> Plot:
    """A number over time, from 0 on unless that hides how it moves. Days in their order; at least one.

    What lies beneath is filled only from 0 on, since its height says how much it is.
    """

    def draw(axes: Any) -> None:
        low = max(0, min(numbers) - (max(numbers) - min(numbers)) * 0.25)
        if low < max(numbers) * _FROM_ZERO or low == max(numbers):
            low = 0
            axes.fill_between(days, numbers, low, color=_BAR, alpha=0.12, linewidth=0)
        axes.plot(days, numbers, color=_BAR, linewidth=2, solid_capstyle="round")
        axes.plot(days[-1:], numbers[-1:], "o", color=_BAR, markersize=5, clip_on=False)
        axes.set_ylim(low, max(numbers) * 1.04 - low * 0.04 or 1)
        _dated(axes)

    return _drawn(words, draw, height=height)


def up_and_down(
    words: Words, days: Sequence[Date], up: Sequence[int], down: Sequence[int], *, tips: Sequence[str]
) -> Plot:
    """Two numbers over time, one above the line and one below. tips: what a pointer at a day is told."""

    def draw(axes: Any) -> None:
        for numbers, color, name in ((up, _BAR, "up"), ([-one for one in down], _SOFT, "down")):
            for at, one in enumerate(axes.bar(days, numbers, width=5, color=color)):
                one.set_gid(f"{name}{at}")
        axes.axhline(0, color=_INK, linewidth=1)
        axes.set_ylim(-max(1, *down) * 1.1, max(1, *up) * 1.1)
        _dated(axes)
        axes.yaxis.set_major_formatter(lambda number, _: f"{abs(number):,.0f}")
        axes.spines["bottom"].set_visible(False)

    told = {f"{name}{at}": tip for name in ("up", "down") for at, tip in enumerate(tips)}
    return _drawn(words, draw, height=240, tips=told)


def bars(
    words: Words, days: Sequence[Date], numbers: Sequence[int], *, tips: Sequence[str], height: int
) -> Plot:
    """Numbers one after the other, each a bar, with their mean as a line; the last one stands out.

    days: of the numbers; the first and the last stand below. tips: what a pointer at a bar is told.
    """

    def draw(axes: Any) -> None:
        last = len(numbers) - 1
        for at, one in enumerate(axes.bar(range(len(numbers)), numbers, width=0.72, color=_OVER)):
            one.set_gid(f"bar{at}")
            one.set_facecolor(_BAR if at == last else _OVER)
        axes.axhline(sum(numbers) / len(numbers), color=_INK, linewidth=1, linestyle=(0, (2, 3)))
        axes.set_xlim(-0.6, last + 0.6)
        axes.set_xticks(
            [0, last] if last else [0], [day.isoformat() for day in (days[0], days[-1])][: last + 1]
        )
        axes.tick_params(axis="x", length=0)
        for at, label in enumerate(axes.get_xticklabels()):
            label.set_horizontalalignment("right" if at else "left" if last else "center")
        axes.set_ylim(0, max(1, *numbers) * 1.08)
        _numbered(axes, ticks=2)

    told = {f"bar{at}": tip for at, tip in enumerate(tips)}
    return _drawn(words, draw, height=height, tips=told)


def shares(words: Words, days: Sequence[Date], rows: Sequence[Sequence[float]]) -> Plot:
    """Shares (0 to 1) over time: the first as a strong line, others ever fainter and dashed."""

    def draw(axes: Any) -> None:
        looks = ((_BAR, 2.2, "-"), (_SOFT, 1.6, (0, (5, 2))), (_SOFT, 1.6, (0, (1, 2))))
        for row, (color, width, dashes) in zip(rows, looks, strict=False):
            axes.plot(days, row, color=color, linewidth=width, linestyle=dashes, marker="o", markersize=2.4)
        most = max((max(row) for row in rows), default=0)
        axes.set_ylim(0, most * 1.1 or 0.01)
        _dated(axes)
        axes.yaxis.set_major_formatter(lambda number, _: f"{number * 100:.3g}%")

    return _drawn(words, draw, height=240)


def _dated(axes: Any) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    narrow = axes.figure.get_figwidth() * 72 < _WIDE
    locator = AutoDateLocator(minticks=2, maxticks=4 if narrow else 8, interval_multiples=True)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
    axes.margins(x=0.02)
    _numbered(axes, ticks=4)


def _numbered(axes: Any, *, ticks: int) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(nbins=ticks, integer=axes.get_ylim()[1] > 1))
    axes.yaxis.set_major_formatter(lambda number, _: f"{number:,.0f}")
    axes.grid(axis="y")


def _drawn(
    words: Words, draw: Callable[[Any], None], *, height: int, tips: dict[str, str] | None = None
) -> Plot:
    require()
    wide, narrow = (
        _in_page(_svg(draw, width, height), words, f"{words.key}-{name}", tips or {})
        for name, width in (("wide", _WIDE), ("narrow", _NARROW))
    )
    return Plot(wide, narrow)


def _svg(draw: Callable[[Any], None], width: int, height: int) -> bytes:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(_SETTINGS):
        figure = Figure(figsize=(width / 72, height / 72), layout="constrained")
        draw(figure.add_subplot())
        figure.get_layout_engine().set(w_pad=0.02, h_pad=0.04)
        made = io.BytesIO()
        figure.savefig(made, format="svg", transparent=True, metadata={"Date": None})
    return made.getvalue()


def _in_page(svg: bytes, words: Words, key: str, tips: dict[str, str]) -> str:
    """The drawing as a part of a page: with names of its own, words for who does not see it, no size."""
    # First, so that nothing in the words is taken for a part of the drawing.
    own = _own(svg.decode(), key).encode()
    root = etree.fromstring(own, etree.XMLParser(resolve_entities=False, no_network=True))
    for unneeded in root.findall(f"{_SVG}metadata"):
        root.remove(unneeded)
    for part in root.iter(f"{_SVG}g"):
        if tip := tips.get(part.get("id", "").removeprefix(f"{key}-")):
            etree.SubElement(part, f"{_SVG}title").text = mjml.without_controls(tip)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    names = {"title": f"{key}-title", "desc": f"{key}-desc"}
    for at, (tag, text) in enumerate((("title", words.title), ("desc", words.shows))):
        said = etree.Element(f"{_SVG}{tag}", id=names[tag])
        said.text = mjml.without_controls(text)
        root.insert(at, said)
    root.attrib.update({"role": "img", "aria-labelledby": " ".join(names.values()), "focusable": "false"})
    made: str = etree.tostring(root, encoding="unicode")
    return made


def _own(text: str, key: str) -> str:
    """The drawing with ids of its own, and the colours and letters of its page."""
    text = re.sub(r"""(?<= id=")|(?<=url\(#)|(?<=href="#)""", f"{key}-", text)
    for name, color in _COLORS.items():
        text = text.replace(color, f"var(--{name})")
    return re.sub(r" ?font-family: [^;\"]+;?", "", text)
