"""A whole run, searched for what may stand in one place only: a key, a reader's address, their links."""

import re
import subprocess
import sys
import time
from email import message_from_bytes
from pathlib import Path

import httpx

from newsletter import store
from tests.desk import environment
from tests.mailboxes import MailServer
from tests.published import publish_weeks
from tests.site import KEY, running

ADDRESS = "canary.bird@example.com"
MAIL = '[smtp]\nhost = "127.0.0.1"\nport = {}\nsecurity = "none"\n'
LEAVE = 'leave_address = "leave@news.example.org"\n'
# Seconds; a letter goes within two.
DEADLINE_S = 60


def letter(server: MailServer, count: int) -> str:
    """The text of the letter of that number, once it has come."""
    for _ in range(DEADLINE_S * 10):
        if len(server.mails) >= count:
            parts = [*message_from_bytes(server.mails[count - 1].content or b"").walk()]  # type: ignore[arg-type]
            return b"\n".join(part.get_payload(decode=True) or b"" for part in parts[1:]).decode()
        time.sleep(0.1)
    raise AssertionError("no letter came")


def asked(client: httpx.Client) -> None:
    """Sends the form off."""
    form = client.get("/weekly/subscribe").text
    [token] = re.findall(r'name="token" value="(\w+)"', form)
    sent = {"email": ADDRESS, "token": token, "theme": "kv-cache", "cadence": "issue"}
    for _ in range(DEADLINE_S):
        answer = client.post("/weekly/subscribe", data=sent)
        if answer.status_code == 200:
            return
        time.sleep(1)
    raise AssertionError(answer.text)


def run(folder: Path, command: str, given: bytes = b"") -> bytes:
    """All that a command says."""
    done = subprocess.run(
        [sys.executable, "-m", "newsletter", *command.split()],
        cwd=folder,
        env=environment(),
        input=given,
        capture_output=True,
        check=True,
    )
    return done.stdout + done.stderr


def lived(folder: Path, server: MailServer, client: httpx.Client) -> set[str]:
    """Every token of a reader who asks, says yes, looks at everything, and leaves by mail."""
    asked(client)
    [confirm] = set(re.findall(r"/weekly/confirm/(\w{52})", letter(server, 1)))
    client.get(f"/weekly/confirm/{confirm}")
    said = client.post(f"/weekly/confirm/{confirm}").text
    [preferences] = set(re.findall(r"/weekly/preferences/(\w{52})", said))
    page = client.get(f"/weekly/preferences/{preferences}").text
    [leave] = set(re.findall(r"/weekly/unsubscribe/(\w{52})", page))
    for path in (f"preferences/{preferences}", f"unsubscribe/{leave}", f"confirm/{leave}"):
        for below in ("", "/erase", "/data.json", "/nothing"):
            for method in ("GET", "PUT", "HEAD"):
                client.request(method, f"/weekly/{path}{below}", headers={"referer": path})
    mail = f"From: {ADDRESS}\r\nTo: leave+{leave}@news.example.org\r\nSubject: unsubscribe\r\n\r\n"
    (folder / "said").write_bytes(run(folder, "bounces import -", mail.encode()))
    return {confirm, preferences, leave}


def test_a_key_an_address_and_a_link_stand_only_where_they_belong(tmp_path: Path) -> None:
    database = store.open_store(f"sqlite:///{tmp_path}/newsletter.db")
    publish_weeks(database, 2)
    database.dispose()
    with (
        MailServer() as server,
        running(tmp_path, config=LEAVE + MAIL.format(server.port)) as (process, port),
        httpx.Client(base_url=f"http://127.0.0.1:{port}/papers") as client,
    ):
        tokens = lived(tmp_path, server, client)
        pages = b"".join(
            client.get(path).content for path in ("/", "/weekly/", "/weekly/atom.xml", "/weekly/1/")
        )
        process.terminate()
        process.wait()
        mails = b"".join(mail.content or b"" for mail in server.mails)  # type: ignore[misc]
    for command in ("archive build --out archive", "subscribers stats", "db check"):
        (tmp_path / command.split()[0]).with_suffix(".said").write_bytes(run(tmp_path, command))

    written = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    stored = b"".join(content for file, content in written.items() if file.name.startswith("newsletter.db"))
    told = b"".join(
        content for file, content in written.items() if not file.name.startswith(("newsletter.db", "config"))
    )
    secrets = [ADDRESS.encode(), b"canary", *map(str.encode, tokens)]
    assert len(tokens) == 3
    assert len(written) > 15
    assert [word for word in secrets if word in (told + pages).lower()] == []
    assert [word for word in map(str.encode, tokens) if word in stored] == []
    assert ADDRESS.encode() in stored
    assert KEY.encode() not in stored + told + pages + mails
