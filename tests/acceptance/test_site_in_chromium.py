"""The site of readers in a real Chromium, without JavaScript: every step works, by mouse and by keyboard."""

import os
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import uvicorn

from newsletter import listening, store
from newsletter.model import Cadence, Choice, SubscriptionStatus
from newsletter.web import serving
from tests.browser import OPTIONS
from tests.site import ADDRESS, LISTS, Site, settings

CHROMIUM = os.environ.get("NEWSLETTER_TEST_CHROMIUM")
if not CHROMIUM:
    pytest.skip("set NEWSLETTER_TEST_CHROMIUM to a Chromium binary", allow_module_level=True)

playwright = pytest.importorskip("playwright.sync_api", reason="pip install 'newsletter[test]'")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install 'newsletter[test]'")

HARD = {
    "arabic": {"title": "أوراق الأسبوع", "description": "أوراق بحثية عن تسريع النماذج اللغوية الكبيرة"},
    "long": {"title": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk" * 2, "description": "x" * 400},
    "markup": {
        "title": "<img src=x onerror=alert(1)>",
        "description": "</p><script>alert(2)</script>{{ 7*7 }}",
    },
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        yield started
        started.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    """A site with its store, and its address."""
    folder = tmp_path_factory.mktemp("site")
    with listening.at("127.0.0.1", 0) as place:
        address = f"http://127.0.0.1:{place.getsockname()[1]}"
        chosen = settings(folder, base_url=f"{address}/papers", lists=LISTS | HARD)
        site = Site(store.open_store(f"sqlite:///{folder}/newsletter.db"), chosen)
        server = uvicorn.Server(serving.config(site.client.app))
        thread = threading.Thread(target=server.run, args=([place],))
        thread.start()
        yield site, f"{address}/papers"
        server.should_exit = True
        thread.join()


def opened(browser: Any, *, width: int = 1200, scheme: str = "light", scripts: bool = False) -> Any:
    """A page of a new session; `page.told` is every complaint."""
    session = browser.new_context(
        viewport={"width": width, "height": 700}, color_scheme=scheme, java_script_enabled=scripts
    )
    page = session.new_page()
    page.set_default_timeout(8000)
    page.told = []
    page.on("console", lambda said: page.told.append(said.text) if said.type == "error" else None)
    page.on("dialog", lambda dialog: (page.told.append(dialog.message), dialog.dismiss()))
    return page


def complaints(page: Any) -> list[str]:
    """What the browser did not like; that a page has a status of its own is told too, and is meant."""
    return [said for said in page.told if not said.startswith("Failed to load resource")]


def test_a_reader_subscribes_says_yes_chooses_and_leaves_without_javascript(
    browser: Any, served: tuple[Site, str]
) -> None:
    site, home = served
    page = opened(browser)
    page.goto(f"{home}/weekly/subscribe")
    site.now += timedelta(seconds=5)
    page.get_by_label("Your email address").fill("nobody@nowhere")
    page.get_by_label("Parallelism").uncheck()
    page.get_by_role("button", name="Subscribe").click()
    assert page.get_by_label("Your email address").evaluate("field => field === document.activeElement")
    page.get_by_label("Your email address").fill(ADDRESS)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Look into your mailbox").wait_for()

    sent: list[bytes] = []
    site.people.post(lambda mail, sender, recipient: sent.append(mail))
    text = sent[0].replace(b"=\n", b"").replace(b"=\r\n", b"").decode()
    page.goto(home + re.findall(r"/weekly/confirm/\w{52}", text)[0])
    page.get_by_role("button", name="Yes, subscribe me").click()
    page.get_by_role("link", name="Change what you chose").click()
    assert not page.get_by_label("Parallelism").is_checked()
    page.get_by_label("A recap once a month").check()
    page.get_by_label("Time zone").select_option("Asia/Tokyo")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    found = site.subscription()
    assert found
    assert found.choice == Choice(("kv-cache", "diffusion-efficiency"), Cadence.MONTHLY, "Asia/Tokyo")

    page.get_by_role("link", name="Unsubscribe").click()
    page.get_by_role("button", name="Unsubscribe").click()
    page.get_by_role("heading", name="You have left").wait_for()
    found = site.subscription()
    assert found
    assert found.status is SubscriptionStatus.UNSUBSCRIBED
    assert complaints(page) == []


def every_page(site: Site) -> list[str]:
    reader = site.join("bob@example.com")
    own = site.link("preferences", reader)
    public = [f"/{slug}/subscribe" for slug in ("weekly", *HARD)]
    return [
        "/",
        *public,
        own,
        f"{own}/erase",
        site.link("unsubscribe", reader),
        "/weekly/confirm/x",
        "/nothing",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1200])
def test_every_page_fits_is_readable_and_runs_nothing(
    browser: Any, served: tuple[Site, str], width: int, scheme: str
) -> None:
    site, home = served
    page = opened(browser, width=width, scheme=scheme, scripts=True)
    # The checker is a script of the test; the policy of the pages lets none of others run.
    for path in every_page(site):
        answer = page.goto(home + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        found = axe.Axe().run(page).response["violations"]
        assert [(path, one["id"], one["nodes"][0]["html"]) for one in found] == []
        assert answer.ok or answer.status == 404
    assert complaints(page) == []
