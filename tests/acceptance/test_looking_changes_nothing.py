"""Looking at a reader's links in a real Chromium changes nothing, however closely a mail scanner looks.

It opens each link with scripts running, waits until the page is at rest, moves over everything, focuses it,
types, and follows the links of the page. Only a form that is sent off may change anything.
"""

import os
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

import pytest

from tests.browser import complaints, opened
from tests.published import publish_weeks
from tests.site import Site, served
from tests.stored import dump

# Pages that are opened; by hand there are more: NEWSLETTER_TEST_RUNS=500.
VISITS = int(os.environ.get("NEWSLETTER_TEST_RUNS", "25"))
# What waits for a reader to do something gets it.
TOUCH = """() => document.querySelectorAll('*').forEach(e =>
  ['mouseover', 'mouseenter', 'focus', 'pointerdown', 'touchstart', 'keydown', 'change', 'toggle'].forEach(
    kind => e.dispatchEvent(new Event(kind, {bubbles: true}))))"""
LINKS = "() => [...document.links].map(a => a.href)"
# No Enter and no Space: on a button they send the form off.
KEYS = ("Tab", "y", "Tab", "ArrowDown", "Escape", "Tab", "PageDown", "End", "Shift+Tab")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    with served(tmp_path_factory.mktemp("site")) as (site, home):
        publish_weeks(site.database, 2)
        yield site, home


def links_of_mails(site: Site) -> list[str]:
    """Every link of letters and issues: of a reader, of one who left, and of one who did not answer."""
    reader, gone = site.join("bo@example.com"), site.join("cy@example.com")
    site.join("bo@example.com", list="serving")
    site.leave(site.link("unsubscribe", gone))
    own = [site.link(page, one) for one in (reader, gone) for page in ("preferences", "unsubscribe")]
    erase = f"{site.link('preferences', reader)}/erase"
    return [site.letter("di@example.com"), *own, erase, "/weekly/2/", "/weekly/"]


def look_closely(page: Any, home: str, path: str) -> list[str]:
    """What a scanner does with a link; the links of this site that stand there."""
    page.goto(home + path, wait_until="networkidle")
    page.evaluate(TOUCH)
    for place in page.locator("a, button, input, select").all()[:12]:
        place.hover()
    for key in KEYS:
        page.keyboard.press(key)
    return [url.removeprefix(home).partition("#")[0] for url in page.evaluate(LINKS) if home in url]


def test_no_visit_of_a_scanner_changes_anything(browser: Any, site: tuple[Site, str]) -> None:
    opened_site, home = site
    links = links_of_mails(opened_site)
    before = dump(opened_site.database)
    met: set[str] = set()

    for path in islice(cycle(links), VISITS):
        page = opened(browser, scripts=True)
        met.update(look_closely(page, home, path))
        assert complaints(page) == []
        page.context.close()
    followed = [path for path in sorted(met) if "/preferences/" in path or "/unsubscribe/" in path]
    for path in followed:
        assert opened_site.client.get(path).status_code in {200, 410}

    assert dump(opened_site.database) == before
    assert {path.rpartition("/")[2] for path in followed} >= {"erase", "data.json"}


def test_sending_a_form_of_those_links_does_change_something(browser: Any, site: tuple[Site, str]) -> None:
    opened_site, home = site
    reader = opened_site.join("ed@example.com")

    for path in (opened_site.letter("flo@example.com"), opened_site.link("unsubscribe", reader)):
        before = dump(opened_site.database)
        page = opened(browser, scripts=True)
        page.goto(home + path)
        page.locator("main form button").click()
        page.get_by_role("heading", level=1).wait_for()
        page.context.close()
        assert dump(opened_site.database) != before
