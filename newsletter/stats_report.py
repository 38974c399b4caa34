"""What numbers look like to a person at a terminal and to another program: of readers, issues, and both.

The JSON shapes here are a contract: other programs rely on their names. Reads and writes nothing itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from newsletter import deliver
from newsletter.deliver import Overview, Papers
from newsletter.model import IssueNumbers, IssueReport, Share, SubscriptionStatus
from newsletter.report import Rows, bar, line
from newsletter.subscribe import Stats

# Characters of the longest bar, alone and where two stand beside each other, and of a line over time: with
# the numbers of a million readers a table has 80 columns.
_BAR, _SHORT_BAR, _LINE = 30, 12, 26
_WHOLE = "the whole issue"


def report_tables(report: IssueReport, *, bars: bool) -> list[Rows]:
    """What became of an issue. bars: whether numbers are drawn too, for a person who looks."""
    became = {"sent": report.sent, "put off, still to go": report.deferred, "still to go": report.waiting}
    became |= {"unknown": report.unknown}
    became |= {"failed": sum(report.failed.values()), "skipped": sum(report.skipped.values())}
    shares = {name: Share(number, report.recipients) for name, number in became.items() if number}
    left = {theme or _WHOLE: share for theme, share in report.unsubscribed.items() if share.number}
    back = {**report.bounced, "spam": report.complaints}
    rows = [
        _shares(("mails", "number", "share"), shares, f"{report.recipients:,} readers", bars=bars),
        _bars(("failed", "mails"), report.failed, "Why mails failed", bars=bars),
        _bars(("skipped", "mails"), report.skipped, "Why mails did not go", bars=bars),
        _shares(
            ("came back", "number", "share"),
            {kind: Share(number, report.sent) for kind, number in back.items() if number},
            "Came back later",
            bars=bars,
        ),
        _shares(("chose", "left", "share"), left, f"Left, {deliver.until_text(report)}", bars=bars),
    ]
    return [one for one in rows if one.cells]


def report_text(report: IssueReport) -> str:
    """What stands around the tables of an issue: when it went, who came and left in all."""
    of = f" of {report.title}" if report.title else ""
    lines = [f"{report.name}{of}, {report.date}", deliver.went_text(report)]
    if report.period:
        lines.append(f"for {report.period}, {deliver.lateness_text(report)}")
    share = deliver.share_text(report.left)
    left = f"{report.left.number:,} left by themselves{f' ({share})' * bool(share)}"
    lines.append(f"{left}, {deliver.until_text(report)}; {report.joined:,} joined since the issue before")
    return "\n".join(lines)


def report_json(report: IssueReport) -> dict[str, Any]:
    """What became of an issue."""
    late = None if report.late is None else round(report.late.total_seconds())
    return {
        "issue": report.name,
        "title": report.title,
        "date": report.date.isoformat(),
        "recap": report.recap or None,
        "period": report.period or None,
        "late_seconds": late,
        "state": report.state,
        "started_at": report.started_at.isoformat(),
        "ended_at": report.ended_at and report.ended_at.isoformat(),
        "seconds": None if report.took is None else round(report.took.total_seconds(), 3),
        "per_second": None if report.rate is None else round(report.rate, 1),
        "recipients": report.recipients,
        "sent": report.sent,
        "deferred": report.deferred,
        "pending": report.waiting,
        "unknown": report.unknown,
        "failed": dict(report.failed),
        "skipped": dict(report.skipped),
        "bounced": dict(report.bounced),
        "complaints": report.complaints,
        "left": _share_json(report.left),
        "left_by_theme": {theme: _share_json(share) for theme, share in report.unsubscribed.items()},
        "left_until": report.until and report.until.isoformat(),
        "joined": report.joined,
    }


def overview_tables(overview: Overview, *, bars: bool) -> list[Rows]:
    """Readers, papers and issues of some weeks. bars: whether numbers are drawn too."""
    return [
        *readers_tables(overview.readers, bars=bars),
        *_some(_papers_table(overview.papers, bars=bars)),
        *_some(_issues_table(overview.issues)),
    ]


def overview_json(overview: Overview) -> dict[str, Any]:
    """Readers, papers and issues of some weeks."""
    return {
        "list": overview.list,
        "at": overview.at.isoformat(),
        "readers": readers_json(overview.readers),
        "issues": [_issue_json(one) for one in overview.issues],
        "papers": [
            {"issue": one.issue, "date": one.date.isoformat(), "themes": dict(one.themes)}
            for one in overview.papers
        ],
    }


def theme_series(papers: Iterable[Papers]) -> dict[tuple[str, str], list[int]]:
    """The papers of each theme of a list, issue by issue, by list and slug, since it was known."""
    found: dict[tuple[str, str], list[int]] = {}
    for one in papers:
        for theme in one.themes:
            found.setdefault((one.list, theme), [])
        for (slug, theme), numbers in found.items():
            if slug == one.list:
                numbers.append(one.themes.get(theme, 0))
    return found


def readers_tables(stats: Stats, *, bars: bool) -> list[Rows]:
    """The numbers of readers. bars: whether they are drawn too, for a person who looks."""
    order = (SubscriptionStatus.CONFIRMED, SubscriptionStatus.UNCONFIRMED, SubscriptionStatus.UNSUBSCRIBED)
    lists = tuple(
        (slug, *(f"{stats.statuses[slug].get(status, 0):,}" for status in order))
        for slug in sorted(stats.statuses)
    )
    settled = (
        (f"{stats.early / stats.settled:.1%}", f"{stats.early:,}", f"{stats.settled:,}")
        if stats.settled
        else ("", "0", "0")
    )
    return [
        *_some(Rows(("list", "confirmed", "waiting for their yes", "left"), lists, "Readers")),
        *[_growth_table(stats)] * bars,
        _weeks_table(stats, bars=bars),
        *_some(_bars(("theme", "readers"), _themes(stats.themes), "Themes", bars=bars)),
        *_some(_bars(("cadence", "readers"), stats.cadences, "Cadence", bars=bars)),
        Rows(("share", "left", "of those who joined before"), (settled,), "Left within 30 days"),
        *_some(_bars(("reason", "addresses"), stats.suppressed, "Not written to", bars=bars)),
        *_some(_bars(("kind", "mails"), stats.bounces, "Came back in these weeks", bars=bars)),
    ]


def readers_json(stats: Stats) -> dict[str, Any]:
    """The numbers of readers."""
    return {
        "lists": {
            slug: {status: numbers.get(status, 0) for status in SubscriptionStatus}
            for slug, numbers in sorted(stats.statuses.items())
        },
        "weeks": [
            {
                "monday": week.monday.isoformat(),
                "joined": week.joined,
                "left": week.left,
                "net": week.joined - week.left,
                "total": week.total,
            }
            for week in stats.weeks
        ],
        "themes": _themes(stats.themes),
        "cadences": stats.cadences,
        "left_within_30_days": {"left": stats.early, "of": stats.settled},
        "suppressed": stats.suppressed,
        "bounces": stats.bounces,
    }


def _weeks_table(stats: Stats, *, bars: bool) -> Rows:
    most = max((max(week.joined, week.left) for week in stats.weeks), default=0)
    cells = []
    for week in stats.weeks:
        net = week.joined - week.left
        row = (
            week.monday.isoformat(),
            f"{week.joined:,}",
            f"{week.left:,}",
            f"{net:+,}" if net else "0",
            f"{week.total:,}",
        )
        drawn = (bar(week.joined, most, width=_SHORT_BAR), bar(week.left, most, width=_SHORT_BAR))
        cells.append((*row, *drawn) if bars else row)
    head = ("week of", "joined", "left", "net", "readers") + ("joined", "left") * bars
    return Rows(head, tuple(cells), "Week by week")


def _growth_table(stats: Stats) -> Rows:
    """The weeks as lines, for a person who looks."""
    joined, left = ([getattr(week, name) for week in stats.weeks] for name in ("joined", "left"))
    rows = (
        ("readers", f"{stats.weeks[-1].total:,}", line([week.total for week in stats.weeks], width=_LINE)),
        ("joined", f"{sum(joined):,}", line(joined, width=_LINE, least=0)),
        ("left", f"{sum(left):,}", line(left, width=_LINE, least=0)),
    )
    return Rows(("", "in all", "over time"), rows, "Growth")


def _papers_table(papers: Sequence[Papers], *, bars: bool) -> Rows:
    several = len({one.list for one in papers}) > 1
    cells = []
    for (slug, theme), numbers in sorted(theme_series(papers).items()):
        mean = sum(numbers) / len(numbers)
        row = (slug if several else "", theme, str(numbers[-1]), f"{mean:.1f}", str(max(numbers)))
        cells.append((*row, *[line(numbers, width=_LINE, least=0)] * bars))
    head = ("list", "theme", "last", "mean", "most", *["issue by issue"] * bars)
    return Rows(head, tuple(cells), "Papers of each theme")


def _issues_table(issues: Sequence[IssueNumbers]) -> Rows:
    cells = tuple(
        (
            one.name,
            one.date.isoformat(),
            f"{one.sent:,}",
            f"{one.failed:,}",
            f"{one.bounced:,}",
            f"{one.complaints:,}",
            f"{one.left.number:,}",
            deliver.share_text(one.left),
        )
        for one in issues
    )
    return Rows(("issue", "date", "sent", "failed", "back", "spam", "left", "share"), cells, "Issues")


def _bars(head: tuple[str, str], numbers: Mapping[str, int], title: str, *, bars: bool) -> Rows:
    most = max(numbers.values(), default=0)
    ordered = sorted(numbers.items(), key=lambda one: (-one[1], one[0]))
    cells = tuple((name, f"{number:,}", *[bar(number, most, width=_BAR)] * bars) for name, number in ordered)
    return Rows((*head, *[""] * bars), cells, title)


def _shares(head: tuple[str, str, str], shares: Mapping[str, Share], title: str, *, bars: bool) -> Rows:
    most = max((share.part for share in shares.values()), default=0)
    cells = tuple(
        (name, f"{share.number:,}", deliver.share_text(share), *[bar(share.part, most, width=_BAR)] * bars)
        for name, share in shares.items()
    )
    return Rows((*head, *[""] * bars), cells, title)


def _share_json(share: Share) -> dict[str, Any]:
    return {"number": share.number, "of": share.of, "share": round(share.part, 6)}


def _issue_json(one: IssueNumbers) -> dict[str, Any]:
    return {
        "issue": one.name,
        "date": one.date.isoformat(),
        "started_at": one.started_at.isoformat(),
        "recipients": one.recipients,
        "sent": one.sent,
        "failed": one.failed,
        "unknown": one.unknown,
        "bounced": one.bounced,
        "complaints": one.complaints,
        "left": _share_json(one.left),
    }


def _themes(themes: Mapping[str, int]) -> dict[str, int]:
    return {name or "every theme": number for name, number in themes.items()}


def _some(rows: Rows) -> list[Rows]:
    return [rows] if rows.cells else []
