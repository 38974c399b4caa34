"""Every hostile payload in every text of an issue, in a real Chromium: as a file, with nothing to protect it.

The browser reads HTML as mail programs do, which a parser for tests may not; it would run what can run.
"""

import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from newsletter import app, config, legible, mjml, rendering
from tests.browser import OPTIONS, TOUCH
from tests.builders import LINKS
from tests.hostile import FAMILIES, MARK, PAYLOADS, issue_with

playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
CHROMIUM = os.environ.get("NEWSLETTER_TEST_CHROMIUM")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="set NEWSLETTER_TEST_CHROMIUM to a Chromium binary")

ROOT = Path(__file__).parents[2] / "templates"
LOOKS = sorted(path.parent.name for path in ROOT.glob("*/issue.mjml.j2"))
# What Markdown could make something of.
IN_NOTES = ("elements", "attributes", "comments", "addresses", "markdown")

# What the browser made of a mail: its elements with their attributes in order, where links go, what ran.
SEEN = """() => ({
  structure: [...document.querySelectorAll('*')].map(
    e => [e.tagName, ...[...e.attributes].map(a => a.name).sort()].join(' ')),
  schemes: [...new Set([...document.querySelectorAll('a[href]')].map(a => a.protocol))].sort(),
  title: document.querySelector('h1').textContent,
  ran: window.ran === true,
})"""


class Opened:
    """A page of a browser that tells what a mail did beyond being shown."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self.noted: list[str] = []
        page.on("dialog", self._dismiss)
        page.on("console", lambda said: self.noted.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: self.noted.append(f"error: {error}"))
        page.on("popup", lambda popup: self.noted.append(f"popup: {popup.url}"))
        page.on("request", lambda request: self.noted.append(f"request: {request.url}"))

    def _dismiss(self, dialog: Any) -> None:
        self.noted.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def show(self, mail: Path) -> dict[str, Any]:
        """What the browser sees in the mail, once everything in it has been touched."""
        self.noted.clear()
        self._page.goto(mail.as_uri())
        self._page.evaluate(TOUCH)
        seen: dict[str, Any] = self._page.evaluate(SEEN)
        self.noted = [note for note in self.noted if note != f"request: {mail.as_uri()}"]
        return seen


@pytest.fixture(scope="module")
def opened() -> Iterator[Opened]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        yield Opened(browser.new_page())
        browser.close()


def written(payload: str, look: str, folder: Path, *, note: bool = False) -> Path:
    look_files = app.load_look(look, config.load(None))
    made = rendering.render(issue_with(payload, note=note), look=look_files, links=LINKS)
    path = folder / "issue.html"
    path.write_text(made.html, encoding="utf-8")
    return path


def shown(text: str) -> str:
    """The text as a mail shows it, each stretch of blanks one blank."""
    return " ".join(legible.text(mjml.without_controls(text)).replace("\u200e", "").split())


def test_what_runs_is_noticed(opened: Opened, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    ways = f"<script>alert({MARK}); console.log({MARK}); window.ran = true</script><img src=x>"
    page.write_text(f"<h1 onmouseover='console.log(1)'>x</h1>{ways}", encoding="utf-8")

    seen = opened.show(page)

    assert seen["ran"]
    assert {note.split(":")[0] for note in opened.noted} == {"dialog", "console", "request"}


@pytest.mark.parametrize("look", LOOKS)
def test_no_payload_runs_asks_or_changes_what_stands_around_it(
    opened: Opened, tmp_path: Path, look: str
) -> None:
    harmless = opened.show(written("Harmless words", look, tmp_path))
    wrong: dict[str, object] = {}

    for payload in PAYLOADS:
        seen = opened.show(written(payload, look, tmp_path))
        expected = {**harmless, "title": shown(payload)}
        if opened.noted or {**seen, "title": shown(seen["title"])} != expected:
            wrong[payload] = opened.noted or seen

    assert wrong == {}
    assert len(PAYLOADS) >= 150


@pytest.mark.parametrize("look", LOOKS)
def test_no_payload_runs_in_the_note_of_an_editor(opened: Opened, tmp_path: Path, look: str) -> None:
    for payload in chain(*(FAMILIES[family] for family in IN_NOTES)):
        seen = opened.show(written(payload, look, tmp_path, note=True))

        assert (payload, opened.noted, seen["ran"]) == (payload, [], False)
        assert set(seen["schemes"]) <= {"https:", "http:", "mailto:"}
