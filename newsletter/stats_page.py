"""Readers, papers and issues over time as one page, to look at, to keep and to pass on.

Owns what stands on it and in which order; its look is that of the site. It is one file that asks nothing of
the web, and holds no reader's name or address. Reads and writes nothing itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta

from markupsafe import Markup

from newsletter import deliver, pages, plots
from newsletter.deliver import Overview, Papers
from newsletter.model import IssueNumbers, Share
from newsletter.plots import Plot, Words
from newsletter.stats_report import theme_series
from newsletter.templating import Look

# The template, in the folder of the site's.
_PAGE = "stats"
_WHOLE = "Every theme"
# A drawing of a theme beside others is as high.
_SMALL = 130


@dataclass(frozen=True, slots=True)
class Drawn:
    """A plot of a section. name: what it is of, among others; note: what stands beside that."""

    name: str
    note: str
    wide: Markup
    narrow: Markup


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page: what it says, drawn and as figures.

    small: whether its plots stand beside each other. keys: what the lines of its plots are, strongest first.
    """

    title: str
    intro: str
    plots: Sequence[Drawn]
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    small: bool = False
    keys: Sequence[str] = ()


def page(
    overview: Overview, look: Look, *, title: str, lists: Mapping[str, str], themes: Mapping[str, str]
) -> str:
    """The page as HTML. title: of the list, or of all. lists, themes: titles by slug.

    Raises: ConfigError where no plots can be drawn; RenderError.
    """
    plots.require()
    weeks = overview.readers.weeks
    sections = [
        _readers(overview),
        _came_and_left(overview),
        *_papers(overview, lists, themes),
        *_issues(overview, lists),
    ]
    values = {
        "title": title,
        # As the site sends it: a file of the operator's.
        "css": Markup("\n".join(look.files[name] for name in ("site.css", "stats.css"))),  # noqa: S704
        "since": weeks[0].monday,
        "until": overview.at.date(),
        "figures": _figures(overview),
        "chosen": _chosen(overview, themes),
        "sections": sections,
    }
    return pages.page(look, _PAGE, root="", values=values)


def _figures(overview: Overview) -> list[tuple[str, str]]:
    readers = overview.readers
    joined, left = (sum(getattr(week, name) for week in readers.weeks) for name in ("joined", "left"))
    early = deliver.share_text(Share(readers.early, readers.settled))
    return [
        (f"{readers.weeks[-1].total:,}", "readers now"),
        (f"{joined - left:+,}", _in_weeks(overview)),
        (f"{joined:,}", "came"),
        (f"{left:,}", "left"),
        *[(early, "left within 30 days of joining")] * bool(early),
    ]


def _readers(overview: Overview) -> Section:
    weeks = overview.readers.weeks
    days, totals = [week.monday + timedelta(days=6) for week in weeks], [week.total for week in weeks]
    days[-1] = overview.at.date()
    shows = f"From {totals[0]:,} readers at the end of the first week to {totals[-1]:,} now."
    plot = plots.area(Words("readers", "Readers over time", shows), days, totals)
    rows = [(week.monday.isoformat(), f"{week.total:,}") for week in reversed(weeks)]
    return Section("Readers", shows, [_drawn(plot)], ("week of", "readers at its end"), rows)


def _came_and_left(overview: Overview) -> Section:
    weeks = overview.readers.weeks
    most = max(weeks, key=lambda week: week.joined)
    shows = "Each week: above the line who joined, below it who left."
    if most.joined:
        shows += (
            f" The last week is not over. Most joined in the week of {_day(most.monday)}: {most.joined:,}."
        )
    tips = [f"week of {_day(week.monday)}: {week.joined:,} joined, {week.left:,} left" for week in weeks]
    plot = plots.up_and_down(
        Words("flow", "Who joined and left", shows),
        [week.monday for week in weeks],
        [week.joined for week in weeks],
        [week.left for week in weeks],
        tips=tips,
    )
    rows = [
        (
            week.monday.isoformat(),
            f"{week.joined:,}",
            f"{week.left:,}",
            f"{week.joined - week.left:+,}" if week.joined != week.left else "0",
        )
        for week in reversed(weeks)
    ]
    return Section("Who came and left", shows, [_drawn(plot)], ("week of", "joined", "left", "net"), rows)


def _chosen(overview: Overview, themes: Mapping[str, str]) -> list[tuple[str, str, float]]:
    """What readers chose: the title of a theme, how many did, and the part of the most (0 to 100)."""
    numbers = overview.readers.themes
    most = max(numbers.values(), default=0)
    ordered = sorted(numbers.items(), key=lambda one: (-one[1], one[0]))
    return [
        (themes.get(slug, slug) or _WHOLE, f"{number:,}", round(number / most * 100, 1))
        for slug, number in ordered
    ]


