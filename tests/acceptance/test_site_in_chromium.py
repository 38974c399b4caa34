"""Every page of the site in a real Chromium: readable by everybody, at any size, and by the keyboard alone.

The pages are those that a reader meets on the way, the archive, and each kind of error, as the site serves
them: each test walks the same way.
"""

import contextlib
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from newsletter import caps, subscribe
from newsletter.model import Cadence, Choice, Edit, EditKind, SubscriptionStatus
from tests.browser import complaints, opened
from tests.builders import digest, paper
from tests.published import publish_weeks
from tests.site import ADDRESS, LISTS, Site, served
from tests.stored import ingest

HARD = {
    "arabic": {"title": "أوراق الأسبوع", "description": "أوراق بحثية عن تسريع النماذج اللغوية الكبيرة"},
    "long": {"title": "Donaudampfschifffahrtselektrizitätenhauptbetrieb" * 2, "description": "x" * 400},
}
# What reaches beyond the window, and what a finger cannot hit: of a choice the line is the target.
WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? []
  : [...document.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
    .map(e => e.outerHTML.slice(0, 100))"""
SMALL = """() => [...document.querySelectorAll(
    'nav a, .acts a, .button, button, select, .choice, .field input, .masthead a')]
  .map(e => [e.getBoundingClientRect(), e.outerHTML]).filter(([box]) => box.width && box.height < 43.5)
  .map(([, html]) => html)"""
LINKS = "() => [...document.links].map(a => a.href)"
HELD = """() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  return {text: (e.labels && e.labels.length ? e.labels[0] : e).innerText.split('\\n')[0].trim(),
    seen: parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== 'none' && box.left >= 0} }"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    with served(tmp_path_factory.mktemp("site"), lists=LISTS | HARD) as (site, home):
        publish_weeks(site.database, 3)
        yield site, home


def press(page: Any, name: str) -> None:
    page.get_by_role("button", name=name).click()


def press_first(page: Any, name: str) -> None:
    """Above a draft and below it there is the same button."""
    page.get_by_role("button", name=name).first.click()


def first_letter(site: Site) -> str:
    """The path that a letter to somebody new links to; no other letter waits."""
    site.people.post(lambda mail, sender, recipient: None)
    site.now += timedelta(days=2)
    return site.letter(somebody(site))


def somebody(site: Site) -> str:
    """An address that no walk had before: each ends a day after the last at least."""
    return f"bo{site.now:%j%H%M%S}@example.com"


def public_pages(page: Any, site: Site, home: str) -> Iterator[str]:
    """The archive, and forms that nobody has filled in."""
    paths = ["/", "/weekly/", "/weekly/2/", "/weekly/themes/kv-cache/", "/weekly/search/?q=larder+13"]
    paths += [
        "/serving/",
        *(f"/{slug}{page_}" for slug in ("weekly", *HARD) for page_ in ("/", "/subscribe")),
    ]
    for path in paths:
        page.goto(home + path)
        yield path


def steps_of_joining(page: Any, site: Site, home: str) -> Iterator[str]:
    """The form in each state, and what comes of it."""
    page.goto(f"{home}/weekly/subscribe")
    press(page, "Subscribe")
    yield "sent off too soon"
    site.now += timedelta(seconds=5)
    page.get_by_label("Your email address").fill("nobody@nowhere")
    press(page, "Subscribe")
    yield "no such address"
    for box in page.get_by_role("checkbox").all():
        box.uncheck()
    press(page, "Subscribe")
    yield "no theme"
    site.now += timedelta(days=2)
    press(page, "Subscribe")
    yield "sent off too late"
    site.now += timedelta(seconds=5)
    page.get_by_role("checkbox").first.check()
    page.get_by_label("Your email address").fill("somebody@example.com")
    press(page, "Subscribe")
    yield "asked"
    page.goto(home + first_letter(site))
    yield "the letter's link"
    press(page, "Yes, subscribe me")
    yield "confirmed"
    page.goto(home + first_letter(site))
    site.now += caps.LINK_LIFE + timedelta(days=1)
    press(page, "Yes, subscribe me")
    yield "too old"


