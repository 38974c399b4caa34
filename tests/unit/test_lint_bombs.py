"""Pages and mails made to cost time: what grows with the square of them would take minutes here."""

import pytest

from newsletter import darkness, lint

PAGES = {
    "signs": "<" * 100_000,
    "tags": "<a " * 33_000,
    "comments": "<!--" * 25_000,
    "outlook": "<!--[if mso]><td>" * 6_000,
    "depth": '<div style="color:#111;font-size:1.1em">x' * 10_000,
    "headings": "<h1>x" * 10_000,
    "selectors": "<style>" + "a b c{color:#111}" * 5_000 + "</style>" + "<b><a>x" * 5_000,
    "braces": "<style>" + "a{" * 50_000,
    "brackets": "<style>" + "(" * 100_000,
    "quotes": "<p style=\"color:'" * 6_000,
    "placeholders": "{{ " * 30_000,
    "addresses": "https://" + ")" * 100_000,
    "attributes": "<p " + "a=1 " * 25_000 + ">",
}
MAILS = {
    "lines": "\n" * 100_000,
    "words": "Subject: " + "=?utf-8?q?a?= " * 7_000,
    "comments": "From: " + "(" * 100_000,
    "parts": "Content-Type: multipart/mixed; boundary=a\n\n--a\n" * 2_000,
    "parameters": "Content-Type: text/html" + ";a=b" * 25_000,
    "folds": "List-Unsubscribe: " + "<\n " * 30_000,
    "fields": "a: b\n" * 20_000,
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_looked_at_however_it_is_made(name: str) -> None:
    assert lint.check_page(PAGES[name], PAGES[name])
    assert darkness.forced(PAGES[name])


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_is_looked_at_however_it_is_made(name: str) -> None:
    assert lint.check_mail(MAILS[name].encode())
