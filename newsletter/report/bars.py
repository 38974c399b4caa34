"""Numbers as small drawings of characters: bars, and a line over time."""

from collections.abc import Sequence

_EIGHTHS = "▏▎▍▌▋▊▉"
_LEVELS = "▁▂▃▄▅▆▇█"


def bar(number: float, most: float, *, width: int) -> str:
    """A bar as long as the number is beside the largest, which has so many characters; the least is seen."""
    eighths = max(round(number / most * width * 8), 1) if number > 0 and most > 0 else 0
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8 - 1] if eighths % 8 else "")


def line(numbers: Sequence[float], *, width: int, least: float | None = None) -> str:
    """The numbers as a line of at most so many characters, each the last of its stretch; "" of none.

    least: what the lowest level stands for, None for the least of them.
    """
    if not numbers:
        return ""
    count = min(width, len(numbers))
    shown = [numbers[(at + 1) * len(numbers) // count - 1] for at in range(count)]
    low = min(shown) if least is None else least
    high = max(shown)
    steps = len(_LEVELS) - 1
    return "".join(_LEVELS[round((one - low) / (high - low) * steps) if high > low else 0] for one in shown)
