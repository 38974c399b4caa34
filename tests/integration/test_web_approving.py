"""Approving a draft by a link of a mail: looking does nothing, one button approves what was seen."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from newsletter import app, config, links, store
from newsletter.links import Approval, Purpose
from newsletter.model import Edit, EditKind, IssueStatus, Slot, SlotState
from newsletter.store import issues, periods
from tests.builders import digest, paper
from tests.site import Site, keys, settings
from tests.stored import dump, ingest

FOREIGN = "a-key-of-somebody-else-0123456789-abc"
NOT_OURS = "This link does not work"
SCHEDULE = {"every": "week", "on": ("tuesday",), "timezone": "Europe/Berlin"}
LISTS = {
    "weekly": {"title": "Paper Weekly", "schedule": SCHEDULE},
    "serving": {"title": "Serving"},
    "staff": {"title": "Staff Only", "public": False},
}


@pytest.fixture
def site(database: Engine, tmp_path: Path) -> Site:
    found = Site(database, settings(tmp_path, lists=LISTS))
    ingest(database, digest(cached(1), cached(2)))
    return found


def cached(number: int) -> object:
    return paper(
        f"Larder {number}: Evicting the KV Cache",
        f"We evict the KV cache. The KV cache of model {number} shrinks by 4x.",
        arxiv_id=f"2601.0000{number}",
    )


def status(site: Site, list: str = "weekly") -> IssueStatus:
    with store.reading(site.database) as tx:
        found = issues.numbered(tx, list=list, number=1)
    assert found
    return found.status


def drop(site: Site, of: str) -> None:
    """An hour later an editor drops a paper."""
    site.now += timedelta(hours=1)
    place = site.desk()
    place.edit(place.find("weekly"), Edit(EditKind.DROP, of, who="grace"))


def test_looking_shows_the_draft_with_one_verb_and_approves_nothing(site: Site) -> None:
    link = site.approving()
    before = dump(site.database)

    pages = [site.client.get(link), site.client.head(link), site.client.options(link)]

    assert [page.status_code for page in pages] == [200, 200, 405]
    assert "Larder 1" in pages[0].text
    assert "weekly/1" in pages[0].text
    assert pages[0].text.count("<form") == 2
    assert dump(site.database) == before


def test_the_button_approves_what_was_seen_and_the_link_is_over_then(site: Site) -> None:
    link = site.approving()

    done = site.client.post(link)

    assert done.status_code == 200
    assert "weekly/1 is approved" in done.text
    assert status(site) is IssueStatus.APPROVED
    again = [site.client.post(link), site.client.get(link)]
    assert [answer.status_code for answer in again] == [410, 410]


def test_a_draft_that_changed_is_shown_with_what_is_new_and_not_approved(site: Site) -> None:
    link = site.approving()
    drop(site, "2601.00001")
    ingest(site.database, digest(cached(3), source="later.txt"), now=site.now)
    site.desk().draft("weekly", on=None, since=None)

    answer = site.client.post(link)

    assert (answer.status_code, status(site)) == (409, IssueStatus.DRAFT)
    assert "another one than when the link was made" in answer.text
    assert "dropped “Larder 1: Evicting the KV Cache” by grace" in answer.text
    assert "new: Larder 3: Evicting the KV Cache" in answer.text
    assert "new: Larder 2" not in answer.text
    fresh = answer.text.partition('action="')[2].partition('"')[0]
    assert fresh != link
    assert site.client.post(fresh).status_code == 200
    assert status(site) is IssueStatus.APPROVED


def test_votes_that_come_meanwhile_make_no_other_draft(site: Site) -> None:
    link = site.approving()
    site.now += timedelta(hours=1)

    assert site.client.post(link).status_code == 200


def test_a_page_says_when_the_issue_goes_on_the_clock_of_its_list(site: Site) -> None:
    link = site.approving()
    edition = site.desk().find("weekly")
    with store.writing(site.database) as tx:
        periods.begin(tx, "weekly", Slot("2026-W02", site.now, site.now), SlotState.OPEN, now=site.now)
        (period,) = periods.under_way(tx)
        periods.turn(tx, period, SlotState.DRAFTED, issue=edition.id, now=site.now)

    assert "It goes Tue 6 Jan 10:30 CET." in site.client.get(link).text


def wrong(site: Site) -> Iterator[str]:
    """Tokens that are not ours for this draft, each in one way."""
    token = site.approving().rpartition("/")[2]
    key = links.verify(token, Purpose.APPROVE, list="weekly", keys=keys())
    yield from (token[:-1], token + "a", "x", "0" * 52, "é" * 52)
    for at in range(0, len(token), 3):
        yield token[:at] + ("a" if token[at] != "a" else "b") + token[at + 1 :]
    for purpose in set(Purpose) - {Purpose.APPROVE}:
        yield links.sign(key, purpose, list="weekly", keys=keys())
    yield links.sign(key, Purpose.APPROVE, list="serving", keys=keys())
    yield links.sign(key, Purpose.APPROVE, list="weekly", keys=keys(FOREIGN))


def test_every_link_that_is_not_ours_gets_one_neutral_page_and_changes_nothing(site: Site) -> None:
    tokens = [*wrong(site)]
    before = dump(site.database)

    answers = [site.client.post(f"/weekly/approve/{token}") for token in tokens]
    answers += [site.client.get(f"/weekly/approve/{token}") for token in tokens]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert NOT_OURS in answers[0].text
    assert dump(site.database) == before


@pytest.mark.parametrize("page", ["confirm", "preferences", "unsubscribe"])
def test_a_link_that_approves_opens_no_page_of_a_reader(site: Site, page: str) -> None:
    token = site.approving().rpartition("/")[2]

    assert site.client.get(f"/weekly/{page}/{token}").status_code == 404
    assert site.client.post(f"/weekly/{page}/{token}").status_code == 404


def test_the_link_of_one_issue_approves_no_other_one(site: Site) -> None:
    link = site.approving()
    place = site.desk()
    place.cancel(place.find("weekly"))
    second = site.approving()

    answers = [site.client.post(link), site.client.post(second)]

    assert [answer.status_code for answer in answers] == [410, 200]
    assert "weekly/1 is cancelled" in answers[0].text


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://mail.test"}, {"origin": "null.test"}]
)
def test_a_form_of_another_site_approves_nothing(site: Site, headers: dict[str, str]) -> None:
    answer = site.client.post(site.approving(), headers=headers)

    assert (answer.status_code, status(site)) == (403, IssueStatus.DRAFT)


def test_a_page_of_an_editor_is_kept_by_nobody(site: Site) -> None:
    headers = site.client.get(site.approving()).headers

    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"] == "noindex, nofollow"
    assert "Disallow: /weekly/approve/" in site.client.get("/robots.txt").text


def test_a_draft_without_a_paper_is_not_approved(site: Site) -> None:
    site.approving()
    for of in ("2601.00001", "2601.00002"):
        drop(site, of)

    answer = site.client.post(site.approving())

    assert (answer.status_code, status(site)) == (409, IssueStatus.DRAFT)
    assert "holds no paper" in answer.text


def test_a_list_that_is_not_on_the_web_has_its_page_too(site: Site) -> None:
    link = site.approving("staff")

    assert "Staff Only" in site.client.get(link).text
    assert site.client.post(link).status_code == 200
    assert 'href="/staff/"' not in site.client.get(link).text


def test_twenty_clicks_at_once_approve_it_once(site: Site) -> None:
    link = site.approving()

    with ThreadPoolExecutor(8) as pool:
        answers = [*pool.map(lambda _: site.client.post(link).status_code, range(20))]

    assert set(answers) <= {200, 410}
    assert 200 in answers
    assert status(site) is IssueStatus.APPROVED


def test_no_link_is_made_where_nobody_serves_one(tmp_path: Path) -> None:
    about = Approval(1, bytes(links.SEEN_BYTES), app.utcnow())
    made = [
        config.approve_link(settings(tmp_path, **values), "weekly", about)
        for values in ({}, {"secret_keys": ()}, {"run": {"web": True}}, {"base_url": "https://papers.test/x"})
    ]

    assert [bool(link) for link in made] == [False, False, True, True]
    assert made[3].startswith("https://papers.test/x/weekly/approve/")
