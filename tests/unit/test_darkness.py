"""The page in the dark, in three ways."""

from hypothesis import given
from hypothesis import strategies as st

from newsletter import darkness

PAGE = (
    "<!DOCTYPE html><html><head><meta name=color-scheme content='light dark'>"
    "<style>p{color:#000}@media (prefers-color-scheme: dark){p{color:#fff!important}}</style></head>"
    '<body style="background-color:#ffffff"><p style="border-top:1px solid #000">black &amp; white</p>'
    "<!--[if mso]><td bgcolor=#ffffff><![endif]--><table bgcolor=#ffffff></table></body></html>"
)
PIECES = [
    "<p style='",
    "color:#000;",
    "'>",
    '"',
    "<style>",
    "</style>",
    "a{",
    "}",
    "@media (prefers-color-scheme:dark){",
]


def test_forced_dark_turns_every_colour_but_those_of_the_dark_rules_and_of_outlook() -> None:
    page = darkness.forced(PAGE)

    assert "p{color:#dbdbdb}" in page
    assert "p{color:#fff!important}" in page
    assert 'style="background-color:#212121"' in page
    assert "border-top:1px solid #dbdbdb" in page
    assert "<table bgcolor=#212121>" in page or '<table bgcolor="#212121">' in page
    assert "<!--[if mso]><td bgcolor=#ffffff><![endif]-->" in page


def test_forced_dark_knows_no_preference() -> None:
    assert "@media (max-width:0){" in darkness.forced(PAGE)


def test_a_page_without_a_background_lies_on_the_canvas_of_the_client() -> None:
    page = darkness.forced("<!DOCTYPE html><html><body>x")

    assert page == "<!DOCTYPE html><html><style>html{background-color:#212121;color:#dbdbdb}</style><body>x"


def test_a_client_that_prefers_dark_has_the_dark_rules_at_once() -> None:
    page = darkness.preferred(PAGE)

    assert "@media (min-width:0){p{color:#fff!important}}" in page
    assert "content='dark'" in page
    assert "p{color:#000}" in page


def test_the_light_page_is_light_in_a_dark_browser_too() -> None:
    page = darkness.unpreferred(PAGE)

    assert "@media (max-width:0){" in page
    assert "content='only light'" in page


def test_a_condition_in_the_text_of_a_paper_stays() -> None:
    page = "<p>We set (prefers-color-scheme: dark) and color:#000.</p>"

    assert page in darkness.preferred(page)
    assert page in darkness.forced(page)


def test_without_styles_only_the_style_blocks_are_gone() -> None:
    page = darkness.without_styles(PAGE)

    assert "<style" not in page
    assert "p{color" not in page
    assert 'style="background-color:#ffffff"' in page


def test_an_address_and_a_font_are_no_colours() -> None:
    page = '<p style="background:url(red.png);font-family:Tan;color:var(--red)">x</p>'

    assert page in darkness.forced(page)


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_whatever_the_page_something_comes_back(html: str) -> None:
    assert "<style>" in darkness.forced(html)
    assert "<style>" in darkness.preferred(html)
    assert len(darkness.without_styles(html)) <= len(html)
