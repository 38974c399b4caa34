"""Every hostile payload in every text of an issue: in each look, in the plain text, and as a mail."""

import email
import re
import unicodedata
from datetime import UTC, datetime
from email import policy
from functools import cache
from pathlib import Path

import pytest
from lxml import html as lxml_html  # type: ignore[import-untyped]

from newsletter import app, config, legible, message, mjml, publish, rendering, sources
from newsletter.model import RenderedIssue
from newsletter.templating import Look
from tests.builders import LINKS, mailing_list, theme
from tests.hostile import FAMILIES, PAYLOADS, digest_with, issue_with

ROOT = Path(__file__).parents[2] / "templates"
LOOKS = sorted(path.parent.name for path in ROOT.glob("*/issue.mjml.j2"))
HARMLESS = "Harmless words"
# What the editor's note may become.
NOTE = {"p", "ul", "ol", "li", "strong", "em", "code", "br", "a"}
NEVER = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
SENT_AT = datetime(2026, 1, 6, 9, tzinfo=UTC)

in_each_look = pytest.mark.parametrize("look", LOOKS)
of_each_family = pytest.mark.parametrize("family", FAMILIES)


@cache
def render(payload: str, look: str, *, note: bool = False) -> RenderedIssue:
    """An issue that says it everywhere. note: in the editor's note too, which may have elements."""
    return rendering.render(issue_with(payload, note=note), look=loaded(look), links=LINKS)


@cache
def loaded(look: str) -> Look:
    return app.load_look(look, config.load(None))


def structure(rendered: RenderedIssue) -> list[tuple[object, ...]]:
    """Every element with its depth and the names of its attributes, and every comment whole, in order."""
    return [
        (len(list(node.iterancestors())), node.tag, *sorted(node.attrib))
        if isinstance(node.tag, str)
        else ("comment", node.text)
        for node in lxml_html.document_fromstring(rendered.html).iter()
    ]


def seen(text: str) -> str:
    """The text as it is compared: as a mail shows it, each stretch of blanks one blank."""
    return " ".join(legible.text(mjml.without_controls(text)).replace("\u200e", "").split())


def letters(text: str) -> str:
    """The text without blanks, wherever lines end, and without the marks on its letters."""
    return "".join(
        one for one in seen(text) if not one.isspace() and unicodedata.category(one) not in ("Mn", "Me")
    )


def wire(rendered: RenderedIssue, payload: str) -> bytes:
    return message.compose(
        rendered, list=mailing_list(title=payload), links=LINKS, recipient="ada@example.net", sent_at=SENT_AT
    )


def test_there_are_many_payloads_and_each_is_another() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 150


@in_each_look
@of_each_family
def test_hostile_text_adds_no_element_no_attribute_and_no_comment(look: str, family: str) -> None:
    harmless = structure(render(HARMLESS, look))

    wrong = [payload for payload in FAMILIES[family] if structure(render(payload, look)) != harmless]

    assert wrong == []


@in_each_look
@of_each_family
def test_hostile_text_is_read_as_it_was_written(look: str, family: str) -> None:
    for payload in FAMILIES[family]:
        rendered = render(payload, look)
        root = lxml_html.document_fromstring(rendered.html)
        titles = [seen(heading.text_content()) for heading in root.iter("h1", "h3")]

        assert titles == [seen(payload)] * 4
        assert seen(root.text_content()).count(seen(payload)) >= 12
        assert letters(payload) in letters(rendered.text)


@in_each_look
@of_each_family
def test_links_go_to_the_web_only_and_stand_in_both_bodies(look: str, family: str) -> None:
    for payload in FAMILIES[family]:
        rendered = render(payload, look)
        links = lxml_html.document_fromstring(rendered.html).xpath(
            "//@href | //@src | //@background | //@action"
        )

        assert [
            link for link in links if not re.match(r"https?://[\w.]+\.(example\.)?org[/#?]", link, re.I)
        ] == []
        assert {link for link in links if link not in rendered.text} == set()


@in_each_look
@of_each_family
def test_the_note_of_an_editor_has_a_few_elements_at_most(look: str, family: str) -> None:
    harmless = structure(render(HARMLESS, look))
    for payload in FAMILIES[family]:
        rendered = render(payload, look, note=True)
        added = [part for part in structure(rendered) if part not in harmless]

        assert {str(part[1]) for part in added} <= NOTE | {"table", "tbody", "tr", "td", "div"}
        assert {name for part in added for name in part[2:]} <= {
            *("href", "style", "class", "role", "width", "cellpadding", "cellspacing", "dir"),
        }
        links = lxml_html.document_fromstring(rendered.html).xpath("//@href")
        assert [link for link in links if not re.match(r"https?://|mailto:", link, re.I)] == []


@in_each_look
@of_each_family
def test_the_plain_text_has_one_end_and_nothing_that_turns_it_around(look: str, family: str) -> None:
    for payload in FAMILIES[family]:
        text = render(payload, look).text
        lines = text.splitlines()

        assert not NEVER.search(text)
        assert [lines.count("-- "), text.split("\n").count("-- ")] == [1, 1]
        assert lines[-1] == f"Unsubscribe: {LINKS.unsubscribe}"


@in_each_look
@of_each_family
def test_as_a_mail_it_has_the_same_headers_and_parts(look: str, family: str) -> None:
    harmless = email.message_from_bytes(
        wire(render(HARMLESS, look, note=True), HARMLESS), policy=policy.strict
    )
    for payload in FAMILIES[family]:
        rendered = render(payload, look, note=True)
        raw = wire(rendered, payload)
        mail = email.message_from_bytes(raw, policy=policy.strict)

        assert mail.keys() == harmless.keys()
        assert [part.get_content_type() for part in mail.walk()] == [
            *("multipart/alternative", "text/plain", "text/html"),
        ]
        assert (raw.isascii(), raw.count(b"\r"), raw.count(b"\n")) == (
            True,
            raw.count(b"\r\n"),
            raw.count(b"\r\n"),
        )
        html = mail.get_body(("html",)).get_content()  # type: ignore[attr-defined]
        assert html.replace("\r\n", "\n").strip() == rendered.html.strip()
        assert not any(part.defects for part in mail.walk())
        assert not NEVER.search(f"{mail['Subject']}{mail['List-Id']}")


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_a_digest_that_says_it_becomes_an_issue_of_a_few_elements(payload: str) -> None:
    if re.search("[\ud800-\udfff]", payload):
        pytest.skip("a digest with half a character is refused as a whole")
    digest = sources.parse(digest_with(payload).encode(), "hostile.json")
    chosen = mailing_list(themes=(theme(),), trending_limit=5)

    made = publish.draft((digest,), list=chosen, on=SENT_AT.date())

    rendered = rendering.render(made, look=loaded("default"), links=LINKS)
    root = lxml_html.document_fromstring(rendered.html)
    assert {node.tag for node in root.iter() if isinstance(node.tag, str)}.isdisjoint(
        ("script", "img", "svg", "iframe", "object", "form", "input", "base", "link", "mj-raw")
    )
    assert not [
        name for node in root.iter() if isinstance(node.tag, str) for name in node.attrib if name[:2] == "on"
    ]
    assert not NEVER.search(rendered.text)
