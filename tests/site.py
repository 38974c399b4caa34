"""The site of readers for tests: the real application over a real store, with a clock that tests turn."""

import asyncio
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from sqlalchemy import Engine
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from newsletter import app, config, drafts, links, listening, recipients, store, subscribe, telling, web
from newsletter.archive import Archive
from newsletter.config import Settings
from newsletter.desk import Desk
from newsletter.links import Approval, Purpose
from newsletter.model import Choice, Subscription, Way
from newsletter.people import People
from newsletter.store import reading, subscriptions
from newsletter.web import serving
from tests.builders import NOW
from tests.desk import environment

KEY = "for-tests-only-0123456789-abcdefghij"
ADDRESS = "ada.marsh@example.com"
LISTS: dict[str, Any] = {
    "weekly": {"title": "Paper Weekly", "description": "What a week brought."},
    "serving": {"title": "Serving", "themes": ("llm-serving",)},
    "staff": {"title": "Staff Only", "public": False},
}


def settings(folder: Path, **values: Any) -> Settings:
    """Settings of a site with three lists, one of them not on the web."""
    given: dict[str, Any] = {
        "secret_keys": (KEY,),
        "lists": LISTS,
        "leaving_file": folder / "leaving",
        **values,
    }
    return Settings(**given)


@dataclass
class Site:
    """An open site. now: what its clock tells. peer: where requests come from."""

    database: Engine
    settings: Settings
    peer: str = "192.0.2.7"
    now: datetime = NOW

    today: Callable[[], date] | None = None
    people: People = field(init=False)
    client: TestClient = field(init=False)
    application: ASGIApp = field(init=False)

    def __post_init__(self) -> None:
        self.people = People(self.database, self.settings, lambda: self.now)
        self.application = web.guarded(
            self.people,
            Archive(self.database, config.public_lists(self.settings)),
            app.web_look(self.settings),
            self.settings,
            desk=self.desk(),
            today=self.today or (lambda: self.now.date()),
        )
        self.client = TestClient(
            self.application,
            base_url="https://news.example.org",
            client=(self.peer, 50000),
            follow_redirects=False,
            raise_server_exceptions=False,
        )

    def join(
        self, address: str = ADDRESS, *, list: str = "weekly", choice: Choice | None = None
    ) -> Subscription:
        """A reader of the list."""
        recipient = recipients.recipient(address)
        subscribe.add(
            self.database,
            recipient,
            choice or Choice(),
            list=list,
            wording="on paper",
            way=Way.OPERATOR,
            now=self.now,
        )
        found = self.subscription(address, list=list)
        assert found
        return found

    def subscription(self, address: str = ADDRESS, *, list: str = "weekly") -> Subscription | None:
        with reading(self.database) as tx:
            who = subscriptions.subscriber(tx, recipients.recipient(address).folded)
            return subscriptions.one(tx, who, list=list) if who else None

    def link(self, page: str, reader: Subscription) -> str:
        """The path of a page of that reader."""
        token = links.sign(reader.key, Purpose(page), list=reader.list, keys=keys())
        return f"/{reader.list}/{page}/{token}"

    def desk(self) -> Desk:
        """Where its drafts are edited."""
        return Desk(self.database, self.settings, lambda: self.now, telling.opened)

    def approving(self, list: str = "weekly") -> str:
        """The path by which the open draft of the list is approved as it is now; made where there is none."""
        edition, _ = self.desk().draft(list, on=None, since=None)
        seen = drafts.fingerprint(self.desk().look(edition, ask=False))
        token = links.approval_token(Approval(edition.number, seen, self.now), list=list, keys=keys())
        return f"/{list}/approve/{token}"

    def letter(self, address: str = ADDRESS, *, list: str = "weekly", choice: Choice | None = None) -> str:
        """The path that the letter links to which answers an ask for that address."""
        self.people.ask(list, address, choice or Choice(), origin="198.51.100.1")
        [due] = subscribe.due(
            self.database, lists=self.people.lists, letters_per_hour=500, most=10, now=self.now
        )
        return f"/{list}/confirm/{links.sign(due.key, Purpose.CONFIRM, list=list, keys=keys())}"

    def form(self, *, list: str = "weekly", **values: Any) -> dict[str, Any]:
        """What a person sends off, five seconds after the form was served."""
        served = self.client.get(f"/{list}/subscribe").text
        token = re.findall(r'name="token" value="(\w+)"', served)[0]
        self.now += timedelta(seconds=5)
        themes = [theme.slug for theme in self.people.list(list).themes]
        return {"email": ADDRESS, "theme": themes, "cadence": "issue", "token": token, **values}

    def ask(self, *requests: tuple[str, str]) -> list[int]:
        """The statuses that methods and addresses get, which no client has to be able to send."""

        async def one(method: str, address: str) -> int:
            path, _, query = address.partition("?")
            scope = {"type": "http", "method": method, "path": path, "query_string": query.encode()}
            started: list[Any] = []

            async def send(message: Any) -> None:
                started.append(message)

            async def receive() -> Any:
                return {"type": "http.request"}

            await self.client.app({**scope, "headers": []}, receive, send)  # type: ignore[arg-type, misc]
            return int(started[0]["status"])

        async def each() -> list[int]:
            return [await one(*request) for request in requests]

        return asyncio.run(each())

    def leave(self, path: str) -> Any:
        """What a mail client's button gets."""
        return self.client.post(path, data={"List-Unsubscribe": "One-Click"})


def keys(*secrets: str) -> links.Keys:
    return links.Keys([secret.encode() for secret in secrets or (KEY,)])


@contextmanager
def served(folder: Path, **values: Any) -> Iterator[tuple[Site, str]]:
    """A site that answers on this machine, below a path, and its public address."""
    with listening.at("127.0.0.1", 0) as place:
        home = f"{listening.address('127.0.0.1', place)}papers"
        database = store.open_store(f"sqlite:///{folder}/newsletter.db")
        site = Site(database, settings(folder, base_url=home, **values))
        server = uvicorn.Server(serving.config(site.application))
        thread = threading.Thread(target=server.run, args=([place],))
        thread.start()
        try:
            yield site, home
        finally:
            server.should_exit = True
            thread.join()
            database.dispose()


@contextmanager
def running(
    folder: Path, *options: str, config: str = "", base_url: str = "https://news.example.org/papers"
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`newsletter web` as a process in that folder, and its port; stdout and stderr are files of it.

    It listens at the port of `base_url` where that names one, else at any that is free.
    """
    (folder / "config.toml").write_text(
        f'secret_keys = ["{KEY}"]\nbase_url = "{base_url}"\n{config}\n'
        '[lists.weekly]\ntitle = "Paper Weekly"\n'
    )
    said = folder / "stdout"
    with said.open("w") as stdout, (folder / "stderr").open("w") as stderr:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "newsletter",
                "web",
                "--port",
                str(urlsplit(base_url).port or 0),
                *options,
            ],
            cwd=folder,
            env=environment(),
            stdout=stdout,
            stderr=stderr,
            text=True,
        )
    try:
        while not (found := re.search(r"http://127\.0\.0\.1:(\d+)/\n", said.read_text())):
            assert process.poll() is None, (folder / "stderr").read_text()
        yield process, int(found[1])
    finally:
        process.kill()
        process.wait()
