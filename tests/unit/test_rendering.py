"""Issue and look → RenderedIssue, with paper text that tries to be anything but text."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html  # type: ignore[import-untyped]

from newsletter import legible, mjml, rendering
from newsletter.errors import RenderError
from newsletter.model import Evidence, Figure, Issue, Link, LinkKind, Pick, RenderedIssue, Section, Trend
from newsletter.rendering import Action
from newsletter.templating import Look
from tests.builders import LINKS, issue, mailing_list, paper, pick

FOLDER = Path(__file__).parents[2] / "templates" / "default"
LOOK = Look("default", {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()})

HOSTILE = [
    "</mj-text><mj-raw><script>alert(1)</script>",
    "{{ 7 * 7 }} {% raw %} {# note #} {{ issue.list }}",
    '<mj-include path="/etc/passwd" />',
    "<mj-text> & <b>bold</b> &lt; &#60;",
    '" onmouseover="alert(1)" x=\'y\'',
    "back\\slash \\u{301} \\",
    "Caf\u0065\u0301 in NFD",
    "\U0001f469\u200d\U0001f52c with a joiner",
    "non\u00a0breaking, zero\u200bwidth, soft\u00adhyphen",
    "bell\x07 escape\x1b[31m null\x00 next\x85line",
    "\u202egnp.exe\u202c and \u2066isolated",
    "<!--[if mso]><table><![endif] -->",
    "<![CDATA[ x ]]> <?php x ?> <!doctype html>",
    "tab\tand\nnewline\r\n",
    "x" * 500,
    "lone surrogate \ud800 and noncharacter \ufffe",
    "XX-id-XX %%name%% *|NAME|* [[id]]",
]


def render(of: Issue, look: Look = LOOK) -> RenderedIssue:
    return rendering.render(of, look=look, links=LINKS)


def with_pick(chosen: Pick) -> Issue:
    return issue(Section("kv-cache", "KV cache", "What it is about.", (chosen,)))


def saying(text: str) -> Issue:
    """An issue that says `text` in every place where foreign text can stand."""
    chosen = Pick(
        paper(text, authors=(text,), links=(Link(LinkKind.CODE, f"https://code.example.org/{text}"),)),
        evidence=(Evidence(text, "title", 1, 4.0),),
        also=(text,),
        one_liner=text,
        figures=(Figure(text, text, text),),
        told_by=text,
    )
    return issue(
        Section("kv-cache", text, text, (chosen,)),
        headline=text,
        intro=text,
        # The note is Markdown: what may become of it is the subject of test_notes.
        note="A word before.",
        list=mailing_list(title=text, postal_address=text),
        trends=(Trend("kv-cache", text, 8, 5.2, 12), Trend("speech", text, 0, 1.5, 12)),
        new_terms=(text,),
    )


def elements(rendered: RenderedIssue) -> Counter[tuple[str, ...]]:
    root = lxml_html.document_fromstring(rendered.html)
    return Counter((node.tag, *sorted(node.attrib)) for node in root.iter() if isinstance(node.tag, str))


def look_with(name: str, old: str, new: str) -> Look:
    assert old in LOOK.files[name]
    return replace(LOOK, files={**LOOK.files, name: LOOK.files[name].replace(old, new, 1)})


def links_of(rendered: RenderedIssue) -> tuple[list[str], list[str]]:
    anchors = lxml_html.document_fromstring(rendered.html).xpath("//a/@href")
    return sorted(anchors), sorted(re.findall(r"https?://\S+", rendered.text))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_adds_no_element_and_no_attribute(text: str) -> None:
    assert elements(render(saying(text))) == elements(render(saying("A harmless title")))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_it_stands(text: str) -> None:
    root = lxml_html.document_fromstring(render(saying(text)).html)
    shown = legible.text(mjml.without_controls(text))

    assert root.findtext(".//h1") == shown
    assert root.findtext(".//h3/a") == shown
    name = legible.text(mjml.without_controls(" ".join(text.split())))
    assert root.xpath("//a/@aria-label")[0] == re.sub(" +", " ", f"Abstract of {name}")


@settings(max_examples=40, deadline=None)
# Without an address in the words themselves, which the text body shows and `links_of` would count.
@given(st.text(min_size=1, max_size=60).filter(lambda text: text.strip() and "://" not in text))
def test_any_text_keeps_the_structure_and_the_links(text: str) -> None:
    rendered = render(saying(text))

    assert elements(rendered) == elements(render(saying("A harmless title")))
    in_html, in_text = links_of(rendered)
    assert in_html == in_text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_reaches_the_text_body_word_for_word(text: str) -> None:
    rendered = render(saying(text))

    shown = legible.text(mjml.without_controls(text))
    assert "".join(shown.split()) in "".join(rendered.text.split())
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]", rendered.text)


def test_a_subject_is_one_line_without_direction_overrides() -> None:
    rendered = render(issue(headline="Tiny\r\nBcc: x@example.net\u202e caches"))

    assert rendered.subject == "Tiny Bcc: x@example.net caches"


def test_a_long_subject_is_cut_between_words_and_stays_ascii() -> None:
    rendered = render(issue(headline="Larder leads twenty papers about memory that lasts for very long"))

    assert rendered.subject == "Larder leads twenty papers about memory that lasts for..."
    assert f"<title>{rendered.subject}</title>" in rendered.html


def test_the_preheader_names_the_papers_that_the_subject_does_not() -> None:
    first = Section("a", "A", "", (pick("Larder: Keep the right half"), pick("Pantry: Shelves")))
    second = Section("b", "B", "", (pick("Plumbline: Upright answers"), pick("Sill: " + "x" * 99)))
    rendered = render(issue(first, second, headline="Larder leads 4 papers", intro="Chosen from 12."))

    assert (
        rendered.preheader
        == "Also: Plumbline, Pantry, Sill. Chosen from 12. We show a thing. We show a thing."
    )


def test_the_preheader_is_one_line_without_controls_and_overrides() -> None:
    section = Section("a", "A", "", (pick("Tiny\x1b\u202e caches\ud800\n"),))

    assert render(issue(section, intro="Read.")).preheader == "Also: Tiny caches. Read. We show a thing."


def test_the_preheader_of_a_single_paper_is_the_intro_and_its_one_liner() -> None:
    rendered = render(issue(intro="One paper chosen from 12.", headline="A Paper leads"))

    assert rendered.preheader == "One paper chosen from 12. We show a thing."


def test_the_preheader_quotes_only_the_authors() -> None:
    told = Section("a", "A", "", (pick(one_liner="A model says so.", told_by="AI summary"),))
    quoted = Section("b", "B", "", (pick(one_liner="We say so."),))

    assert render(issue(told, quoted, intro="Read.")).preheader == "Read. We say so."


def test_every_link_of_the_html_stands_once_in_the_text() -> None:
    foreign = paper("B & C", url="https://example.org/s?q=B+%26+C&x=[1]|é", arxiv_id=None)
    listed = Section("a", "A", "", (pick(), Pick(foreign)))
    in_html, in_text = links_of(render(issue(listed, replace(listed, theme="trending"))))

    assert in_html == in_text
    assert in_html.count("https://example.org/s?q=B+%26+C&x=%5B1%5D%7C%C3%A9") == 4
    assert f"{LINKS.web}#trending" in in_html


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_note_leaves_the_rest_of_the_mail_alone(text: str) -> None:
    without = elements(render(issue()))
    added = elements(render(issue(note=text))) - without
    assert without - elements(render(issue(note=text))) == Counter()
    assert {tag for tag, *_ in added} <= {"table", "tbody", "tr", "td", "div", "p", "em", "code", "br"}
    assert {name for _, *names in added for name in names} <= {
        "class",
        "dir",
        "style",
        "role",
        "width",
        "cellpadding",
        "cellspacing",
    }


def test_every_link_of_a_note_stands_once_in_the_text() -> None:
    note = "Read [this](https://a.example/é?a=1&b=[2]), and https://b.example/x.\n\n- <https://c.example>"
    in_html, in_text = links_of(render(issue(note=note)))

    assert in_html == in_text
    assert {"https://a.example/%C3%A9?a=1&b=%5B2%5D", "https://b.example/x", "https://c.example"} <= set(
        in_html
    )


def test_no_prose_line_of_the_text_is_longer_than_76_columns() -> None:
    rendered = render(saying("word " * 60 + "x" * 300))

    assert max(len(line) for line in rendered.text.splitlines() if "://" not in line) <= 76


def test_the_text_ends_with_a_signature_that_holds_unsubscribe() -> None:
    _, signature = render(issue()).text.split("\n-- \n")

    assert signature.endswith(f"\nUnsubscribe: {LINKS.unsubscribe}\n")


def test_a_paper_with_an_arxiv_number_links_to_abstract_pdf_and_each_kind() -> None:
    links = (
        Link(LinkKind.MODEL, "https://models.example.org/m"),
        Link(LinkKind.CODE, "https://code.example.org/one"),
        Link(LinkKind.CODE, "https://code.example.org/one/"),
        Link(LinkKind.CODE, "https://code.example.org/two"),
        Link(LinkKind.CODE, "https://code.example.org/three"),
        Link(LinkKind.OTHER, "https://example.org/blog"),
    )
    assert rendering.actions(paper(arxiv_id="2402.02750", links=links)) == (
        Action("Abstract", "https://arxiv.org/abs/2402.02750"),
        Action("PDF", "https://arxiv.org/pdf/2402.02750"),
        Action("Code", "https://code.example.org/one/"),
        Action("Code 2", "https://code.example.org/two"),
        Action("Model", "https://models.example.org/m"),
    )


def test_a_paper_without_a_number_links_to_its_own_address() -> None:
    unknown = paper(url="https://huggingface.co/papers?q=A+Paper")

    assert rendering.actions(unknown) == (Action("Abstract", "https://huggingface.co/papers?q=A+Paper"),)


def test_a_paper_is_found_on_the_web_by_its_arxiv_id_else_by_its_title() -> None:
    one, again = paper("Larder: Keeping", position=1), paper("Larder — keeping", position=7)

    assert rendering.anchor(paper(arxiv_id="2402.02750")) == "2402.02750"
    assert rendering.anchor(one) == rendering.anchor(again) == "paper-2ac28454"
    assert rendering.anchor(one) != rendering.anchor(paper("Pantry"))
    assert rendering.anchor(paper("\ud800")).startswith("paper-")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "", " https://x.org", "ftp://x.org"]
)
def test_what_is_no_web_address_becomes_no_link(url: str) -> None:
    rendered = render(with_pick(Pick(paper("Plain title", url=url))))
    heading = lxml_html.document_fromstring(rendered.html).find(".//h3")

    assert rendering.actions(paper(url=url)) == ()
    assert lxml_html.tostring(heading, encoding="unicode").count("<a") == 0
    assert "Plain title" in rendered.text


def test_shorten_cuts_inside_a_word_only_where_there_is_no_other_place() -> None:
    assert rendering.shorten("short  enough", 20) == "short enough"
    assert rendering.shorten("one two, three", 12) == "one two..."
    assert rendering.shorten("é" * 30, 10) == "é" * 9 + "…"


@given(st.text(max_size=200), st.integers(min_value=10, max_value=90))
def test_shorten_never_exceeds_its_limit(text: str, limit: int) -> None:
    assert len(rendering.shorten(text, limit)) <= limit


def without_file(name: str) -> Look:
    return replace(LOOK, files={key: text for key, text in LOOK.files.items() if key != name})


@pytest.mark.parametrize("name", ["subject.txt.j2", "issue.mjml.j2", "issue.txt.j2", "inline.css"])
def test_a_look_without_one_of_its_files_says_which(name: str) -> None:
    with pytest.raises(RenderError, match="has no such file; copy it") as caught:
        render(issue(), without_file(name))

    assert (caught.value.template, caught.value.line) == (name, None)


def test_a_missing_partial_is_reported_where_it_is_imported() -> None:
    with pytest.raises(RenderError, match=r"'paper.mjml.j2' is not in look 'default'; add") as caught:
        render(issue(), without_file("paper.mjml.j2"))

    assert (caught.value.template, caught.value.line) == ("issue.mjml.j2", 2)


def line_of(look: Look, name: str, text: str) -> int:
    return next(n for n, line in enumerate(look.files[name].splitlines(), start=1) if text in line)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("{{ paper.title }}</a>", "{{ paper.titel }}</a>", "no attribute 'titel'"),
        ("{{ paper.title }}</a>", "{{ paper.title </a>", "unexpected '/'; correct the tag"),
        ("{{ paper.title }}</a>", "{{ paper.title + 1 }}</a>", "can only concatenate str"),
        ("{{ paper.title }}</a>", "{{ 1 / 0 }}</a>", "division by zero"),
        ("{{ paper.title }}</a>", "{{ paper | shiny }}</a>", "No filter named 'shiny'"),
        ("{{ paper.title }}</a>", "{{ paper.__class__.__mro__ }}</a>", "unsafe"),
        ("{{ paper.title }}</a>", "{% include 'x.j2' %}</a>", "'x.j2' is not in look"),
    ],
)
def test_a_faulty_partial_is_reported_by_its_own_name_and_line(old: str, new: str, says: str) -> None:
    look = look_with("paper.mjml.j2", old, new)

    with pytest.raises(RenderError, match=re.escape(says)) as caught:
        render(issue(), look)

    assert caught.value.template == "paper.mjml.j2"
    assert caught.value.line == line_of(look, "paper.mjml.j2", new)


def test_a_template_that_includes_itself_is_an_error_not_a_crash() -> None:
    look = look_with("subject.txt.j2", "{{", "{% include 'subject.txt.j2' %}{{")

    with pytest.raises(RenderError, match="recursion") as caught:
        render(issue(), look)

    assert (caught.value.template, caught.value.line) == ("subject.txt.j2", 1)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('<div class="foot">', '<div class="foot"><b>', "<b> is closed by </div>"),
        ('<div class="foot">', '<div class="foot"></i>', "is closed by </i>"),
        (
            '<div class="foot">',
            '<div class="foot"><!--[if mso]>x<![endif] -->',
            "write a comment for Outlook as",
        ),
        ('<div class="foot">', '<div class="foot"> 1 < 2', "a < that begins no tag"),
        ("<mj-preview>", '<p id="odd">x</p><mj-preview>', "MJML refuses it: unexpected element"),
        ('<div class="foot">', '<div class="foot"><!--[if mso', "write a comment for Outlook as"),
        ('<div class="foot">', '<div class="foot">' + "<i>" * 200, "more than 100 deep"),
    ],
)
def test_mjml_that_cannot_be_read_is_an_error_of_its_template(old: str, new: str, says: str) -> None:
    with pytest.raises(RenderError, match=re.escape(says)) as caught:
        render(issue(), look_with("issue.mjml.j2", old, new))

    assert caught.value.template == "issue.mjml.j2"


def test_a_mistake_that_stands_on_one_line_of_the_look_is_reported_with_it() -> None:
    look = look_with("paper.mjml.j2", '<p class="acts">', '<p class="acts"><u id="odd">')

    with pytest.raises(RenderError, match="<u> is closed by </p>") as caught:
        render(issue(), look)

    place = ("paper.mjml.j2", line_of(look, "paper.mjml.j2", '<u id="odd">'))
    assert (caught.value.template, caught.value.line) == place


def test_outlook_comments_that_do_not_pair_up_are_refused() -> None:
    look = look_with("issue.mjml.j2", "<![endif]-->", "<![endif]--><!--[if !mso]><!-->")

    with pytest.raises(RenderError, match="write each as a pair"):
        render(issue(), look)


@pytest.mark.parametrize(
    "url", ["https:///evil.example", "https:////x", "http://", "https://?q", "https://\\x"]
)
def test_an_address_without_a_host_is_no_link(url: str) -> None:
    assert rendering.address(url) == ""


def test_a_template_that_comes_to_too_much_is_stopped_where_it_stands() -> None:
    look = look_with(
        "issue.txt.j2", "Read on the web:", "{% for _ in range(10**5) %}{{ 'x' * 99 }}{% endfor %}Read"
    )

    with pytest.raises(
        RenderError, match="comes to more than 2,000,000 characters, which nothing of ours has"
    ) as caught:
        render(issue(), look)

    assert (caught.value.template, caught.value.line) == ("issue.txt.j2", 6)


def test_a_number_behind_words_from_right_to_left_stays_behind_them() -> None:
    hebrew = "\u05e9\u05dc\u05d5\u05dd"
    rendered = render(with_pick(Pick(paper(authors=(hebrew,), upvotes=12))))

    assert f"{hebrew}\u200e · 12 upvotes" in rendered.text
    assert (
        f"{hebrew}\u200e\u200312\u00a0upvotes" in lxml_html.document_fromstring(rendered.html).text_content()
    )
