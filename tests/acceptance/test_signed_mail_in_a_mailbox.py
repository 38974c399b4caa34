"""Signatures that still hold in a mailbox, behind a real Postfix: of issues, letters and test mails."""

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from sqlalchemy import Engine

from newsletter import app
from newsletter.backends import smtp
from newsletter.model import Attachment
from newsletter.wire import WireTemplate
from tests.builders import issue, mailing_list
from tests.looks import busy_issue, every_look, load
from tests.mailserver import MailHost, mail_host
from tests.readers import asked, people
from tests.signatures import DOMAIN, Published, ed25519_key, rsa_key, verified
from tests.spliced import Setup

ADA, SENDER = "ada@example.net", f"digest@{DOMAIN}"
FILES = (Attachment("weekly-7.bib", "x-bibtex", b"@misc{a,\n title={A}\n}\n.\n" * 400),)
KEYS = (rsa_key(), ed25519_key(), rsa_key(4096))
COMBINATIONS = [chosen for count in (1, 2, 3) for chosen in combinations(KEYS, count)]


@pytest.fixture(scope="module")
def host() -> Iterator[MailHost]:
    with mail_host(ADA, "bo@example.net", SENDER) as running:
        yield running


def delivered(mail: bytes, host: MailHost, to: str = ADA) -> bytes:
    """The mail as its reader's program gets it."""
    before = len(host.mails(to, count=0))
    place = smtp.Server("127.0.0.1", host.smtp, security="none")
    smtp.send(mail, sender=SENDER, recipient=to, server=place)
    return host.mails(to, count=before + 1)[-1]


@every_look
@pytest.mark.parametrize("files", [(), FILES], ids=["bare", "with a file"])
@pytest.mark.parametrize("keys", COMBINATIONS, ids=lambda keys: "+".join(key.selector for key in keys))
def test_every_signature_of_an_issue_holds_in_a_mailbox(
    folder: Path, files: tuple[Attachment, ...], keys: tuple[Published, ...], host: MailHost
) -> None:
    made = Setup(busy_issue(), load(folder), attachments=files)
    template = WireTemplate.of(made.pattern(), signers=[key.signer for key in keys])

    mail = template.splice(made.reader(ADA, bytes(range(16))))
    arrived = delivered(mail, host)

    assert arrived.endswith(mail)
    assert verified(arrived, *keys)


@pytest.mark.parametrize("title", ["論文週報", "Ünïcode " * 12, 'A, "quoted" <list>', "x" * 120, "a  b"])
def test_a_signature_holds_whatever_the_fields_are_like(title: str, host: MailHost) -> None:
    of = issue(list=mailing_list(title=title), headline=f"{title}: ∼ 2.6× שלום")
    made = Setup(of, load(Path("templates/default")), leave="")

    template = WireTemplate.of(made.pattern(), signers=[ed25519_key().signer])
    arrived = delivered(template.splice(made.reader(ADA, bytes(range(16)))), host)

    assert verified(arrived, ed25519_key())


def configured(folder: Path, host: MailHost, *keys: Published) -> dict[str, object]:
    for key in keys:
        (folder / f"{key.selector}.pem").write_bytes(key.pem)
    tables = [
        {"domain": DOMAIN, "selector": key.selector, "key_file": str(folder / f"{key.selector}.pem")}
        for key in keys
    ]
    return {"smtp": {"host": "127.0.0.1", "port": host.smtp, "security": "none"}, "dkim": tables}


def test_a_letter_is_signed_on_its_way(database: Engine, tmp_path: Path, host: MailHost) -> None:
    keys = (rsa_key(), ed25519_key())
    letters = people(database, tmp_path, **configured(tmp_path, host, *keys))
    asked(letters, "bo@example.net")

    assert letters.post(app.letter_sender(letters._settings)) == 1

    assert verified(host.mails("bo@example.net")[-1], *keys)


def test_a_test_mail_is_signed_with_its_new_address(tmp_path: Path, database: Engine, host: MailHost) -> None:
    settings = people(database, tmp_path, **configured(tmp_path, host, rsa_key()))._settings
    made = Setup(issue(), load(Path("templates/default")))
    before = len(host.mails(ADA, count=0))

    app.send_test(made.composed("preview@example.com", bytes(16)), ADA, settings)

    assert verified(host.mails(ADA, count=before + 1)[-1], rsa_key())


def test_a_key_of_another_domain_signs_nothing(tmp_path: Path, database: Engine, host: MailHost) -> None:
    chosen = configured(tmp_path, host, rsa_key())
    settings = people(database, tmp_path, **chosen)._settings
    other = tuple(one.model_copy(update={"domain": "example.com"}) for one in settings.dkim)
    before = len(host.mails(ADA, count=0))

    mail = Setup(issue(), load(Path("templates/default"))).composed("preview@example.com", bytes(16))
    app.send_test(mail, ADA, settings.model_copy(update={"dkim": other}))

    assert b"DKIM-Signature" not in host.mails(ADA, count=before + 1)[-1]
