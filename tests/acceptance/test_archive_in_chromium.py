"""The pages of the archive in a real Chromium, under the policy that the site sends them with."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Engine

from newsletter import store
from newsletter.archive import Site, finding
from newsletter.errors import NotFound
from newsletter.model import Issue, Section
from tests.browser import TOUCH
from tests.builders import issue, mailing_list, paper, pick
from tests.hostile import MARK, PAYLOADS, issue_with
from tests.looks import busy_issue
from tests.published import POLICY, TODAY, WEEKLY, publish, publish_weeks, site

CHROMIUM = os.environ.get("NEWSLETTER_TEST_CHROMIUM")
if not CHROMIUM:
    pytest.skip("set NEWSLETTER_TEST_CHROMIUM to a Chromium binary", allow_module_level=True)

playwright = pytest.importorskip("playwright.sync_api", reason="pip install 'newsletter[test]'")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install 'newsletter[test]'")

HERE = "http://archive.test/"
PAGES = ("", "weekly/", "weekly/1/", "weekly/themes/kv-cache/", "weekly/search/", "weekly/search/?q=larder")
Visit = Callable[..., Any]
Make = Callable[..., Site]

# What the browser made of a page: its elements with their attributes in order, where links go, what ran.
SEEN = """() => ({
  structure: [...document.querySelectorAll('*')].map(
    e => [e.tagName, ...[...e.attributes].map(a => a.name).sort()].join(' ')),
  schemes: [...new Set([...document.querySelectorAll('a[href]')].map(a => a.protocol))].sort(),
  ran: window.ran === true,
})"""
# What reaches beyond the window, and what a finger cannot hit: of a link in a line the line is the target.
WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? []
  : [...document.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > innerWidth)
    .map(e => e.outerHTML.slice(0, 100))"""
SMALL = """() => [...document.querySelectorAll('nav a, .acts a, .button, button, input, .rows.brief a')]
  .map(e => [e.getBoundingClientRect(), e.outerHTML]).filter(([box]) => box.width && box.height < 43.5)
  .map(([, html]) => html)"""


@pytest.fixture
def visit(browser: Any) -> Iterator[Visit]:
    """Opens an archive in a new browser session; `page.told` is all that a page did beyond being shown."""
    sessions = []

    def visit(made: Site, *, width: int = 1200, scheme: str = "light", **more: Any) -> Any:
        size = {"width": width, "height": 900}
        session = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce", **more)
        sessions.append(session)
        session.route("**/*", lambda route: answer(made, route))
        page = session.new_page()
        page.told = []
        page.on("console", lambda said: page.told.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: page.told.append(f"error: {error}"))
        page.on("popup", lambda popup: page.told.append(f"popup: {popup.url}"))
        page.on("dialog", lambda dialog: (page.told.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda asked: note(page, asked.url))
        return page

    yield visit
    for session in sessions:
        session.close()


def note(page: Any, url: str) -> None:
    if not url.startswith(HERE):
        page.told.append(f"request: {url}")


def answer(made: Site, route: Any) -> None:
    asked = urlsplit(route.request.url)
    question = parse_qs(asked.query).get("q", [""])[0]
    try:
        found = made.at(asked.path[1:], today=TODAY, question=question)
    except NotFound:
        route.fulfill(status=404, body="not found")
        return
    headers = {"content-type": found.media, "content-security-policy": POLICY}
    route.fulfill(body=found.body, headers=headers | {"x-content-type-options": "nosniff"})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """Makes the site of some issues, a day between two, the first one the newest; of the same ones once."""
    folder = tmp_path_factory.mktemp("made")
    known: list[tuple[object, Engine, Site]] = []

    def made(*issues: Issue, list: Any = WEEKLY) -> Site:
        for given, _, found in known:
            if given == (issues, list):
                return found
        database = store.open_store(f"sqlite:///{folder}/{len(known)}.db")
        for number, one in enumerate(issues):
            publish(database, one, on=TODAY - timedelta(days=number))
        if not issues:
            publish_weeks(database, 3)
        found = site(database, (list, mailing_list(slug="monthly", title="Paper Monthly")))
        known.append(((issues, list), database, found))
        return found

    yield made
    for _, database, _ in known:
        database.dispose()


def hostile(payload: str) -> Issue:
    """An issue that says it in every text; its first section has a page of its own."""
    # No store takes half a character.
    one = issue_with(payload.encode("utf-8", "ignore").decode(), note=False)
    first, trending = one.sections
    return replace(one, sections=(replace(first, theme="kv-cache"), trending))


def harmless(payloads: Sequence[str]) -> list[Issue]:
    return [hostile("Harmless words") for _ in payloads]


def together(payloads: Sequence[str], *, most: int) -> list[str]:
    """The payloads one behind the other, as many as one question holds: what runs runs there too."""
    questions = [""]
    for payload in payloads:
        joined = f"{questions[-1]} {payload}".strip()
        if len(joined) > most:
            questions.append(payload)
        else:
            questions[-1] = joined
    return questions


def test_what_runs_is_noticed(visit: Visit, made: Make) -> None:
    page = visit(made())
    page.goto(f"{HERE}weekly/")

    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
    page.wait_for_timeout(100)

    assert [told for told in page.told if "Content Security Policy" in told]


def test_no_payload_runs_asks_or_changes_the_page_of_an_issue(visit: Visit, made: Make) -> None:
    page = visit(made(*map(hostile, PAYLOADS)))
    plain = visit(made(hostile("Harmless words"), hostile("Harmless words"), hostile("Harmless words")))
    plain.goto(f"{HERE}weekly/2/")
    expected = plain.evaluate(SEEN)
    wrong: dict[str, object] = {}

    for number, payload in enumerate(PAYLOADS, start=1):
        if number in {1, len(PAYLOADS)}:
            continue  # It has no issue before or after it.
        page.told.clear()
        page.goto(f"{HERE}weekly/{number}/")
        page.evaluate(TOUCH)
        if page.told or page.evaluate(SEEN) != expected:
            wrong[payload] = page.told[:] or page.evaluate(SEEN)["structure"]

    assert wrong == {}
    assert len(PAYLOADS) >= 150


@pytest.mark.parametrize("path", ["weekly/", "weekly/themes/kv-cache/", "weekly/search/", ""])
def test_no_payload_runs_asks_or_changes_a_page_of_many_issues(visit: Visit, made: Make, path: str) -> None:
    plain, page = visit(made(*harmless(PAYLOADS))), visit(made(*map(hostile, PAYLOADS)))
    plain.goto(f"{HERE}{path}")
    page.goto(f"{HERE}{path}")
    page.evaluate(TOUCH)

    assert page.told == []
    assert page.evaluate(SEEN) == plain.evaluate(SEEN)
    assert path == "" or str(MARK) in page.locator("main").text_content()


def test_no_question_runs_or_changes_the_search(visit: Visit, made: Make) -> None:
    page = visit(made())
    page.goto(f"{HERE}weekly/search/?q=nothing%20at%20all")
    expected = page.evaluate(SEEN)

    for question in together(PAYLOADS, most=finding.LONGEST):
        page.evaluate("text => { document.querySelector('[name=q]').value = text }", question)
        page.get_by_role("button", name="Search").click()
        page.evaluate(TOUCH)
        seen = page.evaluate(SEEN)
        assert (question, page.told, seen["ran"]) == (question, [], False)
        if page.locator("main section").count() == 0:
            assert seen == expected


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1200])
def test_axe_finds_nothing(visit: Visit, made: Make, width: int, scheme: str) -> None:
    page = visit(made(), width=width, scheme=scheme)
    found = []

    for path in PAGES:
        page.goto(f"{HERE}{path}")
        violations = axe.Axe().run(page).response["violations"]
        found += [
            f"{path}: {one['id']}: {[node['target'] for node in one['nodes']][:3]}" for one in violations
        ]

    assert found == []
    assert page.told == []


