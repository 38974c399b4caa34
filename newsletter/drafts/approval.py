"""The end of a draft: approved, or cancelled.

Approving freezes what an editor looked at, and nothing else: where the draft became another meanwhile,
nothing is done. Content, papers, counts and status are written in one transaction, so an issue is approved
whole or not at all, and once, however many processes try.
"""

from datetime import datetime

from newsletter import frozen, store
from newsletter.drafts.drafting import Draft, basis_of
from newsletter.errors import Conflict, NotFound
from newsletter.model import Edition, IssueStatus
from newsletter.store import issues, papers, sendings


def approve(database: store.Engine, draft: Draft, *, now: datetime) -> tuple[Edition, bool]:
    """The issue, approved, and whether it was just now.

    draft: what `look` gave, with its new terms.
    Raises: Conflict for a draft that changed since, that holds no paper, or that was cancelled.
    """
    with store.writing(database) as tx:
        issues.hold(tx)
        edition = current(tx, draft.edition)
        if edition.status in issues.FINAL:
            return edition, False
        if edition.status is not IssueStatus.DRAFT:
            raise Conflict(f"{edition.name} is cancelled; make the next: newsletter draft {edition.list}")
        if not draft.issue.sections:
            raise Conflict(
                f"{edition.name} holds no paper; pin one, or refresh it: newsletter draft {edition.list}"
            )
        # A paper may have been joined to another since; nothing is ingested from here until the end.
        papers.hold(tx)
        places = _places(draft)
        if basis_of(tx, edition) != draft.basis or papers.load(tx, places.keys()).keys() != places.keys():
            raise Conflict(
                f"{edition.name} was changed while it was being approved; "
                f"look at it with: newsletter issues show {edition.name}, and approve it again"
            )
        approved = issues.freeze(
            tx,
            edition,
            content=frozen.as_data(draft.issue),
            theme_counts=draft.counts,
            places=places,
            now=now,
        )
    return approved, True


def cancel(database: store.Engine, edition: Edition) -> tuple[Edition, bool]:
    """The issue, cancelled, and whether it was just now; what it held is free for the next.

    Raises: Conflict for one that readers have, or that is on its way to them.
    """
    with store.writing(database) as tx:
        issues.hold(tx)
        edition = current(tx, edition)
        if edition.status is IssueStatus.CANCELLED:
            return edition, False
        if edition.status not in (IssueStatus.DRAFT, IssueStatus.APPROVED):
            raise Conflict(
                f"{edition.name} is {edition.status}: readers have it, and it cannot be taken back"
            )
        if sendings.of(tx, edition.id):
            problem = f"{edition.name} is on its way, and its readers are being written down"
            raise Conflict(f"{problem}; run: newsletter deliveries cancel {edition.name}")
        return issues.change(tx, edition, status=IssueStatus.CANCELLED), True


def current(tx: store.Connection, edition: Edition) -> Edition:
    """The issue as it is now."""
    found = issues.numbered(tx, list=edition.list, number=edition.number)
    if found is None:
        raise NotFound(f"no issue {edition.name!r}; newsletter issues lists them")
    return found


def _places(draft: Draft) -> dict[int, tuple[str, int]]:
    return {
        draft.numbers[pick.paper]: (section.theme, place)
        for section in draft.issue.sections
        for place, pick in enumerate(section.picks, start=1)
    }
