"""The desk in a real Chromium: what an editor sees and does."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import desk
from tests.desk import CACHE, NEAR, Desk

CHROMIUM = os.environ.get("NEWSLETTER_TEST_CHROMIUM")
if not CHROMIUM:
    pytest.skip("set NEWSLETTER_TEST_CHROMIUM to a Chromium binary", allow_module_level=True)

playwright = pytest.importorskip("playwright.sync_api", reason="pip install 'newsletter[test]'")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install 'newsletter[test]'")

FRAME = "document.querySelector('iframe:not(.coming)')"
VIEWS = ("Papers", "Mail", "Checks", "Edits")
Open = Callable[..., Any]


@pytest.fixture
def visit(browser: Any) -> Iterator[Open]:
    """Opens a desk in a new browser session; `page.told` is every complaint, `page.asked` every address."""
    sessions = []

    def visit(
        shown: Desk, *, width: int = 1400, height: int = 900, scheme: str = "light", **more: Any
    ) -> Any:
        size = {"width": width, "height": height}
        session = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce", **more)
        sessions.append(session)
        page = session.new_page()
        page.set_default_timeout(8000)
        page.told, page.asked = [], []
        page.on("console", lambda said: page.told.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: page.told.append(str(error)))
        page.on("dialog", lambda dialog: (page.told.append(dialog.message), dialog.dismiss()))
        session.on("request", lambda request: page.asked.append(request.url))
        page.goto(shown.address)
        settled(page)
        return page

    yield visit
    for session in sessions:
        session.close()


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk that no test changes."""
    with desk.opened(tmp_path_factory.mktemp("still"), digest=desk.records()) as shown:
        yield shown


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk.opened(tmp_path_factory.mktemp("shared"), digest=desk.records()) as shown:
        yield shown


@pytest.fixture
def fresh(shared: Desk) -> Iterator[Desk]:
    """A desk to be changed; it is as before afterwards."""
    yield shared
    desk.reset(shared)


def settled(page: Any) -> None:
    """Waits until every frame shows the version of the page."""
    page.wait_for_function(
        "() => document.body.dataset.version && [...document.querySelectorAll('.pane')]"
        ".every(pane => pane.dataset.version == document.body.dataset.version)"
    )


def titles(page: Any, section: str = "kv-cache") -> list[str]:
    """The first words of the titles of a section, in the list."""
    found = page.locator(f"#sections > [data-key={section}] .picks .title").all_inner_texts()
    return [title.split(":")[0] for title in found]


def headings(page: Any) -> list[str]:
    """The first words of the titles in the mail."""
    found = page.frame_locator("iframe:not(.coming)").locator("h3").all_inner_texts()
    return [title.split(":")[0].split()[0] for title in found]


def inside(page: Any, script: str) -> Any:
    """What a script says of the document in the first frame."""
    return page.evaluate(
        f"() => {{ const frame = {FRAME}; const mail = frame.contentDocument; return {script} }}"
    )


def with_findings(page: Any, *findings: dict[str, Any]) -> None:
    """Has the state say more findings, at the second paper where they name no line."""

    def amended(route: Any) -> None:
        answer = route.fetch()
        state = answer.json()
        second = state["sections"][0]["picks"][1]
        place = {"line": second["line"], "column": second["column"]}
        common = {"rule": "contrast", "level": "error", "message": "too pale", "part": "html", "help": "Why."}
        state["findings"] = [common | place | finding for finding in findings]
        route.fulfill(response=answer, json=state)

    page.route("**/state", amended)
    page.reload()
    settled(page)


# What is shown


@pytest.mark.parametrize("width", [320, 375, 600, 1200])
def test_a_frame_is_as_wide_as_it_says(still: Desk, visit: Open, width: int) -> None:
    page = visit(still)

    page.get_by_role("radio", name=str(width)).check()

    assert inside(page, "mail.defaultView.innerWidth") == width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_mode_shows_the_mail_as_such_a_client_does_whatever_the_browser_is_set_to(
    still: Desk, visit: Open, scheme: str
) -> None:
    page = visit(still, scheme=scheme)
    back = {}

    for mode in ("Dark", "Forced", "No style", "Light"):
        page.get_by_role("radio", name=mode, exact=True).check()
        page.wait_for_function("() => !document.querySelector('.coming')")
        back[mode] = inside(page, "getComputedStyle(mail.body).backgroundColor")
        styles = inside(
            page, "[...mail.querySelectorAll('style')].some(one => /479px/.test(one.textContent))"
        )
        assert styles == (mode != "No style")

    assert back["Dark"] == "rgb(25, 24, 22)"
    assert back["Light"] == back["No style"] == "rgb(250, 247, 241)"
    assert back["Forced"] not in (back["Light"], "rgba(0, 0, 0, 0)")


