"""Every look renders one busy issue within the limits of mail clients. A new folder is found by itself."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import FunctionType

import pytest
from lxml import html as lxml_html  # type: ignore[import-untyped]
from lxml.html import HtmlElement  # type: ignore[import-untyped]

from newsletter import look_folders, rendering
from newsletter.model import Evidence, Figure, Issue, Link, LinkKind, Pick, RenderedIssue, Section
from newsletter.rendering import Look
from tests.builders import LINKS, issue, mailing_list, paper, trend

ROOT = Path(__file__).parents[2] / "templates"
LOOKS = [ROOT / name for name in look_folders.names(ROOT, None)]


def of_the_default_look(test: FunctionType) -> FunctionType:
    """Marks what is no duty of a look, but a detail of the default one."""
    test.looks = [ROOT / look_folders.DEFAULT]  # type: ignore[attr-defined]
    return test


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    looks = getattr(metafunc.function, "looks", LOOKS)
    metafunc.parametrize("folder", looks, ids=lambda folder: folder.name)


def load(folder: Path) -> Look:
    return look_folders.load(folder.name, bundled=ROOT, own=None)


def full_pick(number: int) -> Pick:
    return Pick(
        paper(
            f"Larder {number}: Keeping the Right Half of a Cache through Very Long Conversations",
            authors=("Ada Holm", "Ben Ito", "Cy Roux", "Di Sato"),
            arxiv_id=f"2402.{number:05}",
            upvotes=number,
            links=(Link(LinkKind.CODE, f"https://code.example.org/larder/{number}"),),
        ),
        evidence=(Evidence("KV cache", "title", 1, 4.0), Evidence("eviction", "abstract", 2, 2.0)),
        also=("Parallelism",),
        one_liner="A policy that keeps the half of the cache which later answers will need, at no cost.",
        figures=(Figure("2.6×", "less peak memory"), Figure("45%", "", "reduces latency by")),
    )


def busy_issue() -> Issue:
    names = {"kv-cache": "KV cache", "parallelism": "Parallelism", "trending": "Also trending"}
    sections = (
        Section(slug, title, "What it is about.", tuple(full_pick(10 * place + n) for n in range(1, 8)))
        for place, (slug, title) in enumerate(names.items())
    )
    return issue(
        *list(sections),
        headline="Larder leads 21 papers this week",
        note="A word before.\n\nAnd another.",
        list=mailing_list(postal_address="1 Quay Street, Example Town"),
        trends=(trend(count=9), trend("parallelism", 7, 7.4), trend("speech", 0, 1.5)),
        new_terms=("Larder", "shelf attention"),
    )


def brief_issue() -> Issue:
    """The busy issue with the tail of its first and last section shortened to titles."""
    one = busy_issue()
    first, second, last = one.sections
    short = (
        replace(part, picks=tuple(replace(pick, brief=n > 2) for n, pick in enumerate(part.picks)))
        for part in (first, last)
    )
    return replace(one, sections=(next(short), second, next(short)))


def render(folder: Path, of: Issue | None = None) -> RenderedIssue:
    return rendering.render(of or busy_issue(), look=load(folder), links=LINKS)


def tree(rendered: RenderedIssue) -> HtmlElement:
    return lxml_html.document_fromstring(rendered.html)


def words(element: HtmlElement) -> str:
    return " ".join(" ".join(element.itertext()).split())


def test_every_file_in_the_folder_of_a_look_is_used(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} <= {*look_folders.used(load(folder))}


def test_a_mail_of_twenty_papers_is_far_below_what_gmail_clips(folder: Path) -> None:
    assert len(render(folder).html.encode()) < 60_000


def test_a_mail_of_fifteen_papers_is_below_half_of_that(folder: Path) -> None:
    one = busy_issue()
    sections = tuple(replace(section, picks=section.picks[:5]) for section in one.sections)

    assert len(render(folder, replace(one, sections=sections)).html.encode()) < 50_000


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


def test_headings_form_one_outline(folder: Path) -> None:
    levels = [int(node.tag[1]) for node in tree(render(folder)).xpath("//h1 | //h2 | //h3 | //h4")]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_page_names_its_language_title_and_layout_tables(folder: Path) -> None:
    rendered = render(folder)
    root = tree(rendered)

    assert (root.get("lang"), root.get("dir"), root.findtext(".//title")) == ("en", "ltr", rendered.subject)
    assert root.xpath("//*[@role='article']/@lang") == ["en"]
    assert root.xpath("//table[not(@role='presentation')]") == []


def test_every_link_has_a_name_of_its_own_that_starts_with_its_words(folder: Path) -> None:
    links = tree(render(folder)).xpath("//a")
    names = [link.get("aria-label") or words(link) for link in links]

    assert len(set(names)) == len(names)
    assert all(name.startswith(words(link)) for name, link in zip(names, links, strict=True))


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


def test_the_preheader_stands_before_all_else_and_is_followed_by_filler(folder: Path) -> None:
    rendered = render(folder)
    first = tree(rendered).find("body")[0]

    assert first.text_content().startswith(rendered.preheader + "\u034f\u200c\u00a0")
    assert len(first.text_content()) > 150
    assert 30 <= len(rendered.preheader) <= 100


@of_the_default_look
def test_each_paper_shows_what_is_known_of_it(folder: Path) -> None:
    body = words(tree(render(folder)).find("body"))

    assert "Ada Holm, Ben Ito, Cy Roux and 1 more" in body
    assert "2.6× less peak memory" in body
    assert "reduces latency by 45%" in body
    assert "Matched: KV cache, eviction. Also fits: Parallelism." in body


@of_the_default_look
def test_the_reason_line_has_twelve_words_at_most_and_other_themes_stand_below(folder: Path) -> None:
    themes = ("Parallelism", "Diffusion efficiency", "Speech", "Agents")
    evidence = tuple(Evidence(f"{n} words that say it", "abstract", 1, 4.0) for n in "abcd")
    chosen = replace(full_pick(1), evidence=evidence, also=themes)
    rendered = render(folder, issue(Section("kv-cache", "KV cache", "", (chosen,))))

    first, second = "Matched: a words that say it, b words that say it.", "Also fits: Parallelism, Diffusion"
    assert f">{first}<br>{second} efficiency and 2 more.</p>" in rendered.html
    assert f"\n  {first}\n  {second} efficiency and 2 more.\n" in rendered.text


def told_by(*labels: str) -> Issue:
    picks = (replace(full_pick(n), told_by=label) for n, label in enumerate(labels))
    return issue(Section("kv-cache", "KV cache", "", tuple(picks)))


def test_whoever_is_quoted_besides_the_authors_is_named(folder: Path) -> None:
    told = replace(full_pick(1), told_by="AI summary, Ibex", figures=())
    rendered = render(folder, issue(Section("kv-cache", "KV cache", "", (told,))))

    for body in (rendered.html, rendered.text):
        assert body.count("at no cost.") == body.count("AI summary, Ibex")


@of_the_default_look
def test_words_that_are_not_the_authors_carry_their_label(folder: Path) -> None:
    rendered = render(folder, told_by("AI summary", ""))

    first, second = tree(rendered).xpath("//p[contains(., 'at no cost.')]")
    assert words(first).endswith("at no cost. AI summary")
    assert words(second).endswith("at no cost.")
    assert rendered.text.count("at no cost. [AI summary]") == 1


@of_the_default_look
@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (("", ""), "Summaries and figures are quoted from the abstracts."),
        (("AI summary, x", ""), "quoted from the abstracts, except for 1 AI summary, labelled as such."),
        (("AI summary, x", "AI summary, x", ""), "except for 2 AI summaries, labelled as such."),
        (
            ("AI summary, x",),
            "Figures are quoted from the abstracts; the summaries are labelled AI summaries.",
        ),
    ],
)
def test_the_footer_says_whose_words_the_summaries_are(
    folder: Path, labels: tuple[str, ...], says: str
) -> None:
    rendered = render(folder, told_by(*labels))

    for body in (words(tree(rendered).find("body")), " ".join(rendered.text.split())):
        assert says in body


def test_what_an_editor_did_is_not_told_to_readers(folder: Path) -> None:
    section = Section("kv-cache", "KV cache", "", (replace(full_pick(1), edit="pinned"),))
    rendered = render(folder, issue(section))

    assert "pinned" not in rendered.html + rendered.text


def test_a_paper_without_room_is_its_title_and_its_place_on_the_web(folder: Path) -> None:
    rendered = render(folder, brief_issue())
    place = f"{LINKS.web}#2402.00007"

    (link,) = tree(rendered).xpath(f"//a[@href='{place}']")
    assert words(link) == full_pick(7).paper.title
    assert not re.search(r"arxiv\.org/\w+/2402\.00007|larder/7", rendered.html + rendered.text)
    title = "* Larder 7: Keeping the Right Half of a Cache through Very Long\n  Conversations\n"
    assert rendered.text.count(f"{title}  {place}\n") == 1
    assert rendered.text.count("On the web:") == words(tree(rendered)).count("On the web:") == 2


def test_a_section_without_room_for_any_paper_is_a_list_of_titles(folder: Path) -> None:
    picks = tuple(replace(full_pick(number), brief=True) for number in (1, 2))
    rendered = render(folder, issue(Section("kv-cache", "KV cache", "What it is about.", picks)))

    assert not tree(rendered).xpath("//h3")
    assert rendered.text.count(f"{LINKS.web}#2402.0000") == 2


def test_links_of_shortened_papers_and_of_a_note_stand_once_in_each_body(folder: Path) -> None:
    rendered = render(folder, replace(brief_issue(), note="See [*this*](https://example.org/a?b=1&c=2)."))

    assert sorted(tree(rendered).xpath("//a/@href")) == sorted(re.findall(r"https?://\S+", rendered.text))


def test_the_papers_of_an_issue_are_there_for_a_library(folder: Path) -> None:
    rendered = render(folder)

    for body in (words(tree(rendered).find("body")), " ".join(rendered.text.split())):
        assert "Papers of this issue for your library: BibTeX" in body
    assert {LINKS.bib, LINKS.ris} <= set(tree(rendered).xpath("//a/@href"))


def test_a_note_is_read_as_markdown(folder: Path) -> None:
    rendered = render(folder, issue(note="A **word** before.\n\n- one\n- [two](https://example.org/two)"))

    assert [words(item) for item in tree(rendered).xpath("//li")] == ["one", "two"]
    assert words(tree(rendered).xpath("//strong")[0]) == "word"
    assert "  A word before.\n\n  - one\n  - two\n    https://example.org/two\n\n" in rendered.text


def test_the_text_has_no_dangling_lines_and_ends_with_how_to_leave(folder: Path) -> None:
    for of in (busy_issue(), brief_issue(), issue(), issue(intro="", note="x")):
        text = render(folder, of).text

        assert "\n\n\n" not in text
        assert not re.search(r"(?<!\n--) +\n", text)
        assert text.splitlines()[-1].endswith(LINKS.unsubscribe)


def test_the_footer_says_why_and_how_to_leave(folder: Path) -> None:
    rendered = render(folder)

    for body in (words(tree(rendered).find("body")), " ".join(rendered.text.split())):
        assert "You get this because you subscribed to Paper Weekly." in body
        assert "1 Quay Street, Example Town" in body
    assert {LINKS.unsubscribe, LINKS.preferences, LINKS.archive} <= set(tree(rendered).xpath("//a/@href"))


def test_both_bodies_say_the_same_words(folder: Path) -> None:
    rendered = render(folder)
    (article,) = tree(rendered).xpath("//*[@role='article']")
    in_html = set(re.findall(r"\w+", words(article).casefold()))
    in_text = set(re.findall(r"\w+", re.sub(r"https?://\S+", "", rendered.text).casefold()))

    assert in_text == in_html


def test_a_paper_of_which_nothing_is_known_leaves_no_empty_line_behind(folder: Path) -> None:
    bare = Section("kv-cache", "KV cache", "", (Pick(paper("Bare", url="https://example.org/bare")),))
    rendered = render(folder, issue(bare, intro=""))

    assert [node.tag for node in tree(rendered).xpath("//p") if not words(node)] == []
    assert "Bare" in rendered.text


@of_the_default_look
def test_the_text_of_a_paper_of_which_nothing_is_known_is_its_title_and_address(folder: Path) -> None:
    bare = Section("kv-cache", "KV cache", "", (Pick(paper("Bare", url="https://example.org/bare")),))
    rendered = render(folder, issue(bare, intro=""))

    assert "* Bare\n  https://example.org/bare\n\n  Abstract: https://example.org/bare\n" in rendered.text


def test_a_section_without_papers_is_left_out(folder: Path) -> None:
    empty = Section("parallelism", "Parallelism", "What it is about.", ())
    rendered = render(folder, replace(issue(), sections=(*issue().sections, empty)))

    assert "Parallelism" not in rendered.html
    assert "PARALLELISM" not in rendered.text


@of_the_default_look
def test_the_contents_lead_to_the_web_issue_with_counts(folder: Path) -> None:
    rendered = render(folder, replace(busy_issue(), trends=(), new_terms=()))

    assert f'href="{LINKS.web}#kv-cache"' in rendered.html
    assert tree(rendered).xpath("//h2/@id") == ["kv-cache", "parallelism", "trending"]
    assert f"  KV cache       7 papers\n  {LINKS.web}#kv-cache\n" in rendered.text
    assert not re.search(r"usual|last time|New in this issue|▲|▼|█", rendered.html + rendered.text)


@of_the_default_look
def test_the_contents_set_each_theme_beside_what_is_usual(folder: Path) -> None:
    rendered = render(folder)

    rows = [words(row) for row in tree(rendered).xpath("//h2[.='In this issue']/following::table[1]/tr")]
    assert rows == [
        "KV cache 7 of 9 papers ▲ usually 5.2",
        "Parallelism 7 papers usually 7.4",
        "Speech 0 papers ▼ usually 1.5",
        "Also trending 7 papers",
    ]
    assert "Usually: the mean of the last 12 issues, of all papers that fit the theme." in rendered.text


@of_the_default_look
def test_the_text_sets_each_theme_beside_what_is_usual_in_columns(folder: Path) -> None:
    lines = render(folder).text.splitlines()

    assert [line for line in lines[: lines.index("KV CACHE")] if " papers  " in line] == [
        "  KV cache       7 of 9 papers  ▲ usually 5.2  ██████▓▓▓▓",
        "  Parallelism    7 papers         usually 7.4  ████████░",
        "  Speech         0 papers       ▼ usually 1.5  ░░",
    ]


@of_the_default_look
def test_a_bar_is_hidden_from_nobody_as_words_and_small(folder: Path) -> None:
    html = render(folder).html
    bars = re.findall(r'<table class="bar".*?</table>', html)

    assert len(bars) == 3
    assert all(len(bar.encode()) <= 500 and not re.sub("<[^>]*>", "", bar) for bar in bars)
    assert {width for bar in bars for width in re.findall('width="(.*?)"', bar)} == {
        "69",
        "51",
        "93",
        "6",  # 7 and 7.4 papers: 98.7 in all, of which 93.3 are blue
        "20",
    }


def test_new_terms_are_told_once_below_the_contents(folder: Path) -> None:
    rendered = render(folder)

    for body in (words(tree(rendered).find("body")), " ".join(rendered.text.split())):
        assert body.count("New in this issue: Larder, shelf attention.") == 1


def test_thirty_papers_with_all_that_can_be_said_are_below_what_gmail_clips(folder: Path) -> None:
    one = busy_issue()
    full = (replace(full_pick(n), told_by="AI summary") for n in range(10))
    sections = (*one.sections[:2], Section("speech", "Speech", "", tuple(full)), one.sections[2])
    rendered = render(folder, replace(one, sections=sections[:3]))

    assert sum(len(section.picks) for section in sections) == 31
    assert len(rendered.html.encode()) < 80_000


@pytest.mark.parametrize(("line", "shown"), [("We show a thing", "We show a thing."), ("Why?", "Why?")])
def test_a_sentence_that_was_cut_gets_its_full_stop_back(folder: Path, line: str, shown: str) -> None:
    chosen = Pick(paper(), one_liner=line)

    rendered = render(folder, issue(Section("x", "X", "", (chosen,))))

    assert f">{shown}<" in rendered.html
    assert f"  {shown}\n" in rendered.text
