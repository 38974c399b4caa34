"""What is public of a store, and what its pages say, on both databases."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from lxml import etree
from lxml import html as lxml_html
from sqlalchemy import Engine, event

from newsletter.archive import Document, Moved, Site
from newsletter.errors import NotFound
from newsletter.model import IssueStatus
from tests.builders import NOW, issue, mailing_list
from tests.looks import busy_issue, words
from tests.published import BASE, TODAY, WEEKLY, publish, publish_weeks, shelf, site

ATOM = {"a": "http://www.w3.org/2005/Atom"}
TOMORROW = TODAY + timedelta(days=1)
HIDDEN = {
    "a draft": (IssueStatus.DRAFT, TODAY),
    "cancelled": (IssueStatus.CANCELLED, TODAY),
    "of tomorrow": (IssueStatus.APPROVED, TOMORROW),
}


def text(made: Site, path: str, *, today: date = TODAY, question: str = "") -> str:
    found = made.at(path, today=today, question=question)
    assert isinstance(found, Document)
    return found.body.decode()


@pytest.mark.parametrize("status", [IssueStatus.APPROVED, IssueStatus.SENDING, IssueStatus.SENT])
def test_an_issue_is_public_once_it_is_approved_and_its_day_has_come(
    database: Engine, status: IssueStatus
) -> None:
    publish(database, status=status)

    assert [one.headline for one in shelf(database).entries("weekly", today=TODAY)] == [busy_issue().headline]
    assert shelf(database).entries("weekly", today=TODAY - timedelta(days=1)) == ()


@pytest.mark.parametrize("why", HIDDEN)
def test_what_is_not_public_is_not_found_and_no_page_tells_of_it(database: Engine, why: str) -> None:
    status, on = HIDDEN[why]
    publish_weeks(database, 2)
    secret = replace(busy_issue(), headline="Secret findings")
    number = publish(database, secret, status=status, on=on).number
    made = site(database)

    for path in (f"weekly/{number}/", f"weekly/{number}.bib", f"weekly/{number}.ris", f"weekly/{number}"):
        with pytest.raises(NotFound):
            made.at(path, today=TODAY)
    assert not [path for path in made.paths(today=TODAY) if "Secret" in text(made, path)]
    assert f"weekly/{number}/" not in text(made, "weekly/2/")


def test_a_list_that_does_not_stand_on_the_web_has_no_page(database: Engine) -> None:
    publish(database, list="inner")

    with pytest.raises(NotFound):
        site(database).at("inner/", today=TODAY)
    assert not any(path.startswith("inner") for path in site(database).paths(today=TODAY))


@pytest.mark.parametrize(
    "path",
    [
        *("weekly/0/", "weekly/01/", "weekly/99/", "weekly/-1/", "weekly/1e0/", "weekly/١/", "Weekly/1/"),
        *(f"weekly/{'9' * 5000}/", "weekly/1//", "weekly/../weekly/", "weekly/1/\x00", "weekly/2026-13-45/"),
        *("weekly/2025-01-06/", "weekly/themes/", "weekly/themes/nothing/", "weekly/themes/kv-cache/x.xml"),
        *(
            "weekly/1.json",
            "assets/base.html.j2",
            "assets/",
            "other/",
            "weekly/7/index.html",
            "/",
            "weekly/\n",
        ),
    ],
)
def test_what_does_not_exist_is_not_found(database: Engine, path: str) -> None:
    publish(database)

    with pytest.raises(NotFound):
        site(database).at(path, today=TODAY)


def test_a_day_leads_to_its_last_issue_and_an_address_without_its_slash_to_the_page(database: Engine) -> None:
    publish_weeks(database, 2)
    publish(database)
    made = site(database)

    assert made.at("weekly/2026-01-06/", today=TODAY) == Moved("../3/", for_good=False)
    assert made.at("weekly/2026-01-06", today=TODAY) == Moved("3/", for_good=False)
    assert made.at("weekly/2", today=TODAY) == Moved("2/", for_good=True)
    assert made.at("weekly", today=TODAY) == Moved("weekly/", for_good=True)
    assert made.at("weekly/themes/kv-cache", today=TODAY) == Moved("kv-cache/", for_good=True)


def test_an_issue_says_all_that_its_mail_says_where_the_mail_says_it_is(database: Engine) -> None:
    publish(database)

    page = lxml_html.document_fromstring(text(site(database), "weekly/1/"))

    said = words(page)
    for section in busy_issue().sections:
        assert words(page.get_element_by_id(section.theme)) == f"{section.title} 7"
        for pick in section.picks:
            assert words(page.get_element_by_id(str(pick.paper.arxiv_id))) == pick.paper.title
            assert f" {pick.paper.upvotes} upvote" in said
    for part in (
        *("A word before.", "And another.", "7 of 9 papers, ▲ usually 5.2", "Speech 0 papers"),
        *("New in this issue: Larder, shelf attention.", "reduces latency by 45%", "2.6× less peak memory"),
        *("Matched: KV cache, eviction.", "Also fits: Parallelism.", "21 papers chosen from 12."),
        *("Ada Holm, Ben Ito, Cy Roux and 1 more", "Abstract PDF Code", "KV cache 7 of 9"),
    ):
        assert part in said
    assert "You get this because" not in said


def test_issues_lead_to_those_before_and_after_them(database: Engine) -> None:
    publish_weeks(database, 3)

    page = lxml_html.document_fromstring(text(site(database), "weekly/2/"))

    assert page.xpath("//a[@rel='prev']/@href") == ["../../weekly/1/"]
    assert page.xpath("//a[@rel='next']/@href") == ["../../weekly/3/"]
    assert page.xpath("//link[@rel='canonical']/@href") == [f"{BASE}/weekly/2/"]
    assert page.xpath("//a[.='Get it by email']/@href") == ["../../weekly/subscribe"] * 2


def test_a_theme_has_the_papers_of_each_issue_the_newest_first(database: Engine) -> None:
    publish_weeks(database, 2)

    page = lxml_html.document_fromstring(text(site(database), "weekly/themes/parallelism/"))

    assert [words(one) for one in page.xpath("//h2")] == [
        "Issue 2 · 6 January 2026",
        "Issue 1 · 30 December 2025",
    ]
    assert page.xpath("//ul/li/a/@href")[0] == "../../../weekly/2/#2402.00011"
    assert len(page.xpath("//ul/li")) == 14


def test_the_home_page_has_each_public_list_and_its_latest_issue(database: Engine) -> None:
    publish(database)
    other = mailing_list(slug="monthly", title="Paper Monthly", description="Once a month.")

    said = words(lxml_html.document_fromstring(text(site(database, (WEEKLY, other)), "")))

    assert WEEKLY.description in said
    assert "Paper Monthly Once a month." in said
    assert "Latest, 6 January 2026: Larder leads 21 papers this week" in said


def test_a_search_answers_without_a_script(database: Engine) -> None:
    publish_weeks(database, 2)

    page = lxml_html.document_fromstring(
        text(site(database), "weekly/search/", question="LARDER 13: parallel")
    )

    assert page.xpath("//section/h2/text()") == ["Papers"]
    assert page.xpath("//section//a/@href") == ["../../weekly/2/#2402.00013", "../../weekly/1/#2402.00013"]
    assert page.get_element_by_id("found").text == "2 of 47 titles"
    assert page.xpath("//input/@value") == ["LARDER 13: parallel"]


def test_an_archive_without_issues_has_pages_and_valid_feeds(database: Engine) -> None:
    made = site(database)

    assert "No issue has appeared yet." in text(made, "weekly/")
    assert etree.fromstring(text(made, "weekly/atom.xml").encode()).xpath("a:entry", namespaces=ATOM) == []
    assert [path for path in made.paths(today=TODAY) if text(made, path)]


def test_a_feed_has_the_last_twenty_issues_whole_with_absolute_links(database: Engine) -> None:
    publish_weeks(database, 21)

    feed = etree.fromstring(text(site(database), "weekly/atom.xml").encode())
    items = json.loads(text(site(database), "weekly/feed.json"))["items"]

    ids = feed.xpath("a:entry/a:id/text()", namespaces=ATOM)
    assert ids == [item["id"] for item in items] == [f"{BASE}/weekly/{n}/" for n in range(21, 1, -1)]
    assert feed.xpath("string(a:updated)", namespaces=ATOM) == "2026-01-06T09:30:15Z"
    content = lxml_html.fragments_fromstring(items[0]["content_html"])
    links = [link for part in content for link in part.xpath(".//a/@href")]
    assert f"{BASE}/weekly/21/#2402.00001" in links
    assert all(link.startswith("https://") for link in links)


def test_a_feed_of_a_theme_has_an_entry_for_each_issue_of_its_papers_only(database: Engine) -> None:
    publish_weeks(database, 2)
    publish(database, issue(headline="Nothing on it"), on=TODAY)

    items = json.loads(text(site(database), "weekly/themes/parallelism/feed.json"))["items"]

    assert [item["id"] for item in items] == [f"{BASE}/weekly/{n}/#parallelism" for n in (2, 1)]
    assert items[0]["title"] == "Parallelism: Larder 11, Larder 12 and 5 more"
    assert "Larder 17" in items[0]["content_html"]
    assert "Larder 1:" not in items[0]["content_html"]


def test_an_issue_that_is_approved_before_its_day_appears_in_the_feed_on_that_day(database: Engine) -> None:
    publish(database, on=TODAY, now=NOW - timedelta(days=9))

    made = site(database)

    assert "2026-01-06T00:00:00Z" in text(made, "weekly/atom.xml")
    assert "<entry>" not in text(made, "weekly/atom.xml", today=TODAY - timedelta(days=1))


def test_a_document_is_made_again_only_when_something_appeared(database: Engine) -> None:
    publish_weeks(database, 2)
    made = site(database)
    first = made.at("weekly/", today=TODAY)
    assert made.at("weekly/", today=TODAY) is first

    publish(database)

    assert "Issue 3" in text(made, "weekly/")


def test_the_content_of_an_issue_is_read_once_for_all_the_pages_of_many(database: Engine) -> None:
    publish_weeks(database, 30)
    asked: list[str] = []
    event.listen(database, "before_cursor_execute", lambda *given: asked.append(given[2]))
    archive = shelf(database)

    archive.entries("weekly", today=TODAY)
    archive.entries("weekly", today=TODAY)

    reads = [query for query in asked if "content" in query.split("FROM")[0]]
    assert len(reads) == 2  # of twenty-five at a time


def test_threads_that_ask_for_more_than_is_kept_all_get_their_pages(database: Engine) -> None:
    publish_weeks(database, 12)
    made = site(database)
    paths = [*made.paths(today=TODAY)] * 2
    expected = [text(site(database), path) for path in paths]

    with ThreadPoolExecutor(8) as threads:
        assert [*threads.map(lambda path: text(made, path), paths)] == expected
