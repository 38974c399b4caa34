"""What every look says of an issue, in both bodies, and how a reader finds the way through it."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from newsletter import look_folders
from newsletter.model import Pick, Section
from tests.builders import LINKS, issue, paper
from tests.looks import brief_issue, busy_issue, every_look, full_pick, load, render, tree, words

pytestmark = every_look


def test_every_file_in_the_folder_of_a_look_is_used(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} <= {*look_folders.used(load(folder))}


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


def test_the_preheader_stands_before_all_else_and_is_followed_by_filler(folder: Path) -> None:
    rendered = render(folder)
    first = tree(rendered).find("body")[0]

    assert first.text_content().startswith(rendered.preheader + "\u034f\u200c\u00a0")
    assert len(first.text_content()) > 150
    assert 30 <= len(rendered.preheader) <= 100


def test_whoever_is_quoted_besides_the_authors_is_named(folder: Path) -> None:
    told = replace(full_pick(1), told_by="AI summary, Ibex", figures=())
    rendered = render(folder, issue(Section("kv-cache", "KV cache", "", (told,))))

    for body in (rendered.html, rendered.text):
        assert body.count("at no cost.") == body.count("AI summary, Ibex")


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


def test_a_section_without_papers_is_left_out(folder: Path) -> None:
    empty = Section("parallelism", "Parallelism", "What it is about.", ())
    rendered = render(folder, replace(issue(), sections=(*issue().sections, empty)))

    assert "Parallelism" not in rendered.html
    assert "PARALLELISM" not in rendered.text


def test_new_terms_are_told_once_below_the_contents(folder: Path) -> None:
    rendered = render(folder)

    for body in (words(tree(rendered).find("body")), " ".join(rendered.text.split())):
        assert body.count("New in this issue: Larder, shelf attention.") == 1


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("We show a thing", "We show a thing."),
        ("We show (a thing)", "We show (a thing)."),
        ("Why?", "Why?"),
        ("(It was shown.)", "(It was shown.)"),
        ("我们提出一种方法。", "我们提出一种方法。"),
    ],
)
def test_a_sentence_that_was_cut_gets_its_full_stop_back(folder: Path, line: str, shown: str) -> None:
    chosen = Pick(paper(), one_liner=line)

    rendered = render(folder, issue(Section("x", "X", "", (chosen,))))

    assert f">{shown}<" in rendered.html
    assert f"  {shown}\n" in rendered.text
