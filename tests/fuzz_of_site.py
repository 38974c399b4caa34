"""Requests without end for the site of readers: python -m tests.fuzz_of_site [REQUESTS] [FIRST].

Each is made from a number, so that the same number makes it again: a page of the site, or nearly one, with a
method, a query, headers and a body that fit it, or do not. Whatever comes, the answer is no fault, has the
headers that every answer has, leads to no other site, tells nothing of a reader to who has not their link,
and changes nothing but what a form of ours may change, of the reader whose link it is.
"""

import asyncio
import contextlib
import io
import random
import re
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from newsletter import links, store, subscribe
from newsletter.links import Purpose
from newsletter.model import Choice, Subscription
from newsletter.store import tables
from newsletter.web import guarding
from tests import fuzzed_requests
from tests.fuzzed_requests import Request
from tests.published import publish_weeks
from tests.site import LISTS, Site, keys, settings
from tests.stored import dump

BASE = "https://news.example.org/papers"
# The tables whose rows a form may change, by the page that it is sent to.
MAY_CHANGE = {
    "subscribe": {"asks", "wordings"},
    "confirm": {"subscribers", "subscriptions", "opt_ins", "consents"},
    "preferences": {"subscriptions", "consents"},
    "unsubscribe": {"subscriptions", "opt_ins", "consents"},
    "erase": {"subscribers", "subscriptions", "opt_ins", "consents", "asks", "suppressions"},
}
# The column by which a row of a table is one subscriber's.
_OWNER = {"subscribers": "id", "subscriptions": "subscriber_id", "consents": "subscriber_id"}
_READERS = 8
# Requests after which the clock goes on by half an hour.
_A_WHILE = 100


