"""`newsletter doctor`, as an operator types it: everything is real, and on this machine."""

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typer.testing import CliRunner, Result

from newsletter import store, surroundings
from newsletter.cli import commands
from tests.mailboxes import MailServer
from tests.names import BROKEN, SILENT, NameServer, text
from tests.servers import certificate, raw_server

SECRET = "kJ8dn2hd72hGsf82Hd71jaP0qLwmZxTrVb4"  # noqa: S105
PASSWORD = "only-here-3141"  # noqa: S105
CONFIG = """
base_url = "https://news.uni.edu"
leave_address = "leave@uni.edu"
bounce_address = "bounce@uni.edu"
[lists.weekly]
sender = "Paper Weekly <digest@uni.edu>"
postal_address = "1 Main Street"
[lists.other]
sender = "Other <other@uni.edu>"
postal_address = "1 Main Street"
look = "compact"
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
user = "ada"
password = "only-here-3141"
[[dkim]]
domain = "uni.edu"
selector = "s1"
key_file = "dkim.pem"
"""
runner = CliRunner()


@pytest.fixture(scope="module")
def keys() -> dict[str, PrivateKeyTypes]:
    return {"rsa": rsa.generate_private_key(65537, 2048), "ed25519": ed25519.Ed25519PrivateKey.generate()}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """The port of a proxy behind which the site is, whatever name it is asked for, and its certificate."""
    cert, context = certificate(tmp_path_factory.mktemp("tls"), host="news.uni.edu")

    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(65536)
            secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n")

    with raw_server(talk) as port:
        yield port, cert


@pytest.fixture
def folder(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    keys: dict[str, PrivateKeyTypes],
    site: tuple[int, Path],
) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{site[0]}")
    monkeypatch.setenv("SSL_CERT_FILE", str(site[1]))
    monkeypatch.setenv("NEWSLETTER__SECRET_KEYS", json.dumps([SECRET]))
    write_key(tmp_path, keys["rsa"])
    store.open_store(f"sqlite:///{tmp_path}/newsletter.db").dispose()
    return tmp_path


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer(login=("ada", PASSWORD)) as running:
        yield running


def write_key(folder: Path, key: PrivateKeyTypes) -> None:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "dkim.pem").write_bytes(pem)
    (folder / "dkim.pem").chmod(0o600)


def configured(folder: Path, port: int = 25, change: tuple[str, str] = ("", "")) -> None:
    path = folder / "config.toml"
    path.touch(0o600)
    path.write_text(CONFIG.format(port=port).replace(*change) if change[0] else CONFIG.format(port=port))


def zone(folder: Path) -> dict[str, Any]:
    """What the names of a site say that is in order."""
    key = surroundings.signing_key("uni.edu", "s1", folder / "dkim.pem")
    return {
        "uni.edu TXT": text("v=spf1 mx -all"),
        "uni.edu MX": ["10 mx.uni.edu."],
        "_dmarc.uni.edu TXT": text("v=DMARC1; p=quarantine"),
        "s1._domainkey.uni.edu TXT": text(key.record),
    }


def run(*arguments: str) -> Result:
    result = runner.invoke(commands, ["doctor", *arguments])
    assert PASSWORD not in result.output
    assert SECRET not in result.output
    return result


def found(*arguments: str) -> dict[str, str]:
    """What is not in order, by its name."""
    checks = json.loads(run("--json", *arguments).stdout)["checks"]
    return {check["name"]: check["level"] for check in checks if check["level"] not in ("ok", "skipped")}


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_site_in_order_has_no_problem(
    folder: Path, server: MailServer, keys: dict[str, PrivateKeyTypes], kind: str
) -> None:
    configured(folder, server.port)
    write_key(folder, keys[kind])
    with NameServer(zone(folder)) as names:
        result = run("--json", "--dns", names.address)

    told = json.loads(result.stdout)
    wrong = [check for check in told["checks"] if check["level"] == "problem"]
    assert (result.exit_code, wrong, server.mails) == (0, [], [])
    met = {rule["rule"]: rule["met"] for rule in told["rules"]}
    assert [rule for rule, how in met.items() if how == "no"] == []
    assert met["a DKIM signature"] == met["SPF for the sender's domain"] == "yes"


