"""HTML cut into tokens: all of it, in order, and in time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import tags
from newsletter.tags import Kind

PIECES = [
    "<",
    ">",
    "</",
    "<!--",
    "-->",
    "<a ",
    "<style>",
    "</style>",
    '"',
    "'",
    "=",
    "/",
    "&amp;",
    "x",
    " ",
    "\n",
]


def kinds(html: str) -> list[tuple[Kind, str]]:
    return [(token.kind, html[token.start : token.end]) for token in tags.read(html)]


def test_a_page_is_cut_into_tags_and_text() -> None:
    assert kinds("<!DOCTYPE html><p class=a>One &lt; two<br></p><!-- x -->") == [
        (Kind.OTHER, "<!DOCTYPE html>"),
        (Kind.OPEN, "<p class=a>"),
        (Kind.TEXT, "One &lt; two"),
        (Kind.OPEN, "<br>"),
        (Kind.CLOSE, "</p>"),
        (Kind.COMMENT, "<!-- x -->"),
    ]


def test_attributes_have_their_values_and_places() -> None:
    html = """<A HREF="x?a=1&amp;b" title='it "is"' hidden width=9>"""

    (token,) = tags.read(html)

    assert [(name, value) for name, value, _, _ in token.attributes] == [
        ("href", "x?a=1&b"),
        ("title", 'it "is"'),
        ("hidden", ""),
        ("width", "9"),
    ]
    assert html[token.attributes[0].start : token.attributes[0].end] == "x?a=1&amp;b"


def test_of_two_attributes_of_a_name_the_first_holds() -> None:
    (token,) = tags.read("<p id=a id=b>")

    assert [attribute.value for attribute in token.attributes] == ["a"]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<style>a > b { } </style >", "a > b { } "),
        ("<title>1 <b>2</title>", "1 <b>2"),
        ("<script>if (a<b) {}</SCRIPT>", "if (a<b) {}"),
        ("<style>never ends <p>", "never ends <p>"),
    ],
)
def test_the_content_of_some_elements_is_no_markup(html: str, text: str) -> None:
    assert (Kind.TEXT, text) in kinds(html)


def test_a_comment_for_all_but_outlook_ends_where_browsers_end_it() -> None:
    assert kinds("<!--[if !mso]><!--><b><!--<![endif]-->") == [
        (Kind.COMMENT, "<!--[if !mso]><!-->"),
        (Kind.OPEN, "<b>"),
        (Kind.COMMENT, "<!--<![endif]-->"),
    ]


@pytest.mark.parametrize("html", ["<a href='x", "<!-- x", "<a b", "<!x"])
def test_what_never_ends_goes_on_to_the_end(html: str) -> None:
    (token,) = tags.read(html)

    assert (token.end, token.ended) == (len(html), False)


@pytest.mark.parametrize("html", ["a < b", "<", "</ >", "<3", "x <"])
def test_a_sign_that_begins_no_tag_is_text(html: str) -> None:
    assert kinds(html) == [(Kind.TEXT, html)]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_no_sign_of_a_page_is_lost(html: str) -> None:
    assert "".join(text for _, text in kinds(html)) == html
