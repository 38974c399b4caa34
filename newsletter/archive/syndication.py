"""Public issues → what a feed of a list, or of one of its themes, tells of them."""

from collections.abc import Sequence
from dataclasses import replace

from newsletter import feeds, naming, pages, rendering
from newsletter.archive.outline import Entry, Part
from newsletter.archive.shelf import Archive
from newsletter.model import Issue
from newsletter.templating import Look

# Issues of a feed: of a weekly list, what appeared in five months.
MOST = 20


def feed(
    archive: Archive, look: Look, entries: Sequence[Entry], *, list: str, theme: str, url: str
) -> feeds.Feed:
    """The feed of the latest of these issues. theme: whose section is told of each, "" for the whole issue.

    url: where the feed stands, below the page that it goes with. Raises: NotFound; StoreError; RenderError.
    """
    chosen = archive.list(list)
    home = f"{url.rpartition('/')[0]}/"
    issues = home.removesuffix(f"themes/{theme}/") if theme else home
    made = [_entry(archive, look, one, theme=theme, home=issues) for one in entries[:MOST]]
    part = entries[0].part(theme) if theme else None
    title = f"{part.title} · {chosen.title}" if part else chosen.title
    subtitle = part.blurb if part else chosen.description
    return feeds.Feed(url, home, title, subtitle, chosen.title, made)


def _entry(archive: Archive, look: Look, one: Entry, *, theme: str, home: str) -> feeds.Entry:
    """What is told of one issue. home: where the list stands."""
    issue, url = archive.issue(one), f"{home}{one.edition.number}/"
    part = one.part(theme) if theme else None
    if part:
        issue = replace(issue, sections=tuple(each for each in issue.sections if each.theme == theme))
    return feeds.Entry(
        url=f"{url}#{theme}" if part else url,
        title=_names(part) if part else one.headline,
        summary=_summary(part) if part else one.intro,
        html=_html(look, issue, url=url, home=home, whole=part is None),
        at=one.since,
        tags=("recap",) if one.edition.recap else (),
    )


def _html(look: Look, issue: Issue, *, url: str, home: str, whole: bool) -> str:
    sections = [section for section in issue.sections if section.picks]
    values = {"issue": issue, "sections": sections, "url": url, "home": home, "whole": whole}
    return pages.page(look, "entry", root=url, values=values)


def _names(part: Part) -> str:
    """The papers by name: the first two, and how many more."""
    names = [naming.short_title(paper.title) for paper in part.papers]
    shown, rest = names[:2], len(names) - 2
    if rest > 0:
        return f"{part.title}: {', '.join(shown)} and {rest} more"
    return f"{part.title}: {' and '.join(shown)}"


def _summary(part: Part) -> str:
    return rendering.shorten("; ".join(paper.title for paper in part.papers), 500)