def steps_of_a_reader(page: Any, site: Site, home: str) -> Iterator[str]:
    """What a reader chooses, leaving, and being forgotten."""
    reader, also, staff = (site.join(somebody(site), list=slug) for slug in ("weekly", "serving", "staff"))
    own = home + site.link("preferences", reader)
    for path in (own, f"{own}/erase", home + site.link("preferences", staff)):
        page.goto(path)
        yield path.removeprefix(home)
    page.goto(own)
    press(page, "Save")
    yield "saved"
    for box in page.get_by_role("checkbox").all():
        box.uncheck()
    press(page, "Save")
    yield "no theme is left"
    page.goto(home + site.link("unsubscribe", also))
    yield "leave?"
    page.locator("main form button").evaluate("button => { button.value = 'x' }")
    press(page, "Unsubscribe")
    yield "nothing was said"
    press(page, "Unsubscribe")
    yield "left, with others"
    press(page, "Leave all of them")
    yield "left"
    page.goto(own)
    yield "over"
    page.get_by_role("link", name="Delete everything").click()
    press(page, "Delete everything")
    yield "deleted"


def steps_of_an_editor(page: Any, site: Site, home: str) -> Iterator[str]:
    """A draft by the link of a mail: as it was, as another one, and approved."""
    titles = [f"Larder {site.now:%j%H%M}{n}: Serving Language Models" for n in (1, 2)]
    ingest(site.database, digest(*(paper(one, "We serve LLM requests by the KV cache.") for one in titles)))
    page.goto(home + site.approving("serving"))
    yield "approve?"
    site.now += timedelta(hours=1)
    draft = site.desk().find("serving")
    site.desk().edit(draft, Edit(EditKind.DROP, titles[1], who="grace"))
    press_first(page, "Approve serving/")
    page.get_by_text("another one than when").wait_for()
    yield "another one than before"
    page.goto(home + site.approving("serving"))
    press_first(page, "Approve serving/")
    page.get_by_role("heading", name="is approved").wait_for()
    yield "approved"


def errors(page: Any, site: Site, home: str) -> Iterator[str]:
    """Each kind of error that a visitor can meet."""
    for path in ("/nothing", "/weekly/confirm/x", f"/weekly/search/?q={'x' * 5000}"):
        page.goto(home + path)
        yield path[:40]
    page.goto(f"{home}/weekly/search/")
    page.locator("form").evaluate("form => { form.method = 'post' }")
    press(page, "Search")
    yield "no such method"
    page.goto(f"{home}/weekly/subscribe")
    site.now += timedelta(seconds=5)
    with contextlib.suppress(subscribe.Busy):
        for _ in range(caps.ASKS_PER_HOST):
            site.people.ask("weekly", "flo@example.com", Choice(), origin="127.0.0.1")
    page.get_by_label("Your email address").fill("gus@example.com")
    press(page, "Subscribe")
    page.get_by_role("heading", name="Too many").wait_for()
    yield "too many"
    site.now += timedelta(days=1)


def every_page(page: Any, site: Site, home: str) -> Iterator[str]:
    """Goes from page to page, and says where it is."""
    for walk in (public_pages, steps_of_joining, steps_of_a_reader, steps_of_an_editor, errors):
        yield from walk(page, site, home)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1200])
