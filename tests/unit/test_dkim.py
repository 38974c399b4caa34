"""Signatures that others verify, over all that must not change, and keys that are none."""

import re
import sys
from itertools import combinations

import dkim as dkimpy  # type: ignore[import-untyped]
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as some

from newsletter import dkim
from newsletter.dkim import Signer
from newsletter.errors import ConfigError
from newsletter.wire import WireTemplate
from tests.builders import issue, mailing_list
from tests.looks import LOOKS, busy_issue, load
from tests.signatures import DOMAIN, Published, ed25519_key, rsa_key, verified
from tests.spliced import Setup, address, randomly

KEYS = (rsa_key(), ed25519_key(), rsa_key(3072))
COMBINATIONS = [chosen for count in (1, 2, 3) for chosen in combinations(KEYS, count)]

MAIL = (
    b"From: A <a@news.example.org>\r\nTo: b@example.net\r\nSubject: Hello  there\r\n and  more \r\n"
    b"Date: Tue, 06 Jan 2026 09:30:15 +0000\r\nList-Unsubscribe: <https://a.example>\r\n\r\nHello\r\n"
)


def small(**values: object) -> Setup:
    return Setup(issue(list=mailing_list(**values)), load(LOOKS[0]))


def answered() -> bytes:
    """A mail with every field that is signed."""
    return small(reply_to="editors@example.org").composed("ada@example.net", bytes(16))


@pytest.mark.parametrize("keys", COMBINATIONS, ids=lambda keys: "+".join(key.selector for key in keys))
def test_others_verify_each_signature_of_a_spliced_mail_and_of_a_whole(
    keys: tuple[Published, ...],
) -> None:
    made, rng = small(reply_to="editors@example.org"), randomly(23)
    signers = [key.signer for key in keys]
    template = WireTemplate.of(made.pattern(), signers=signers)

    for _ in range(5):
        reader, key = address(rng), rng.randbytes(16)
        mail = template.splice(made.reader(reader, key))
        assert verified(mail, *keys)
        assert mail == dkim.signed(made.composed(reader, key), signers)


def test_a_signature_is_over_the_same_bytes_each_time() -> None:
    made, signers = small(), [key.signer for key in KEYS]
    own = made.reader("ada@example.net", bytes(16))

    first, again = (WireTemplate.of(made.pattern(), signers=signers).splice(own) for _ in range(2))

    assert first == again
    assert first.count(b" t=1767691815;\r\n") == 3


def test_what_a_reader_must_be_able_to_rely_on_is_signed_and_a_second_sender_is_none() -> None:
    mail = dkim.signed(answered(), [rsa_key().signer])

    (names,) = re.findall(rb"\r\n h=([^;]+);", mail)
    assert re.sub(rb"\s", b"", names).decode().split(":") == [*dkim.SIGNED, "From"]
    assert verified(mail, rsa_key())
    assert not verified(b"From: mallory@example.com\r\n" + mail, rsa_key())


@pytest.mark.parametrize("name", dkim.SIGNED)
def test_a_changed_field_is_noticed(name: str) -> None:
    mail = dkim.signed(answered(), [ed25519_key().signer])

    changed = mail.replace(f"\r\n{name}: ".encode(), f"\r\n{name}: x".encode(), 1)

    assert changed != mail
    assert verified(mail, ed25519_key())
    assert not verified(changed, ed25519_key())


def test_a_changed_or_longer_body_is_noticed() -> None:
    mail = dkim.signed(MAIL, [ed25519_key().signer])

    assert verified(mail, ed25519_key())
    assert not verified(mail.replace(b"Hello\r\n", b"Hullo\r\n"), ed25519_key())
    assert not verified(mail + b"more\r\n", ed25519_key())
    assert b" l=" not in mail


def test_spaces_that_servers_change_are_no_change() -> None:
    mail = dkim.signed(MAIL, [rsa_key().signer])

    assert verified(mail.replace(b"Hello  there\r\n and  more ", b"Hello there and\r\n\tmore"), rsa_key())
    assert verified(mail.replace(b"\r\n\r\nHello\r\n", b"\r\n\r\nHello  \r\n\r\n\r\n"), rsa_key())


