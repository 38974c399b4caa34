"""The configured store as the desk sees it: opened when there is one, and kept open.

A page can be looked at without a store, so one that cannot be opened stops only what needs it.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter import app
from newsletter.config import Settings
from newsletter.errors import NewsletterError, StoreError
from newsletter.model import Digest, Edit, Edition, IssueStatus
from newsletter.preview import watching
from newsletter.preview.shown import Change, Shown

if TYPE_CHECKING:  # it takes as long to load as a whole render, and a page needs no store
    from newsletter.desk import Desk
    from newsletter.drafts import Draft

_SQLITE = "sqlite:///"


class Shelf:
    """Where the issues of the store are looked at and edited. Use it as a context: it closes the store."""

    def __init__(self) -> None:
        self._settings: Settings | None = None
        self._open = ExitStack()
        self._desk: Desk | None = None
        self._missed: object = None

    def __enter__(self) -> "Shelf":
        return self

    def __exit__(self, *problem: object) -> None:
        self._close()

    def _close(self) -> None:
        self._open.close()
        self._desk = None

    def desk(self, settings: Settings) -> "Desk":
        """Where issues are edited by these settings. Raises: StoreError where there is no store."""
        if self._desk is None or settings != self._settings:
            self._close()
            self._desk = self._open.enter_context(app.open_desk(settings))
            self._settings = settings
        return self._desk

    def every(self, settings: Settings) -> tuple[Edition, ...]:
        """The issues of every list; none without a store."""
        basis = settings, watching.stamps(database_files(settings))
        if self._missed == basis:  # a server that does not answer would hold up everything, each time
            return ()
        try:
            return self.desk(settings).every(None)
        except StoreError:
            self._missed = basis
            return ()

    def open_draft(self, settings: Settings, list_slug: str) -> str:
        """The name of the open draft of a list, "" without one."""
        drafts = (one for one in self.every(settings) if one.status is IssueStatus.DRAFT)
        return next((one.name for one in drafts if one.list == list_slug), "")

    def look(self, settings: Settings, name: str) -> "Draft":
        """An issue as its readers will have it. Raises: NotFound, StoreError."""
        desk = self.desk(settings)
        return desk.look(desk.find(name))

    def stamp(self, name: str) -> object:
        """What changes with whatever another process does to issues. name: of the one shown, or ""."""
        if self._desk is None:
            return None
        try:
            editions = self._desk.every(None)
            shown = next((one for one in editions if one.name == name), None)
            return editions, shown and self._desk.basis(shown)
        except StoreError:
            # Whatever is asked of it next tells what is wrong with it.
            self._close()
            return None

    def keep(
        self, settings: Settings, shown: Shown, digests: Sequence[Digest], *, on: Date | None
    ) -> tuple[Edition, bool, list[str]]:
        """The draft with the digests and edits of a page, whether it is new, and which edits did not fit.

        on: None for today, and for leaving the date of a draft that is there. Doing it again adds nothing.
        Raises: NewsletterError.
        """
        with app.open_store(settings) as database:
            for digest in digests:
                app.ingest(database, digest, progress=lambda done: None)
        desk = self.desk(settings)
        edition, new = desk.draft(shown.issue.list.slug, on=on, since=None)
        lost = []
        for change in (one for one in shown.changes if not one.undone):
            try:
                desk.edit(edition, _for_store(change))
            except NewsletterError as error:
                lost.append(str(error))
        return edition, new, lost


def _for_store(change: Change) -> Edit:
    """The edit with its paper called as a person calls it, which is what the store looks for."""
    kind, _, name = change.edit.paper.partition(":")
    return replace(change.edit, paper=name if kind in ("arxiv", "doi") else change.title)


def database_files(settings: Settings) -> list[Path]:
    """The file of the store, where it is one: that it came or went is a change."""
    url = settings.database_url.get_secret_value()
    return [Path(url.removeprefix(_SQLITE))] if url.startswith(_SQLITE) else []
