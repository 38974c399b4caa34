"""What is shown: an issue, how it came about, and what editors changed in it.

A page is what digests make with edits that this process alone knows; an issue is one of the store.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from typing import TYPE_CHECKING

from newsletter import app, config, identity, selection, telling
from newsletter.config import Settings
from newsletter.errors import Conflict, NotFound
from newsletter.model import TRENDING, Digest, Edit, EditKind, Issue, IssueStatus, MailingList, Paper
from newsletter.selection import Selection

if TYPE_CHECKING:  # it takes as long to load as a whole render, and a page needs no store
    from newsletter.drafts import Draft

PAGE = "page"
# Names of digests that are told; more of them are counted.
_MOST_SOURCES = 3


@dataclass(frozen=True, slots=True)
class Change:
    """An edit that was made. title: of its paper, "" for a note; at is in the edit."""

    edit: Edit
    title: str
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """An issue to be looked at. name: in the store, "" for a page. status: "page", or that of the issue.

    source: what it was made from, in words. changes: those of editors, in their order, undone ones too.
    overrides: those of the configuration. chosen: how it came about; None for what is frozen.
    draft: of the store, None for a page.
    """

    issue: Issue
    name: str = ""
    status: str = PAGE
    source: str = ""
    changes: tuple[Change, ...] = ()
    overrides: tuple[Edit, ...] = ()
    chosen: Selection | None = None
    draft: "Draft | None" = None

    @property
    def editable(self) -> bool:
        """Whether an edit changes it."""
        return self.status in (PAGE, IssueStatus.DRAFT)

    @property
    def held(self) -> tuple[Edit, ...]:
        """The edits that it follows, in their order."""
        return (*self.overrides, *(one.edit for one in self.changes if not one.undone))

    @property
    def from_sample(self) -> bool:
        """Whether its papers are invented."""
        return self.source == app.SAMPLE_NAME


def page(
    digests: Sequence[Digest],
    settings: Settings,
    *,
    list: MailingList,
    on: Date,
    changes: Sequence[Change] = (),
) -> Shown:
    """What the digests make with these changes. Raises: NewsletterError where no paper is left."""
    overrides = config.overrides(settings, list)
    held = (*overrides, *(one.edit for one in changes if not one.undone))
    with telling.opened(list, settings) as tell:
        issue, chosen = app.explained(digests, list=list, on=on, overrides=held, tell=tell)
    names = [digest.source for digest in digests]
    more = f" and {len(names) - _MOST_SOURCES} more" if len(names) > _MOST_SOURCES else ""
    source = ", ".join(names[:_MOST_SOURCES]) + more
    return Shown(issue, source=source, changes=(*changes,), overrides=overrides, chosen=chosen)


def of_store(draft: "Draft") -> Shown:
    """An issue of the store."""
    edition = draft.edition
    changes = (Change(one.edit, one.title, one.undone_at is not None) for one in draft.edits)
    return Shown(
        draft.issue,
        name=edition.name,
        status=edition.status.value,
        changes=(*changes,),
        overrides=draft.overrides,
        chosen=draft.chosen,
        draft=draft,
    )


def in_look(shown: Shown, look: str) -> Shown:
    """The same issue in a look."""
    issue = replace(shown.issue, list=replace(shown.issue.list, look=look))
    return replace(shown, issue=issue)


def name_of(paper: Paper) -> str:
    """What a paper is called where it is edited: its arXiv id, its DOI, else its title."""
    return paper.arxiv_id or paper.doi or paper.title


def change_of(shown: Shown, wanted: Edit) -> Change:
    """The change that an edit makes to a page, its paper by the surest of its names.

    Raises: NotFound or Ambiguous for the paper, NotFound for the section; Conflict for moving what stands
    nowhere.
    """
    slugs = [*(theme.slug for theme in shown.issue.list.themes), TRENDING]
    if wanted.section and wanted.section not in slugs:
        raise NotFound(f"no section {wanted.section!r} in this issue; sections: {', '.join(slugs)}")
    if wanted.kind is EditKind.NOTE:
        return Change(wanted, "")
    paper = _meant(shown, wanted.paper)
    standing = (pick.paper for section in shown.issue.sections for pick in section.picks)
    if wanted.kind is EditKind.MOVE and paper not in standing:
        raise Conflict(f"“{paper.title}” stands in no section, so it cannot be moved; pin it")
    return Change(replace(wanted, paper=identity.keys(paper)[0]), paper.title)


def _meant(shown: Shown, name: str) -> Paper:
    papers: Iterable[Paper] = shown.chosen.papers if shown.chosen else ()
    named = [paper for paper in papers if name_of(paper) == name]
    return named[0] if named else selection.find([*papers], name)
