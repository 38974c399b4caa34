"""Readers served with the settings: what a link is worth, and what a form may choose."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from newsletter import app, config, links, subscribe
from newsletter.errors import ConfigError, LinkError, NotFound, StoreError
from newsletter.links import Purpose
from newsletter.model import Cadence, Choice, Way
from newsletter.people import People
from newsletter.subscribe import Answer
from tests.builders import NOW
from tests.people import Readers

KEY = "for-tests-Jt3kV-2ZqPz9wYxLr0aBnE4u"
CONFIG = f"""
secret_keys = {json.dumps([KEY])}
[lists.weekly]
[lists.daily]
[lists.hidden]
public = false
"""


@pytest.fixture
def people(database: Engine, tmp_path: Path) -> People:
    (tmp_path / "config.toml").write_text(CONFIG)
    return People(database, config.load(tmp_path / "config.toml"), lambda: NOW)


@pytest.fixture
def readers(database: Engine) -> Readers:
    return Readers(database)


def token(key: bytes, purpose: Purpose, *, list: str = "weekly") -> str:
    return links.sign(key, purpose, list=list, keys=links.Keys((KEY.encode(),)))


def test_nobody_is_served_without_a_key(database: Engine) -> None:
    with pytest.raises(ConfigError, match="secret_keys: none"):
        People(database, config.load(None), lambda: NOW)


def test_a_list_that_is_not_public_does_not_exist(people: People) -> None:
    assert [*people.lists] == ["weekly", "daily"]
    for slug in ("hidden", "none", "", "../weekly"):
        with pytest.raises(NotFound):
            people.list(slug)
        with pytest.raises(NotFound):
            people.ask(slug, "ada@example.org", Choice(), origin="")


def test_a_reader_asks_confirms_chooses_and_leaves_by_links(people: People, readers: Readers) -> None:
    people.ask("weekly", "ada@example.org", Choice(), origin="192.0.2.1")
    [letter] = readers.letters()
    answer, found = people.confirm("weekly", token(letter.key, Purpose.CONFIRM))
    assert (answer, found) == (Answer.CONFIRMED, readers.of()["weekly"])
    assert found is not None

    chosen = people.choose("weekly", token(found.key, Purpose.PREFERENCES), Choice(("kv-cache",)))
    assert chosen == people.subscription("weekly", token(found.key, Purpose.PREFERENCES))
    people.leave("weekly", token(found.key, Purpose.UNSUBSCRIBE), way=Way.ONE_CLICK)
    assert readers.status() == "unsubscribed"
    assert readers.log()[0].wording == people.wording("weekly")


@pytest.mark.parametrize("slug", ["weekly", "daily"])
@pytest.mark.parametrize("purpose", Purpose)
def test_no_link_opens_what_another_one_is_for(
    people: People, readers: Readers, purpose: Purpose, slug: str
) -> None:
    key = readers.joined().key
    doors = {
        Purpose.CONFIRM: lambda text: people.confirm("weekly", text),
        Purpose.PREFERENCES: lambda text: people.choose("weekly", text, Choice(("kv-cache",))),
        Purpose.UNSUBSCRIBE: lambda text: people.leave("weekly", text, way=Way.WEB),
    }
    for door, opened in doors.items():
        if (door, "weekly") != (purpose, slug):
            with pytest.raises(LinkError):
                opened(token(key, purpose, list=slug))

    assert readers.acts() == ["asked", "confirmed"]


def test_a_yes_comes_after_leaving_that_could_not_be_written_before(
    people: People, readers: Readers, tmp_path: Path
) -> None:
    readers.leave(readers.joined().key)
    readers.later(days=2)
    letter = readers.letter()
    key = readers.of()["weekly"].key
    queue = tmp_path / "newsletter.leaving"
    subscribe.leaving.leaving_file.append(queue, subscribe.leaving.Leaving(key, Way.WEB, readers.now))

    assert people.confirm("weekly", token(letter.key, Purpose.CONFIRM))[0] is Answer.GONE
    readers.later(days=2)
    letter = readers.letter()
    assert people.confirm("weekly", token(letter.key, Purpose.CONFIRM))[0] is Answer.CONFIRMED
    assert people.honour() == 0
    assert readers.status() == "confirmed"


def test_a_reader_leaves_for_certain_or_is_told(people: People, database: Engine, tmp_path: Path) -> None:
    (tmp_path / "newsletter.leaving").mkdir()
    with database.begin() as tx:
        tx.exec_driver_sql("DROP TABLE imports")
        tx.exec_driver_sql("ALTER TABLE subscriptions RENAME TO gone")

    with pytest.raises(StoreError, match="cannot keep that a reader left"):
        people.leave("weekly", token(b"k" * 16, Purpose.UNSUBSCRIBE), way=Way.WEB)


def test_a_door_at_which_readers_leave_opens_while_those_before_cannot_be_taken_off(
    database: Engine, database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text(f"database_url = {json.dumps(database_url)}\n{CONFIG}")
    (tmp_path / "newsletter.leaving").mkdir()
    settings = config.load(tmp_path / "config.toml")

    with pytest.raises(StoreError, match="cannot read who left"), app.open_store(settings, honour=True):
        pass
    with app.open_store(settings) as opened:
        assert [*People(opened, settings, app.clock_of(opened)).lists] == ["weekly", "daily"]


@pytest.mark.parametrize(
    ("themes", "cadence", "timezone", "choice"),
    [
        (["kv-cache"], "issue", "", Choice(("kv-cache",))),
        (["parallelism", "kv-cache", "kv-cache"], "monthly", "Europe/Rome", None),
        ([*config.DEFAULT_THEMES], "", "", Choice()),
        (["kv-cache", "agents", "' OR 1=1"], "hourly", "Europe/Atlantis", Choice(("kv-cache",))),
        (["kv-cache"], "issue", "../../etc/passwd", Choice(("kv-cache",))),
    ],
)
def test_a_form_chooses_what_the_list_has_and_nothing_else(
    people: People, themes: list[str], cadence: str, timezone: str, choice: Choice | None
) -> None:
    more = Choice(("kv-cache", "parallelism"), Cadence.MONTHLY, "Europe/Rome")

    assert people.choice("weekly", themes, cadence, timezone) == (choice or more)


def test_a_form_without_a_theme_is_told(people: People) -> None:
    with pytest.raises(ValueError, match="choose at least one theme"):
        people.choice("weekly", ["agents"], "issue", "")
