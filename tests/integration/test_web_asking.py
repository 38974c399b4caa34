"""Asking for a list and saying yes: two steps, of which the second is the mailbox's own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, select

from newsletter import links, recipients, store, subscribe
from newsletter.links import Purpose
from newsletter.model import Act, Cadence, Choice, SubscriptionStatus, SuppressionReason, Way
from newsletter.store import consents, reading, tables
from tests.site import ADDRESS, Site, keys, settings
from tests.stored import dump

MAILBOX = "Now look in your mailbox"


@pytest.fixture
def site(database: Engine, tmp_path: Path) -> Site:
    return Site(database, settings(tmp_path))


def asked(site: Site) -> list[Any]:
    """The asks that wait."""
    with store.reading(site.database) as tx:
        return [*tx.execute(select(tables.asks))]


def test_the_form_shows_the_list_its_themes_and_what_one_agrees_to(site: Site) -> None:
    page = site.client.get("/weekly/subscribe").text

    assert "What a week brought." in page
    assert (page.count('name="theme"'), page.count(" checked")) == (3, 4)
    assert all(theme.blurb in page for theme in site.people.list("weekly").themes)
    assert "Send me Paper Weekly by email. I can leave at any time with one click." in page
    assert 'autocomplete="off" tabindex="-1"' in page
    assert "<script" not in page


def test_what_a_person_asked_for_is_kept_with_what_they_chose(site: Site) -> None:
    answer = site.client.post("/weekly/subscribe", data=site.form(theme=["kv-cache"], cadence="monthly"))

    assert (answer.status_code, MAILBOX in answer.text) == (200, True)
    [row] = asked(site)
    assert (row.address, row.themes, row.cadence) == (ADDRESS, ["kv-cache"], "monthly")
    assert row.host == "192.0.2.7/32"


def classes(site: Site) -> list[str]:
    """One address of each kind that the store may know."""
    who = ["new@example.com", "on@example.com", "left@example.com", "never@example.com", "asked@example.com"]
    site.join("on@example.com")
    site.leave(site.link("unsubscribe", site.join("left@example.com")))
    never = recipients.recipient("never@example.com")
    reason = SuppressionReason.COMPLAINT
    subscribe.suppress(site.database, never, reason=reason, way=Way.REPORT, now=site.now)
    site.letter("asked@example.com")
    return who


def test_every_address_gets_the_same_bytes(site: Site) -> None:
    addresses = [*classes(site), "robot@example.com"]
    form = site.form()

    answers = [
        site.client.post("/weekly/subscribe", data={**form, "email": who, "remarks": "hi" * ("robot" in who)})
        for who in addresses
    ]

    assert len({(answer.status_code, answer.content, str(answer.headers)) for answer in answers}) == 1


def test_what_a_robot_fills_in_is_not_kept(site: Site) -> None:
    form, before = site.form(remarks="cheap"), dump(site.database)

    assert MAILBOX in site.client.post("/weekly/subscribe", data=form).text
    assert dump(site.database) == before


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a@b",
        "a@b..c",
        '"a b"@c.org',
        "a@[127.0.0.1]",
        "x" * 65 + "@example.com",
        "a@" + "b." * 126 + "org",
        "a@example.com\r\nBcc: b@example.com",
        "a\0@example.com",
        "a@example.com, b@example.com",
        "alice@example.org)bob@evil.test",
        "<script>alert(1)</script>@example.com",
        "é@example.com",
    ],
)
def test_what_is_no_address_is_told_at_its_field_and_everything_else_is_kept(
    site: Site, address: str
) -> None:
    form = site.form(email=address, theme=["parallelism"], cadence="monthly")

    answer = site.client.post("/weekly/subscribe", data=form)

    assert answer.status_code == 422
    assert 'aria-invalid="true" aria-describedby="email-error" autofocus' in answer.text
    assert 'value="parallelism" checked' in answer.text
    assert 'value="kv-cache">' in answer.text
    assert 'value="monthly" checked' in answer.text
    assert "<script" not in answer.text
    assert asked(site) == []


def test_a_form_without_a_theme_is_told_so(site: Site) -> None:
    answer = site.client.post("/weekly/subscribe", data=site.form(theme=[]))

    assert (answer.status_code, 'id="themes-error"' in answer.text) == (422, True)
    assert f'value="{ADDRESS}"' in answer.text


@pytest.mark.parametrize(
    ("later", "said"), [(-4, "very quick"), (24 * 3600, "open for long"), (-3600, "open for long")]
)
def test_a_form_that_comes_too_soon_or_too_late_is_shown_again(site: Site, later: int, said: str) -> None:
    form = site.form(theme=["kv-cache"])
    site.now += timedelta(seconds=later)

    answer = site.client.post("/weekly/subscribe", data=form)

    assert (answer.status_code, said in answer.text) == (400, True)
    assert f'value="{ADDRESS}"' in answer.text
    assert 'value="parallelism">' in answer.text
    assert asked(site) == []


def test_a_form_that_came_too_soon_goes_through_a_moment_later(site: Site) -> None:
    form = site.form()
    site.now -= timedelta(seconds=4)
    site.client.post("/weekly/subscribe", data=form)
    site.now += timedelta(seconds=2)

    assert MAILBOX in site.client.post("/weekly/subscribe", data=form).text


@pytest.mark.parametrize("served", ["", "x", "a" * 52, "for another list"])
def test_a_form_that_was_not_served_here_is_shown_again(site: Site, served: str) -> None:
    given = site.people.form_token("serving") if served == "for another list" else served

    answer = site.client.post("/weekly/subscribe", data=site.form(token=given))

    assert (answer.status_code, "open for long" in answer.text) == (400, True)
    assert asked(site) == []


def test_who_asks_too_often_is_told_to_come_back(site: Site) -> None:
    form = site.form()

    answers = [site.client.post("/weekly/subscribe", data=form) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert answers[-1].headers["retry-after"] == "3600"


def test_without_a_database_the_form_is_there_and_sending_it_off_is_told_to_wait(tmp_path: Path) -> None:
    site = Site(create_engine(f"sqlite:///{tmp_path}/none/nothing.db"), settings(tmp_path))

    answer = site.client.post("/weekly/subscribe", data=site.form())

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert site.client.get("/healthz").status_code == 503


def test_a_yes_makes_it_a_subscription_and_looking_does_not(site: Site) -> None:
    path = site.letter(choice=Choice(("kv-cache",), Cadence.MONTHLY))

    page = site.client.get(path)
    assert status(site) is SubscriptionStatus.UNCONFIRMED
    answer = site.client.post(path)

    assert (page.status_code, answer.status_code) == (200, 200)
    assert "You are subscribed" in answer.text
    assert "The next monthly recap of Paper Weekly" in answer.text
    assert status(site) is SubscriptionStatus.CONFIRMED
    preferences = answer.text.partition('href="/weekly/preferences/')[2].partition('"')[0]
    assert site.client.get(f"/weekly/preferences/{preferences}").status_code == 200


def status(site: Site) -> SubscriptionStatus | None:
    found = site.subscription()
    return found and found.status


def test_a_link_that_is_too_old_offers_a_new_letter(site: Site) -> None:
    path = site.letter()
    site.now += timedelta(days=8)

    answer = site.client.post(path)

    assert (answer.status_code, "too old" in answer.text) == (410, True)
    assert 'href="/weekly/subscribe"' in answer.text
    assert status(site) is SubscriptionStatus.UNCONFIRMED


def test_a_yes_counts_once_and_not_after_leaving(site: Site) -> None:
    path = site.letter()
    first, again = site.client.post(path), site.client.post(path)
    reader = site.subscription()
    assert reader
    site.leave(site.link("unsubscribe", reader))

    late = site.client.post(path)

    assert first.text == again.text
    assert (late.status_code, "used up" in late.text) == (410, True)
    assert status(site) is SubscriptionStatus.UNSUBSCRIBED


def test_a_yes_to_what_was_never_asked_is_used_up(site: Site) -> None:
    token = links.sign(bytes(16), Purpose.CONFIRM, list="weekly", keys=keys())

    assert site.client.post(f"/weekly/confirm/{token}").status_code == 410


def test_a_link_for_another_list_or_purpose_confirms_nothing(site: Site) -> None:
    path = site.letter()
    reader = site.subscription()
    assert reader
    before = dump(site.database)
    others = [path.replace("weekly", "serving"), path.replace("weekly", "staff"), path[:-1]]
    others += [site.link(page, reader).replace(page, "confirm") for page in ("preferences", "unsubscribe")]

    answers = [site.client.post(other) for other in others]

    assert {answer.status_code for answer in answers} == {404}
    assert dump(site.database) == before


def test_a_hundred_clicks_at_once_are_one_yes(site: Site) -> None:
    path = site.letter()

    with ThreadPoolExecutor(20) as pool:
        answers = [*pool.map(lambda _: site.client.post(path).status_code, range(100))]

    assert answers == [200] * 100
    reader = site.subscription()
    assert reader
    with reading(site.database) as tx:
        acts = [one.act for one in consents.of(tx, reader.subscriber.id)]
    assert acts == [Act.ASKED, Act.CONFIRMED]
