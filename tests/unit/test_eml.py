"""Mails: which part is read, how it is decoded, and which messages are refused."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import sources
from newsletter.errors import DigestError
from newsletter.model import Digest
from newsletter.sources import FORMATS
from newsletter.sources.document import Document
from tests.mutations import is_read_or_refused, mutations

SAMPLE = (Path(__file__).parents[1] / "data/digests/eml/newsletter.eml").read_text(encoding="utf-8")
HEAD = "From: a@example.org\nTo: b@example.org\nSubject: Papers\nDate: Tue, 06 May 2025 09:00:00 +0000\n"
BOATS = '<a href="https://arxiv.org/abs/2401.01234">Small Boats, Big Waves</a>'
LIST = "- [Counting Sheep at Night](https://arxiv.org/abs/2401.00002)\n"


def parse(text: str) -> Digest:
    return sources.parse(text.encode(), "digest.eml")


def multipart(*parts: tuple[str, str], kind: str = "alternative") -> str:
    bodies = "".join(f"--b\nContent-Type: {type}\n\n{body}\n" for type, body in parts)
    return f'{HEAD}Content-Type: multipart/{kind}; boundary="b"\n\n{bodies}--b--\n'


def refusal(text: str) -> str:
    with pytest.raises(DigestError) as caught:
        parse(text)
    return str(caught.value)


def test_the_html_part_is_read_first() -> None:
    digest = parse(multipart(("text/plain", LIST), ("text/html; charset=utf-8", f"<html>{BOATS}</html>")))

    assert [paper.title for paper in digest.papers] == ["Small Boats, Big Waves"]
    assert (digest.format, digest.source, digest.date) == ("eml", "digest.eml", date(2025, 5, 6))


def test_the_plain_part_is_read_where_no_paper_is_in_the_html() -> None:
    digest = parse(multipart(("text/plain", LIST), ("text/html", "<html>See the other part</html>")))

    assert [paper.title for paper in digest.papers] == ["Counting Sheep at Night"]


def test_an_attached_file_is_read_where_the_bodies_have_no_paper() -> None:
    digest = parse(
        multipart(
            ("text/plain", "As attached."), ("application/x-bibtex", "@misc{a, title={Boats}}"), kind="mixed"
        )
    )

    assert [paper.title for paper in digest.papers] == ["Boats"]


BASE64 = "LSBbw5xiZXIgQm9vdGVdKGh0dHBzOi8vYXJ4aXYub3JnL2Ficy8yNDAxLjAxMjM0KQ=="
QUOTED = "- [=DCber Boote](https://arxiv.org/abs=\n/2401.01234)"


@pytest.mark.parametrize(
    ("charset", "encoding", "body"),
    [
        ("utf-8", "8bit", "- [Über Boote](https://arxiv.org/abs/2401.01234)"),
        ("iso-8859-1", "quoted-printable", QUOTED),
        ("utf-8", "base64", BASE64),
        ("no-such-charset", "base64", BASE64),
    ],
)
def test_every_encoding_gives_the_same_text(charset: str, encoding: str, body: str) -> None:
    headers = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {encoding}"

    assert [paper.title for paper in parse(f"{HEAD}{headers}\n\n{body}\n").papers] == ["Über Boote"]


def test_a_subject_in_encoded_words_is_readable_in_a_refusal() -> None:
    assert "a mail (“Zwei Aufsätze”)" in refusal(
        "From: a@b.c\nSubject: =?utf-8?q?Zwei_Aufs=C3=A4tze?=\n\nHello"
    )


@pytest.mark.parametrize("subject", ["=?utf-8?b?a?=", "=?no-such?q?a?="])
def test_a_subject_that_cannot_be_decoded_is_shown_as_it_is(subject: str) -> None:
    assert f"a mail (“{subject}”)" in refusal(f"From: a@b.c\nSubject: {subject}\n\nHello")


def test_the_date_of_the_digest_inside_is_preferred() -> None:
    assert parse(f"{HEAD}\n# Papers of 2025-05-01\n\n{LIST}").date == date(2025, 5, 1)


def test_a_delivery_report_is_refused_by_name() -> None:
    text = multipart(("text/plain", LIST), ("message/delivery-status", "Status: 5.1.1"), kind="report")

    assert "a delivery report, not a digest" in refusal(text)


@pytest.mark.parametrize(
    ("text", "is_mail"),
    [
        (f"{HEAD}\nHello", True),
        (f"From a@b.c Mon Jan  1 00:00:00 2025\n{HEAD}\nHello", True),
        ("Received: by x\n\tfor y\nMIME-Version: 1.0\n\n", True),
        ("Title: Boats\nPDF: https://arxiv.org/abs/2401.01234\n", False),
        ("Dear all,\n\nFrom: me\nTo: you\n", False),
        ("Subject: alone\n\nHello", False),
    ],
)
def test_a_mail_is_told_by_its_headers(text: str, is_mail: bool) -> None:
    assert FORMATS["eml"].sniff(Document(text, "x")) is is_mail


MIXED = "Content-Type: multipart/mixed; boundary=b\n\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(HEAD + "Content-Type: message/rfc822\n\n" * 1000, id="nested mails"),
        pytest.param(HEAD + MIXED + f"--b\n{MIXED}" * 1000, id="nested parts"),
        pytest.param(multipart(*[("text/html", "<p>x")] * 10_000), id="many parts"),
        pytest.param(HEAD + MIXED.replace("=b", "=never") + "--x\n\nHello", id="boundary missing"),
        pytest.param(HEAD + "Content-Type: multipart/mixed\n\nHello", id="boundary unnamed"),
        pytest.param(HEAD + "Content-Transfer-Encoding: base64\n\n" + "!@#A" * 50_000, id="base64"),
        pytest.param(
            HEAD + 'Content-Type: text/html; charset*0="' + '"' * 50_000 + "\n\nHello", id="charset"
        ),
        pytest.param(HEAD + "Subject: " + "=?utf-8?b?x?= " * 50_000 + "\n\nHello", id="subject"),
        pytest.param(HEAD + " folded\n" * 50_000 + "\nHello", id="fold"),
        pytest.param("From: =?x?y?z\nTo: <<,;\nDate: 99 Foo\nContent-Type: ;;=\n\nHello", id="headers"),
    ],
)
def test_a_hostile_mail_is_refused_at_once(text: str) -> None:
    assert refusal(text).startswith("digest.eml: a mail ")


@given(st.data())
def test_any_mutation_is_read_or_refused(data: st.DataObject) -> None:
    assert is_read_or_refused(data.draw(mutations(SAMPLE)))
