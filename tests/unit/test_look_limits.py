"""Every look stays within the limits of mail clients: size, styles, colours, fonts."""

import re
from dataclasses import replace
from pathlib import Path

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from newsletter.model import Section
from tests.looks import brief_issue, busy_issue, every_look, full_pick, load, render, tree

pytestmark = every_look


def test_a_mail_of_twenty_papers_is_far_below_what_gmail_clips(folder: Path) -> None:
    assert len(render(folder).html.encode()) < 60_000


def test_a_mail_of_fifteen_papers_is_below_half_of_that(folder: Path) -> None:
    one = busy_issue()
    sections = tuple(replace(section, picks=section.picks[:5]) for section in one.sections)

    assert len(render(folder, replace(one, sections=sections)).html.encode()) < 50_000


def test_thirty_papers_with_all_that_can_be_said_are_below_what_gmail_clips(folder: Path) -> None:
    one = busy_issue()
    full = (replace(full_pick(n), told_by="AI summary") for n in range(10))
    sections = (*one.sections[:2], Section("speech", "Speech", "", tuple(full)), one.sections[2])
    rendered = render(folder, replace(one, sections=sections[:3]))

    assert sum(len(section.picks) for section in sections) == 31
    assert len(rendered.html.encode()) < 80_000


def test_style_blocks_are_small_and_separate(folder: Path) -> None:
    html = re.sub(r"<!--\[if (?!!).*?<!\[endif\]-->", "", render(folder).html, flags=re.DOTALL)
    blocks = re.findall(r"<style[^>]*>(.*?)</style>", html, flags=re.DOTALL)

    assert max(len(block.encode()) for block in blocks) < 8192
    assert [
        sum(mark in block for block in blocks) for mark in ("max-width:479px", "prefers-color-scheme")
    ] == [1, 1]
    assert not any("prefers-color-scheme" in block and "[data-ogsc]" in block for block in blocks)


def test_dark_rules_for_outlook_say_the_same_as_those_for_everybody_else(folder: Path) -> None:
    html = render(folder).html
    media = re.search(r"prefers-color-scheme:dark\)\{(.*?)\}\s*</style>", html, flags=re.DOTALL)
    outlook = re.search(r"<style>(\[data-ogs.*?)</style>", html, flags=re.DOTALL)

    assert media
    assert outlook
    assert re.sub(r"\[data-ogs[bc]\] ", "", outlook[1]).split() == media[1].split()


def colours(style: str) -> set[str]:
    """The properties of a style that give a colour, by the name that a dark rule overrules them with."""
    shown = {}
    for name, _, value in (entry.partition(":") for entry in style.split(";")):
        shown[name.strip()] = value
        if name.strip() == "border" and "#" not in value:
            shown = {kind: colour for kind, colour in shown.items() if not kind.startswith("border-")}
    return {
        "background-color" if name == "background" else re.sub(r"^border.*", "border-color", name)
        for name, value in shown.items()
        if "#" in value
    }


def test_every_colour_of_the_light_page_has_a_dark_one(folder: Path) -> None:
    rendered = render(folder, replace(brief_issue(), note="See [this](https://example.org/this)."))
    (rules,) = re.findall(r"prefers-color-scheme:dark\)\{(.*?)\}\s*</style>", rendered.html, flags=re.DOTALL)
    page = tree(rendered)
    dark: dict[HtmlElement, set[str]] = {}
    for selectors, style in re.findall(r"([^{}]+)\{([^{}]*)\}", rules):
        for node in page.cssselect(selectors):
            dark.setdefault(node, set()).update(colours(style))

    left = {
        (node.tag, node.get("class"), colour)
        for node in page.find("body").iter()
        if isinstance(node.tag, str)
        for colour in colours(node.get("style", "") + (";background:#" if node.get("bgcolor") else ""))
        - dark.get(node, set())
    }
    assert left == set()


def test_no_colour_is_pure_white_or_black(folder: Path) -> None:
    styles = "".join(load(folder).files.values()).lower()

    assert not re.search(r"#(?:fff|000)(?:fff|000)?\b", styles)


def test_nothing_is_fetched_and_no_script_is_carried(folder: Path) -> None:
    root = tree(render(folder))

    assert root.xpath("//link | //script | //img | //iframe | //form | //@src | //@background") == []
    assert not re.search(r"@import|@font-face|url\(", render(folder).html)


def test_text_is_never_smaller_than_14_pixels(folder: Path) -> None:
    styles = "".join(
        load(folder).files[name] for name in ("inline.css", "phone.css") if name in load(folder).files
    )
    sizes = re.findall(r"(?:font-size:|font:[^;}]*?\b)(\d+)px", styles.replace(": ", ":"))

    assert min(int(size) for size in sizes) >= 14


def test_inlined_rules_leave_the_last_word_to_the_dark_ones(folder: Path) -> None:
    assert "!important" not in load(folder).files["inline.css"]
    assert "!important" not in "".join(re.findall(r' style="[^"]*"', render(folder).html))


def test_outlook_gets_the_width_and_a_font(folder: Path) -> None:
    html = render(folder).html

    assert 'width="640" style="width:640px;"' in html
    assert "<!--[if mso]><style>" in html
    assert html.count("<!--[if ") == html.count("<![endif]-->")
