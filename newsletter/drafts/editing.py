"""What editors change in a draft.

An edit is appended with who made it and when; undoing one keeps it, and who undid it. Only a draft is edited.
Running the same edit again adds nothing.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from newsletter import identity, selection, store
from newsletter.drafts.approval import current
from newsletter.drafts.drafting import Draft
from newsletter.errors import Ambiguous, Conflict, NotFound
from newsletter.model import TRENDING, Edit, Edition, EditKind, IssueStatus, MailingList, Paper
from newsletter.store import digests, edits, issues, papers
from newsletter.store.edits import Logged


def edit(
    database: store.Engine,
    edition: Edition,
    wanted: Edit,
    *,
    list: MailingList,
    now: datetime,
    seen: Draft | None = None,
) -> tuple[str, bool]:
    """The title of the paper that the edit is about, and whether the edit is new.

    wanted: its paper by arXiv id, DOI, title, or words of the title; for a pin any paper of the store.
    seen: what the editor looks at; then only what stands in it can be moved.
    Raises: Conflict where the issue is no draft; NotFound or Ambiguous for the paper or the section.
    """
    slugs = [*(theme.slug for theme in list.themes), TRENDING]
    if wanted.section and wanted.section not in slugs:
        raise NotFound(f"no section {wanted.section!r} in {list.slug}; sections: {', '.join(slugs)}")
    with store.writing(database) as tx:
        edition = _editable(tx, edition)
        held = [one.edit for one in edits.of(tx, edition) if one.undone_at is None]
        title = ""
        if wanted.kind is not EditKind.NOTE:
            paper = _paper(tx, edition, wanted, held, seen)
            title = paper.title
            if wanted.kind is EditKind.MOVE and seen is not None:
                _require_seat(seen, paper)
            wanted = replace(wanted, paper=papers.names(paper)[0])
        wanted = digests.storable(wanted)
        last = next((one for one in reversed(held) if one.paper == wanted.paper), None)
        if last is not None and replace(last, at=None, who=wanted.who) == wanted:
            return title, False
        edits.add(tx, edition, wanted, title=title, now=now)
    return title, True


def _require_seat(seen: Draft, paper: Paper) -> None:
    name = papers.names(paper)[0]
    seated = (pick.paper for section in seen.issue.sections for pick in section.picks)
    if not any(papers.names(other)[0] == name for other in seated):
        raise Conflict(
            f"“{paper.title}” stands in no section of {seen.edition.name}, so it cannot be moved; "
            "pin takes it in, with the same --section and --place"
        )


def undo(database: store.Engine, edition: Edition, *, who: str, now: datetime) -> Logged:
    """The last edit that held, undone. Raises: Conflict where the issue is no draft; NotFound without one."""
    with store.writing(database) as tx:
        edition = _editable(tx, edition)
        held = [one for one in edits.of(tx, edition) if one.undone_at is None]
        if not held:
            raise NotFound(f"nothing to undo in {edition.name}: no edit of it holds")
        edits.undo(tx, held[-1], who=digests.storable(who), now=now)
    return held[-1]


def _editable(tx: store.Connection, edition: Edition) -> Edition:
    issues.hold(tx)
    edition = current(tx, edition)
    if edition.status is not IssueStatus.DRAFT:
        step = f"make the next issue: newsletter draft {edition.list}"
        if edition.status is IssueStatus.APPROVED:
            step = f"give it up, with its edits: newsletter issues cancel {edition.name}, or {step}"
        raise Conflict(f"{edition.name} is {edition.status}, and only a draft can be edited; {step}")
    return edition


def _paper(
    tx: store.Connection, edition: Edition, wanted: Edit, held: Collection[Edit], seen: Draft | None
) -> Paper:
    """The one paper of the store that an editor means."""
    pinned = {edit.paper for edit in held if edit.kind is EditKind.PIN}
    of_issue = papers.numbers_of(tx, edition) - issues.carried(tx, edition).keys()
    of_issue |= {number for numbers in papers.holders(tx, pinned).values() for number in numbers}
    found = _found(tx, wanted.paper)
    # A paper that is at hand is meant rather than one that is not.
    found = (found & of_issue) or found
    if seen is not None and wanted.kind is not EditKind.PIN:
        # Nobody drops or moves a paper that stands nowhere, if another one is called so too.
        found = (found & _seated(tx, seen)) or found
    meant = papers.load(tx, sorted(found)[: Ambiguous.NAMED])
    if not meant:
        raise NotFound(
            f"no paper {wanted.paper!r} in the store; name its arXiv id, DOI or words of its title, "
            "or take it in with: newsletter ingest DIGEST…"
        )
    if len(found) > 1:
        shown = [f"“{paper.title}” ({paper.arxiv_id or paper.doi or 'no id'})" for paper in meant.values()]
        raise Ambiguous.among(wanted.paper, shown, len(found))
    [(number, paper)] = meant.items()
    if wanted.kind is not EditKind.PIN and number not in of_issue:
        raise Conflict(f"“{paper.title}” is not among the papers of {edition.name}; only pin takes it in")
    return paper


def _seated(tx: store.Connection, seen: Draft) -> set[int]:
    """The papers that stand in an issue."""
    names = {papers.names(pick.paper)[0] for section in seen.issue.sections for pick in section.picks}
    return {number for numbers in papers.holders(tx, names).values() for number in numbers}


def _found(tx: store.Connection, text: str) -> set[int]:
    """The papers of that name, by the surest kind of name that any has; else those with it in their title."""
    text = digests.storable(text)
    arxiv = identity.arxiv_id(text)
    asked = Paper(text, "", "", arxiv_id=arxiv.id if arxiv else None, doi=identity.doi(text))
    names = papers.names(asked)
    holders = papers.holders(tx, names)
    named = next((holders[name] for name in names if name in holders), None)
    if named:
        return set(named)
    titles = papers.titled(tx, text.strip()) if text.strip() else {}
    return {number for number, title in titles.items() if selection.says(title, text)} or set(titles)