@pytest.mark.parametrize(
    ("name", "records", "check"),
    [
        ("uni.edu TXT", text("v=spf1 mx +all"), "SPF of uni.edu"),
        ("s1._domainkey.uni.edu TXT", text("v=DKIM1; p=AAAA"), "DKIM record s1._domainkey.uni.edu"),
        ("_dmarc.uni.edu TXT", [], "DMARC of uni.edu"),
        ("uni.edu MX", ["0 ."], "MX of uni.edu"),
    ],
)
def test_each_wrong_record_is_found_alone(
    folder: Path, server: MailServer, name: str, records: list[str], check: str
) -> None:
    configured(folder, server.port)
    with NameServer(zone(folder) | {name: records}) as names:
        wrong = found("--dns", names.address)
        exit_code = run("--dns", names.address).exit_code

    assert ({name for name, level in wrong.items() if level == "problem"}, exit_code) == ({check}, 1)


@pytest.mark.parametrize("says", [SILENT, BROKEN])
def test_names_that_cannot_be_looked_up_are_no_problem(folder: Path, server: MailServer, says: str) -> None:
    configured(folder, server.port)
    with NameServer(dict.fromkeys(zone(folder), says)) as names:
        result = run("--dns", names.address)

    assert result.exit_code == 0
    assert "SPF of uni.edu\tcould not be looked up" in result.stdout


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (("only-here-3141", "wrong"), "login"),
        (("127.0.0.1", "127.0.0.2"), "connection"),
        (("https://news.uni.edu", "https://other.uni.edu"), "answers"),
        (("digest@uni.edu", "digest@other.edu"), "alignment of other.edu"),
        (("dkim.pem", "none.pem"), "DKIM key s1 of uni.edu"),
        (('look = "compact"', 'look = "nosuch"'), "look of other"),
    ],
)
def test_each_wrong_setting_is_found(
    folder: Path, server: MailServer, change: tuple[str, str], check: str
) -> None:
    configured(folder, server.port, change)
    with NameServer(zone(folder)) as names:
        assert found("--dns", names.address)[check] == "problem"


def test_a_name_server_of_a_closed_network_is_not_believed(folder: Path, server: MailServer) -> None:
    configured(folder, server.port)
    with NameServer({"com NS": ()}) as names:
        result = run("--dns", names.address)

    assert result.exit_code == 0
    assert "Names (DNS)\teverything\tnot looked at: the name server knows no names" in result.stdout


def test_without_the_network_nobody_is_asked(folder: Path, server: MailServer) -> None:
    configured(folder, server.port)
    with NameServer(zone(folder)) as names:
        result = run("--no-network", "--dns", names.address)

        assert (result.exit_code, names.asked) == (0, [])
    assert "skipped\tMail server\teverything\tnot looked at: --no-network" in result.stdout


def test_one_list_is_looked_at_alone(folder: Path) -> None:
    configured(folder)
    result = run("--no-network", "--list", "other")

    assert "look of other" in result.stdout
    assert "weekly" not in result.stdout
    assert run("--no-network", "--list", "nosuch").exit_code == 1


def test_a_mistake_in_the_configuration_is_exit_2(folder: Path) -> None:
    (folder / "config.toml").write_text("nosuch = 1")

    assert run("--no-network").exit_code == 2
    assert run("--dns", "dns.example.org").exit_code == 2


def test_nothing_is_made_and_nothing_changed(folder: Path) -> None:
    configured(folder, change=("[smtp]", '[delivery]\nbackend = "maildir"\n[smtp]'))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    run("--no-network")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    (folder / "newsletter.db").unlink()
    run("--no-network")
    assert not (folder / "newsletter.db").exists()


def test_files_with_secrets_that_others_can_read_are_told(folder: Path) -> None:
    configured(folder)
    for name in ("config.toml", "dkim.pem", "newsletter.db"):
        (folder / name).chmod(0o644)

    assert {Path(name).name for name in found("--no-network")} >= {"config.toml", "dkim.pem", "newsletter.db"}


def test_a_damaged_database_is_a_problem(folder: Path) -> None:
    configured(folder)
    with (folder / "newsletter.db").open("r+b") as file:
        file.seek(8192)
        file.write(os.urandom(20_000))

    assert "problem" in {found("--no-network").get(name) for name in ("opens", "is whole")}


def test_a_postgresql_server_is_looked_at(
    folder: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(folder)
    monkeypatch.setenv("NEWSLETTER__DATABASE_URL", database_url)
    store.open_store(database_url).dispose()

    # A server for tests may be faster than it is safe, and then it is told.
    assert not {"opens", "can be written", "clock"} & found("--no-network").keys()
