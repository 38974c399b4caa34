"""Where an editor works on issues: the store, with the lists and overrides that its drafts follow.

Hands each thing done to `drafts` with the settings it needs; decides nothing itself.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime
from typing import Protocol

from newsletter import config, drafts, links, notices, publish, store
from newsletter.config import Settings
from newsletter.drafts import Draft
from newsletter.errors import ConfigError, NotFound
from newsletter.model import Edit, Edition, IssueStatus, MailingList, Section
from newsletter.store import issues, papers, periods
from newsletter.store.edits import Logged


class Telling(Protocol):
    """Who says in an issue of a list what a paper is about, while a draft of it is put together."""

    def __call__(
        self, list: MailingList, settings: Settings, *, ask: bool
    ) -> AbstractContextManager[publish.Tell | None]:
        """ask: whether a model is asked, or only what it said before is told."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An issue that a link asks to approve, as it is now.

    changed: whether readers would get another one than when the link was made. came: titles of papers that
    nobody had seen then. edits: made or undone since. goes: when, in words, "" for one without a schedule.
    token: of a link to it as it is now. public: whether its list stands on the web.
    """

    draft: Draft
    changed: bool
    came: tuple[str, ...]
    edits: tuple[Logged, ...]
    goes: str
    token: str
    public: bool


class Desk:
    """The issues of an open store. clock: what tells the time."""

    def __init__(
        self, database: store.Engine, settings: Settings, clock: Callable[[], datetime], telling: Telling
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._telling = telling

    def every(self, list_slug: str | None) -> tuple[Edition, ...]:
        """The issues of a list, or of every list, by number."""
        with store.reading(self._database) as tx:
            return issues.every(tx, list=list_slug)

    def find(self, name: str, *, or_approved: bool = False) -> Edition:
        """The issue of that name: a list's slug for its open draft, or slug/number. Raises: NotFound.

        or_approved: whether a list without a draft stands for its last issue, where that is approved.
        """
        try:
            return drafts.find(self._database, name, or_approved=or_approved)
        except NotFound:
            if "/" not in name:
                # Whether the list is missing, rather than its draft.
                config.mailing_list(self._settings, name)
            raise

    def draft(
        self, list_slug: str | None, *, on: Date | None, since: Date | None, widen: bool = False
    ) -> tuple[Edition, bool]:
        """The open draft of the list, and whether it is new. The list may go unnamed where there is one."""
        lists = [*self._settings.lists]
        if list_slug is None and len(lists) > 1:
            raise ConfigError(f"name the list of the draft: {', '.join(lists)}")
        chosen = config.mailing_list(self._settings, list_slug)
        return drafts.draft(self._database, chosen, on=on, since=since, now=self._clock(), widen=widen)

    def look(self, edition: Edition, *, ask: bool = True, before: Draft | None = None) -> Draft:
        """What is in an issue, as its readers will have it. ask: whether a model is asked for what is new.

        before: what was in it when it was last looked at, which spares what still holds.
        """
        chosen = self._list(edition)
        overrides = self._overrides(edition, chosen)
        if chosen is None or edition.status is not IssueStatus.DRAFT:
            return drafts.look(self._database, edition, list=chosen, overrides=overrides)
        with self._telling(chosen, self._settings, ask=ask) as tell:
            return drafts.look(
                self._database, edition, list=chosen, overrides=overrides, tell=tell, before=before
            )

    def glance(self, edition: Edition) -> Draft:
        """Which papers are in an issue, without what takes time: no new terms, and no model is asked."""
        chosen = self._list(edition)
        overrides = self._overrides(edition, chosen)
        return drafts.look(self._database, edition, list=chosen, overrides=overrides, terms=False)

    def basis(self, edition: Edition) -> object:
        """What is another whenever something is done to an issue, in this process or in another."""
        with store.reading(self._database) as tx:
            return drafts.basis_of(tx, edition)

    def alone(self, draft: Draft) -> tuple[Section, ...]:
        """The sections that the themes alone would make of an issue's material."""
        return drafts.alone(self._database, draft.edition, list=draft.issue.list)

    def edit(self, edition: Edition, wanted: Edit, *, seen: Draft | None = None) -> tuple[str, bool]:
        """The title of the paper that the edit is about, and whether the edit is new.

        seen: what the editor looks at, where that was looked up already.
        """
        chosen = config.mailing_list(self._settings, edition.list)
        seen = seen or self.glance(edition)
        return drafts.edit(self._database, edition, wanted, list=chosen, now=self._clock(), seen=seen)

    def undo(self, edition: Edition, *, who: str) -> Logged:
        """The last edit that held, undone."""
        return drafts.undo(self._database, edition, who=who, now=self._clock())

    def approve(self, draft: Draft) -> tuple[Edition, bool]:
        """The issue, approved as it was looked at, and whether it was just now."""
        return drafts.approve(self._database, draft, now=self._clock())

    def asked(self, slug: str, token: str) -> Asked:
        """What a link asks to approve. Raises: LinkError; NotFound where it is no more; StoreError."""
        keys = config.link_keys(self._settings)
        link = links.approval(token, list=slug, keys=keys)
        name = f"{slug}/{link.number}"
        seen = self.look(self.find(name), ask=False)
        is_draft = seen.edition.status is IssueStatus.DRAFT
        if is_draft and seen.chosen is None:
            # Somebody approved it between the two.
            seen, is_draft = self.look(self.find(name), ask=False), False
        now = links.Approval(link.number, drafts.fingerprint(seen), self._clock())
        picks = [pick for section in seen.issue.sections for pick in section.picks] if is_draft else []
        with store.reading(self._database) as tx:
            new = papers.new_since(tx, [seen.numbers[pick.paper] for pick in picks], link.at)
            period = periods.of_issue(tx, seen.edition.id)
        schedule = config.schedule(self._settings, slug)
        return Asked(
            draft=seen,
            changed=is_draft and now.seen != link.seen,
            came=tuple(pick.paper.title for pick in picks if seen.numbers[pick.paper] in new),
            edits=seen.since(link.at),
            goes=notices.moment(period.slot_at, schedule.rule.zone) if period and schedule else "",
            token=links.approval_token(now, list=slug, keys=keys),
            public=slug in self._settings.lists and self._settings.lists[slug].public,
        )

    def cancel(self, edition: Edition) -> tuple[Edition, bool]:
        """The issue, cancelled, and whether it was just now."""
        return drafts.cancel(self._database, edition)

    def _list(self, edition: Edition) -> MailingList | None:
        if edition.list not in self._settings.lists:
            return None
        return config.mailing_list(self._settings, edition.list)

    def _overrides(self, edition: Edition, chosen: MailingList | None) -> Sequence[Edit]:
        return config.overrides(self._settings, chosen, number=edition.number) if chosen else ()
