"""What editors did to drafts, with who and when.

An edit is added and never changed or taken away; undoing one adds who undid it and when.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from newsletter.model import Edit, Edition, EditKind
from newsletter.store.tables import edits


@dataclass(frozen=True, slots=True)
class Logged:
    """One edit as it was made. title: of its paper, as it was then; undone_at: None for one that holds."""

    id: int
    edit: Edit
    title: str
    undone_at: datetime | None = None
    undone_by: str | None = None


def add(tx: Connection, edition: Edition, edit: Edit, *, title: str, now: datetime) -> None:
    """Append an edit of the issue; its paper is named by one of `papers.names`."""
    row = {
        "issue_id": edition.id,
        "kind": edit.kind,
        "paper_key": edit.paper,
        "title": title,
        "section": edit.section,
        "place": edit.place,
        "text": edit.text,
        "who": edit.who,
        "at": now,
    }
    tx.execute(insert(edits).values(row))


def of(tx: Connection, edition: Edition) -> tuple[Logged, ...]:
    """Every edit of the issue, in the order in which they were made, those that were undone too."""
    query = select(edits).where(edits.c.issue_id == edition.id).order_by(edits.c.id)
    return tuple(
        Logged(
            id=row.id,
            edit=Edit(
                kind=EditKind(row.kind),
                paper=row.paper_key,
                section=row.section,
                place=row.place,
                text=row.text,
                who=row.who,
                at=row.at,
            ),
            title=row.title,
            undone_at=row.undone_at,
            undone_by=row.undone_by,
        )
        for row in tx.execute(query)
    )


def undo(tx: Connection, logged: Logged, *, who: str, now: datetime) -> None:
    """Keep that an edit no longer holds."""
    tx.execute(update(edits).where(edits.c.id == logged.id).values(undone_at=now, undone_by=who))