def test_two_views_stand_side_by_side_and_scroll_together(still: Desk, visit: Open) -> None:
    page = visit(still)

    page.keyboard.press("b")
    page.wait_for_function("() => document.querySelectorAll('iframe:not(.coming)').length == 2")
    page.evaluate(f"{FRAME}.contentWindow.scrollTo(0, 900)")

    page.wait_for_function(
        "() => [...document.querySelectorAll('iframe')].at(-1).contentWindow.scrollY > 800"
    )


def test_the_inbox_row_tells_where_a_phone_cuts_the_preheader(still: Desk, visit: Open) -> None:
    page = visit(still)

    told = page.inner_text("#preheader-count")
    shown, beyond = page.locator("#preheader-words bdi").all_text_contents()

    assert told == f"{len(shown + beyond)} characters, a phone shows {len(shown)}"
    assert page.inner_text("#inbox-preheader") == shown + beyond


def test_text_source_and_headers_stand_in_tabs(still: Desk, visit: Open) -> None:
    page = visit(still)
    state = page.evaluate("fetch('/state').then(answer => answer.json())")

    for tab, words in (("Text", state["text"]), ("Source", state["source"])):
        page.get_by_role("tab", name=tab).click()
        shown = page.locator("[role=tabpanel]:not([hidden], [inert]) code").all_text_contents()
        assert "".join(shown) == words.replace("\n", "")
    page.get_by_role("tab", name="Headers").click()
    assert page.locator("#panel-headers th").all_inner_texts() == [name for name, _ in state["headers"]]


def test_reasons_unfold_in_place(still: Desk, visit: Open) -> None:
    page = visit(still)

    page.keyboard.press("j")
    page.keyboard.press("o")

    row = page.locator(".paper.open")
    assert row.locator("caption").text_content() == "What speaks for it"
    assert "Rank" in row.inner_text()
    assert row.get_by_role("link", name="On the web").get_attribute("href").startswith("https://arxiv.org/")


# Findings


def test_a_finding_marks_its_element_and_scrolls_to_it(still: Desk, visit: Open) -> None:
    page = visit(still)
    with_findings(page, {})

    page.locator(".finding .go").click()

    assert inside(page, "mail.querySelector('[data-desk]').textContent").split(":")[0] == titles(page)[1]
    page.wait_for_function(f"() => {FRAME}.contentWindow.scrollY > 300")


def test_a_finding_without_a_box_and_one_of_the_text_lead_to_their_line(still: Desk, visit: Open) -> None:
    page = visit(still)
    head = page.evaluate("fetch('/state').then(answer => answer.json())")["source"].split("<title")[0]
    line, column = head.count("\n") + 1, len(head) - head.rfind("\n")
    with_findings(page, {"line": line, "column": column}, {"part": "text", "line": 3, "column": 0})

    for at, panel, marked in ((0, "source", line), (1, "text", 3)):
        page.locator(".finding .go").nth(at).click()
        found = page.locator(f"#panel-{panel} .line.found").first
        assert (found.get_attribute("data-line"), found.is_visible()) == (str(marked), True)


def test_a_finding_about_the_subject_leads_to_the_inbox(still: Desk, visit: Open) -> None:
    page = visit(still)
    with_findings(page, {"part": "subject", "line": 0, "column": 0})

    page.keyboard.press("f")

    assert page.evaluate("document.activeElement.id") == "at-subject"


# Editing


def test_papers_are_dropped_pinned_moved_and_taken_back_by_keyboard(fresh: Desk, visit: Open) -> None:
    page = visit(fresh)
    first, second, third, fourth = titles(page)

    for keys, left in (
        ("j d", [second, third, fourth]),
        ("Shift+ArrowDown", [third, second, fourth]),
        ("u", [second, third, fourth]),
        ("u", [first, second, third, fourth]),
    ):
        for key in keys.split():
            page.keyboard.press(key)
        page.wait_for_function(
            "left => [...document.querySelectorAll('[data-key=kv-cache] .picks .title')]"
            ".map(title => title.textContent.split(':')[0]).join() == left",
            arg=",".join(left),
        )
        settled(page)
        assert [title for title in headings(page) if title in CACHE] == left
    assert page.evaluate("document.activeElement.textContent").startswith(second)


