"""What styles come to: the rule that wins, and what an element takes over from around it."""

import pytest

from newsletter import color
from newsletter.lint.cascade import Cascade, Look, View
from newsletter.lint.page import Page

LIGHT, DARK, PHONE = View("light", "light", 640), View("dark", "dark", 640), View("phone", "light", 360)


def last(html: str, view: View = LIGHT) -> Look:
    """How the text of the last element looks."""
    return Cascade(Page(html)).looks(view)[-1]


@pytest.mark.parametrize(
    ("styles", "ink"),
    [
        ("b{color:red}b{color:blue}", "blue"),
        (".x{color:red}b{color:blue}", "red"),
        ("#i{color:red}.x.y{color:blue}", "red"),
        ("p .x{color:red}.x{color:blue}", "red"),
        ("p>b{color:red}", "red"),
        ("body>b{color:red}", "black"),
        ("div b{color:red}", "black"),
        ("body p b{color:red}", "red"),
        ("*{color:red}", "red"),
        ("b.z{color:red}", "black"),
        ("[title]{color:red}", "red"),
        ("[title=t]{color:red}", "red"),
        ("[title^=t]{color:red}", "black"),
        ("[data-ogsc] b{color:red}", "black"),
        ("p+b{color:red}", "black"),
        ("b:hover{color:red}", "black"),
        (":root{color:red}", "red"),
        ("b{color:red!important}#i{color:blue}", "red"),
        ("@media print{b{color:red}}", "black"),
        ("@media (prefers-color-scheme:dark){b{color:red}}", "black"),
        ("@media (max-width:480px){b{color:red}}", "black"),
        ("@media (min-width:480px){b{color:red}}", "red"),
        ("@supports (x:y){b{color:red}}", "black"),
        ("b{color:nonsense}", "black"),
        ("p{color:red}b{color:inherit}", "red"),
    ],
)
def test_the_rule_that_weighs_most_wins(styles: str, ink: str) -> None:
    look = last(f'<html><style>{styles}</style><body><p><b id="i" class="x y" title="t">W')

    assert look.ink == color.parse(ink)


def test_a_style_attribute_beats_a_rule_but_not_an_important_one() -> None:
    assert last('<style>b{color:red}</style><b style="color:blue">').ink == color.parse("blue")
    assert last('<style>b{color:red!important}</style><b style="color:blue">').ink == color.parse("red")


def test_each_view_has_its_own_rules() -> None:
    styles = "@media (prefers-color-scheme:dark){b{color:red}}@media (max-width:480px){b{color:blue}}"
    html = f"<style>{styles}</style><b>"

    assert [last(html, view).ink for view in (DARK, PHONE)] == [color.parse("red"), color.parse("blue")]


@pytest.mark.parametrize(
    ("html", "size"),
    [
        ("<p>", 16.0),
        ('<p style="font-size:12pt">', 16.0),
        ('<p style="font-size:20px"><b style="font-size:.5em">', 10.0),
        ('<p style="font-size:150%"><b style="font-size:1rem">', 16.0),
        ('<p style="font:bold 14px/20px Arial">', 14.0),
        ('<p style="font-size:large">', 18.0),
        ('<p style="font-size:calc(1px)">', 16.0),
        ("<h1>", 32.0),
    ],
)
def test_sizes_are_in_pixels(html: str, size: float) -> None:
    assert last(html).size == pytest.approx(size)


@pytest.mark.parametrize(
    ("html", "ground"),
    [
        ('<body bgcolor="#111111"><p>', "#111111"),
        ('<body style="background:#222 none"><p>', "#222222"),
        ('<body bgcolor="#fff"><p style="background:rgba(0,0,0,.5)">', "#808080"),
        ('<p style="background-color:red;background:blue">', "#0000ff"),
        ("<p>", "#ffffff"),
    ],
)
def test_the_ground_is_the_nearest_that_is_drawn(html: str, ground: str) -> None:
    found = last(html).ground

    assert found is not None
    assert color.css(found) == ground


@pytest.mark.parametrize("style", ["background:url(x.png)", "background-image:linear-gradient(red,blue)"])
def test_the_ground_of_an_image_is_unknown(style: str) -> None:
    assert last(f'<p style="{style}"><b>').ground is None


@pytest.mark.parametrize(
    "style", ["display:none", "visibility:hidden", "opacity:0", "overflow:hidden;max-height:0px"]
)
def test_what_is_hidden_hides_what_is_in_it(style: str) -> None:
    assert last(f'<p style="{style}"><b>').hidden


@pytest.mark.parametrize(
    ("html", "bold"),
    [
        ("<b>", True),
        ("<p>", False),
        ('<b style="font-weight:400">', False),
        ('<p style="font-weight:700">', True),
    ],
)
def test_weight_is_taken_over_or_said(html: str, bold: bool) -> None:
    assert last(html).bold is bold
