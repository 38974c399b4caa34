"""What is shown now, and everything that changes it: one thing at a time.

Owns the version, which grows with each change that can be seen. A change is made whole or not at all: where
it cannot be shown it is not made, and its error is raised. What changes from outside and is wrong (a mistake
in the configuration or in a template) leaves the last good issue as it is, and is told beside it.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from newsletter import app, config, issue_report
from newsletter.errors import Conflict, NewsletterError
from newsletter.model import Edit
from newsletter.preview import shown as showing
from newsletter.preview import watching
from newsletter.preview.making import Chosen, Made, Maker
from newsletter.preview.shelf import Shelf
from newsletter.preview.shown import Change, Shown
from newsletter.preview.wanted import Means, Wanted


@dataclass(frozen=True, slots=True)
class Now:
    """What is shown as of one version. state: of that version, as the page of the desk reads it."""

    version: int
    made: Made
    state: Mapping[str, Any]


class Live:
    """The issue that is shown, and what can be done to it. Its methods may be called from any thread."""

    def __init__(self, wanted: Wanted, means: Means, shelf: Shelf) -> None:
        self._on = wanted.on
        self._means = means
        self._shelf = shelf
        self._maker = Maker(wanted, means, shelf)
        self._lock = threading.Lock()
        self.ended = False
        self._listeners: list[Callable[[int], object]] = []
        self._changes: dict[str, tuple[Change, ...]] = {}
        settings = self._maker.settings()
        self._chosen = self._maker.first(settings)
        started = time.perf_counter()
        made = self._maker.make(settings, self._chosen, ())
        self._now = Now(1, made, _state(made, 1, None, started))

    @property
    def now(self) -> Now:
        """What is shown."""
        return self._now

    def end(self) -> None:
        """Have those who listen told that there is nothing more to come."""
        self.ended = True
        for listener in [*self._listeners]:
            listener(self._now.version)

    def listen(self, listener: Callable[[int], object]) -> Callable[[], None]:
        """Have the listener told each new version; what is returned ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def watched(self) -> object:
        """What is another whenever something was changed from outside, found without reading a file."""
        with self._lock:
            made = self._now.made
            return watching.stamps(self._maker.files(made)), self._shelf.stamp(made.shown.name)

    def refresh(self) -> None:
        """Show what the files and the store hold now, or tell why that cannot be shown."""
        with self._lock:
            started = time.perf_counter()
            try:
                made = self._maker.make(self._maker.settings(), self._chosen, self._changes_of(self._chosen))
            except NewsletterError as error:
                self._publish(self._now.made, str(error), started)
            except Exception as error:  # the desk lives on, whatever a look or a digest brings to light
                self._publish(self._now.made, f"{error!r}: a fault of this program", started)
            else:
                self._publish(made, None, started)

    def choose(
        self, *, list_slug: str | None = None, look: str | None = None, issue: str | None = None
    ) -> str:
        """Show another list, look or issue; "" as an issue is the page."""
        with self._lock:
            settings, chosen = self._now.made.settings, self._chosen
            if list_slug is not None:
                config.mailing_list(settings, list_slug)
                draft = self._shelf.open_draft(settings, list_slug) if chosen.issue else ""
                chosen = Chosen(list_slug, None, draft)
            if issue:
                edition = self._shelf.desk(settings).find(issue)
                chosen = Chosen(edition.list, chosen.look, edition.name)
            elif issue is not None:
                chosen = replace(chosen, issue="")
            if look is not None:
                app.load_look(look, settings)
                chosen = replace(chosen, look=look)
            self._show(chosen)
            issue_shown = self._now.made.shown
            name = issue_shown.name or issue_shown.source
            return f"{issue_shown.issue.list.title}, {name}, in the look {issue_shown.issue.list.look}"

    def read_again(self) -> str:
        """Ask addresses and sources again."""
        with self._lock:
            self._maker.ask_again()
            self._show(self._chosen)
            shown = self._now.made.shown
            return f"read again: {shown.source or shown.name}"

    def edit(self, wanted: Edit) -> str:
        """What an edit of what is shown came to, in a line."""
        with self._lock:
            self._require("edit")
            shown = self._now.made.shown
            wanted = replace(wanted, who=self._means.user(), at=self._means.clock())
            if shown.draft is None:
                change = showing.change_of(shown, wanted)
                self._change_page(shown, (*shown.changes, change))
                title = change.title
            else:
                title, _ = self._shelf.desk(self._now.made.settings).edit(
                    shown.draft.edition, wanted, seen=shown.draft
                )
                self._show_done(self._chosen)
            return issue_report.edited_text(wanted, title, self._now.made.shown.issue.sections)

    def undo(self) -> str:
        """Take back the last edit that holds."""
        with self._lock:
            self._require("undo")
            shown = self._now.made.shown
            if shown.draft is None:
                at = max(index for index, change in enumerate(shown.changes) if not change.undone)
                undone = replace(shown.changes[at], undone=True)
                self._change_page(shown, (*shown.changes[:at], undone, *shown.changes[at + 1 :]))
                edit, title = undone.edit, undone.title
            else:
                desk = self._shelf.desk(self._now.made.settings)
                logged = desk.undo(shown.draft.edition, who=self._means.user())
                edit, title = logged.edit, logged.title
                self._show_done(self._chosen)
            return f"undone: {issue_report.done_text(edit, title)}"

    def keep(self) -> str:
        """Make a draft of the store from the page, with its edits, and show that."""
        with self._lock:
            self._require("keep")
            made, slug = self._now.made, self._chosen.list_slug
            edition, new, lost = self._shelf.keep(
                made.settings, made.shown, self._maker.digests(made.settings), on=self._on
            )
            self._changes = {**self._changes, slug: ()}
            self._show_done(replace(self._chosen, issue=edition.name))
            said = f"kept as {edition.name}, {'a new draft' if new else 'which was open already'}"
            return "; ".join([said, *lost])

    def approve(self, version: int) -> str:
        """Freeze the draft as it was in that version, where it is still the one that is shown.

        Raises: Conflict.
        """
        with self._lock:
            self._require("approve")
            made = self._now.made
            if version != self._now.version or made.shown.draft is None:
                raise Conflict("what you looked at has changed; look at it again, then approve it")
            edition, new = self._shelf.desk(made.settings).approve(made.shown.draft)
            self._show_done(self._chosen)
            return f"{edition.name}: approved" + ("" if new else " already")

    def test(self, to: str) -> str:
        """Send the mail that is shown to an address, and say so."""
        # Without the lock: a server takes its time, and nothing of what is shown changes.
        made = self._now.made
        self._require("test")
        return self._means.send(made.mailed.mail, to, made.settings)

    def _require(self, what: str) -> None:
        if reason := self._now.state["why_not"].get(what):
            raise Conflict(reason)

    def _changes_of(self, chosen: Chosen) -> tuple[Change, ...]:
        return self._changes.get(chosen.list_slug, ())

    def _change_page(self, shown: Shown, changes: tuple[Change, ...]) -> None:
        self._show(self._chosen, changes)
        self._changes = {**self._changes, shown.issue.list.slug: changes}

    def _show(self, chosen: Chosen, changes: tuple[Change, ...] | None = None) -> None:
        """Show what is chosen, by settings that are good. Raises: NewsletterError; then nothing changes."""
        started = time.perf_counter()
        held = self._changes_of(chosen) if changes is None else changes
        made = self._maker.make(self._now.made.settings, chosen, held)
        self._chosen = chosen
        self._publish(made, self._now.state["error"], started)

    def _show_done(self, chosen: Chosen) -> None:
        """Show what is done in the store already; where it cannot be shown, that is told."""
        started = time.perf_counter()
        try:
            self._show(chosen)
        except NewsletterError as error:
            self._chosen = chosen
            self._publish(self._now.made, str(error), started)

    def _publish(self, made: Made, error: str | None, started: float) -> None:
        """Make this the next version, unless nothing of it is new."""
        version = self._now.version + 1
        state = _state(made, version, error, started)
        if _seen(state) == _seen(self._now.state):
            # The draft itself may be another: of the same papers, edited and undone again.
            self._now = replace(self._now, made=made)
            return
        self._now = Now(version, made, state)
        for listener in [*self._listeners]:
            listener(version)


def _state(made: Made, version: int, error: str | None, started: float) -> dict[str, Any]:
    spent = round((time.perf_counter() - started) * 1000)
    state = {"version": version, "error": error, "rendered_ms": spent, **made.state}
    if error:
        why_not = {"approve": "correct the mistake first", **made.state["why_not"]}
        state |= {"why_not": why_not, "can": {**made.state["can"], "approve": False}}
    return state


def _seen(state: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name not in ("version", "rendered_ms")}
