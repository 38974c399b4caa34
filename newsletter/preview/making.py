"""From the settings and an editor's choice to what is shown: read, choose, render, lint.

Each step keeps its last result, and is done again only where what it follows from is another.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from newsletter import app, budget, config, lint
from newsletter.config import Settings
from newsletter.model import Digest, IssueStatus
from newsletter.preview import shown as showing
from newsletter.preview import state
from newsletter.preview.marking import Page
from newsletter.preview.reading import Reading
from newsletter.preview.shelf import Shelf, database_files
from newsletter.preview.shown import Change, Shown
from newsletter.preview.state import Choices, Mailed
from newsletter.preview.wanted import Means, Wanted

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an editor wants to look at. issue: its name, "" for the page; look: None for the list's."""

    list_slug: str
    look: str | None
    issue: str


@dataclass(frozen=True, slots=True)
class Made:
    """What is shown, with the settings that it follows. state: what the page of the desk reads."""

    settings: Settings
    shown: Shown
    mailed: Mailed
    state: Mapping[str, Any]


class Last(Generic[T]):
    """The last result of one step."""

    def __init__(self) -> None:
        self._kept: tuple[object, T] | None = None

    @property
    def kept(self) -> T | None:
        """The result itself, None before there is one."""
        return self._kept[1] if self._kept else None

    def of(self, basis: object, make: Callable[[], T]) -> T:
        """The result that follows from that basis."""
        if self._kept is None or self._kept[0] != basis:
            self._kept = basis, make()
        return self._kept[1]


class Maker:
    """Makes what is shown out of what the digests, the files and the store hold now."""

    def __init__(self, wanted: Wanted, means: Means, shelf: Shelf) -> None:
        self._wanted = wanted
        self._means = means
        self._shelf = shelf
        self._reading = Reading(wanted.digests)
        self._page: Last[Shown] = Last()
        self._issue: Last[Shown] = Last()
        self._mailed: Last[Mailed] = Last()

    def settings(self) -> Settings:
        """The configuration as it is now. Raises: ConfigError."""
        return app.load_settings(self._wanted.config)

    def digests(self, settings: Settings) -> tuple[Digest, ...]:
        """What a page is made from."""
        return self._reading.digests(settings)

    def ask_again(self) -> None:
        """Forget what addresses and sources gave."""
        self._reading.ask_again()

    def files(self, made: Made) -> list[Path]:
        """The files and folders whose change makes something else of what is shown."""
        settings = made.settings
        looks = app.folders_of_look(made.shown.issue.list.look, settings)
        mine = [self._wanted.config or app.DEFAULT_CONFIG, *looks, *self._reading.files(settings)]
        return [*mine, *database_files(settings)]

    def first(self, settings: Settings) -> Chosen:
        """What is shown before anybody chooses: the named issue, the named digests, the draft, the page."""
        wanted = self._wanted
        if wanted.issue:
            edition = self._shelf.desk(settings).find(wanted.issue)
            return Chosen(edition.list, wanted.look, edition.name)
        slug = config.mailing_list(settings, wanted.list_slug).slug
        of_page = wanted.digests or wanted.themes
        issue = "" if of_page else self._shelf.open_draft(settings, slug)
        return Chosen(slug, wanted.look, issue)

    def make(self, settings: Settings, chosen: Chosen, changes: Sequence[Change]) -> Made:
        """What is shown by that choice. changes: to the page. Raises: NewsletterError."""
        shown = (
            self._from_store(settings, chosen) if chosen.issue else self._of_page(settings, chosen, changes)
        )
        mailed = self._mail(settings, shown)
        choices = Choices(
            {slug: one.title for slug, one in settings.lists.items()},
            app.looks(settings),
            self._shelf.every(settings),
        )
        why_not = _why_not(shown, self._means.unsendable(settings))
        return Made(settings, shown, mailed, state.of(shown, mailed, choices, why_not))

    def _of_page(self, settings: Settings, chosen: Chosen, changes: Sequence[Change]) -> Shown:
        list = config.mailing_list(settings, chosen.list_slug)
        if self._wanted.themes:
            themes = config.chosen_themes(settings, self._wanted.themes, place="--theme")
            list = replace(list, themes=themes)
        digests = self.digests(settings)
        on = self._wanted.on or self._means.clock().date()
        # In any look the same papers are chosen.
        plain = replace(list, look="")
        basis = digests, plain, on, tuple(changes), config.overrides(settings, list), settings.summariser
        shown = self._page.of(
            basis, lambda: showing.page(digests, settings, list=plain, on=on, changes=changes)
        )
        return showing.in_look(shown, chosen.look or list.look)

    def _from_store(self, settings: Settings, chosen: Chosen) -> Shown:
        desk = self._shelf.desk(settings)
        basis = settings, chosen.issue, self._shelf.stamp(chosen.issue)

        def looked_at() -> Shown:
            edition = desk.find(chosen.issue)
            last = self._issue.kept.draft if self._issue.kept else None
            before = last if last and last.edition.id == edition.id else None
            return showing.of_store(desk.look(edition, before=before))

        shown = self._issue.of(basis, looked_at)
        return showing.in_look(shown, chosen.look or shown.issue.list.look)

    def _mail(self, settings: Settings, shown: Shown) -> Mailed:
        issue = shown.issue
        look = app.load_look(issue.list.look, settings)
        number = shown.draft.edition.number if shown.draft else None
        links = config.preview_links(settings, issue.list.slug, str(number or issue.date))

        def made() -> Mailed:
            rendered, mail = app.render(issue, look, links, by=self._means.render)
            page = Page(rendered.html)
            findings = budget.judged(lint.check(rendered, mail), list=issue.list)
            return Mailed(rendered, mail, findings, page)

        return self._mailed.of((issue, look, links), made)


def _why_not(shown: Shown, unsendable: str) -> dict[str, str]:
    """What cannot be done with what is shown, each with the reason."""
    reasons = {"test": unsendable}
    if not shown.editable:
        reasons["edit"] = reasons["undo"] = f"{shown.name} is {shown.status}, and only a draft can be edited"
    elif all(change.undone for change in shown.changes):
        reasons["undo"] = "no edit holds"
    if shown.draft is not None:
        reasons["keep"] = f"{shown.name} is in the store"
    elif shown.from_sample:
        reasons["keep"] = "the papers of the bundled sample are invented; name a digest"
    reasons["approve"] = _why_not_approve(shown)
    return {what: reason for what, reason in reasons.items() if reason}


def _why_not_approve(shown: Shown) -> str:
    if shown.draft is None:
        return "keep it as a draft first"
    if shown.status != IssueStatus.DRAFT:
        return f"{shown.name} is {shown.status} already"
    listed = shown.draft.issue.list
    if listed.look != shown.issue.list.look:
        return f"it would go in its list's look, {listed.look}; choose that, or set lists.{listed.slug}.look"
    return ""
