"""MJML → HTML: what mrml and premailer would damage comes out whole."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html  # type: ignore[import-untyped]
from markupsafe import escape

from newsletter import mjml


def document(body: str, head: str = "") -> str:
    text = f"<mj-section><mj-column><mj-text>{body}</mj-text></mj-column></mj-section>"
    return f"<mjml><mj-head>{head}</mj-head><mj-body>{text}</mj-body></mjml>"


def convert(body: str, head: str = "", css: str = "") -> str:
    return mjml.to_html(document(body, head), css=css)


@pytest.mark.parametrize(
    ("written", "prepared"),
    [
        ("alt='a \"b\"'", 'alt="a &quot;b&quot;"'),
        ('alt="e\u0301"', 'alt="e&#769;"'),
        ('alt="\u00a0\u200d\u00ad"', 'alt="&#160;&#8205;&#173;"'),
        ('alt="a\\b"', 'alt="a&#92;b"'),
        ('style="color:red;\n\t margin:0"', 'style="color:red; margin:0"'),
        ('alt = "x" lang=en', 'alt ="x" lang=en'),
    ],
)
def test_an_attribute_is_spelled_so_that_mrml_prints_it_unharmed(written: str, prepared: str) -> None:
    assert mjml.prepare(f"<img {written} />") == f"<img {prepared} />"


def test_styles_and_comments_stay_as_they_are() -> None:
    source = "<style>a::after{content:\"→\\A\"}</style><!--[if mso]><b title='é'><![endif]-->"

    assert mjml.prepare(source) == source


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40))
def test_any_text_survives_in_text_attribute_and_title(text: str) -> None:
    shown = text.strip(" ")
    head = f"<mj-title>{escape(shown)}</mj-title>"
    root = lxml_html.document_fromstring(convert(f'<p title="{escape(shown)}">{escape(text)}</p>', head))

    once = " ".join(part for part in shown.split(" ") if part)
    assert root.find(".//p").text == text
    assert root.find(".//p").get("title") == once
    assert root.xpath("//*[@role='article']/@aria-label") in ([once], [])


def test_rules_go_into_elements_and_style_blocks_keep_their_importance() -> None:
    dark = "@media (prefers-color-scheme:dark){p{color:#eeeeee!important}}"
    html = convert("<p>x</p>", f"<mj-raw><style>{dark}</style></mj-raw>", css="p { color: #112131 }")

    assert '<p style="color:#112131">x</p>' in html
    assert dark in html
    assert "data-premailer" not in html


def test_styles_are_written_without_blanks_between_their_rules() -> None:
    html = convert('<p title="a; b">x; y</p>', css="p { margin: 0; color: #123456 }")

    assert '<p title="a; b" style="margin:0;color:#123456">x; y</p>' in html


def test_the_doctype_keeps_clients_out_of_quirks_mode() -> None:
    assert convert("x").startswith("<!DOCTYPE html>")


def test_text_that_looks_like_our_own_marks_is_left_alone() -> None:
    text = ' data-premailer="ignore" display:none;font-size:1px;color:#ffffff;line-height:1px;'
    root = lxml_html.document_fromstring(convert(f"<p>{escape(text)}</p>"))

    assert root.find(".//p").text == text


def test_fonts_are_never_fetched_from_elsewhere() -> None:
    source = document("x").replace("<mj-text>", '<mj-text font-family="Roboto">')

    assert "googleapis" not in mjml.to_html(source, css="")


def test_the_preview_is_not_white_on_white() -> None:
    html = convert("x", "<mj-preview>Inside</mj-preview>")

    assert '<div style="display:none;max-height:0px' in html


def test_a_button_has_no_attribute_that_html_does_not_know() -> None:
    source = document("x").replace("</mj-text>", '</mj-text><mj-button href="https://x.org">y</mj-button>')

    assert ' vertical-align="' not in mjml.to_html(source, css="")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("<mjml><mj-body></mjml>", "<mj-body> is closed by </mjml>"),
        ("<mjml></mjml></b>", "</b> closes an element that is not open"),
        ("<mjml><mj-body>", "<mj-body> is never closed"),
        (document("<!-- half"), "a < that begins no tag"),
        ("hello", "MJML refuses it"),
        ("", "MJML refuses it"),
        (document('<mj-include path="x" />'), "<mj-include> is unknown to MJML"),
    ],
)
def test_a_source_that_is_no_mail_is_refused(source: str, says: str) -> None:
    with pytest.raises(mjml.SourceError, match=says):
        mjml.to_html(source, css="")


def test_a_panic_of_the_engine_becomes_an_ordinary_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(mjml.SourceError, match="MJML broke down on it"):
        convert("<style><![if</style>")
    capfd.readouterr()


def test_premailer_loads_without_a_way_to_the_network() -> None:
    code = "import sys, newsletter.mjml; print({'requests', 'urllib3'} & set(sys.modules) or 'offline')"

    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert done.stdout == "offline\n"


def test_a_client_that_another_part_has_loaded_stays_loaded() -> None:
    code = "import sys, requests, newsletter.mjml; print(sys.modules['requests'] is requests)"

    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert done.stdout == "True\n"


_OPENED = """
import sys
from pathlib import Path
from newsletter import mjml
asked, source, css = [], sys.argv[1], sys.argv[2]
def convert():
    try:
        return mjml.to_html(source, css=css)
    except mjml.SourceError as error:
        return str(error)
convert()  # what Python itself has to load is loaded now
ways = {"open", "urllib.Request", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system"}
sys.addaudithook(lambda event, args: asked.append(event) if event in ways else None)
css += " "  # so that it is read again
assert "c0ffee" not in convert()
print(asked)
"""


@pytest.mark.parametrize(
    ("head", "css"),
    [
        ("", '@import "{}";'),
        ("", "@import url(file://{}) screen;"),
        ("", '@\\69mport "{}";'),
        ("", '@import "http://127.0.0.1:1/x.css";'),
        ("", "p {{ background: url(file://{}) }} @font-face {{ font-family: x; src: url({}) }}"),
        ('<mj-raw><link rel="stylesheet" href="{}"></mj-raw>', ""),
        ('<mj-raw><style>@import "{}";</style></mj-raw>', ""),
        ('<mj-style>@import "{}";</mj-style>', ""),
        ('<mj-include path="{}"/>', ""),
        ('<mj-include path="file://{}" type="css" />', ""),
        ('<mj-font name="x" href="{}" />', ""),
    ],
)
def test_no_file_and_no_address_is_opened_whatever_a_look_names(head: str, css: str, tmp_path: Path) -> None:
    canary = tmp_path / "canary.css"
    canary.write_text("p { color: #c0ffee }", encoding="utf-8")
    source, styles = document("<p>x</p>", head.format(canary)), css.format(canary, canary)

    done = subprocess.run(
        [sys.executable, "-c", _OPENED, source, styles], check=True, capture_output=True, text=True
    )

    assert done.stdout == "[]\n"
