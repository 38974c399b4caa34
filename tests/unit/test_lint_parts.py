"""The bytes of a mail cut into fields and parts."""

import pytest

from newsletter.lint import parts

MAIL = b"""From: "A, B" <a@Example.org> (home)
Subject: =?utf-8?q?Caf=C3=A9?= and
 more
Content-Type: multipart/mixed; boundary="out er"

preamble
--out er
Content-Type: multipart/alternative; boundary="out"

--out

plain =E2=82=AC
--out
Content-Type: text/html; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

<p>caf=E9=
!</p>
--out--
--out er
Content-Type: text/plain
Content-Disposition: attachment; filename=papers.bib

@article{}
--out er--
"""


def test_the_bodies_are_decoded_and_attachments_are_none() -> None:
    wire = parts.unpack(MAIL)

    assert wire.body("text/plain") == "plain =E2=82=AC"
    assert wire.body("text/html") == "<p>café!</p>"
    assert wire.body("text/calendar") is None
    assert [part.type for part in wire.every()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/plain",
    ]


def test_header_fields_are_unfolded_and_have_their_places() -> None:
    wire = parts.unpack(MAIL)

    (subject,) = wire.fields("subject")
    assert subject.value == "=?utf-8?q?Caf=C3=A9?= and more"
    assert wire.place(subject.start) == (2, 1)
    assert (wire.subject, wire.sender_domain) == ("Café and more", "example.org")


@pytest.mark.parametrize("charset", ["nonsense", "idna", "", "zlib"])
def test_a_charset_that_nobody_knows_is_read_as_utf8(charset: str) -> None:
    raw = f"Content-Type: text/html; charset={charset}\n\n<p>é</p>".encode()

    assert parts.unpack(raw).body("text/html") == "<p>é</p>"


def test_base64_that_is_broken_stays_as_it_is() -> None:
    raw = b"Content-Type: text/html\nContent-Transfer-Encoding: base64\n\nPHA+x"

    assert parts.unpack(raw).body("text/html") == "PHA+x"
