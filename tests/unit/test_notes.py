"""The editor's Markdown in both bodies: little of it counts, none is dangerous, each link stands once."""

import re
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html  # type: ignore[import-untyped]

from newsletter import notes
from newsletter.notes import Line

ALLOWED = {"p", "strong", "em", "code", "br", "a", "ul", "ol", "li"}


def plain(note: str) -> list[str]:
    return [line.first + line.text for line in notes.lines(note)]


@pytest.mark.parametrize(
    ("note", "shown"),
    [
        ("Good morning.\n\nAnd\nagain.", "<p>Good morning.</p><p>And again.</p>"),
        ("**Bold** and *italic* words", "<p><strong>Bold</strong> and <em>italic</em> words</p>"),
        ("# News\nToday", "<p><strong>News</strong></p><p>Today</p>"),
        ("- one\n- two", "<ul><li>one</li><li>two</li></ul>"),
        ("1. one\n2. two", "<ol><li>one</li><li>two</li></ol>"),
        ("Run `a < b` now", "<p>Run <code>a &lt; b</code> now</p>"),
        ("```\na\nb\n```", "<p><code>a<br>b</code></p>"),
        ("one\\\ntwo", "<p>one<br>two</p>"),
        ("> quoted\n\n---\n\nend", "<p>quoted</p><p>end</p>"),
        ("[here](https://a.example/x?a=1&b=2)", '<p><a href="https://a.example/x?a=1&amp;b=2">here</a></p>'),
        ("<https://a.example/>", '<p><a href="https://a.example/">https://a.example/</a></p>'),
        ("see https://a.example/a_b_c.", '<p>see <a href="https://a.example/a_b_c">https://a.example/a_b_c</a>.</p>'),
        ("[us](mailto:desk@a.example)", '<p><a href="mailto:desk@a.example">us</a></p>'),
    ],
)  # fmt: skip
def test_what_an_editor_writes_becomes_markup(note: str, shown: str) -> None:
    assert notes.html(note) == shown


@pytest.mark.parametrize(
    ("note", "shown"),
    [
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>"),
        ("<script>\nx\n</script>", "<p>&lt;script&gt; x &lt;/script&gt;</p>"),
        ("![a *chart*](https://a.example/x.png)", "<p>a *chart*</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](data:text/html,y)", "<p>[x](data:text/html,y)</p>"),
        ("[x](ftp://a.example/)", "<p>x</p>"),
        ("[x](/etc/passwd) [y](//a.example) [z](#top)", "<p>x y z</p>"),
        ("[x](https:///nowhere)", "<p>x</p>"),
        ('[x](<https://a.example/" onclick="y>)', '<p><a href="https://a.example/%22%20onclick=%22y">x</a></p>'),
        ('[x](https://a.example "t")', '<p><a href="https://a.example">x</a></p>'),
        ("[**x** y](https://a.example)", '<p><a href="https://a.example"><strong>x</strong> y</a></p>'),
    ],
)  # fmt: skip
def test_what_is_dangerous_or_has_no_place_in_a_mail_is_words(note: str, shown: str) -> None:
    assert notes.html(note) == shown


def test_the_text_body_gets_each_address_on_a_line_of_its_own() -> None:
    note = (
        "Read [the survey](https://a.example/s). It is **long**.\n\nOr write to [us](mailto:desk@a.example)!"
    )

    assert plain(note) == [
        "Read the survey.", "https://a.example/s", "It is long.", "",
        "Or write to us!", "desk@a.example",
    ]  # fmt: skip


def test_an_address_that_is_its_own_words_is_written_once() -> None:
    assert plain("See https://a.example/x, then <https://a.example/y>") == [
        "See", "https://a.example/x", "then", "https://a.example/y",
    ]  # fmt: skip


def test_lists_are_hung_below_their_marks_and_nested() -> None:
    assert notes.lines("Two:\n\n1. one\n   - in *it*\n2. [two](https://a.example)\n\nend") == [
        Line("Two:"), Line(""),
        Line("one", "1. ", "   "),
        Line("in it", "   - ", "     "),
        Line("two", "2. ", "   "), Line("https://a.example", "   ", "   "), Line(""),
        Line("end"),
    ]  # fmt: skip


@settings(deadline=None)
@given(st.text(alphabet="ab*_`[]()<>!#-+1. \n\\&\"':/https.mailto@é長\u202e", max_size=120))
def test_any_note_is_made_of_allowed_elements_and_shows_the_same_links_in_both_bodies(note: str) -> None:
    body = lxml_html.fragment_fromstring(notes.html(note), create_parent=True)
    links = [str(link.get("href")) for link in body.iter("a")]

    assert {node.tag for node in body.iterdescendants()} <= ALLOWED
    assert all(list(node.attrib) == ["href"] * (node.tag == "a") for node in body.iterdescendants())
    assert all(re.match("https?://|mailto:", link) for link in links)
    shown = Counter(line.text for line in notes.lines(note))
    assert all(shown[link.removeprefix("mailto:")] >= number for link, number in Counter(links).items())


@settings(deadline=None)
@given(st.text(alphabet="ab,;?é長~- \n", max_size=120))
def test_a_note_without_a_sign_of_markdown_reads_as_if_it_were_markdown(note: str) -> None:
    if notes._SIGN.search(note):
        return
    as_markdown = notes.html(note + "\n\n\\*")

    assert notes.html(note).split() == as_markdown.removesuffix("<p>*</p>").split()


@pytest.mark.parametrize(
    "bomb",
    [
        "[a]: https://a.example/" + "x" * 5000 + "\n\n" + "[a]" * 4000,
        "[" * 20_000,
        "*a **b " * 2800,
        "![" * 350 + "](https://a.example)" * 350,
        "> " * 5000 + "x",
        "- " * 5000 + "x",
        "`" * 9000 + " " + "`" * 9001,
        "<a " * 6000,
        "https://a.example/" * 1100,
        "\n".join(" " * depth + "- x" for depth in range(180)),
    ],
)
def test_a_note_that_is_made_to_grow_does_not(bomb: str) -> None:
    assert len(notes.html(bomb)) < 8 * len(bomb) + 20_000
    assert sum(len(line.text) for line in notes.lines(bomb)) < 2 * len(bomb) + 20_000


def test_a_note_as_long_as_no_letter_is_read_as_plain_paragraphs() -> None:
    assert notes.html("*a*\n\n" * 5000).startswith("<p>*a*</p><p>*a*</p>")


@pytest.mark.parametrize(
    ("note", "loaded"), [("Good morning.\n\nRun: x page.txt --open", "False"), ("*x*", "True")]
)
def test_markdown_is_loaded_only_for_a_note_that_has_a_sign_of_it(note: str, loaded: str) -> None:
    code = (
        f"import sys; from newsletter import notes; notes.html({note!r}); print('markdown_it' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == loaded
