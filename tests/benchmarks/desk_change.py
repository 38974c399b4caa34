#!/usr/bin/env python3
"""How long it takes until a change is on screen: from the moment a file is saved until the mail shows it.

usage: NEWSLETTER_TEST_CHROMIUM=/usr/bin/chromium python -m tests.benchmarks.desk_change [--runs N]

The desk, in a process of its own, shows a digest in a headless Chromium. The configuration, a file of the
look, the digest and, once the page is kept as a draft, the draft are changed in turn from outside; what
counts is the text (or the colour) in the frame. Printed: the median and the worst of the runs.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from newsletter import app
from newsletter.model import Edit, EditKind
from tests import desk
from tests.browser import OPTIONS
from tests.desk import Desk

FRAME = "document.querySelector('iframe:not(.coming)')?.contentDocument"
SAYS = f"words => {FRAME}?.body.innerText.includes(words)"
STYLE = Path(app.__file__).parents[1] / "templates" / "default" / "inline.css"


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--runs", type=int, default=20)
    runs = arguments.parse_args().runs
    with (
        tempfile.TemporaryDirectory() as folder,
        desk.opened(Path(folder), digest=desk.records()) as shown,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(
            executable_path=os.environ["NEWSLETTER_TEST_CHROMIUM"], args=list(OPTIONS)
        )
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(shown.address)
        page.wait_for_function(SAYS, arg="Larder Weekly")
        for name, change in (("configuration", config), ("look", look), ("digest", digest)):
            tell(name, [change(shown, page, run) for run in range(runs)])
        page.keyboard.press("g")
        page.get_by_role("button", name="Keep", exact=True).click()
        page.locator(".chip[data-status=draft]").wait_for()
        tell("draft", drafts(shown, page, runs))
        browser.close()


def tell(name: str, seconds: list[float]) -> None:
    median, worst = statistics.median(seconds) * 1000, max(seconds) * 1000
    print(f"{name:14} median {median:5.0f} ms   worst {worst:5.0f} ms   of {len(seconds)}")


def until(page: Any, change: Callable[[], object], shows: str, what: object) -> float:
    """Seconds from the end of the change until the frame shows it."""
    change()
    started = time.perf_counter()
    page.wait_for_function(shows, arg=what)
    took = time.perf_counter() - started
    time.sleep(0.3)  # so that no change comes before the one before it is over
    return took


def config(shown: Desk, page: Any, run: int) -> float:
    title = f"Pantry {run} Weekly"
    text = desk.CONFIG.replace('title = "Larder Weekly"', f'title = "{title}"')
    return until(page, lambda: shown.write("config.toml", text), SAYS, title)


def look(shown: Desk, page: Any, run: int) -> float:
    color = f"rgb({run}, 0, 0)"
    text = STYLE.read_text(encoding="utf-8") + f"\nh1 {{ color: {color} }}\n"
    shows = f"color => getComputedStyle({FRAME}?.querySelector('h1') ?? document.body).color == color"
    return until(page, lambda: shown.write("templates/default/inline.css", text), shows, color)


def digest(shown: Desk, page: Any, run: int) -> float:
    title = f"Gantry {run}: KV Cache"
    text = desk.records().replace("Gantry: KV Cache", title)
    return until(page, lambda: shown.write("papers.json", text), SAYS, title)


def drafts(shown: Desk, page: Any, runs: int) -> list[float]:
    """The note of the draft is changed as `newsletter issues note` does it, from this process."""
    settings = app.load_settings(shown.folder / "config.toml")
    with app.open_desk(settings) as editing:
        edition = editing.find("weekly")

        def note(text: str) -> Callable[[], object]:
            return lambda: editing.edit(edition, Edit(EditKind.NOTE, text=text, who="otto"))

        return [until(page, note(f"Note {run}."), SAYS, f"Note {run}.") for run in range(runs)]


if __name__ == "__main__":
    main()
