"""`newsletter send`, as an editor types it, to a real mail server."""

import email
from email import policy
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from newsletter.cli import commands
from tests.builders import CACHE_PAPER, page_text
from tests.mailboxes import MailServer

runner = CliRunner()


@pytest.fixture(autouse=True)
def drafted(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store with one draft, in the folder where we stand."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSLETTER__DATABASE_URL", database_url)
    (tmp_path / "page.txt").write_text(page_text(CACHE_PAPER), encoding="utf-8")
    assert run("ingest", "page.txt").exit_code == 0
    assert run("draft", "--date", "2026-01-06").exit_code == 0


def run(*arguments: str) -> Result:
    return runner.invoke(commands, arguments)


def configure(port: int, **values: str) -> None:
    lines = {"host": "127.0.0.1", "security": "none", **values}
    text = "".join(f'{name} = "{value}"\n' for name, value in lines.items())
    Path("config.toml").write_text(f"[smtp]\nport = {port}\n{text}", encoding="utf-8")


def test_a_test_mail_arrives_at_the_address_that_was_named() -> None:
    with MailServer() as server:
        configure(server.port)
        first = run("send", "weekly", "--to", "Ada <ada@example.net>")
        run("send", "weekly/1", "--to", "ada@example.net")

    said = "weekly/1: a test mail is on its way; 127.0.0.1 said: 250 2.0.0 queued as 4711\n"
    assert (first.stdout, first.stderr, first.exit_code) == (said, "", 0)
    assert [envelope.rcpt_tos for envelope in server.mails] == [["ada@example.net"]] * 2
    mails = [email.message_from_bytes(one.original_content, policy=policy.strict) for one in server.mails]
    assert [mail["To"] for mail in mails] == ["Ada <ada@example.net>", "ada@example.net"]
    assert CACHE_PAPER[0] in mails[0].get_body(("plain",)).get_content().replace("\n  ", " ")  # type: ignore[attr-defined]
    assert len({mail["Message-ID"] for mail in mails}) == 2


@pytest.mark.parametrize("key", [None, b"no key"])
def test_without_the_key_that_signs_nothing_goes_and_its_name_is_told(key: bytes | None) -> None:
    with MailServer() as server:
        configure(server.port)
        with Path("config.toml").open("a") as file:
            file.write('[[dkim]]\ndomain = "example.org"\nselector = "news1"\nkey_file = "news1.pem"\n')
        if key:
            Path("news1.pem").write_bytes(key)
        result = run("send", "weekly", "--to", "ada@example.net")

    assert result.exit_code == 2
    assert "news1._domainkey.example.org" in result.stderr
    assert "openssl genrsa -out" in result.stderr.replace("\n", " ")
    assert not server.mails


def test_an_approved_issue_can_be_sent_as_a_test_and_stays_approved() -> None:
    run("issues", "approve", "weekly")

    with MailServer() as server:
        configure(server.port)
        assert run("send", "weekly", "--to", "ada@example.net").exit_code == 0

    assert "\tapproved\n" in run("issues").stdout
    assert len(server.mails) == 1


def test_without_an_address_a_draft_goes_to_nobody() -> None:
    result = run("send", "weekly")

    assert result.exit_code == 1
    assert result.stderr == (
        "error: weekly/1 is draft, and only an approved issue goes to readers; "
        "run: newsletter issues approve weekly\n"
    )


@pytest.mark.parametrize(
    "to", ["ada", "ada@example.net, bo@example.net", "a@example.net\nBcc: b@example.net"]
)
def test_what_is_not_one_address_is_wrong_usage(to: str) -> None:
    configure(1)

    result = run("send", "weekly", "--to", to)

    told = "error: the test mail needs one address to go to, such as ada@example.org\n"
    assert (result.exit_code, result.stderr) == (2, told)


def test_without_a_server_it_says_what_to_set() -> None:
    result = run("send", "weekly", "--to", "ada@example.net")

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert result.stderr.startswith("error: no server to send by; set smtp.host in config.toml")


@pytest.mark.parametrize("debug", [(), ("--debug",)])
def test_a_refusal_is_one_line_without_address_and_password(debug: tuple[str, ...]) -> None:
    with MailServer(
        lambda command, _: "550 5.1.1 <ada@example.net> who?" if command == "RCPT" else None,
        login=("operator", "s3cret"),
    ) as server:
        configure(server.port, user="operator", password="s3cret")  # noqa: S106
        result = run(*debug, "send", "weekly", "--to", "ada@example.net")

    told = "refuses this recipient: 550 5.1.1 <…> who?; check the address"
    assert told in (str(result.exception) if debug else result.stderr)
    assert (result.stdout, "s3cret" in result.stderr, "ada@" in result.stderr) == ("", False, False)
