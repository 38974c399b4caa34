"""The bytes of a mail: its headers, its parts, and what no title can do to them."""

import email
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter import message
from newsletter.model import Attachment, ReaderLinks, RenderedIssue
from tests.builders import LINKS, mailing_list

SENT_AT = datetime(2026, 1, 6, 9, tzinfo=UTC)


def rendered(
    subject: str = "KIVI leads 3 papers", html: str = "<p>Hello</p>", text: str = "Hello\n"
) -> RenderedIssue:
    return RenderedIssue(subject=subject, preheader="", html=html, text=text)


def composed(issue: RenderedIssue | None = None, links: ReaderLinks = LINKS, **values: object) -> bytes:
    return message.compose(
        issue or rendered(),
        list=mailing_list(**values),
        links=links,
        recipient="Ada <ada@example.net>",
        sent_at=SENT_AT,
    )


def parsed(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=policy.strict)  # type: ignore[return-value]


def test_a_mail_has_every_header_that_a_bulk_mail_needs() -> None:
    mail = parsed(composed())

    headers = dict(mail.items())
    headers.pop("Message-ID")
    headers.pop("Content-Type")
    assert headers == {
        "From": "Paper Weekly <digest@news.example.org>",
        "To": "Ada <ada@example.net>",
        "Subject": "KIVI leads 3 papers",
        "Date": "Tue, 06 Jan 2026 09:00:00 +0000",
        "List-Id": "Paper Weekly <weekly.news.example.org>",
        "List-Unsubscribe": "<https://news.example.org/unsubscribe/p9q2>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Archive": "<https://news.example.org/>",
        "List-Help": "<https://news.example.org/preferences/p9q2>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": "en",
        "MIME-Version": "1.0",
    }


def test_text_comes_before_html_and_both_are_quoted_printable_utf8() -> None:
    mail = parsed(composed(rendered(html="<p>2.6× ∼ ε</p>", text="2.6× ∼ ε\n")))

    parts = [(part.get_content_type(), part["Content-Transfer-Encoding"]) for part in mail.iter_parts()]
    assert parts == [("text/plain", "quoted-printable"), ("text/html", "quoted-printable")]
    assert [part.get_content().strip() for part in mail.iter_parts()] == ["2.6× ∼ ε", "<p>2.6× ∼ ε</p>"]


def test_every_line_ends_with_crlf_and_is_seven_bit_and_short() -> None:
    raw = composed(rendered(html="<p>" + "ε wörd " * 400 + "</p>", text="ε" * 3000))

    lines = raw.split(b"\r\n")
    assert all(b"\n" not in line and b"\r" not in line for line in lines)
    assert max(map(len, lines)) <= 78
    assert raw.isascii()


def test_a_reader_may_leave_by_page_or_by_mail_and_neither_address_is_folded() -> None:
    mail_address = f"mailto:leave+{'a' * 52}@news.example.org?subject=unsubscribe"
    raw = composed(links=replace(LINKS, unsubscribe_mail=mail_address))

    field = f"List-Unsubscribe: <{LINKS.unsubscribe}>,\r\n <{mail_address}>\r\nList-Unsubscribe-Post: "
    assert field.encode() in raw


