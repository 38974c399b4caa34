"""One reader's whole way, with nothing made up: the program as a process, Chromium without JavaScript, a real
Postfix and a mailbox that is read by IMAP. They subscribe, say yes, choose, get an issue, leave, and are
forgotten; each step as the reader and as the operator see it.
"""

import email
import json
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest

from newsletter import app, config, message, rendering, store
from tests.browser import complaints, opened
from tests.desk import environment
from tests.looks import busy_issue
from tests.mailserver import MailHost, mail_host
from tests.readers import subscription
from tests.site import running

ADA, BO = "ada.marsh@example.net", "bo@example.net"
LEAVE = "leave@news.example.org"
CONFIG = f"""\
leave_address = "{LEAVE}"
[smtp]
host = "127.0.0.1"
port = {{port}}
security = "none"
"""
# A little more than a form has to be old.
READING_MS = 2200


@dataclass(frozen=True, slots=True)
class Newsletter:
    """The running program. home: the public address; folder: where its configuration and its store are."""

    home: str
    folder: Path
    host: MailHost

    def run(self, *command: str) -> str:
        """What the program says, as the operator runs it beside the site."""
        done = subprocess.run(
            [sys.executable, "-m", "newsletter", *command],
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def status(self, address: str) -> str:
        """Of the one subscription of that address, as the operator sees it."""
        [one] = json.loads(self.run("subscribers", "show", address, "--json"))["subscriptions"]
        return str(one["status"])

    def letter(self, address: str, *, count: int) -> EmailMessage:
        """The mail of that number in the mailbox of the reader."""
        arrived = self.host.mails(address, count=count)[count - 1]
        return email.message_from_bytes(arrived, policy=policy.default)  # type: ignore[return-value, arg-type]

    def send_issue(self, address: str) -> None:
        """An issue with the reader's own links goes to them."""
        settings = app.load_settings(self.folder / "config.toml")
        database = store.open_store(f"sqlite:///{self.folder}/newsletter.db")
        reader = subscription(database, address)
        database.dispose()
        assert reader
        links = config.reader_links(settings, "weekly", "7", reader.key)
        weekly = config.mailing_list(settings, "weekly")
        rendered = rendering.render(busy_issue(), look=app.load_look("default", settings), links=links)
        mail = message.compose(rendered, list=weekly, links=links, recipient=address, sent_at=app.utcnow())
        self.host.send(mail, sender="digest@news.example.org", recipient=address)


@pytest.fixture
def newsletter(tmp_path: Path) -> Iterator[Newsletter]:
    with socket.create_server(("127.0.0.1", 0)) as found:
        home = f"http://127.0.0.1:{found.getsockname()[1]}/papers"
    with (
        mail_host(ADA, BO, LEAVE) as host,
        running(tmp_path, base_url=home, config=CONFIG.format(port=host.smtp)),
    ):
        yield Newsletter(home, tmp_path, host)


def text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body
    return str(body.get_content())


def link(mail: EmailMessage, page: str) -> str:
    """The address of that page, as the plain text of a mail tells it."""
    [found] = set(re.findall(rf"http\S+/{page}/\w+", text(mail)))
    return str(found)


def ways_to_leave(mail: EmailMessage) -> tuple[str, str]:
    """What a mail client reads from the headers: the address to post to, and the one to write to."""
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    web, by_mail = re.findall(r"<(.+?)>", str(mail["List-Unsubscribe"]))
    return web, by_mail.removeprefix("mailto:").partition("?")[0]


def subscribe(page: Any, newsletter: Newsletter, address: str) -> None:
    """Fill in the form, answer the letter, and say yes."""
    page.goto(f"{newsletter.home}/weekly/subscribe")
    page.get_by_label("Your email address").press_sequentially(address)
    page.get_by_label("Parallelism").uncheck()
    page.wait_for_timeout(READING_MS)
    page.get_by_role("button", name="Subscribe").click()
    page.get_by_role("heading", name="Now look in your mailbox").wait_for()
    assert address not in page.content()
    page.goto(link(newsletter.letter(address, count=1), "confirm"))
    page.get_by_role("button", name="Yes, subscribe me").click()
    page.get_by_role("heading", name="You are subscribed").wait_for()


def test_a_reader_subscribes_chooses_leaves_with_one_click_and_is_forgotten(
    browser: Any, newsletter: Newsletter
) -> None:
    page = opened(browser)
    subscribe(page, newsletter, ADA)
    assert newsletter.status(ADA) == "confirmed"

    page.get_by_role("link", name="Change what you get").click()
    assert not page.get_by_label("Parallelism").is_checked()
    page.get_by_label("A recap once a month").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()

    newsletter.send_issue(ADA)
    issue = newsletter.letter(ADA, count=2)
    one_click, _ = ways_to_leave(issue)
    preferences = link(issue, "preferences")
    page.goto(preferences)
    assert page.get_by_label("A recap once a month").is_checked()

    answer = httpx.post(one_click, data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.history) == (200, [])
    page.reload()
    page.get_by_role("heading", name="You are not on this list").wait_for()
    assert newsletter.status(ADA) == "unsubscribed"
    assert not comes_back(newsletter, ADA)

    page.get_by_role("link", name="Delete everything about me").click()
    page.get_by_role("button", name="Delete everything").click()
    page.get_by_role("heading", name="Everything is deleted").wait_for()
    assert not comes_back(newsletter, ADA)
    assert ADA.encode() not in stored(newsletter)
    assert complaints(page) == []


def test_a_reader_leaves_by_mail(browser: Any, newsletter: Newsletter) -> None:
    subscribe(opened(browser), newsletter, BO)
    newsletter.send_issue(BO)
    _, address = ways_to_leave(newsletter.letter(BO, count=2))
    mail = f"From: {BO}\r\nTo: {address}\r\nSubject: unsubscribe\r\n\r\n"

    newsletter.host.send(mail.encode(), sender=BO, recipient=address)
    newsletter.host.arrived(LEAVE)

    said = newsletter.run("bounces", "import", str(newsletter.host.maildir(LEAVE)))
    assert said == "left: 1, ignored: 0, not ours: 0\n"
    assert newsletter.status(BO) == "unsubscribed"
    assert not comes_back(newsletter, BO)


def comes_back(newsletter: Newsletter, address: str) -> bool:
    """Whether an old table of readers puts that one on the list again, as it does somebody new."""
    new = f"new{len(listed(newsletter))}@example.net"
    table = newsletter.folder / "people.csv"
    table.write_text(f"address\n{address}\n{new}\n")
    newsletter.run("subscribers", "import", "people.csv", "--consent", "signed the sheet in May", "--again")
    table.unlink()
    assert new in listed(newsletter)
    return address in listed(newsletter)


def listed(newsletter: Newsletter) -> set[str]:
    """Who gets the list."""
    rows = newsletter.run("subscribers", "list", "--status", "confirmed", "--json").splitlines()
    return {json.loads(row)["address"] for row in rows}


def stored(newsletter: Newsletter) -> bytes:
    """Every byte that the program keeps or has said, once what waits is in the file of the database."""
    with sqlite3.connect(newsletter.folder / "newsletter.db") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return b"".join(path.read_bytes() for path in newsletter.folder.iterdir() if path.is_file())
