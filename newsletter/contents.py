"""The contents of an issue: its sections in order, beside what earlier issues had of each theme.

Owns what a comparison is called and how long its bar is. What is usual was counted before.
"""

from dataclasses import dataclass

from newsletter.model import TRENDING, Issue, Trend

# Papers. What differs less from the mean is as usual: no issue has a fraction of a paper.
_TELLING = 1.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A count beside what is usual, each part as a share of the longest bar of the issue.

    reached: of the usual, what is there. beyond: what is more than usual. missing: what is less.
    """

    reached: float
    beyond: float
    missing: float

    def parts(self, length: int) -> tuple[int, int, int]:
        """The three parts in whole units, of which the longest bar has `length`; none that is there is 0."""
        whole = round(length * (self.reached + self.beyond + self.missing))
        reached = max(1, round(length * self.reached)) if self.reached else 0
        # What is left, and not rounded by itself: two halves would both be rounded down.
        beyond, missing = (max(1, whole - reached) if part else 0 for part in (self.beyond, self.missing))
        return reached, beyond, missing


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the contents. shown: papers of its section. theme: "" where there is no section to go to.

    found: papers that fit the theme, shown or not. tendency: "▲", "▼" or "" for as usual. usual: the
    comparison in words, "" without earlier issues.
    """

    title: str
    theme: str
    shown: int
    found: int
    tendency: str = ""
    usual: str = ""
    bar: Bar | None = None


def rows(issue: Issue) -> tuple[Row, ...]:
    """A row for each section with papers and for each theme that was compared; what is trending is last."""
    trends = {trend.theme: trend for trend in issue.trends}
    longest = max((max(trend.count, trend.mean) for trend in issue.trends), default=0.0)
    filled = [section for section in issue.sections if section.picks]
    lines = [
        _row(section.title, section.theme, len(section.picks), trends.pop(section.theme, None), longest)
        for section in filled
    ]
    without = [_row(trend.title, "", 0, trend, longest) for trend in trends.values()]
    end = next((at for at, line in enumerate(lines) if line.theme == TRENDING), len(lines))
    return (*lines[:end], *without, *lines[end:])


def basis(issue: Issue) -> int:
    """The earlier issues that the word "usually" speaks of, 0 where no row says it."""
    return max((trend.issues for trend in issue.trends if trend.issues > 1), default=0)


def _row(title: str, theme: str, shown: int, trend: Trend | None, longest: float) -> Row:
    if trend is None:
        return Row(title, theme, shown, shown)
    more = trend.count - trend.mean
    tendency = "" if abs(more) < _TELLING else "▲" if more > 0 else "▼"
    return Row(title, theme, shown, max(shown, trend.count), tendency, _usual(trend), _bar(trend, longest))


def _usual(trend: Trend) -> str:
    return f"{'usually' if trend.issues > 1 else 'last time'} {trend.mean:.1f}".removesuffix(".0")


def _bar(trend: Trend, longest: float) -> Bar | None:
    if longest <= 0:
        return None
    reached = min(trend.count, trend.mean)
    return Bar(*(part / longest for part in (reached, trend.count - reached, trend.mean - reached)))
