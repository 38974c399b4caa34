"""Public archives for tests: issues as they lie in a store, and the site that is made of them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from newsletter import app, config, frozen, store
from newsletter.archive import Archive, Site
from newsletter.model import Edition, Issue, IssueStatus, MailingList
from newsletter.store import issues
from tests.builders import NOW, mailing_list
from tests.looks import busy_issue

BASE = "https://news.example.org/papers"
TODAY = date(2026, 1, 6)
WEEKLY = mailing_list(description="What is new on the memory of language models.")
# As the site sends it with every page.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def publish(
    database: Engine,
    issue: Issue | None = None,
    *,
    list: str = "weekly",
    status: IssueStatus = IssueStatus.SENT,
    on: date | None = None,
    now: datetime = NOW,
    recap: str = "",
) -> Edition:
    """An issue of the store in that state; a draft has no content yet. recap: the month that it sums up."""
    issue = issue or busy_issue()
    with store.writing(database) as tx:
        edition = issues.add(tx, list=list, on=on or issue.date, since=None, now=now)
        if status is IssueStatus.DRAFT:
            return edition
        content = frozen.as_data(issue)
        edition = issues.freeze(tx, edition, content=content, theme_counts={}, places={}, now=now)
        return issues.change(tx, edition, status=status, recap=recap or None)


def publish_weeks(database: Engine, count: int) -> None:
    """So many issues of the list weekly, a week between two, the last one today."""
    for week in reversed(range(count)):
        publish(database, on=TODAY - timedelta(weeks=week), now=NOW - timedelta(weeks=week))


def shelf(database: Engine, lists: Iterable[MailingList] = (WEEKLY,)) -> Archive:
    return Archive(database, {list.slug: list for list in lists})


def site(database: Engine, lists: Iterable[MailingList] = (WEEKLY,), *, as_files: bool = False) -> Site:
    look = app.web_look(config.load(None))
    return Site(shelf(database, lists), look, base_url=BASE, as_files=as_files)
