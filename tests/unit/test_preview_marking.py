"""Where a paper stands in the HTML of a mail, and how many bytes it takes."""

import re

from newsletter import tags
from newsletter.model import Section
from newsletter.preview.marking import Page, Spot
from newsletter.tags import Kind
from tests.builders import pick

MAIL = """\
<!DOCTYPE html>
<html><body><h1>Two papers</h1>
<div><h2 id="kv-cache">KV cache</h2>
<h3><a href="https://example.org/1">Larder &amp; Shelf</a></h3><p>Keeps tokens.</p>
<h3>Larder</h3><p>Drops tokens.</p></div>
<div class="foot">Bye</div></body></html>
"""
SECTION = Section("kv-cache", "KV cache", "", (pick("Larder & Shelf"), pick("Larder")))


def without_marks(html: str) -> str:
    return re.sub(r' data-at="\d+:\d+"', "", html)


def test_every_start_tag_is_marked_with_its_place_and_nothing_else_is_changed() -> None:
    marked = Page(MAIL).marked()

    assert '<h3 data-at="5:1">Larder</h3>' in marked
    assert '<a data-at="4:5" href="https://example.org/1">' in marked
    assert without_marks(marked) == MAIL
    opened = [token for token in tags.read(MAIL) if token.kind is Kind.OPEN]
    assert marked.count(" data-at=") == len(opened) == 11


def test_what_only_outlook_reads_and_what_is_in_a_style_block_is_left_alone() -> None:
    html = "<!--[if mso]><table><tr><td><![endif]-->\n<style>a>b{color:red}</style>\n<p title='<b>'>x</p>"

    marked = html.replace("<style", '<style data-at="2:1"').replace("<p", '<p data-at="3:1"')
    assert Page(html).marked() == marked


def test_a_paper_reaches_from_its_title_to_the_next_and_the_last_to_the_end_of_its_section() -> None:
    whole, [[first, second]] = Page(MAIL).spots([SECTION])

    assert first == Spot(4, 1, len(MAIL.split("\n")[3]) + 1, headed=True)
    assert second == Spot(5, 1, len("<h3>Larder</h3><p>Drops tokens.</p>"), headed=True)
    assert whole == {"kv-cache": len('<h2 id="kv-cache">KV cache</h2>\n') + first.bytes + second.bytes}


def test_bytes_are_counted_and_not_characters() -> None:
    html = "<div><h3>Ångström</h3>é</div><p>"

    _, [[spot]] = Page(html).spots([Section("a", "A", "", (pick("Ångström"),))])

    assert spot.bytes == len("<h3>Ångström</h3>é</div><p>".encode())


def test_of_papers_called_alike_each_has_its_own_place() -> None:
    html = "<h3>Larder</h3>\n<h3>Larder</h3>"

    _, [spots] = Page(html).spots([Section("a", "A", "", (pick("Larder"), pick("Larder")))])

    assert [spot.line for spot in spots] == [1, 2]


def test_a_paper_without_a_heading_stands_at_its_link_and_one_that_is_not_there_nowhere() -> None:
    html = '<p>See <a href="https://example.org">Larder</a></p>'

    whole, [spots] = Page(html).spots([Section("a", "A", "", (pick("Larder"), pick("Absent")))])

    assert [(spot.line, spot.column) for spot in spots] == [(1, 8), (0, 0)]
    assert spots[1].bytes == 0
    assert whole == {"a": spots[0].bytes}


def test_a_page_that_ends_in_the_middle_of_a_tag_is_marked_as_far_as_it_goes() -> None:
    assert Page("<p>text <a href='").marked() == '<p data-at="1:1">text <a href=\''


def test_ten_thousand_open_elements_take_no_longer_than_their_length() -> None:
    html = "<div>" * 10_000 + "<h3>Larder</h3>"

    assert Page(html).marked().count("data-at") == 10_001


def test_a_look_that_shows_no_paper_has_no_spots() -> None:
    whole, [spots] = Page("<h1>Hello</h1>").spots([SECTION])

    assert whole == {"kv-cache": 0}
    assert spots == [Spot(0, 0, 0), Spot(0, 0, 0)]


def test_a_title_that_is_only_a_link_is_no_heading() -> None:
    html = '<h3>Larder</h3><p><a href="https://news.example.org/7#a">Plumbline</a></p>'

    _, [spots] = Page(html).spots([Section("a", "A", "", (pick("Larder"), pick("Plumbline")))])

    assert [spot.headed for spot in spots] == [True, False]
