"""What a reader chose: shown, changed, downloaded and forgotten by whoever holds the link, by nobody else."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from newsletter import recipients, subscribe
from newsletter.model import Act, Cadence, Choice, SubscriptionStatus, Way
from newsletter.store import consents, reading
from tests.site import ADDRESS, Site, settings
from tests.stored import dump

CHOSEN = {"theme": ["parallelism"], "cadence": "monthly", "timezone": "Asia/Tokyo"}
OTHERS: list[dict[str, str]] = [
    {"sec-fetch-site": "cross-site"},
    {"origin": "https://evil.test"},
    {"origin": "https://news.example.org.evil.test"},
    {"origin": "http://news.example.org"},
    {"origin": "null", "sec-fetch-site": "cross-site"},
]


@pytest.fixture
def site(database: Engine, tmp_path: Path) -> Site:
    return Site(database, settings(tmp_path))


def choice(site: Site, **which: str) -> Choice:
    found = site.subscription(**which)
    assert found
    return found.choice


def test_the_page_shows_what_was_chosen_and_no_whole_address(site: Site) -> None:
    reader = site.join(choice=Choice(("kv-cache",), Cadence.MONTHLY, "Europe/Berlin"))

    page = site.client.get(site.link("preferences", reader)).text

    assert page.count(" checked") == 2
    assert "on the first day of the next month." in page
    assert "holds for every mail that is not on its way yet" in page
    assert 'value="kv-cache" checked' in page
    assert 'value="monthly" checked' in page
    assert '<option value="Europe/Berlin" selected>' in page
    assert "a…@example.com" in page
    assert ADDRESS not in page
    assert f'href="{site.link("unsubscribe", reader)}"' in page
    assert '<time datetime="2026-01-06">6 January 2026</time>' in page


def test_what_is_sent_off_is_saved_and_shown(site: Site) -> None:
    path = site.link("preferences", site.join())

    answer = site.client.post(path, data=CHOSEN)

    assert (answer.status_code, "Saved." in answer.text) == (200, True)
    assert 'value="parallelism" checked' in answer.text
    assert choice(site) == Choice(("parallelism",), Cadence.MONTHLY, "Asia/Tokyo")


def test_it_is_saved_once_however_often_it_is_sent_off(site: Site) -> None:
    reader = site.join()

    for _ in range(3):
        site.client.post(site.link("preferences", reader), data=CHOSEN)

    with reading(site.database) as tx:
        acts = [one.act for one in consents.of(tx, reader.subscriber.id)]
    assert acts == [Act.ADDED, Act.CHOSE]


@pytest.mark.parametrize(
    "sent",
    [
        {"theme": ["nothing", "llm-serving", "kv-cache"]},
        {"theme": ["kv-cache", *map(str, range(900))]},
        {"theme": "kv-cache", "list": "serving", "id": "2", "email": "b@example.com"},
        {"theme": "kv-cache", "timezone": "Mars/Olympus", "cadence": "hourly"},
    ],
)
def test_what_the_list_does_not_have_is_ignored(site: Site, sent: dict[str, Any]) -> None:
    reader, other = site.join(), site.join("bob@example.com")

    answer = site.client.post(site.link("preferences", reader), data=sent)

    assert answer.status_code == 200
    assert choice(site) == Choice(("kv-cache",))
    assert site.subscription("bob@example.com") == other


def test_ten_thousand_themes_are_refused(site: Site) -> None:
    path = site.link("preferences", site.join())

    answer = site.client.post(path, content="&".join(["t="] * 10_000))

    assert answer.status_code == 400
    assert choice(site) == Choice()


def test_no_theme_is_no_choice(site: Site) -> None:
    answer = site.client.post(site.link("preferences", site.join()), data={"cadence": "monthly"})

    assert (answer.status_code, 'id="themes-error"' in answer.text) == (422, True)
    assert choice(site) == Choice()


@pytest.mark.parametrize("headers", OTHERS)
@pytest.mark.parametrize("page", ["", "/erase"])
def test_a_form_of_another_site_is_refused(site: Site, page: str, headers: dict[str, str]) -> None:
    path = site.link("preferences", site.join()) + page
    before = dump(site.database)

    answer = site.client.post(path, data=CHOSEN, headers=headers)

    assert answer.status_code == 403
    assert dump(site.database) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "null", "sec-fetch-site": "same-origin"},
        {"origin": "https://news.example.org", "sec-fetch-site": "same-origin"},
        {"origin": "null"},
    ],
)
def test_a_form_of_this_site_is_taken_whatever_the_browser_says_of_it(
    site: Site, headers: dict[str, str]
) -> None:
    path = site.link("preferences", site.join())

    assert site.client.post(path, data=CHOSEN, headers=headers).status_code == 200


def test_who_left_or_is_forgotten_is_told_that_there_is_nothing_to_choose(site: Site) -> None:
    reader = site.join()
    path = site.link("preferences", reader)
    site.leave(site.link("unsubscribe", reader))
    left = [site.client.get(path), site.client.post(path, data=CHOSEN)]
    subscribe.erase(site.database, recipients.recipient(ADDRESS), now=site.now)
    forgotten = [site.client.get(path), site.client.post(path, data=CHOSEN)]

    assert {answer.status_code for answer in left + forgotten} == {410}
    assert len({answer.text for answer in left + forgotten}) == 1
    assert "Subscribe again" in left[0].text


def test_the_link_of_another_reader_list_or_purpose_opens_nothing(site: Site) -> None:
    reader = site.join()
    paths = [site.link("preferences", reader).replace("weekly", slug) for slug in ("serving", "staff", "no")]
    paths.append(site.link("unsubscribe", reader).replace("unsubscribe", "preferences"))
    before = dump(site.database)

    answers = [site.client.get(path + page) for path in paths for page in ("", "/erase", "/data.json")]
    answers += [site.client.post(path + page, data=CHOSEN) for path in paths for page in ("", "/erase")]

    assert {answer.status_code for answer in answers} == {404}
    assert dump(site.database) == before


def test_all_that_is_stored_can_be_downloaded(site: Site) -> None:
    reader = site.join()
    site.join(list="serving", choice=Choice(cadence=Cadence.MONTHLY))
    site.now += timedelta(days=1)
    site.leave(site.link("unsubscribe", reader))

    answer = site.client.get(site.link("preferences", reader) + "/data.json")

    assert answer.headers["content-disposition"] == 'attachment; filename="my-subscriptions.json"'
    told = json.loads(answer.text)
    assert told["address"] == ADDRESS
    assert [(one["list"], one["status"], one["cadence"]) for one in told["subscriptions"]] == [
        ("serving", "confirmed", "monthly"),
        ("weekly", "unsubscribed", "issue"),
    ]
    assert [(one["act"], one["way"]) for one in told["consents"]] == [
        (Act.ADDED, Way.OPERATOR),
        (Act.ADDED, Way.OPERATOR),
        (Act.LEFT, Way.ONE_CLICK),
    ]
    assert reader.key.hex() not in answer.text


def test_everything_is_deleted_after_one_more_question_and_not_before(site: Site) -> None:
    reader = site.join()
    site.join(list="serving")
    path = site.link("preferences", reader) + "/erase"

    question = site.client.get(path)
    assert site.subscription()
    first, again = site.client.post(path), site.client.post(path)

    assert "Delete everything about me?" in question.text
    assert (first.status_code, first.text) == (again.status_code, again.text)
    assert "Everything is deleted" in first.text
    assert "example.com" not in str(dump(site.database))
    assert site.client.get(site.link("preferences", reader) + "/data.json").status_code == 410


def test_a_reader_of_a_list_that_is_not_on_the_web_chooses_and_is_offered_no_form(site: Site) -> None:
    reader = site.join(list="staff")

    answer = site.client.post(site.link("preferences", reader), data=CHOSEN)
    site.leave(site.link("unsubscribe", reader))
    over = site.client.get(site.link("preferences", reader))

    assert answer.status_code == 200
    assert choice(site, list="staff").themes == ("parallelism",)
    assert over.status_code == 410
    assert "/subscribe" not in over.text
    assert 'href="/staff/"' not in answer.text + over.text
    assert "Delete everything about me" in over.text
    found = site.subscription(list="staff")
    assert found
    assert found.status is SubscriptionStatus.UNSUBSCRIBED