@pytest.mark.parametrize("length", [60, 200, 900])
def test_an_unsubscribe_address_of_any_length_stays_whole(length: int) -> None:
    url = "https://news.example.org/u/" + "a1-_" * (length // 4)

    raw = composed(links=ReaderLinks(web=url, archive=url, preferences=url, unsubscribe=url))

    assert f"List-Unsubscribe: <{url}>\r\n".encode() in raw


def test_the_same_issue_for_the_same_reader_is_the_same_bytes() -> None:
    assert composed() == composed()
    assert parsed(composed())["Message-ID"].endswith("@news.example.org>")


def test_another_issue_has_another_message_id() -> None:
    assert parsed(composed())["Message-ID"] != parsed(composed(rendered("Other")))["Message-ID"]


def test_a_mail_with_a_key_has_it_as_message_id_and_nothing_else_tells_readers_apart() -> None:
    key = message.delivery_key("weekly", 7, bytes(16))
    first, second = (
        message.compose(rendered(), list=mailing_list(), links=LINKS, recipient=to, sent_at=SENT_AT, key=key)
        for to in ("ada@example.net", "ben@example.org")
    )

    assert parsed(first)["Message-ID"] == f"<{key}@news.example.org>"
    assert first.replace(b"ada@example.net", b"ben@example.org") == second


def test_a_delivery_has_one_key_and_no_other_has_it() -> None:
    asked = [
        ("weekly", 7, bytes(16)),
        ("weekly", 8, bytes(16)),
        ("daily", 7, bytes(16)),
        ("weekly", 7, b"k" * 16),
    ]

    keys = [message.delivery_key(*one) for one in asked]

    assert keys == [message.delivery_key(*one) for one in asked]
    assert len(set(keys)) == len(keys)
    assert keys[0] == "cbfc17caac6a3a690912"


@pytest.mark.parametrize(
    "recipient", ["=?a@example.net", "=?utf-8?q?=0D=0ABcc=3A_b=40example.org?=@example.net"]
)
def test_an_address_that_programs_would_read_as_another_is_in_the_envelope_alone(recipient: str) -> None:
    mail = message.compose(rendered(), list=mailing_list(), links=LINKS, recipient=recipient, sent_at=SENT_AT)

    assert b"\r\nTo: undisclosed-recipients:;\r\n" in mail
    assert not parsed(mail)["Bcc"]


def test_answers_go_where_the_list_says() -> None:
    mail = parsed(composed(reply_to="Editors <editors@example.org>"))

    assert mail["Reply-To"] == "Editors <editors@example.org>"


@pytest.mark.parametrize(
    ("title", "header"),
    [
        ('Ada, "The" List', r'"Ada, \"The\" List" <weekly.news.example.org>'),
        ("論文週報", "論文週報 <weekly.news.example.org>"),
        ("A\r\nBcc: b@example.org", '"A Bcc: b@example.org" <weekly.news.example.org>'),
    ],
)
def test_the_title_of_a_list_is_a_phrase_of_its_id(title: str, header: str) -> None:
    raw = composed(title=title)

    assert parsed(raw)["List-Id"] == header
    assert b"<weekly.news.example.org>\r\n" in raw
    assert not parsed(raw)["Bcc"]


def test_a_display_name_with_a_comma_is_one_mailbox() -> None:
    mail = parsed(composed(sender='"Müller, A." <a.mueller@example.org>'))

    (mailbox,) = mail["From"].addresses
    assert (mailbox.display_name, mailbox.addr_spec) == ("Müller, A.", "a.mueller@example.org")


@settings(deadline=None)
@given(st.text(max_size=400) | st.from_regex(r"=\?(utf-8)?\?[qb]\?[\x00-\x7f]{0,80}\?=", fullmatch=True))
def test_a_subject_is_one_header_whatever_a_title_holds(subject: str) -> None:
    clean = subject.encode("utf-8", "replace").decode()

    mail = parsed(composed(rendered(subject=clean)))

    assert len(mail.keys()) == len(set(mail.keys()))
    assert "\n" not in mail["Subject"]
    assert not mail.defects


@pytest.mark.parametrize(
    "word",
    ["=?utf-8?q?=0D=0ABcc=3A_b=40example.org?=", "=?utf-8?b?DQpCY2M6IGJAZXhhbXBsZS5vcmc=?=", "x=??q?=0A?="],
)
def test_an_encoded_word_in_a_title_is_text_and_begins_no_header(word: str) -> None:
    raw = composed(rendered(subject=word), title=word, sender=f'"{word}" <digest@example.org>')

    assert parsed(raw).keys() == parsed(composed()).keys()
    assert b"Bcc:" not in raw
    assert parsed(raw)["Subject"] == word.replace("=?", "= ?")


def test_an_ascii_subject_is_left_as_it_is() -> None:
    assert b"Subject: KIVI leads 3 papers\r\n" in composed()


BIB = Attachment("paper-weekly-2026-01-06.bib", "x-bibtex", "@misc{k,\n  title = {Über},\n}\n".encode())
RIS = Attachment("paper-weekly-2026-01-06.ris", "x-research-info-systems", b"TY  - GEN\r\nER  - \r\n" * 900)


def with_files(*files: Attachment) -> bytes:
    return message.compose(
        rendered(),
        list=mailing_list(),
        links=LINKS,
        recipient="ada@example.net",
        sent_at=SENT_AT,
        attachments=files,
    )


def test_files_stand_behind_both_bodies_byte_for_byte() -> None:
    mail = parsed(with_files(BIB, RIS))

    bodies, *files = mail.iter_parts()
    assert mail.get_content_type() == "multipart/mixed"
    assert bodies.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in bodies.iter_parts()] == ["text/plain", "text/html"]
    assert [(one.get_content_type(), one.get_filename(), one.get_content()) for one in files] == [
        ("application/x-bibtex", BIB.name, BIB.content),
        ("application/x-research-info-systems", RIS.name, RIS.content),
    ]
    assert {one.get_content_disposition() for one in files} == {"attachment"}


