"""Every hostile payload in all that an operator or a visitor can put on a reader's page, in a real Chromium.

A list says it in its title, description, theme and postal address; a visitor in every field of the forms, in
addresses and in questions. A page has to be built as for harmless words: then nothing ran, under the policy
that the site sends or without it.
"""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from newsletter import store
from tests.browser import TOUCH, complaints, opened
from tests.hostile import MARK, PAYLOADS
from tests.site import Site, settings

HERE = "https://news.example.org"
HARMLESS = "Harmless words"
# By hand every payload is on every page; else each is on the form and on one page more.
EVERY_PAGE = "NEWSLETTER_TEST_RUNS" in os.environ

# What the browser made of a page: its elements with their attributes in order, where links go, what ran.
SEEN = """() => ({
  structure: [...document.querySelectorAll('*')].map(
    e => [e.tagName, ...[...e.attributes].map(a => a.name).sort()].join(' ')),
  schemes: [...new Set([...document.querySelectorAll('a[href], form')].map(
    e => new URL(e.action || e.href).origin))],
  ran: window.ran === true,
})"""


def form(site: Site, list: str, payload: str) -> httpx.Response:
    """The form as it comes back with what is wrong, and all that was entered."""
    values = site.form(list=list, email=payload, theme=f"t-{list}", cadence=payload, timezone=payload)
    return site.client.post(f"/{list}/subscribe", data=values)


def old_form(site: Site, list: str, payload: str) -> httpx.Response:
    everything = dict.fromkeys(("email", "theme", "cadence", "timezone", "token"), payload)
    return site.client.post(f"/{list}/subscribe", data={**everything, payload: ""})


def letter(site: Site, list: str, payload: str) -> httpx.Response:
    site.people.post(lambda mail, sender, recipient: None)
    site.now += timedelta(hours=1)
    return site.client.get(site.letter(f"{list}@example.com", list=list))


def own(page: str, **sent: str) -> Callable[[Site, str, str], httpx.Response]:
    """A page of a reader's own, or what answers its form."""

    def answer(site: Site, list: str, payload: str) -> httpx.Response:
        name, _, below = page.partition("/")
        reader = site.join(f"{name}{len(sent)}-{list}@example.com", list=list)
        path = site.link(name, reader) + (f"/{below}" if below else "")
        values = {key: value or payload for key, value in sent.items()}
        return site.client.post(path, data=values) if sent else site.client.get(path)

    return answer


def address(path: str) -> Callable[[Site, str, str], httpx.Response]:
    def answer(site: Site, list: str, payload: str) -> httpx.Response:
        return site.client.get(path.format(list=list, payload=quote(payload, safe="")[:3000]))

    return answer


PAGES: dict[str, Callable[[Site, str, str], httpx.Response]] = {
    "form": form,
    "old form": old_form,
    "letter": letter,
    "preferences": own("preferences"),
    "saved": own("preferences", theme="", cadence="", timezone=""),
    "erase": own("preferences/erase"),
    "leave": own("unsubscribe"),
    "left": own("unsubscribe", **{"List-Unsubscribe": "Button", "x": ""}),
    "nothing said": own("unsubscribe", **{"List-Unsubscribe": ""}),
    "archive": address("/{list}/"),
    "search": address("/{list}/search/?q={payload}"),
    "no link": address("/{list}/confirm/{payload}"),
    "no page": address("/{payload}"),
    "no list": address("/{payload}/subscribe?q={payload}"),
}
# Which of them answers is decided by the slashes of the payload.
PROBLEMS = ("no link", "no page", "no list")


@pytest.fixture(scope="module")
def payloads() -> dict[str, str]:
    """Each payload by the list that says it. No setting and no form takes half a character."""
    whole = (payload.encode("utf-8", "ignore").decode() for payload in PAYLOADS)
    return {f"list-{number}": payload for number, payload in enumerate(whole)}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, payloads: dict[str, str]) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    said = {"plain": HARMLESS, **payloads}
    lists = {
        slug: {"title": text, "description": text[:500], "postal_address": text, "themes": (f"t-{slug}",)}
        for slug, text in said.items()
    }
    themes = {
        f"t-{slug}": {"title": text, "blurb": text, "phrases": {"larder": 4.0}} for slug, text in said.items()
    }
    database = store.open_store(f"sqlite:///{folder}/newsletter.db")
    yield Site(database, settings(folder, base_url=HERE, lists=lists, themes=themes))
    database.dispose()


class Shown:
    """A browser that shows answers of the site, with the headers that they have."""

    def __init__(self, browser: Any, site: Site) -> None:
        self._page = opened(browser, scripts=True)
        self._site = site
        self._answer: httpx.Response | None = None
        self._page.route("**/*", self._fulfil)

    def show(self, answer: httpx.Response) -> dict[str, Any]:
        """What the browser made of it, once everything in it has been touched; what it complained of."""
        self._page.told.clear()
        self._answer = answer
        # Where it was asked for, but for words of a payload: pages of the archive link relative to it.
        asked = answer.url.raw_path.decode().partition("?")[0]
        self._page.goto(HERE + (asked if "%" not in asked else "/x"))
        self._page.evaluate(TOUCH)
        seen: dict[str, Any] = self._page.evaluate(SEEN)
        return {**seen, "told": complaints(self._page)}

    def _fulfil(self, route: Any) -> None:
        url = route.request.url
        answer = self._answer if route.request.is_navigation_request() else self._site.client.get(url)
        assert answer
        assert url.startswith(f"{HERE}/")
        route.fulfill(status=200, headers=dict(answer.headers), body=answer.content)


@pytest.fixture
def shown(browser: Any, site: Site) -> Shown:
    return Shown(browser, site)


def test_no_payload_runs_or_changes_what_stands_around_it(
    shown: Shown, site: Site, payloads: dict[str, str]
) -> None:
    expected = {name: shown.show(page(site, "plain", HARMLESS)) for name, page in PAGES.items()}
    names = list(PAGES)
    wrong: dict[tuple[str, str], object] = {}

    for number, (list_, payload) in enumerate(payloads.items()):
        for name in names if EVERY_PAGE else ("form", names[1 + number % (len(names) - 1)]):
            seen = shown.show(PAGES[name](site, list_, payload))
            if seen not in [expected[one] for one in (PROBLEMS if name in PROBLEMS else (name,))]:
                wrong[name, payload] = seen

    assert wrong == {}
    assert len(payloads) >= 150
    assert all(seen["told"] == [] and not seen["ran"] for seen in expected.values())


def test_no_payload_runs_on_the_page_of_all_lists(shown: Shown, site: Site) -> None:
    answer = site.client.get("/")

    seen = shown.show(answer)

    assert str(MARK) in answer.text
    assert (seen["told"], seen["ran"], seen["schemes"]) == ([], False, [HERE])
    assert not {one.split(" ")[0] for one in seen["structure"]} & {"SCRIPT", "IMG", "SVG", "IFRAME", "STYLE"}


def test_what_would_run_is_noticed(shown: Shown, site: Site) -> None:
    answer = site.client.get("/")
    script = f"<script>window.ran = {MARK}</script>"

    seen = shown.show(httpx.Response(200, headers=answer.headers, html=script, request=answer.request))

    assert not seen["ran"]
    assert "Content Security Policy" in seen["told"][0]
