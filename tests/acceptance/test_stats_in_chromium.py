"""The page of `newsletter stats` in a real Chromium: it fits, is read by everybody, and asks nothing."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import yearly
from tests.browser import complaints, opened

WIDE = """() => [...document.querySelectorAll('body *')].filter(e => !e.closest('.table, .away, svg'))
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 100))"""
# Letters of a plot that lie over each other, or are smaller than a reader of a phone can read.
CROWDED = """() => [...document.querySelectorAll('figure svg')].flatMap(svg => {
  const boxes = [...svg.querySelectorAll('text')].map(e => [e.getBoundingClientRect(), e.textContent])
    .filter(([box]) => box.width)
  const over = (a, b) => a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom
  return boxes.filter(([a, text], at) => a.height < 10 || boxes.slice(at + 1).some(([b]) => over(a, b)))
    .map(([, text]) => text) })"""


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("matplotlib", reason="pip install 'newsletter[test]'")
    folder = tmp_path_factory.mktemp("stats")
    yearly.main(str(folder), "2000", "30")
    command = [sys.executable, "-W", "error", "-m", "newsletter", "stats", "--html", "stats.html"]
    subprocess.run(command, cwd=folder, check=True)
    return folder / "stats.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 600, 1200])
def test_the_page_fits_and_axe_finds_nothing(browser: Any, page_file: Path, width: int, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = opened(browser, width=width, scheme=scheme, scripts=True)
    page.goto(page_file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")

    found = [(one["id"], one["nodes"][0]["html"]) for one in axe.run(page).response["violations"]]

    assert found + page.evaluate(WIDE) + page.evaluate(CROWDED) == []
    assert complaints(page) == []


def test_the_page_asks_for_no_other_file_and_runs_nothing(browser: Any, page_file: Path) -> None:
    page = opened(browser, scripts=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(page_file.as_uri(), wait_until="networkidle")

    assert asked == [page_file.as_uri()]
    assert page.locator("script").count() == 0


def test_each_plot_is_shown_once_and_says_what_it_shows(browser: Any, page_file: Path) -> None:
    page = opened(browser, width=390)
    page.goto(page_file.as_uri())

    seen = [one for one in page.locator("figure svg[role=img]").all() if one.is_visible()]

    assert len(seen) == page.locator("figure").count() == 7
    for one in seen:
        names = one.get_attribute("aria-labelledby").split()
        assert all(page.locator(f"[id='{name}']").text_content() for name in names)