@settings(deadline=None)
@given(some.text("a .\t\r\n=", max_size=60))
def test_a_body_is_canonical_as_others_make_it(text: str) -> None:
    body = re.sub(r"\r\n|\r|\n", "\r\n", text).encode()
    body += b"\r\n" if not body.endswith(b"\r\n") else b""

    assert dkim.canonical_body(body) == dkimpy.canonicalization.Relaxed.canonicalize_body(body)


@settings(deadline=None)
@given(some.text("a .\t:", max_size=60), some.lists(some.integers(0, 60), max_size=3))
def test_a_field_is_canonical_as_others_make_it(value: str, folds: list[int]) -> None:
    for at in folds:
        value = f"{value[:at]}\r\n {value[at:]}"
    ours = dkim.canonical_field(f"X-A: {value}\r\n".encode())

    (name, theirs), *_ = dkimpy.canonicalization.Relaxed.canonicalize_headers(
        [(b"X-A", f" {value}\r\n".encode())]
    )
    assert ours + b"\r\n" == name + b":" + theirs


@pytest.mark.parametrize("length", [0, 1, 60, 180])
def test_no_line_of_a_signature_is_longer_than_it_has_to_be(length: int) -> None:
    domain = f"{'.'.join(['d' * 30] * (length // 30))}.example.org".strip(".")
    signer = Signer.of(domain, "s" * 63, rsa_key(4096).pem)

    field = dkim.signed(answered(), [signer]).partition(b"\r\nFrom:")[0]

    long = [line for line in field.split(b"\r\n") if len(line) > 76]
    assert long == ([f" d={domain};".encode()] if len(domain) > 72 else [])


def encoded(key: object, *, password: bytes = b"") -> bytes:
    lock = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)  # type: ignore[attr-defined, no-any-return]


WRONG = {
    "short": (lambda: rsa_key(1024).pem, "has 1024 bits"),
    "elliptic": (lambda: encoded(ec.generate_private_key(ec.SECP256R1())), "neither RSA nor Ed25519"),
    "other Edwards": (lambda: encoded(ed448.Ed448PrivateKey.generate()), "neither RSA nor Ed25519"),
    "locked": (lambda: encoded(ec.generate_private_key(ec.SECP256R1()), password=b"x"), "openssl pkey -in"),
    "public": (
        lambda: (
            ec.generate_private_key(ec.SECP256R1())
            .public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        ),
        "no private key in PEM",
    ),
    "text": (lambda: b"not a key", "no private key in PEM"),
    "nothing": (lambda: b"", "no private key in PEM"),
    "cut": (lambda: rsa_key().pem[:400], "no private key in PEM"),
}


@pytest.mark.parametrize("which", WRONG)
def test_a_key_that_cannot_sign_is_told_with_what_to_do(which: str) -> None:
    made, problem = WRONG[which]

    with pytest.raises(ConfigError, match=problem) as caught:
        Signer.of(DOMAIN, "news1", made())

    assert "news1._domainkey.news.example.org" in str(caught.value)
    assert "openssl" in str(caught.value)


def test_without_its_library_a_key_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.ed25519", None)

    with pytest.raises(ConfigError, match="pip install 'cryptography>=43'"):
        Signer.of(DOMAIN, "news1", rsa_key().pem)


def test_a_key_is_not_shown_in_a_log() -> None:
    assert repr(rsa_key().signer) == f"Signer(domain='{DOMAIN}', selector='rsa2048', algorithm='rsa-sha256')"


def test_a_mail_without_signers_stays_as_it_is() -> None:
    assert dkim.signed(MAIL, []) is MAIL


def test_a_big_mail_is_signed_in_pieces_as_it_is_whole() -> None:
    made = Setup(busy_issue(), load(LOOKS[-1]))
    template = WireTemplate.of(made.pattern(), signers=[ed25519_key().signer])

    template.check()

    assert verified(template.splice(made.reader("ada@example.net", bytes(16))), ed25519_key())


@pytest.mark.parametrize(
    ("domain", "answers"),
    [
        ("news.example.org", True),
        ("example.org", True),
        ("eu.news.example.org", True),
        ("ws.example.org", False),
        ("other.example.org", False),
        ("example.com", False),
    ],
)
def test_a_key_answers_for_its_domain_and_those_above_and_below(domain: str, answers: bool) -> None:
    signer = Signer.of(domain, "s", ed25519_key().pem)

    assert dkim.answering([signer], "Digest@News.example.org") == (signer,) * answers
