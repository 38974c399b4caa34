"""Issues: which there are, what each considered, and what it carried.

Owns the rows of an issue, and which material a list has not used yet. An issue uses material up once it is
approved; drafts and cancelled issues use up nothing. What is in an issue is decided above.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from datetime import date as Date
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, text, update

from newsletter.model import Edition, IssueStatus
from newsletter.store.tables import digests, issue_digests, issue_papers, issues

# Of these states an issue is past changing, and what it held is used up.
FINAL = (IssueStatus.APPROVED, IssueStatus.SENDING, IssueStatus.SENT)
# As long as a writer of SQLite waits.
_LOCK_TIMEOUT = "10s"
_COLUMNS = [issues.c[name] for name in ("id", "number", "date", "created_at", "approved_at", "since")]
_COLUMNS += [issues.c.list_slug, issues.c.status, issues.c.recap]
# A recap tells again what other issues told: it uses nothing up, and none of them minds it.
_NO_RECAP = issues.c.recap.is_(None)


def hold(tx: Connection) -> None:
    """Return once nobody else changes issues until `tx` ends. On SQLite a writing transaction is that."""
    if tx.dialect.name == "postgresql":
        tx.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
        tx.execute(text(f"LOCK TABLE {issues.name} IN SHARE ROW EXCLUSIVE MODE"))


def every(tx: Connection, *, list: str | None = None) -> tuple[Edition, ...]:
    """The issues of a list, or of every list, by number."""
    query = select(*_COLUMNS).order_by(issues.c.list_slug, issues.c.number)
    return tuple(
        map(_edition, tx.execute(query if list is None else query.where(issues.c.list_slug == list)))
    )


def numbered(tx: Connection, *, list: str, number: int) -> Edition | None:
    """The issue of that number; None where there is none."""
    query = select(*_COLUMNS).where(issues.c.list_slug == list, issues.c.number == number)
    return _one(tx, query)


def public(tx: Connection, *, list: str, until: Date) -> tuple[Edition, ...]:
    """The issues of the list that are past changing and not of a later day, the newest day first."""
    query = select(*_COLUMNS).where(
        issues.c.list_slug == list,
        issues.c.status.in_(FINAL),
        issues.c.date <= until,
        issues.c.content.is_not(None),
    )
    return tuple(map(_edition, tx.execute(query.order_by(issues.c.date.desc(), issues.c.number.desc()))))


def open_draft(tx: Connection, *, list: str) -> Edition | None:
    """The one draft of the list that is neither approved nor cancelled; None where there is none."""
    query = select(*_COLUMNS).where(issues.c.list_slug == list, issues.c.status == IssueStatus.DRAFT)
    return _one(tx, query)


def add(tx: Connection, *, list: str, on: Date, since: Date | None, now: datetime) -> Edition:
    """A new draft under the next number of its list; that of a cancelled issue is not given again."""
    row = {"list_slug": list, "number": _next(tx, list), "date": on, "since": since, "created_at": now}
    query = insert(issues).values(**row, status=IssueStatus.DRAFT).returning(*_COLUMNS)
    return _edition(tx.execute(query).one())


def of_month(tx: Connection, *, list: str, month: Date) -> tuple[Edition, ...]:
    """The issues of the list that are past changing and of a day of that month, by day; recaps not."""
    until = (month.replace(day=1) + timedelta(days=31)).replace(day=1)
    query = select(*_COLUMNS).where(issues.c.list_slug == list, issues.c.status.in_(FINAL), _NO_RECAP)
    query = query.where(issues.c.date >= month.replace(day=1), issues.c.date < until)
    return tuple(map(_edition, tx.execute(query.order_by(issues.c.date, issues.c.number))))


def recap(tx: Connection, *, list: str, month: Date) -> Edition | None:
    """The recap of that month, whatever became of it; None where there is none."""
    query = select(*_COLUMNS).where(issues.c.list_slug == list, issues.c.recap == month.isoformat()[:7])
    return _one(tx, query)


def add_recap(
    tx: Connection, *, list: str, month: Date, on: Date, content: Mapping[str, Any], now: datetime
) -> Edition:
    """The recap of that month, approved as it is, under the next number of its list."""
    row = {"list_slug": list, "number": _next(tx, list), "date": on, "recap": month.isoformat()[:7]}
    row |= {"created_at": now, "approved_at": now, "content": dict(content), "theme_counts": {}}
    query = insert(issues).values(**row, status=IssueStatus.APPROVED).returning(*_COLUMNS)
    return _edition(tx.execute(query).one())


def skip_to(tx: Connection, *, list: str, number: int, now: datetime) -> None:
    """Give no number of the list up to that one to a new issue; those that are missing are cancelled ones."""
    last = tx.scalar(select(func.max(issues.c.number)).where(issues.c.list_slug == list)) or 0
    for missing in range(last + 1, number + 1):
        row = {"list_slug": list, "number": missing, "date": now.date(), "created_at": now}
        tx.execute(insert(issues).values(**row, status=IssueStatus.CANCELLED))


def change(tx: Connection, edition: Edition, **values: Any) -> Edition:
    """The issue with other values in its columns."""
    query = update(issues).where(issues.c.id == edition.id).values(**values).returning(*_COLUMNS)
    return _edition(tx.execute(query).one())


def unused_digests(tx: Connection, edition: Edition) -> list[int]:
    """The digests, whole and in their order, that no earlier issue of the list has used up."""
    before = _earlier(edition)
    used = select(issue_digests.c.digest_id).where(issue_digests.c.issue_id.in_(before))
    query = select(digests.c.id).where(
        digests.c.taken == digests.c.paper_count, digests.c.paper_count > 0, digests.c.id.not_in(used)
    )
    bounds = [edition.since, tx.scalar(select(func.max(issues.c.since)).where(issues.c.id.in_(before)))]
    if known := [bound for bound in bounds if bound]:
        query = query.where(digests.c.read_at >= datetime.combine(max(known), time.min, UTC))
    return [*tx.scalars(query.order_by(digests.c.id))]


def last_digests(tx: Connection, edition: Edition) -> list[int]:
    """The digests that the issue before this one of its list considered, in their order."""
    before = select(func.max(issues.c.number)).where(issues.c.id.in_(_earlier(edition)))
    query = (
        select(issue_digests.c.digest_id)
        .join_from(issue_digests, issues)
        .where(issues.c.list_slug == edition.list, issues.c.number == before.scalar_subquery())
    )
    return [*tx.scalars(query.order_by(issue_digests.c.digest_id))]


def consider(tx: Connection, edition: Edition, numbers: Sequence[int]) -> None:
    """Make those digests, and no others, what the issue considers."""
    tx.execute(delete(issue_digests).where(issue_digests.c.issue_id == edition.id))
    if numbers:
        tx.execute(
            insert(issue_digests), [{"issue_id": edition.id, "digest_id": number} for number in numbers]
        )


def considered(tx: Connection, edition: Edition) -> tuple[int, ...]:
    """The digests that the issue considers, in their order."""
    query = select(issue_digests.c.digest_id).where(issue_digests.c.issue_id == edition.id)
    return tuple(tx.scalars(query.order_by(issue_digests.c.digest_id)))


def carried(tx: Connection, edition: Edition) -> dict[int, int]:
    """The papers that earlier issues of the list carried, each with the number of the last that did."""
    query = (
        select(issue_papers.c.paper_id, func.max(issues.c.number))
        .join_from(issue_papers, issues)
        .where(issues.c.id.in_(_earlier(edition)))
        .group_by(issue_papers.c.paper_id)
    )
    return {row.paper_id: row[1] for row in tx.execute(query)}


def earlier(tx: Connection, edition: Edition) -> tuple[int, ...]:
    """The rows of the earlier issues of the list that used up what they held."""
    return tuple(tx.scalars(_earlier(edition).order_by(issues.c.id)))


def theme_counts(tx: Connection, edition: Edition, *, most: int) -> tuple[Mapping[str, int], ...]:
    """The members of each theme in the earlier issues of the list, the latest first."""
    query = select(issues.c.theme_counts).where(issues.c.id.in_(_earlier(edition)))
    return tuple(tx.scalars(query.order_by(issues.c.number.desc()).limit(most)))


def freeze(
    tx: Connection,
    edition: Edition,
    *,
    content: Mapping[str, Any],
    theme_counts: Mapping[str, int],
    places: Mapping[int, tuple[str, int]],
    now: datetime,
) -> Edition:
    """The draft, approved: its content as it stays. places: section and place by the number of the paper."""
    rows = [
        {"issue_id": edition.id, "paper_id": number, "section": section, "place": place}
        for number, (section, place) in places.items()
    ]
    if rows:
        tx.execute(insert(issue_papers), rows)
    values = {"content": dict(content), "theme_counts": dict(theme_counts), "approved_at": now}
    return change(tx, edition, status=IssueStatus.APPROVED, **values)


def content(tx: Connection, edition: Edition) -> Mapping[str, Any] | None:
    """The content of an issue as it was frozen; None for one that never was."""
    found: Mapping[str, Any] | None = tx.scalar(select(issues.c.content).where(issues.c.id == edition.id))
    return found


def contents(tx: Connection, numbers: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """The contents of those rows as they were frozen, without those that never were."""
    query = select(issues.c.id, issues.c.content).where(issues.c.id.in_(numbers))
    return {row.id: row.content for row in tx.execute(query) if row.content is not None}


def _earlier(edition: Edition) -> Select[Any]:
    return select(issues.c.id).where(
        issues.c.list_slug == edition.list,
        issues.c.number < edition.number,
        issues.c.status.in_(FINAL),
        _NO_RECAP,
    )


def _next(tx: Connection, list: str) -> int:
    return (tx.scalar(select(func.max(issues.c.number)).where(issues.c.list_slug == list)) or 0) + 1


def _one(tx: Connection, query: Select[Any]) -> Edition | None:
    row = tx.execute(query).one_or_none()
    return None if row is None else _edition(row)


def _edition(row: Row[Any]) -> Edition:
    return Edition(
        id=row.id,
        list=row.list_slug,
        number=row.number,
        date=row.date,
        status=IssueStatus(row.status),
        created_at=row.created_at,
        approved_at=row.approved_at,
        since=row.since,
        recap=row.recap or "",
    )
