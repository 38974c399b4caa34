"""The archive over HTTP: what a browser, a proxy and a feed reader get."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.testclient import TestClient

from newsletter import app, config
from newsletter.model import IssueStatus
from newsletter.web import reading
from tests.published import BASE, TODAY, publish, publish_weeks, shelf, site

FEEDS = ("/weekly/atom.xml", "/weekly/feed.json", "/weekly/themes/kv-cache/atom.xml")


def served(database: Engine, *, root_path: str = "") -> TestClient:
    look = app.web_look(config.load(None))
    routes = reading.routes(shelf(database), look, base_url=BASE, today=lambda: TODAY)
    made = Starlette(routes=routes)
    made.router.redirect_slashes = False
    return TestClient(made, root_path=root_path, follow_redirects=False)


@pytest.fixture
def client(database: Engine) -> Iterator[TestClient]:
    publish_weeks(database, 3)
    with served(database) as client:
        yield client


def test_every_address_answers_with_what_the_site_has_there(client: TestClient, database: Engine) -> None:
    made = site(database)

    for path in made.paths(today=TODAY):
        answer = client.get(f"/{path}")
        expected = made.document(path, today=TODAY)
        assert (answer.status_code, answer.content) == (200, expected.body)
        assert answer.headers["content-type"] == expected.media
        assert answer.headers["cache-control"] == "public, max-age=300"
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/weekly/", "/weekly/2/", "/weekly/2.bib", "/assets/site.css", *FEEDS])
def test_what_is_known_is_not_sent_again(client: TestClient, path: str) -> None:
    first = client.get(path)

    for tag in (first.headers["etag"], f"W/{first.headers['etag']}", f'"x", {first.headers["etag"]}', "*"):
        again = client.get(path, headers={"if-none-match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    assert client.get(path, headers={"if-none-match": '"x"'}).status_code == 200


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_says_when_it_changed(client: TestClient, path: str) -> None:
    changed = client.get(path).headers["last-modified"]

    assert changed == "Tue, 06 Jan 2026 09:30:15 GMT"
    assert client.get(path, headers={"if-modified-since": changed}).status_code == 304
    assert client.get(path, headers={"if-modified-since": "Wed, 07 Jan 2026 09:30:15 GMT"}).status_code == 200


def test_a_new_issue_changes_what_is_known(client: TestClient, database: Engine) -> None:
    tags = {path: client.get(path).headers["etag"] for path in ("/", "/weekly/", "/weekly/3/", *FEEDS)}

    publish(database, status=IssueStatus.APPROVED)

    for path, tag in tags.items():
        assert client.get(path, headers={"if-none-match": tag}).status_code == (200 if path != "/" else 304)


@pytest.mark.parametrize("path", ["/", "/weekly/", "/weekly/3/", *FEEDS])
def test_head_is_answered_as_get_without_the_body(client: TestClient, path: str) -> None:
    head, get = client.head(path), client.get(path)

    assert (head.status_code, head.headers) == (200, get.headers)


@pytest.mark.parametrize(
    ("path", "status", "to"),
    [
        ("/weekly", 308, "weekly/"),
        ("/weekly/2", 308, "2/"),
        ("/weekly/search", 308, "search/"),
        ("/weekly/themes/kv-cache", 308, "kv-cache/"),
        ("/weekly/2026-01-06/", 302, "../3/"),
        ("/weekly/2026-01-06", 302, "3/"),
    ],
)
def test_other_addresses_lead_on_by_a_path_that_no_header_changes(
    client: TestClient, path: str, status: int, to: str
) -> None:
    hostile = {
        "host": "evil.example",
        "x-forwarded-host": "evil.example",
        "x-forwarded-prefix": "//evil.example",
    }

    answer = client.get(path, headers=hostile)

    assert (answer.status_code, answer.headers["location"]) == (status, to)
    assert client.get(path, follow_redirects=True).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/weekly/4/",
            "/weekly/0/",
            "/weekly/03/",
            f"/weekly/{'9' * 5000}/",
            "/weekly/2026-01-07/",
            "/nothing/",
        ),
        *("/weekly/subscribe", "/weekly/confirm/x", "/healthz", "/robots.txt", "/weekly/themes/nothing/"),
        *(
            "/weekly/%2e%2e/weekly/",
            "/weekly/2/%00",
            "/WEEKLY/",
            "/weekly;x=y/",
            "/assets/base.html.j2",
        ),
    ],
)
def test_what_is_not_there_or_somebody_elses_is_not_answered(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_draft_is_neither_shown_nor_led_to(client: TestClient, database: Engine) -> None:
    publish(database, on=TODAY + timedelta(days=1))
    publish(database, status=IssueStatus.DRAFT)

    for path in ("/weekly/4/", "/weekly/4", "/weekly/2026-01-07/", "/weekly/5/", "/weekly/5.bib"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_done_to_an_archive(client: TestClient, method: str) -> None:
    answer = client.request(method, "/weekly/2/")

    assert (answer.status_code, {*answer.headers["allow"].split(", ")}) == (405, {"GET", "HEAD"})


def test_a_search_is_answered_and_its_question_is_a_text(client: TestClient) -> None:
    answer = client.get("/weekly/search/", params={"q": '"><script>alert(1)</script>'})

    assert "<script>alert" not in answer.text
    assert "&gt;&lt;script&gt;" in answer.text
    assert "0 of " in answer.text
    assert client.get("/weekly/search/", params={"q": "x" * 60_000}).status_code == 200


def test_below_another_path_everything_is_found_by_relative_links(database: Engine) -> None:
    publish(database)

    with served(database, root_path="/papers") as client:
        assert client.get("/papers/weekly/1/").status_code == 200
        page = client.get("/papers/weekly/1/").text
    assert 'href="../../assets/site.css"' in page
    assert 'href="/' not in page
