"""Leaving on the web: one button, for people and for mail clients, whatever else is the case."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine

from newsletter import links, recipients, store, subscribe
from newsletter.links import Purpose
from newsletter.model import Act, SubscriptionStatus, Way
from newsletter.store import consents, reading
from tests.site import ADDRESS, KEY, Site, keys, settings
from tests.stored import dump

LEFT = "You have left"
FOREIGN = "a-key-of-somebody-else-0123456789-abc"
NOT_OURS = "This link does not work"
BODIES: dict[str, dict[str, Any]] = {
    "a form": {"data": {"List-Unsubscribe": "One-Click"}},
    "a multipart form": {"files": {"List-Unsubscribe": (None, "One-Click")}},
    "with more fields": {"data": {"a": ["1", "2"], "List-Unsubscribe": "One-Click", "b": ""}},
    "without a type": {"content": b"List-Unsubscribe=One-Click"},
    "from another site": {
        "data": {"List-Unsubscribe": "One-Click"},
        "headers": {"origin": "https://mail.test", "sec-fetch-site": "cross-site"},
    },
    "with a cookie of somebody": {
        "data": {"List-Unsubscribe": "One-Click"},
        "headers": {"cookie": "session=1"},
    },
}


@pytest.fixture
def site(database: Engine, tmp_path: Path) -> Site:
    return Site(database, settings(tmp_path))


def is_on(site: Site, **which: str) -> bool:
    found = site.subscription(**which)
    return bool(found and found.status is SubscriptionStatus.CONFIRMED)


def ways(site: Site) -> list[Way]:
    """Through what readers left, by the consent log."""
    found = site.subscription()
    assert found
    with reading(site.database) as tx:
        return [one.way for one in consents.of(tx, found.subscriber.id) if one.act is Act.LEFT]


@pytest.mark.parametrize("body", BODIES)
def test_a_mail_client_leaves_with_one_post_and_no_redirect(site: Site, body: str) -> None:
    path = site.link("unsubscribe", site.join())

    first, second = site.client.post(path, **BODIES[body]), site.client.post(path, **BODIES[body])

    assert (first.status_code, second.status_code) == (200, 200)
    assert LEFT in first.text
    assert first.text == second.text
    assert "set-cookie" not in first.headers
    assert not is_on(site)
    assert ways(site) == [Way.ONE_CLICK]


def test_a_person_leaves_with_the_button_of_the_page(site: Site) -> None:
    path = site.link("unsubscribe", site.join())

    page = site.client.get(path)
    assert is_on(site)
    assert page.text.count("<button") == 1
    answer = site.client.post(path, data={"List-Unsubscribe": "Button"})

    assert (page.status_code, answer.status_code) == (200, 200)
    assert 'href="/weekly/subscribe"' in answer.text
    assert ways(site) == [Way.WEB]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"content": b""},
        {"data": {"unsubscribe": "yes"}},
        {"data": {"List-Unsubscribe": "maybe"}},
        {"content": b"\x00\xff\xfe", "headers": {"content-type": "application/octet-stream"}},
    ],
)
def test_a_post_that_does_not_say_it_gets_the_page_with_the_button(site: Site, body: dict[str, Any]) -> None:
    path = site.link("unsubscribe", site.join())

    answer = site.client.post(path, **body)

    assert answer.status_code == 400
    assert answer.text == site.client.get(path).text
    assert is_on(site)


def test_who_had_left_or_is_forgotten_gets_the_same_page(site: Site) -> None:
    path = site.link("unsubscribe", site.join())
    first = site.leave(path)
    subscribe.erase(site.database, recipients.recipient(ADDRESS), now=site.now)

    again = site.leave(path)

    assert (again.status_code, again.text) == (200, first.text)


def test_a_link_that_an_old_key_signed_goes_on_working(database: Engine, tmp_path: Path) -> None:
    new = secrets.token_urlsafe(32)
    old = Site(database, settings(tmp_path))
    path = old.link("unsubscribe", old.join())
    site = Site(database, settings(tmp_path, secret_keys=(new, FOREIGN)))

    refused = site.leave(path)
    site = Site(database, settings(tmp_path, secret_keys=(new, KEY)))
    taken = site.leave(path)

    assert (refused.status_code, taken.status_code) == (404, 200)
    assert not is_on(site)


def wrong(site: Site) -> Iterator[str]:
    """Tokens that are not ours, each in one way."""
    reader = site.join()
    token = site.link("unsubscribe", reader).rpartition("/")[2]
    yield from (
        token[:-1],
        token[:10],
        token + "a",
        "x",
        "0" * 52,
        "é" * 52,
        "a" * 3000,
    )
    yield token[:20] + ("a" if token[20] != "a" else "b") + token[21:]
    yield links.sign(reader.key, Purpose.PREFERENCES, list="weekly", keys=keys())
    yield links.sign(reader.key, Purpose.UNSUBSCRIBE, list="serving", keys=keys())
    yield links.sign(reader.key, Purpose.UNSUBSCRIBE, list="weekly", keys=keys(FOREIGN))


def test_every_link_that_is_not_ours_gets_one_neutral_page_and_changes_nothing(site: Site) -> None:
    tokens = [*wrong(site)]
    before = dump(site.database)

    answers = [site.leave(f"/weekly/unsubscribe/{token}") for token in tokens]
    answers += [site.client.get(f"/weekly/unsubscribe/{token}") for token in tokens]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert NOT_OURS in answers[0].text
    assert dump(site.database) == before


def test_a_link_of_ten_thousand_characters_is_refused(site: Site) -> None:
    answer = site.leave("/weekly/unsubscribe/" + "a" * 10_000)

    assert answer.status_code == 414


def test_a_list_that_is_not_on_the_web_can_be_left_and_so_can_one_that_is_no_more(
    database: Engine, tmp_path: Path
) -> None:
    site = Site(database, settings(tmp_path))
    paths = [site.link("unsubscribe", site.join(list=name)) for name in ("staff", "serving")]
    site = Site(database, settings(tmp_path, lists={"weekly": {}, "staff": {"public": False}}))

    answers = [site.leave(path) for path in paths]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert not any("/subscribe" in answer.text for answer in answers)
    assert not is_on(site, list="staff")
    assert not is_on(site, list="serving")


def test_a_reader_of_several_lists_may_leave_all_of_them(site: Site) -> None:
    path = site.link("unsubscribe", site.join())
    site.join(list="serving")

    first = site.client.post(path, data={"List-Unsubscribe": "Button"})
    assert is_on(site, list="serving")
    last = site.client.post(path, data={"List-Unsubscribe": "Every-List"})

    assert "You are still on Serving" in first.text
    assert "Leave that too" in first.text
    assert "Leave all" not in last.text
    assert not is_on(site, list="serving")


def test_a_hundred_clicks_at_once_are_one(site: Site) -> None:
    path = site.link("unsubscribe", site.join())

    with ThreadPoolExecutor(20) as pool:
        answers = [*pool.map(lambda _: site.leave(path).status_code, range(100))]

    assert answers == [200] * 100
    assert ways(site) == [Way.ONE_CLICK]


@pytest.mark.parametrize("button", ["One-Click", "Every-List"])
def test_leaving_is_kept_while_the_database_cannot_be_written_and_honoured_after(
    tmp_path: Path, button: str
) -> None:
    url = f"sqlite:///{tmp_path}/newsletter.db"
    writable = store.open_store(url)
    site = Site(writable, settings(tmp_path))
    path = site.link("unsubscribe", site.join())
    site.join(list="serving")
    closed = create_engine(f"sqlite:///file:{tmp_path}/newsletter.db?mode=ro&uri=true")

    answer = Site(closed, site.settings).client.post(path, data={"List-Unsubscribe": button})

    assert (answer.status_code, LEFT in answer.text) == (200, True)
    assert is_on(site)
    assert "example.com" not in site.settings.leaving_file.read_text()
    site.people.honour()
    assert not is_on(site)
    assert is_on(site, list="serving") == (button == "One-Click")
    closed.dispose()
    writable.dispose()


def test_the_page_needs_no_database(database: Engine, tmp_path: Path) -> None:
    site = Site(database, settings(tmp_path))
    path = site.link("unsubscribe", site.join())
    nowhere = create_engine(f"sqlite:///{tmp_path}/none/nothing.db")

    there = Site(nowhere, site.settings).client

    assert there.get(path).status_code == 200
    assert there.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
