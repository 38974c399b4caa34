"""Readers for tests: settings with a key, and people who asked for a list."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from newsletter import config, store
from newsletter.config import Settings
from newsletter.model import Choice, Subscription, Way
from newsletter.people import People
from newsletter.recipients import recipient
from newsletter.store import subscriptions
from newsletter.subscribe import add
from tests.builders import NOW

KEY = "a-key-for-tests-0123456789-abcdefghijklm"
LEAVE = "leave@news.example.org"
WHOLE = Choice()


def settings(folder: Path, **values: object) -> Settings:
    """Settings with one list, a key and a mailbox to leave by."""
    fields: dict[str, object] = {
        "secret_keys": (KEY,),
        "leave_address": LEAVE,
        "leaving_file": folder / "newsletter.leaving",
        **values,
    }
    return Settings(**fields)  # type: ignore[arg-type]


def people(database: Engine, folder: Path, *, now: datetime = NOW, **values: object) -> People:
    return People(database, settings(folder, **values), lambda: now)


def asked(people: People, *addresses: str) -> None:
    """Each of the addresses asks for the list, from nobody knows where."""
    for address in addresses:
        people.ask("weekly", address, Choice(), origin="")


def reader(
    database: Engine, address: str = "ada@example.net", choice: Choice = WHOLE, *, list: str = "weekly"
) -> Subscription:
    """A reader of the list."""
    one = recipient(address)
    add(database, one, choice, list=list, wording="on paper", way=Way.OPERATOR, now=NOW)
    found = subscription(database, address, list=list)
    assert found
    return found


def subscription(database: Engine, address: str, *, list: str = "weekly") -> Subscription | None:
    with store.reading(database) as tx:
        found = subscriptions.subscriber(tx, recipient(address).folded)
        return found and subscriptions.one(tx, found, list=list)


def leave_token(of: Subscription, chosen: Settings) -> str:
    """The token by which the reader leaves."""
    return config.reader_links(chosen, of.list, "", of.key).unsubscribe.rpartition("/")[2]