def test_a_near_miss_is_pinned(fresh: Desk, visit: Open) -> None:
    page = visit(fresh)

    page.locator(".near:visible summary").first.click()
    near = page.locator(".near-miss", has_text=NEAR)
    near.hover()
    near.get_by_role("button", name="Pin").click()

    page.locator("[data-key=kv-cache] .picks .edited", has_text="pinned by").wait_for()
    settled(page)
    assert headings(page)[: len(CACHE) + 1].count("Quoin") == 1
    assert page.evaluate("document.activeElement.textContent") == NEAR


def test_a_paper_moves_to_another_section_by_the_dialog(fresh: Desk, visit: Open) -> None:
    page = visit(fresh)
    first = titles(page)[0]

    page.keyboard.press("j")
    page.keyboard.press("m")
    page.get_by_label("Section").select_option("parallelism")
    page.get_by_label("Place").select_option("2")
    page.get_by_role("button", name="Move", exact=True).click()

    page.locator("[data-key=parallelism] .picks .edited").wait_for()
    assert titles(page, "parallelism")[1] == first


def test_a_note_is_saved_while_it_is_typed_and_keys_are_letters_then(fresh: Desk, visit: Open) -> None:
    page = visit(fresh)
    before = titles(page)

    page.keyboard.press("n")
    page.keyboard.type("dpu: all of it is new")
    page.get_by_text("Saved", exact=True).wait_for()

    settled(page)
    assert "dpu: all of it is new" in inside(page, "mail.body.innerText")
    assert (titles(page), page.evaluate("document.activeElement.id")) == (before, "note")


def test_shortcuts_can_be_switched_off(still: Desk, visit: Open) -> None:
    page = visit(still)

    page.keyboard.press("?")
    page.get_by_label("Shortcuts are on").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("b")
    page.keyboard.press("?")

    assert page.locator("dialog[open]").count() == 0
    assert page.locator(".pane").count() == 1


def test_a_page_is_kept_as_a_draft_and_approved(fresh: Desk, visit: Open) -> None:
    page = visit(fresh)

    page.keyboard.press("g")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.locator(".chip[data-status=draft]").wait_for()
    settled(page)
    page.keyboard.press("g")
    page.get_by_role("button", name="Approve", exact=True).click()

    page.locator(".chip[data-status=approved]").wait_for()
    assert page.locator("#approve").get_attribute("aria-disabled") == "true"


# Live


def test_a_change_of_the_configuration_shows_and_leaves_the_reader_where_they_were(
    fresh: Desk, visit: Open
) -> None:
    page = visit(fresh)
    page.evaluate(f"{FRAME}.contentWindow.scrollTo(0, 700)")
    page.locator("#download summary").focus()

    fresh.write("config.toml", desk.CONFIG.replace('"Larder Weekly"', '"Pantry Weekly"'))
    page.get_by_role("heading", name="Pantry Weekly").wait_for()
    settled(page)

    assert "Pantry Weekly" in inside(page, "mail.body.innerText")
    assert inside(page, "frame.contentWindow.scrollY") == 700
    assert page.evaluate("document.activeElement.textContent").strip() == "Download"


def test_a_view_that_is_out_of_sight_keeps_its_place(fresh: Desk, visit: Open) -> None:
    page = visit(fresh, width=390, height=844)
    page.locator("#views").get_by_role("button", name="Mail").click()
    page.evaluate(f"{FRAME}.contentWindow.scrollTo(0, 700)")

    page.locator("#views").get_by_role("button", name="Edits").click()
    fresh.write("config.toml", desk.CONFIG.replace('"Larder Weekly"', '"Pantry Weekly"'))
    page.get_by_role("heading", name="Pantry Weekly").wait_for()
    settled(page)

    assert inside(page, "frame.contentWindow.scrollY") == 700


