"""Which text is one address that can be written to, and in which form it is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from newsletter import recipients
from newsletter.model import Recipient

LONGEST_DOMAIN = ".".join(["b" * 63] * 3) + ".org"


@pytest.mark.parametrize(
    "text",
    [
        *("", "@", "a", "a@", "@b.org", "a@b", "a@b..c", "a@.b.org", "a@b.org.", ".a@b.org", "a.@b.org"),
        *(
            '"a b"@c.org',
            '"a"@c.org',
            "a b@c.org",
            "a@b c.org",
            "a..b@c.org",
            "a@[127.0.0.1]",
            "a@[IPv6:::1]",
        ),
        *("a@127.0.0.1", "a@1.2.3.4", "a" * 65 + "@example.org", "a@" + "b" * 64 + ".org"),
        *(
            "a@" + LONGEST_DOMAIN.replace("org", "b" * 63 + ".org"),
            "a" * 64 + "@" + LONGEST_DOMAIN,
            "a" * 400,
        ),
        *("a\r\n@example.org", "a@example.org\r\nBcc: b@example.org", "a\0@example.org", "a@exam\0ple.org"),
        *("a\t@example.org", "a\x7f@example.org", "a\u0085@example.org", "a\u2028@example.org"),
        *("a@b.org, c@d.org", "a@b.org c@d.org", "a@b.org;c@d.org", "alice@example.org)bob@evil.test"),
        *("a@b.org@c.org", "Ada <a@b.org>", "<a@b.org>", "a(x)@b.org", "mailto:a@b.org", "a%b.org@[c.org]"),
        *("é@example.org", "аda@example.org", "a\u200b@example.org", "a\u202e@example.org", "ａ@example.org"),
        *(
            "a@\ud800.org",
            "\ud800@example.org",
            "a@👍.org",
            "a@xn--.org",
            "a@xn--a.org",
            "a@-b.org",
            "a@b-.org",
        ),
        *("a@example.test", "a@localhost", "a@x.localhost", "a@x.invalid", "a@x.onion"),
    ],
    ids=ascii,
)
def test_what_is_not_exactly_one_address_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"^[A-Za-z].{9,}") as caught:
        recipients.recipient(text)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "address", "canonical"),
    [
        ("ada@example.org", "ada@example.org", "ada@example.org"),
        ("  ada@example.org\r\n", "ada@example.org", "ada@example.org"),
        ("Ada.Nine@Example.ORG", "Ada.Nine@example.org", "ada.nine@example.org"),
        ("ada+a+b@example.org", "ada+a+b@example.org", "ada@example.org"),
        ("+ada@example.org", "+ada@example.org", "+ada@example.org"),
        ("o'neil_x-y@example.org", "o'neil_x-y@example.org", "o'neil_x-y@example.org"),
        ("a@пример.рф", "a@xn--e1afmkfd.xn--p1ai", "a@xn--e1afmkfd.xn--p1ai"),
        ("a@ПРИМЕР.РФ", "a@xn--e1afmkfd.xn--p1ai", "a@xn--e1afmkfd.xn--p1ai"),
        ("a@XN--E1AFMKFD.XN--P1AI", "a@xn--e1afmkfd.xn--p1ai", "a@xn--e1afmkfd.xn--p1ai"),
        # IDNA 2008: the sharp s is a letter of its own.
        ("a@straße.de", "a@xn--strae-oqa.de", "a@xn--strae-oqa.de"),
        ("a@ｅxample。org", "a@example.org", "a@example.org"),
        ("a@e\u0301t\u00e9.fr", "a@xn--t-9fab.fr", "a@xn--t-9fab.fr"),
        # Its third letter is Cyrillic: another domain, and kept as one.
        ("a@exаmple.org", "a@xn--exmple-4nf.org", "a@xn--exmple-4nf.org"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org", "a" * 64 + "@example.org"),
    ],
    ids=ascii,
)
def test_an_address_is_kept_in_one_form(text: str, address: str, canonical: str) -> None:
    assert recipients.recipient(text) == Recipient(address, address.lower(), canonical)


LOCAL = some.text("abzAZ09.+-_'!#$%&*/=?^`{|}~ \"@\\é", max_size=70)
DOMAIN = some.text("abzAZ09.-_éßяｅ。 @[]:xn\u200d", max_size=80)
ADDRESSES = some.text(max_size=60) | some.builds("{}@{}.org".format, LOCAL, DOMAIN) | some.emails()


@given(ADDRESSES)
def test_whatever_is_taken_fits_into_a_mail_and_is_read_back_the_same(text: str) -> None:
    try:
        found = recipients.recipient(text)
    except ValueError:
        return

    local, _, domain = found.address.partition("@")
    assert found.address.isascii()
    assert found.address.isprintable()
    assert found.address.count("@") == 1
    assert " " not in found.address
    assert len(local) <= 64
    assert len(found.address) <= 254
    assert domain == domain.lower()
    assert found.folded == found.address.lower()
    for again in (found.address, found.folded.upper(), recipients.shown(found.address)):
        assert recipients.recipient(again).folded == found.folded
    assert recipients.recipient(found.address) == found


@pytest.mark.parametrize(
    ("address", "shown", "masked"),
    [
        ("ada@example.org", "ada@example.org", "a…@example.org"),
        ("a@xn--e1afmkfd.xn--p1ai", "a@пример.рф", "a…@пример.рф"),
        ("a@xn--strae-oqa.de", "a@straße.de", "a…@straße.de"),
        ("a@xn--t-9fab.fr", "a@été.fr", "a…@été.fr"),
        ("a@xn--zzzzzz.org", "a@xn--zzzzzz.org", "a…@xn--zzzzzz.org"),
    ],
)
def test_people_see_the_domain_in_its_own_letters(address: str, shown: str, masked: str) -> None:
    assert recipients.shown(address) == shown
    assert recipients.masked(address) == masked


@given(some.text(max_size=90) | some.builds("a@xn--{}".format, some.text("abc-.019é", max_size=90)))
def test_showing_an_address_never_fails(text: str) -> None:
    assert isinstance(recipients.shown(text), str)
    assert "…@" in recipients.masked(text)