def _papers(overview: Overview, lists: Mapping[str, str], themes: Mapping[str, str]) -> list[Section]:
    found = []
    series = theme_series(overview.papers)
    several = len({slug for slug, _ in series}) > 1
    for list_slug in dict.fromkeys(slug for slug, _ in sorted(series)):
        own = {theme: numbers for (slug, theme), numbers in series.items() if slug == list_slug}
        issues = [one for one in overview.papers if one.list == list_slug]
        title = f"Papers of each theme{f', {lists.get(list_slug, list_slug)}' * several}"
        drawn = [
            _of_theme(f"papers-{list_slug}-{theme}", themes.get(theme, theme), numbers, issues)
            for theme, numbers in own.items()
        ]
        rows = [
            (one.issue, one.date.isoformat(), *(str(one.themes.get(theme, "–")) for theme in own))
            for one in reversed(issues)
        ]
        head = ("issue", "date", *(themes.get(theme, theme) for theme in own))
        intro = "How many papers fitted each theme, issue by issue, whether the issue had room or not. "
        intro += "The dotted line is the mean."
        found.append(Section(title, intro, drawn, head, rows, small=True))
    return found


def _of_theme(key: str, title: str, numbers: Sequence[int], issues: Sequence[Papers]) -> Drawn:
    mean = sum(numbers) / len(numbers)
    note = f"{numbers[-1]} in the last issue, {mean:.1f} in the mean"
    since = issues[-len(numbers) :]
    tips = [f"{one.issue}: {number}" for one, number in zip(since, numbers, strict=True)]
    words = Words(key, f"Papers of {title}", note)
    plot = plots.bars(words, [one.date for one in since], numbers, tips=tips, height=_SMALL)
    return _drawn(plot, title, note)


def _issues(overview: Overview, lists: Mapping[str, str]) -> list[Section]:
    found = []
    slugs = dict.fromkeys(sorted(one.list for one in overview.issues))
    for slug in slugs:
        own = [one for one in overview.issues if one.list == slug]
        title = f"What became of each issue{f', {lists.get(slug, slug)}' * (len(slugs) > 1)}"
        last = own[-1]
        intro = (
            f"The last one, {last.name}, reached {last.sent:,} of {last.recipients:,} readers. "
            "Below: the shares of its readers whom each issue did not reach, from whom it came back, and who "
            "left by themselves before the next."
        )
        head = ("issue", "date", "sent", "failed", "unknown", "came back", "spam", "left", "share")
        drawn = [_sent(slug, own), _shares(slug, own)]
        keys = ("left by themselves", "failed", "came back later")
        found.append(Section(title, intro, drawn, head, [_row(one) for one in reversed(own)], keys=keys))
    return found


def _sent(slug: str, issues: Sequence[IssueNumbers]) -> Drawn:
    note = f"{issues[-1].sent:,} with the last issue"
    tips = [f"{one.name}, {_day(one.date)}: {one.sent:,} sent" for one in issues]
    words = Words(f"sent-{slug}", "Mails sent with each issue", note)
    days = [one.date for one in issues]
    plot = plots.bars(words, days, [one.sent for one in issues], tips=tips, height=160)
    return _drawn(plot, "Mails sent", note)


def _shares(slug: str, issues: Sequence[IssueNumbers]) -> Drawn:
    rows = (
        [one.left.part for one in issues],
        [Share(one.failed, one.recipients).part for one in issues],
        [Share(one.bounced + one.complaints, one.sent).part for one in issues],
    )
    shows = "; ".join(
        f"{name} {deliver.share_text(share) or 'none'}"
        for name, share in (
            ("of the last issue's readers left by themselves", issues[-1].left),
            ("failed", Share(issues[-1].failed, issues[-1].recipients)),
        )
    )
    words = Words(f"shares-{slug}", "Shares of readers who left, and of mails that failed", shows)
    plot = plots.shares(words, [one.started_at.date() for one in issues], rows)
    return _drawn(plot, "Left, failed, came back", "")


def _row(one: IssueNumbers) -> tuple[str, ...]:
    numbers = (one.sent, one.failed, one.unknown, one.bounced, one.complaints, one.left.number)
    told = (f"{number:,}" for number in numbers)
    return (one.name, one.date.isoformat(), *told, deliver.share_text(one.left))


def _drawn(plot: Plot, name: str = "", note: str = "") -> Drawn:
    # What `plots` makes is markup, and every word in it is text there.
    return Drawn(name, note, Markup(plot.wide), Markup(plot.narrow))  # noqa: S704


def _in_weeks(overview: Overview) -> str:
    number = len(overview.readers.weeks)
    return "in this week" if number == 1 else f"in {number} weeks"


def _day(day: Date) -> str:
    return f"{day.day} {day:%B %Y}"