def test_a_mail_with_files_is_seven_bit_short_lined_and_the_same_each_time() -> None:
    raw = with_files(BIB, RIS)

    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert raw == with_files(BIB, RIS)
    assert not parsed(raw).defects


def test_a_mail_without_files_is_no_mixed_one() -> None:
    assert parsed(with_files()).get_content_type() == "multipart/alternative"


def test_no_line_of_a_body_is_longer_than_quoted_printable_allows() -> None:
    long = rendered(html=f"<p>{'ein langes Wörtchen ' * 40}</p>", text="a" * 300 + "\n")
    _, _, body = composed(long).partition(b"\r\n\r\n")

    assert max(map(len, body.split(b"\r\n"))) == 76


LATER = datetime(2026, 1, 7, 10, 30, tzinfo=UTC)


def test_a_mail_for_somebody_else_differs_in_three_headers_only() -> None:
    mail = composed(rendered(html="<p>ε</p>", subject="ε " * 60), postal_address="x")

    raw, sender, to = message.readdress(mail, recipient="Bo Ü <bo@example.org>", sent_at=LATER)

    own = {"To", "Date", "Message-ID"}
    before, after = (dict(parsed(one).items()) for one in (mail, raw))
    assert {name: value for name, value in after.items() if name not in own} == {
        name: value for name, value in before.items() if name not in own
    }
    assert (after["To"], after["Date"]) == ("Bo Ü <bo@example.org>", "Wed, 07 Jan 2026 10:30:00 +0000")
    assert after["Message-ID"].endswith("@news.example.org>")
    assert (sender, to) == ("digest@news.example.org", "bo@example.org")
    assert raw.split(b"\r\n\r\n", 1)[1] == mail.split(b"\r\n\r\n", 1)[1]
    assert not parsed(raw).defects


def test_every_test_mail_is_a_new_one() -> None:
    mail = composed()
    ids = {
        parsed(message.readdress(mail, recipient=to, sent_at=at)[0])["Message-ID"]
        for to in ("ada@example.net", "bo@example.net")
        for at in (SENT_AT, LATER)
    }

    assert len(ids) == 4


@pytest.mark.parametrize(
    "text",
    [
        *("", "ada", "@", "ada@", "@example.org", "ada@example", "ada@example.org, bo@example.org"),
        *("ada@example.org\r\nBcc: bo@example.org", "ada@example.org\x00", "ada@example.org bo@example.org"),
        *("ada@exämple.org", "ädä@example.org", "x" * 65 + "@example.org", "<ada@example.org"),
        *("ada@example.org)bo@evil.example", "a@b@example.org", "ada@-.", "ada@example..org"),
        *("ada@[example.org", '"ada@example.org', "ada@example.org>", "ada@x.org:25", "A ada@example.org"),
        *("=?utf-8?q?x?= <ada@example.org>", "\ud800 <ada@example.org>"),
    ],
)  # fmt: skip
def test_what_is_not_one_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"address|ASCII"):
        message.readdress(composed(), recipient=text, sent_at=LATER)


@settings(deadline=None)
@given(st.text(max_size=60) | st.from_regex(r'[\w.<>"(),;:@\[\] -]{0,40}@[\w.-]{0,20}'))
def test_an_address_is_one_or_refused(text: str) -> None:
    try:
        raw, _, to = message.readdress(composed(), recipient=text, sent_at=LATER)
    except ValueError:
        return

    assert [one.addr_spec for one in parsed(raw)["To"].addresses] == [to]
    assert len(parsed(raw).keys()) == len(parsed(composed()).keys())
