"""The recap of a month in the store: made once, out of what was approved, and in no issue's way."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, event, update

from newsletter import drafts, store
from newsletter.errors import Conflict, NotFound, StoreError
from newsletter.model import Edit, Edition, EditKind, IssueStatus, MailingList, Paper
from newsletter.store import issues, tables
from tests.builders import digest, mailing_list, paper, theme
from tests.published import publish
from tests.stored import dump, ingest

DECEMBER = datetime(2026, 12, 1, 8, tzinfo=UTC)
WEEKLY = mailing_list(themes=(theme(limit=30),), trending_limit=100)


def cached(n: int) -> Paper:
    return paper(f"KV Cache {n}", f"We store {n} in a KV cache.", arxiv_id=f"2611.{n:05}")


def issue(database: Engine, on: date, *papers: Paper, list: MailingList = WEEKLY) -> Edition:
    """An issue of that day, approved, which carries those papers."""
    ingest(database, digest(*papers, source=f"{list.slug}-{on}.txt"))
    edition, _ = drafts.draft(database, list, on=on, since=None, now=DECEMBER)
    return drafts.approve(database, drafts.look(database, edition, list=list), now=DECEMBER)[0]


def november(database: Engine) -> None:
    """Two issues of November, between one of October and one of December."""
    days = (date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 30), date(2026, 12, 1))
    for number, day in enumerate(days, start=1):
        issue(database, day, cached(number))


def recap(database: Engine, month: str = "2026-11", *, list: MailingList = WEEKLY) -> Edition:
    made = drafts.recap(database, list, month, now=DECEMBER)
    assert made
    return made


def told(database: Engine, edition: Edition) -> list[str]:
    """The papers of an issue."""
    sections = drafts.look(database, edition, list=WEEKLY).issue.sections
    return [pick.paper.title for section in sections for pick in section.picks]


def test_it_is_made_of_the_issues_of_its_month_and_approved_at_once(database: Engine) -> None:
    november(database)

    made = recap(database)

    assert (made.name, made.recap, made.status) == ("weekly/5", "2026-11", IssueStatus.APPROVED)
    assert (made.date, made.approved_at) == (DECEMBER.date(), DECEMBER)
    assert sorted(told(database, made)) == ["KV Cache 2", "KV Cache 3"]
    recalled = drafts.look(database, made, list=None).issue.recalled
    assert [(one.number, one.date.day) for one in recalled] == [(2, 1), (3, 30)]


def test_making_it_again_changes_nothing_whatever_came_since(database: Engine) -> None:
    november(database)
    made = recap(database)
    issue(database, date(2026, 11, 15), cached(9))
    before = dump(database)

    assert recap(database) == made
    assert dump(database) == before


def test_a_month_without_an_issue_has_none_and_nothing_is_written(database: Engine) -> None:
    november(database)
    drafts.cancel(database, issue(database, date(2026, 9, 1), cached(9)))
    issue(database, date(2026, 8, 1), cached(10), list=replace(WEEKLY, slug="daily"))
    ingest(database, digest(cached(11), source="draft.txt"))
    drafts.draft(database, WEEKLY, on=date(2026, 7, 1), since=None, now=DECEMBER)
    before = dump(database)

    for month in ("2026-09", "2026-08", "2026-07", "2025-11"):
        assert drafts.recap(database, WEEKLY, month, now=DECEMBER) is None
    assert dump(database) == before


@pytest.mark.parametrize("month", ["", "2026", "2026-13", "2026-11-01", "November"])
def test_what_is_no_month_is_refused(database: Engine, month: str) -> None:
    with pytest.raises(ValueError, match=r"month|isoformat"):
        drafts.recap(database, WEEKLY, month, now=DECEMBER)


def test_neither_cancelled_issues_nor_other_recaps_are_in_it(database: Engine) -> None:
    november(database)
    drafts.cancel(database, issue(database, date(2026, 11, 20), cached(9)))
    early = drafts.recap(database, WEEKLY, "2026-10", now=datetime(2026, 11, 1, tzinfo=UTC))

    assert early
    assert early.date == date(2026, 11, 1)
    assert sorted(told(database, recap(database))) == ["KV Cache 2", "KV Cache 3"]


def test_a_cancelled_recap_is_not_made_again(database: Engine) -> None:
    november(database)
    cancelled, _ = drafts.cancel(database, recap(database))

    assert recap(database) == cancelled


def test_several_that_make_it_at_once_make_one(database: Engine) -> None:
    november(database)

    with ThreadPoolExecutor(4) as pool:
        made = [*pool.map(lambda _: recap(database), range(4))]

    assert len(set(made)) == 1
    with store.reading(database) as tx:
        assert [one.recap for one in issues.every(tx, list="weekly")] == [""] * 4 + ["2026-11"]


def test_whoever_dies_in_making_it_leaves_nothing(database: Engine) -> None:
    november(database)
    before = dump(database)

    def dies(connection: object) -> None:
        raise KeyboardInterrupt

    event.listen(database, "commit", dies)
    with pytest.raises(KeyboardInterrupt):
        recap(database)
    event.remove(database, "commit", dies)

    assert dump(database) == before
    assert recap(database).number == 5


def test_it_is_made_beside_an_open_draft_which_it_does_not_change(database: Engine) -> None:
    november(database)
    ingest(database, digest(cached(9), source="more.txt"))
    edition, _ = drafts.draft(database, WEEKLY, on=None, since=None, now=DECEMBER)
    before = drafts.look(database, edition, list=WEEKLY)

    assert recap(database).number == 6
    assert drafts.look(database, edition, list=WEEKLY) == before
    assert drafts.approve(database, before, now=DECEMBER)[0].status is IssueStatus.APPROVED


def test_no_issue_minds_a_recap(database: Engine) -> None:
    november(database)
    ingest(database, digest(cached(9), source="more.txt"))
    edition = Edition(0, "weekly", 99, DECEMBER.date(), IssueStatus.DRAFT, DECEMBER)

    def minded() -> tuple[object, ...]:
        with store.reading(database) as tx:
            return (
                issues.earlier(tx, edition),
                issues.carried(tx, edition),
                issues.unused_digests(tx, edition),
                issues.theme_counts(tx, edition, most=9),
            )

    before = minded()
    recap(database)

    assert minded() == before
    assert before[1] == {1: 1, 2: 2, 3: 3, 4: 4}


def test_a_list_is_never_called_for_its_recap(database: Engine) -> None:
    november(database)
    made = recap(database)

    assert drafts.find(database, "weekly", or_approved=True).name == "weekly/4"
    assert drafts.find(database, made.name) == made
    with pytest.raises(NotFound, match="no open draft of weekly"):
        drafts.find(database, "weekly")


def test_nobody_edits_a_recap_and_the_themes_alone_would_make_the_same(database: Engine) -> None:
    november(database)
    made = recap(database)

    with pytest.raises(Conflict, match="only a draft can be edited"):
        drafts.edit(database, made, Edit(EditKind.DROP, "KV Cache 2"), list=WEEKLY, now=DECEMBER)
    seen = drafts.look(database, made, list=WEEKLY)
    assert drafts.alone(database, made, list=WEEKLY) == seen.issue.sections
    assert drafts.approve(database, seen, now=DECEMBER) == (made, False)


def test_content_that_this_version_cannot_read_stops_it_before_anything_is_written(database: Engine) -> None:
    november(database)
    with store.writing(database) as tx:
        tx.execute(update(tables.issues).where(tables.issues.c.number == 2).values(content={"date": 1}))
    before = dump(database)

    with pytest.raises(StoreError, match="weekly/2: its content is not in a form that this version knows"):
        recap(database)
    assert dump(database) == before


def test_the_last_day_of_every_month_belongs_to_it(database: Engine) -> None:
    for month in range(1, 13):
        after = date(2027 if month == 12 else 2026, month % 12 + 1, 1)
        publish(database, on=after - timedelta(days=1))

    for month in range(1, 13):
        made = recap(database, f"2026-{month:02}")
        assert len(drafts.look(database, made, list=None).issue.recalled) == 1
