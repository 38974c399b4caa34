"""A list with any number of readers and an approved issue, in a folder, ready to be sent by the program.

The issue is drafted and approved by the program. Readers are written straight into the tables, 100,000 in a
few seconds; their keys are random, and some of them chose themes.
"""

import json
import secrets
import subprocess
import sys
from collections.abc import Sequence
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, insert, select
from typer.testing import CliRunner

from newsletter import store
from newsletter.cli import commands
from newsletter.model import Choice, SubscriptionStatus
from newsletter.store import subscriptions, tables
from tests.builders import CACHE_PAPER, NOW, page_text
from tests.desk import environment

ISSUE = "weekly/1"
_KEY = "for-tests-only-0123456789-abcdefghij"
_SAMPLE = Path(__file__).parents[1] / "newsletter" / "sample" / "daily-papers.txt"
# Rows of one INSERT.
_AT_ONCE = 10_000
# The HTML of small mails.
_PLAIN = """\
<mjml><mj-head><mj-title>Plain</mj-title></mj-head>
<mj-body><mj-section><mj-column>
<mj-text><h1>{{ issue.headline }}</h1><p><a href="{{ links.unsubscribe | address }}">Leave</a></p></mj-text>
</mj-column></mj-section></mj-body>
</mjml>
"""
_CONFIG = """\
base_url = "https://news.example.org"
database_url = "{url}"
secret_keys = ["{key}"]
leave_address = "leave@news.example.org"
leaving_file = "leaving"
{top}
[lists.weekly]
title = "Paper Weekly"
sender = "Paper Weekly <digest@news.example.org>"
look = "{look}"
{list}
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"

[delivery]
{delivery}
"""


@dataclass(frozen=True, slots=True)
class Post:
    """A folder from which an issue can be sent. url: of its database."""

    folder: Path
    url: str
    addresses: list[str] = field(repr=False)

    def command(self, *arguments: str) -> list[str]:
        """The program with that command, for a process in the folder."""
        return [sys.executable, "-m", "newsletter", *arguments]

    def start(self, *arguments: str, **given: Any) -> subprocess.Popen[str]:
        """The program, running."""
        given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **given}
        return subprocess.Popen(
            self.command(*arguments), cwd=self.folder, env=environment(), text=True, **given
        )

    def run(self, *arguments: str, timeout_s: float = 600) -> subprocess.CompletedProcess[str]:
        """The program, ended."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=timeout_s,
        )

    def do(self, *arguments: str) -> None:
        """Have the program do it, without a process of its own."""
        with chdir(self.folder):
            done = CliRunner().invoke(commands, arguments, env={"USER": "ada", "LOGNAME": "ada"})
        assert done.exit_code == 0, done.output

    def send(self, *arguments: str) -> dict[str, Any]:
        """What `newsletter send` says at its end. Exit statuses 0 and 1 are both an answer."""
        return answer(self.start("send", ISSUE, "--json", *arguments))

    def listed(self) -> list[dict[str, Any]]:
        """What `newsletter deliveries list` shows: those that are unknown or failed."""
        done = self.run("deliveries", "list", ISSUE, "--json")
        assert done.returncode == 0, done.stderr
        shown: list[dict[str, Any]] = json.loads(done.stdout)["deliveries"]
        return shown


def answer(sender: subprocess.Popen[str], *, timeout_s: float = 600) -> dict[str, Any]:
    """What a `newsletter send --json` says when it comes to its end."""
    stdout, stderr = sender.communicate(timeout=timeout_s)
    assert sender.returncode in (0, 1), (sender.returncode, stderr)
    assert stdout, stderr
    assert "Traceback" not in stderr, stderr
    said: dict[str, Any] = json.loads(stdout)
    return said


def prepare(
    folder: Path,
    readers: int,
    *,
    port: int,
    url: str = "",
    small: bool = False,
    choosy: int = 10,
    **delivery: Any,
) -> Post:
    """A folder with that many confirmed readers and an approved issue, which goes to a port of this machine.

    small: a mail of about 5 KB instead of 60 KB. choosy: one reader in so many chose a theme; 0: nobody did.
    delivery: values of [delivery].
    """
    folder.mkdir(parents=True, exist_ok=True)
    url = url or f"sqlite:///{folder}/newsletter.db"
    configure(folder, url=url, port=port, small=small, **delivery)
    digest = page_text(CACHE_PAPER) if small else _SAMPLE.read_text(encoding="utf-8")
    folder.joinpath("page.txt").write_text(digest, encoding="utf-8")
    post = Post(folder, url, [f"reader{number}@example.org" for number in range(1, readers + 1)])
    for command in (["ingest", "page.txt"], ["draft", "--date", "2026-01-06"], ["issues", "approve", ISSUE]):
        post.do(*command)
    database = store.open_store(url)
    enrol(database, post.addresses, choosy=choosy)
    database.dispose()
    return post


def configure(folder: Path, *, url: str, port: int, small: bool = False, **delivery: Any) -> None:
    """Write config.toml anew, and the look of small mails."""
    if small:
        look = folder / "looks" / "plain"
        look.mkdir(parents=True, exist_ok=True)
        look.joinpath("issue.mjml.j2").write_text(_PLAIN, encoding="utf-8")
    text = _CONFIG.format(
        url=url,
        key=_KEY,
        port=port,
        look="plain" if small else "default",
        top='templates_dir = "looks"' if small else "",
        list="" if small else "limit = 16",
        delivery="\n".join(f"{name} = {json.dumps(value)}" for name, value in delivery.items()),
    )
    folder.joinpath("config.toml").write_text(text, encoding="utf-8")


def enrol(database: Engine, addresses: Sequence[str], *, choosy: int = 0, list: str = "weekly") -> None:
    """Confirmed readers of the list, in one transaction; addresses of small letters, without plus."""
    with store.writing(database) as tx:
        last = tx.scalar(select(func.coalesce(func.max(tables.subscribers.c.id), 0)))
        assert last is not None
        for begin in range(0, len(addresses), _AT_ONCE):
            some = [*enumerate(addresses[begin : begin + _AT_ONCE], start=last + begin + 1)]
            tx.execute(insert(tables.subscribers), [_subscriber(*one) for one in some])
            rows = [_subscription(number, choosy, list) for number, _ in some]
            tx.execute(insert(tables.subscriptions), rows)
        if tx.dialect.name == "postgresql":  # which does not count what is given a number
            tx.execute(select(func.setval("subscribers_id_seq", last + len(addresses) + 1)))


def _subscriber(number: int, address: str) -> dict[str, Any]:
    return {"id": number, "address": address, "folded": address, "canonical": address, "created_at": NOW}


def _subscription(number: int, choosy: int, list: str) -> dict[str, Any]:
    chosen = Choice(("kv-cache",)) if choosy and number % choosy == 0 else Choice()
    return {
        "subscriber_id": number,
        "list_slug": list,
        "key": secrets.token_hex(16),
        "status": SubscriptionStatus.CONFIRMED,
        **subscriptions.columns(chosen),
        "created_at": NOW,
        "confirmed_at": NOW,
    }


def states(post: Post) -> dict[str, set[str]]:
    """The addresses of the deliveries that the program has in each state."""
    query = (
        select(tables.deliveries.c.status, tables.subscribers.c.address)
        .join_from(tables.deliveries, tables.subscriptions)
        .join(tables.subscribers)
    )
    found: dict[str, set[str]] = {}
    database = store.open_store(post.url)
    with store.reading(database) as tx:
        for status, address in tx.execute(query):
            found.setdefault(status, set()).add(address)
    database.dispose()
    return found