@dataclass
class Answer:
    """What came back."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    starts: int = 0

    @property
    def whole(self) -> bytes:
        return b"\n".join([*(b"%s: %s" % pair for pair in self.headers), self.body])


class World:
    """A site with readers, some of whose links are known, and one whom nobody may hear of."""

    def __init__(self, folder: Path) -> None:
        database = store.open_store(f"sqlite:///{folder}/newsletter.db")
        chosen = settings(folder, base_url=BASE, web={"trusted_proxies": ("127.0.0.1",)}, lists=LISTS)
        self.site = Site(database, chosen, peer="127.0.0.1")
        publish_weeks(database, 3)
        self._looking = sqlite3.connect(folder / "newsletter.db", isolation_level=None)
        self._number = 0
        # The paths by which something of a reader can be changed: a page, and the reader.
        self.own: dict[str, tuple[str, Subscription]] = {}
        canary = self.site.join("canary.bird@example.net")
        secrets = [links.sign(canary.key, purpose, list="weekly", keys=keys()) for purpose in Purpose]
        self.secret = [word.encode() for word in ("canary.bird", canary.key.hex(), *secrets)]
        self.renew()

    def renew(self) -> None:
        """Lets new readers come, in place of those known so far, and one who was asked for a yes."""
        self.own = {}
        for n in range(_READERS):
            self._number += 1
            slug = (*LISTS, "weekly")[n % 4]
            reader = self.site.join(f"reader{self._number}.secret@example.com", list=slug)
            for page in ("preferences", "unsubscribe"):
                self.own[self.site.link(page, reader)] = page, reader
            self.own[self.site.link("preferences", reader) + "/erase"] = "erase", reader
        self._number += 1
        address = f"reader{self._number}.secret@example.com"
        self.site.people.ask("weekly", address, Choice(), origin="")
        while True:
            for due in subscribe.due(
                self.site.database, lists=LISTS, letters_per_hour=10**6, most=1000, now=self.site.now
            ):
                if due.address == address:
                    found = self.site.subscription(address)
                    assert found
                    token = links.sign(due.key, Purpose.CONFIRM, list="weekly", keys=keys())
                    self.own[f"/weekly/confirm/{token}"] = "confirm", found
                    self.before, self._version = dump(self.site.database), self._seen()
                    return

    def form_token(self, slug: str, *, age_s: int) -> str:
        return links.form_token(list=slug, keys=keys(), now=self.site.now - timedelta(seconds=age_s))

    def changed(self) -> bool:
        """Whether anything was written since it was asked last."""
        version, self._version = self._version, self._seen()
        return version != self._version

    def _seen(self) -> int:
        return int(self._looking.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        self._looking.close()
        self.site.database.dispose()


async def answered(app: Any, request: Request) -> Answer:
    """What the application answers, however it is asked; nothing for one that went away."""
    answer, waiting = Answer(), [*request.messages]

    async def receive() -> Any:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.starts += 1
            answer.status, answer.headers = message["status"], [*message["headers"]]
        else:
            answer.body += message.get("body", b"")

    await app(request.scope, receive, send)
    return answer


def faults(world: World, request: Request, answer: Answer) -> list[str]:
    """What is wrong with an answer, in words."""
    found = []
    if answer.starts != 1 and not request.gone:
        found.append(f"{answer.starts} answers")
    if not answer.starts:
        return found
    if not 200 <= answer.status < 500:
        found.append(f"status {answer.status}")
    found += _faults_of_headers(request, answer)
    asked = request.whole
    found += ["a secret is told" for word in world.secret if word in answer.whole and word not in asked]
    whose = world.own.get(request.place)
    known = whose[1].subscriber.address.encode() if whose else b""
    for address in set(re.findall(rb"reader\d+\.secret@example\.com", answer.whole)):
        if address != known and address not in asked and not request.place.endswith("/data.json"):
            found.append("somebody else's address is told")
    if b"Traceback" in answer.body:
        found.append("a traceback")
    return found


def _faults_of_headers(request: Request, answer: Answer) -> list[str]:
    headers = {name.decode(): value.decode("latin-1") for name, value in answer.headers}
    found = [
        f"two headers {name}" for name, n in Counter(name for name, _ in answer.headers).items() if n > 1
    ]
    wanted = {
        "content-security-policy": guarding.PAGE_POLICY,
        "x-content-type-options": "nosniff",
        "strict-transport-security": "max-age=31536000",
    }
    parts = request.place.split("/")
    if len(parts) > 2 and parts[2] in guarding.OWN_PAGES:
        wanted |= {"cache-control": "no-store", "referrer-policy": "no-referrer"}
    found += [f"{name} is {headers.get(name)}" for name in wanted if headers.get(name) != wanted[name]]
    if "set-cookie" in headers:
        found.append("a cookie")
    if any(letter in value for value in headers.values() for letter in "\r\n\0"):
        found.append("a line break in a header")
    if "location" in headers:
        to = urljoin(BASE + request.place, headers["location"])
        found += [f"leads to {to}"] * (not to.startswith(f"{BASE}/"))
    return found


def effect(world: World, request: Request) -> tuple[str, list[str]]:
    """The page whose form changed something, "" for nothing, and what it changed that it may not."""
    if not world.changed():
        return "", []
    before, world.before = world.before, dump(world.site.database)
    page, reader = world.own.get(request.place, ("", None))
    if request.place in {f"/{slug}/subscribe" for slug in world.site.people.lists}:
        page = "subscribe"
    if request.scope["method"] != "POST" or not page:
        return "x", ["something changed"]
    if page in {"preferences", "erase"} and request.is_of_another_site:
        return "x", ["another site changed something"]
    found = []
    for table, rows in before.items():
        others = set(map(repr, rows)) ^ set(map(repr, world.before[table]))
        if others and table not in MAY_CHANGE[page]:
            found.append(f"{page} changed {table}")
        if reader and table in _OWNER:
            found += _faults_of_rows(before[table], world.before[table], table, reader.subscriber.id)
    return page, found


def _faults_of_rows(before: Sequence[Any], after: Sequence[Any], table: str, owner: int) -> list[str]:
    column = [one.name for one in tables.metadata.tables[table].columns].index(_OWNER[table])
    rows = [{repr(row) for row in rows if row[column] != owner} for rows in (before, after)]
    return [f"{table} of somebody else changed"] if rows[0] != rows[1] else []


@dataclass
class Report:
    """What a run found: the statuses, the forms that changed something, and what must not happen."""

    statuses: Counter[int] = field(default_factory=Counter)
    effects: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def run(numbers: Sequence[int]) -> Report:
    """What these requests came to."""
    report = Report()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()) as told:
        world = World(Path(folder))
        try:
            asyncio.run(_run(world, numbers, report))
        finally:
            world.close()
    if told.getvalue():
        report.faults.append(f"stderr: {told.getvalue()[:2000]}")
    return report


async def _run(world: World, numbers: Sequence[int], report: Report) -> None:
    for number in numbers:
        if number % _A_WHILE == 0:
            world.site.now += timedelta(minutes=30)
            world.renew()
        request = fuzzed_requests.made(random.Random(number), world)  # noqa: S311  the same ones each time
        answer = await answered(world.site.application, request)
        page, wrong = effect(world, request)
        report.statuses[answer.status] += 1
        report.effects[page] += 1
        report.faults += [f"{number}: {one}: {request}" for one in (*faults(world, request, answer), *wrong)]


def main() -> None:
    given = [int(text) for text in sys.argv[1:]]
    count, first = (*given, *(10_000, 0)[len(given) :])
    began = time.perf_counter()
    report = run(range(first, first + count))
    print(f"{count:,} requests in {time.perf_counter() - began:.0f} s")
    print("answers:", dict(sorted(report.statuses.items())))
    print("changed by a form:", dict(report.effects))
    print(*report.faults[:20], f"{len(report.faults)} faults", sep="\n")
    raise SystemExit(bool(report.faults))


if __name__ == "__main__":
    main()
