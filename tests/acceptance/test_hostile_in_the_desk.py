"""Every hostile payload in every text of the desk, in a real Chromium: none runs or changes the page."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import desk
from tests.browser import OPTIONS
from tests.hostile import MARK, PAYLOADS, digest_with

playwright = pytest.importorskip("playwright.sync_api", reason="pip install 'newsletter[test]'")
CHROMIUM = os.environ.get("NEWSLETTER_TEST_CHROMIUM")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="set NEWSLETTER_TEST_CHROMIUM to a Chromium binary")

# As many papers as the settings allow, and a mail that leaves none of them out.
CONFIG = """\
[lists.weekly]
title = "Larder Weekly"
sender = "Larder Weekly <larder@news.example.org>"
themes = ["kv-cache", "parallelism"]
trending_limit = 100
shorten = false
[themes.kv-cache]
limit = 100
"""
KEYS = ("j", "o", "n", "Escape", "t", "t", "t", "t", "?", "Escape", "s", "Escape", "m", "Escape", "f")
# Names that the page and its server agree on; every other text of the state is data.
AGREED = {"kind", "status", "theme", "section", "slug", "level", "part", "at", "id", "name", "url"}
# What the desk is made of, however many rows it shows: no other element or attribute may come of a text.
# But for a frame that is still on its way.
ELEMENTS = """() => [...new Set([...document.querySelectorAll(':not(.coming)')].flatMap(e =>
  [e.tagName, ...[...e.attributes].map(a => `${e.tagName} ${a.name}`)]))].sort()"""


class Opened:
    """A page of a browser that shows a desk, and what it noted beyond that."""

    def __init__(self, page: Any, shown: desk.Desk) -> None:
        self.page = page
        self.noted: list[str] = []
        origin = shown.address.split("/?")[0] + "/"
        page.on("dialog", self._dismiss)
        page.on("console", lambda said: self.noted.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: self.noted.append(f"error: {error}"))
        page.on("popup", lambda popup: self.noted.append(f"popup: {popup.url}"))
        page.on("request", lambda asked: self._note_request(asked.url, origin))

    def elements(self) -> set[str]:
        return set(self.page.evaluate(ELEMENTS))

    def settle(self) -> None:
        self.page.wait_for_function(
            "() => document.body.dataset.version && [...document.querySelectorAll('.pane')]"
            ".every(pane => pane.dataset.version == document.body.dataset.version)"
        )

    def look_around(self) -> set[str]:
        """The elements there are, once whatever an editor opens is open: reasons, the note, tabs, dialogs."""
        found = self.elements()
        for key in KEYS:
            self.page.keyboard.press(key)
            found |= self.elements()
        for near in self.page.locator(".near:visible summary").all():
            near.click()
        self.settle()
        return found | self.elements()

    def _note_request(self, url: str, origin: str) -> None:
        if not url.startswith((origin, "data:")):
            self.noted.append(f"request: {url}")

    def _dismiss(self, dialog: Any) -> None:
        self.noted.append(f"dialog: {dialog.message}")
        dialog.dismiss()


@pytest.fixture
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        yield browser
        browser.close()


def hostile(value: Any, payload: str, name: str = "") -> Any:
    """The value with every text in it that is data replaced by the payload."""
    if isinstance(value, dict):
        return {key: hostile(part, payload, key) for key, part in value.items()}
    if isinstance(value, list):
        return [hostile(part, payload, name) for part in value]
    return payload if isinstance(value, str) and name not in AGREED else value


def test_no_payload_in_any_text_of_the_state_runs_asks_or_becomes_an_element(
    browser: Any, tmp_path: Path
) -> None:
    seen: list[str] = []

    with desk.opened(tmp_path, digest=desk.records()) as shown:
        one = Opened(browser.new_page(viewport={"width": 1400, "height": 900}), shown)
        one.page.goto(shown.address)
        one.settle()
        one.look_around()
        finding = {"rule": "x", "level": "error", "message": "x", "part": "text", "line": 2, "column": 1}
        harmless = one.page.evaluate("async () => (await fetch('/state')).json()")
        harmless["findings"] = [finding | {"help": "x"}, finding | {"part": "subject", "help": "x"}]
        harmless["size"]["cuts"] = ["x"]
        harmless["edits"] = [{"what": "x", "who": "x", "at": None, "undone": False}]
        harmless["error"] = "x"

        def answer(route: Any) -> None:
            """The next payload, each in a version of its own."""
            payload = PAYLOADS[len(seen) % len(PAYLOADS)]
            seen.append(payload)
            state = hostile(harmless, payload) | {"version": 1000 + len(seen)}
            # In ASCII, as half a character has no other bytes.
            route.fulfill(body=json.dumps(state), content_type="application/json")

        def next_version(route: Any) -> None:
            data = f'retry: 1\nevent: change\ndata: {{"version": {1001 + len(seen)}}}\n\n'
            route.fulfill(body=data, content_type="text/event-stream")

        one.page.route("**/state", lambda route: route.fulfill(json=hostile(harmless, "Harmless words")))
        one.page.reload()
        # Twice, because what was open the first time is closed the second.
        before = one.look_around() | one.look_around()
        one.page.unroute("**/state")
        one.page.route("**/state", answer)
        one.page.route("**/events", next_version)
        one.page.reload()
        while len(seen) < len(PAYLOADS):
            one.page.wait_for_timeout(50)
        after = one.look_around()

        assert one.noted == []
        assert after <= before
        assert not one.page.evaluate("window.ran === true")
    assert len(set(seen)) == len(set(PAYLOADS)) >= 150


def test_papers_that_say_every_payload_in_every_field_are_shown_and_nothing_more(
    browser: Any, tmp_path: Path
) -> None:
    papers = [json.loads(digest_with(payload))[0] for payload in PAYLOADS]

    with desk.opened(tmp_path, digest=json.dumps(papers), config=CONFIG) as shown:
        one = Opened(browser.new_page(viewport={"width": 1400, "height": 900}), shown)
        one.page.goto(shown.address)
        one.settle()
        one.look_around()
        state = one.page.evaluate("async () => (await fetch('/state')).json()")
        titles = set(one.page.locator("#sections .title").all_text_contents())
        frame = one.page.locator("iframe:not(.coming)").first.element_handle().content_frame()
        active = frame.evaluate(
            "document.querySelectorAll('script, iframe, object, embed, form, img').length"
        )

    told = [pick["title"] for section in state["sections"] for pick in section["picks"]]
    assert (one.noted, active) == ([], 0)
    assert len(told) >= 150
    assert {" ".join(title.split()) for title in told} <= {" ".join(title.split()) for title in titles}
    assert str(MARK) in " ".join(titles)
