"""The letters of double opt-in: what they say, what they never say, and how they are left."""

import email
import re
from datetime import timedelta
from email import policy
from email.message import EmailMessage

import pytest

from newsletter import letters, lint, look_folders
from newsletter.letters import Letter
from newsletter.model import Cadence, Choice, MailingList, ReaderLinks
from newsletter.templating import Look
from tests.builders import NOW, mailing_list, theme
from tests.hostile import PAYLOADS

LINK = f"https://news.example.org/weekly/confirm/{'abcdefgh' * 6}abcd"
LINKS = ReaderLinks(
    web="https://news.example.org/weekly/",
    archive="https://news.example.org/weekly/",
    preferences=f"https://news.example.org/weekly/preferences/{'abcdefgh' * 6}abcd",
    unsubscribe=f"https://news.example.org/weekly/unsubscribe/{'bcdefgha' * 6}abcd",
    unsubscribe_mail=f"mailto:leave+{'bcdefgha' * 6}abcd@news.example.org?subject=unsubscribe",
)
WEEKLY = mailing_list(
    themes=(theme(), theme("parallelism")),
    postal_address="Example Press, 1 Example Street, Berlin",
    description="What was found out about the KV cache.",
)


def look() -> Look:
    bundled = look_folders.shipped_looks()
    own = look_folders.folder(letters.FOLDER, bundled=bundled, own=None)
    return letters.dressed(own, look_folders.load("default", bundled=bundled, own=None))


def letter(chosen: MailingList = WEEKLY, choice: Choice | None = None, **values: object) -> Letter:
    fields: dict[str, object] = {"recipient": "ada+lists@example.net", "name": "17", "sent_at": NOW, **values}
    return Letter(chosen, choice or Choice(("kv-cache",)), **fields)  # type: ignore[arg-type]


def confirm(one: Letter | None = None) -> bytes:
    return letters.confirm(one or letter(), look=look(), link=LINK, life=timedelta(days=7))


def known(one: Letter | None = None) -> bytes:
    return letters.known(one or letter(), look=look(), links=LINKS)


def bodies(raw: bytes) -> tuple[str, str]:
    mail = parsed(raw)
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text
    assert html
    return text.get_content(), html.get_content()


def parsed(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=policy.default)  # type: ignore[return-value]


def test_the_letter_asks_for_a_yes_and_says_what_comes_and_from_whom() -> None:
    text, html = bodies(confirm())

    assert text.count(LINK) == 1
    assert html.count(f'href="{LINK}"') == 1
    words = " ".join(re.sub(r"<[^>]*>", " ", html).split())
    for said in (
        "Please confirm",
        "The link works for 7 days.",
        "every issue, as soon as it is out; of its themes: Kv cache.",
        "What was found out about the KV cache.",
        "If you did not ask for this, do nothing: no further mail comes.",
        "Paper Weekly, Example Press, 1 Example Street, Berlin",
    ):
        assert said in words
        assert said in " ".join(text.split())


def test_a_reader_of_the_list_is_told_how_to_choose_and_how_to_leave() -> None:
    text, html = bodies(known(letter(choice=Choice(cadence=Cadence.MONTHLY))))

    for address in (LINKS.preferences, LINKS.unsubscribe):
        assert text.count(address) == 1
        assert html.count(f'href="{address}"') == 1
    assert "one mail a month, with the strongest papers of its issues." in " ".join(text.split())


def test_whoever_is_on_no_list_gets_no_header_to_leave_it() -> None:
    mail = parsed(confirm())

    assert {name: mail[name] for name in mail if name not in ("Message-ID", "Content-Type")} == {
        "From": "Paper Weekly <digest@news.example.org>",
        "To": "ada+lists@example.net",
        "Subject": "Please confirm: Paper Weekly",
        "Date": "Tue, 06 Jan 2026 09:30:15 +0000",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "Content-Language": "en",
        "MIME-Version": "1.0",
    }


def test_a_reader_of_the_list_can_leave_by_the_buttons_of_a_mail_client() -> None:
    mail = parsed(known())

    assert mail["List-Unsubscribe"] == f"<{LINKS.unsubscribe}>, <{LINKS.unsubscribe_mail}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Id"] == "Paper Weekly <weekly.news.example.org>"


@pytest.mark.parametrize("compose", [confirm, known])
def test_the_address_stands_in_the_header_and_nowhere_in_a_body(compose) -> None:  # type: ignore[no-untyped-def]
    for body in bodies(compose()):
        assert "ada" not in body.replace("standard", "")
        assert "example.net" not in body


@pytest.mark.parametrize("compose", [confirm, known])
def test_a_letter_is_named_by_its_ask_whenever_it_is_sent(compose) -> None:  # type: ignore[no-untyped-def]
    first, again = compose(), compose(letter(sent_at=NOW + timedelta(hours=3)))
    other = compose(letter(name="18"))

    assert parsed(first)["Message-ID"] == parsed(again)["Message-ID"] != parsed(other)["Message-ID"]
    assert compose() == first


@pytest.mark.parametrize("compose", [confirm, known])
def test_its_bodies_fit_every_mail_server_with_their_links_whole(compose) -> None:  # type: ignore[no-untyped-def]
    head, _, rest = compose().partition(b"\r\n\r\n")

    assert max(map(len, rest.split(b"\r\n"))) <= 76
    assert rest.isascii()
    assert all(line.startswith((b" <", b"List-")) for line in head.split(b"\r\n") if len(line) > 76)
    assert all(" " not in line.strip() for line in bodies(compose())[0].split("\n") if "://" in line)


@pytest.mark.parametrize("size", ["short", "long"])
def test_the_linter_finds_nothing_but_what_only_lists_have(size: str) -> None:
    chosen = WEEKLY if size == "long" else mailing_list()

    assert lint.check_mail(known(letter(chosen, Choice()))) == ()
    assert [finding.message for finding in lint.check_mail(confirm(letter(chosen, Choice())))] == [
        "No List-Id.",
        "No List-Unsubscribe.",
        "No List-Unsubscribe-Post.",
    ]


def test_a_theme_that_the_list_has_no_more_is_not_named() -> None:
    text, _ = bodies(confirm(letter(choice=Choice(("<b>free money</b>", "kv-cache")))))

    assert "money" not in text
    assert "of its themes: Kv cache." in " ".join(text.split())


def test_whatever_an_operator_calls_a_list_it_stays_text() -> None:
    for hostile in PAYLOADS[::8]:
        raw = confirm(letter(mailing_list(title=hostile, description=hostile, postal_address=hostile)))
        assert {part.get_content_type() for part in parsed(raw).iter_parts()} == {"text/plain", "text/html"}
        assert parsed(raw)["To"] == "ada+lists@example.net"
        assert "<script" not in bodies(raw)[1].lower()


def test_the_folder_of_letters_is_no_look() -> None:
    assert "letters" not in look_folders.names(look_folders.shipped_looks(), None)