def test_every_page_fits_and_axe_finds_nothing(
    browser: Any, site: tuple[Site, str], width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = opened(browser, width=width, scheme=scheme, scripts=True)
    found = {}

    # The checker is a script of the test; the policy of the pages lets none of others run.
    for place in every_page(page, *site):
        wrong = [(one["id"], one["nodes"][0]["html"]) for one in axe.run(page).response["violations"]]
        if wrong := wrong + page.evaluate(WIDE) + page.evaluate(SMALL):
            found[place] = wrong

    assert found == {}
    assert complaints(page) == []


@pytest.mark.parametrize("letters", ["", "200%"], ids=["everything", "the letters"])
def test_every_page_stands_being_shown_twice_as_large(
    browser: Any, site: tuple[Site, str], letters: str
) -> None:
    """A window of 1280 pixels at 200 % is one of 640; letters alone can be made larger too."""
    page = opened(browser, width=640, scripts=True)

    for place in every_page(page, *site):
        page.evaluate("size => { document.documentElement.style.fontSize = size }", letters)
        assert (place, page.evaluate(WIDE)) == (place, [])


def test_every_page_says_where_it_is_and_leads_somewhere(browser: Any, site: tuple[Site, str]) -> None:
    opened_site, home = site
    page = opened(browser, scripts=True)
    titles = [one["title"] for one in (LISTS | HARD).values()]
    known: set[str] = set()

    for place in every_page(page, opened_site, home):
        assert page.locator("h1").count() == 1, place
        assert page.title(), place
        name = page.locator(".masthead .name").inner_text().strip("\u200e")
        assert name in {*titles, home.split("/")[2]}, place
        links = {url.partition("#")[0].removeprefix(home) for url in page.evaluate(LINKS) if home in url}
        assert links or place == "deleted", place
        for path in links - known:
            assert opened_site.client.get(path).status_code in {200, 410}, (place, path)
        known |= links


def held(page: Any, name: str) -> None:
    """Goes on by Tab until that has the focus, which is seen wherever it is."""
    for _ in range(60):
        page.keyboard.press("Tab")
        found = page.evaluate(HELD)
        assert found["seen"] or found["text"] == "", found
        if found["text"] == name:
            return
    raise AssertionError(f"no {name}")


def test_a_reader_goes_the_whole_way_by_keyboard_without_scripts(
    browser: Any, site: tuple[Site, str]
) -> None:
    opened_site, home = site
    page = opened(browser)
    now = page.keyboard.press
    page.goto(f"{home}/weekly/")
    held(page, "Get it by email")
    now("Enter")
    page.get_by_role("heading", name="Get it by email").wait_for()
    held(page, "Your email address")
    page.keyboard.type(ADDRESS)
    held(page, "Parallelism")
    now("Space")
    held(page, "Every issue")
    now("ArrowDown")
    held(page, "Subscribe")
    opened_site.now += timedelta(seconds=5)
    now("Enter")
    page.get_by_role("heading", name="Now look in your mailbox").wait_for()

    page.goto(home + letter_to(opened_site, ADDRESS))
    held(page, "Yes, subscribe me")
    now("Space")
    page.get_by_role("heading", name="You are subscribed").wait_for()
    held(page, "Change what you get")
    now("Enter")
    page.get_by_role("heading", name="What you get").wait_for()
    held(page, "Time zone")
    page.keyboard.type("Asia/To")
    held(page, "Save")
    now("Enter")
    page.get_by_text("Saved.").wait_for()
    found = opened_site.subscription()
    assert found
    assert found.choice == Choice(("kv-cache", "diffusion-efficiency"), Cadence.MONTHLY, "Asia/Tokyo")

    held(page, "Unsubscribe")
    now("Enter")
    page.get_by_role("heading", name="Leave Paper Weekly?").wait_for()
    held(page, "Unsubscribe")
    now("Enter")
    page.get_by_role("heading", name="You have left").wait_for()
    found = opened_site.subscription()
    assert found
    assert found.status is SubscriptionStatus.UNSUBSCRIBED
    assert complaints(page) == []


def letter_to(site: Site, address: str) -> str:
    """The path that the letter links to which waits for that address."""
    sent: dict[str, bytes] = {}
    site.people.post(lambda mail, sender, recipient: sent.update({recipient: mail}))
    text = sent[address].replace(b"=\n", b"").replace(b"=\r\n", b"").decode()
    return re.findall(r"/weekly/confirm/\w{52}", text)[0]