LONG = "Pneumonoultramicroscopicsilicovolcanoconiosis" * 5
WIDEST = {
    "as it is": busy_issue(),
    "long words": hostile(LONG),
    "from right to left": hostile("מטמון של זיכרון KV cache, כמו שהוא 42%"),
    "two hundred papers": issue(
        Section("kv-cache", "KV cache", "", tuple(pick(f"Paper {n}") for n in range(200)))
    ),
    "one paper": issue(Section("kv-cache", "KV cache", "", (pick(paper=paper("A")),))),
}


@pytest.mark.parametrize("kind", WIDEST)
@pytest.mark.parametrize("width", [320, 479, 1200])
def test_nothing_is_wider_than_the_window_or_too_small_for_a_finger(
    visit: Visit, made: Make, width: int, kind: str
) -> None:
    named = replace(WEEKLY, title=LONG, description=LONG) if kind == "long words" else WEEKLY
    page = visit(made(WIDEST[kind], list=named), width=width)

    for path in PAGES:
        page.goto(f"{HERE}{path}")
        assert (path, page.evaluate(WIDE), page.evaluate(SMALL)) == (path, [], [])


def test_a_page_is_read_without_styles_from_its_title_to_its_links(visit: Visit, made: Make) -> None:
    page = visit(made(), width=320)
    page.goto(f"{HERE}weekly/1/")

    page.evaluate("document.querySelector('link[rel=stylesheet]').remove()")

    assert page.evaluate(WIDE) == []
    headings = page.locator("h1, h2, h3").evaluate_all("all => all.map(one => one.tagName)")
    assert headings[:4] == ["H1", "H2", "H2", "H3"]


QUESTIONS = ("LARDER 13", "larder  kv", "Issue 2", "nothing", "parallelism january", "ﬁ", "É", "")


def test_the_script_finds_what_the_server_finds(visit: Visit, made: Make) -> None:
    page, plain = visit(made()), visit(made(), java_script_enabled=False)
    page.goto(f"{HERE}weekly/search/")

    for question in QUESTIONS:
        page.get_by_label("Words of a title").fill(question)
        plain.goto(f"{HERE}weekly/search/?q={question}")
        visible = page.locator("main li:visible a").all_text_contents()
        assert (question, visible) == (question, plain.locator("main li a").all_text_contents())
        assert page.locator("#found").text_content() == plain.locator("#found").text_content()
    assert page.told == []


def test_a_question_of_the_address_is_answered_by_plain_files_too(
    visit: Visit, made: Make, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    for name in ("weekly/search/", "assets/search.js", "assets/site.css"):
        path = folder / f"{name}index.html" if name.endswith("/") else folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made().document(name, today=TODAY).body)
    page = visit(made())
    page.context.unroute_all()

    page.goto(f"{(folder / 'weekly/search/index.html').as_uri()}?q=larder+13")

    assert page.locator("main li:visible").count() == 3
    assert page.locator("#found").text_content() == "3 of 69 titles"