def test_another_look_is_chosen_in_the_list_of_looks(fresh: Desk, visit: Open) -> None:
    fresh.write("templates/plain/issue.mjml.j2", desk.PLAIN_LOOK)
    for name in ("subject.txt.j2", "issue.txt.j2", "inline.css"):
        fresh.write(f"templates/plain/{name}", "Plain")
    page = visit(fresh)
    fresh.write("config.toml", desk.CONFIG + "# touched\n")
    page.locator("#look option[value=plain]").wait_for(state="attached")

    page.select_option("#look", "plain")
    page.wait_for_function(f"() => {FRAME}.contentDocument.body.innerText.includes('a plain look')")

    assert page.input_value("#look") == "plain"


def test_a_mistake_is_told_and_goes_when_it_is_mended(fresh: Desk, visit: Open) -> None:
    page = visit(fresh)
    before = headings(page)

    fresh.write("config.toml", desk.CONFIG.replace("trending_limit = 3", "trending_limit = many"))
    page.locator("#mistake").wait_for()
    settled(page)
    assert "config.toml" in page.inner_text("#mistake")
    assert headings(page) == before

    fresh.write("config.toml", desk.CONFIG)
    page.locator("#mistake").wait_for(state="hidden")


def test_a_desk_that_has_ended_says_so(tmp_path: Path, visit: Open) -> None:
    with desk.opened(tmp_path, digest=desk.records()) as shown:
        page = visit(shown)
        assert page.inner_text("#live") == "Live"

    page.get_by_text("Reconnecting…").wait_for()


# For everybody


def violations(page: Any, part: str = "html") -> list[str]:
    """What axe finds in a part of the page; in dark only what dark changes, because the rest is the same."""
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    options = {"runOnly": ["color-contrast", "link-in-text-block"]} if dark else None
    found = axe.Axe().run(page, context=part, options=options).response["violations"]
    return [f"{one['id']}: {[node['target'] for node in one['nodes']][:3]}" for one in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_a_desktop(still: Desk, visit: Open, scheme: str) -> None:
    page = visit(still, scheme=scheme)
    with_findings(page, {}, {"level": "warning", "part": "subject", "line": 0}, {"part": "text", "line": 3})
    found = violations(page)

    page.locator(".title").first.click()
    page.locator(".near:visible summary").first.click()
    page.locator("#note-box summary").click()
    page.locator("#download summary").click()
    page.keyboard.press("b")
    found += violations(page)
    for tab in ("Text", "Source", "Headers"):
        page.get_by_role("tab", name=tab).click()
        found += violations(page, "#mail")
    for name in ("keys", "send", "move", "approve"):
        page.evaluate(f"document.getElementById('dialog-{name}').showModal()")
        found += violations(page, f"#dialog-{name}")
        page.keyboard.press("Escape")

    assert found == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_a_phone(still: Desk, visit: Open, scheme: str) -> None:
    page = visit(still, width=390, height=844, scheme=scheme, has_touch=True)
    found = []

    for view in VIEWS:
        page.locator("#views").get_by_role("button", name=view).click()
        found += violations(page)
    page.locator("#menu").click()
    found += violations(page)

    assert found == []


# Elements that reach beyond the window; a frame is as wide as its mail and is scaled.
WIDE = """() => [...document.querySelectorAll('main *')].filter(one => one.getClientRects().length
  && !one.closest(".sheet") && one.getBoundingClientRect().right > innerWidth + 1)
  .map(one => one.outerHTML)"""
# Targets that are too small for a finger; of a paper the whole row is the target.
SMALL = """() =>
  [...document.querySelectorAll('button, summary, select, input:not([type=radio]), .segments label')]
  .filter(one => one.checkVisibility({visibilityProperty: true}))
  .map(one => [(one.closest('.title') ? one.closest('.paper') : one).getBoundingClientRect(), one.outerHTML])
  .filter(([box]) => box.width && Math.min(box.width, box.height) < 43.5).map(([, one]) => one)"""


@pytest.mark.parametrize("width", [320, 390, 700])
def test_a_narrow_window_has_one_column_and_never_scrolls_sideways(
    still: Desk, visit: Open, width: int
) -> None:
    page = visit(still, width=width, height=700)

    for view in VIEWS:
        page.locator("#views").get_by_role("button", name=view).click()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate(WIDE) == []


def test_every_target_of_a_phone_is_large_enough_for_a_finger(still: Desk, visit: Open) -> None:
    page = visit(still, width=390, height=844, has_touch=True, is_mobile=True)

    for view in VIEWS:
        page.locator("#views").get_by_role("button", name=view).click()
        assert page.evaluate(SMALL) == []
    page.locator("#menu").click()
    assert page.evaluate(SMALL) == []
