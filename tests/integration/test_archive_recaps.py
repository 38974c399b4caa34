"""Recaps in the public archive: shown and marked, and in no issue's way."""

import json

import pytest
from lxml import etree
from lxml import html as lxml_html
from sqlalchemy import Engine

from newsletter.archive import Moved, Site
from newsletter.errors import NotFound
from newsletter.model import Edition
from tests.looks import recap_issue, words
from tests.published import BASE, TODAY, publish, publish_weeks, shelf, site

ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture
def recap(database: Engine) -> Edition:
    """The recap of a month, on the day of the last of three issues; its papers are those of each."""
    publish_weeks(database, 3)
    return publish(database, recap_issue(3), recap="2026-01")


@pytest.fixture
def made(database: Engine, recap: Edition) -> Site:
    return site(database)


def text(made: Site, path: str, *, question: str = "") -> str:
    found = made.at(path, today=TODAY, question=question)
    assert not isinstance(found, Moved)
    return found.body.decode()


def test_the_page_of_the_list_marks_it(made: Site) -> None:
    rows = lxml_html.fromstring(text(made, "weekly/")).xpath("//ul[@class='rows']/li")

    assert [words(row).partition(" · ")[0] for row in rows] == [
        "Recap of January 2026",
        *("Issue 3", "Issue 2", "Issue 1"),
    ]


def test_its_own_page_leads_to_the_issues_of_its_month(made: Site) -> None:
    page = lxml_html.fromstring(text(made, "weekly/4/"))

    assert words(page.find(".//article/p")).startswith("Recap of January 2026 · 6 January 2026")
    links = page.xpath("//article//ul[@class='contents']/li/a/@href")
    assert [link for link in links if link.startswith("..")] == [f"../../weekly/{n}/" for n in (1, 2, 3)]
    assert "issue by issue" not in words(page)


def test_pages_beside_it_say_what_it_is(made: Site) -> None:
    assert ">After: recap of January 2026</a>" in text(made, "weekly/3/")
    assert ">Before: issue 3</a>" in text(made, "weekly/4/")


def test_feeds_have_it_with_a_mark(made: Site) -> None:
    feed = etree.fromstring(text(made, "weekly/atom.xml").encode())
    items = json.loads(text(made, "weekly/feed.json"))["items"]

    terms = [entry.xpath("a:category/@term", namespaces=ATOM) for entry in feed.findall("a:entry", ATOM)]
    assert terms == [["recap"], [], [], []]
    assert [item.get("tags") for item in items] == [["recap"], None, None, None]
    assert f'<a href="{BASE}/weekly/2/">Larder leads 21 papers</a>' in items[0]["content_html"]


def test_a_theme_and_the_search_tell_of_each_paper_in_its_issue_alone(made: Site) -> None:
    assert "weekly/4/" not in text(made, "weekly/themes/kv-cache/")
    assert len(json.loads(text(made, "weekly/themes/kv-cache/feed.json"))["items"]) == 3
    shown = lxml_html.fromstring(text(made, "weekly/search/", question="january"))
    found = [words(row) for row in shown.xpath("//li[contains(., 'Recap')]")]
    assert found == ["The best of January: 21 papers of 3 issues Recap of January 2026 · 6 January 2026"]


def test_the_address_of_a_day_leads_to_its_issue(made: Site) -> None:
    assert made.at("weekly/2026-01-06", today=TODAY) == Moved("3/", for_good=False)


def test_the_day_of_a_recap_alone_leads_to_it(database: Engine) -> None:
    publish(database, recap_issue(), recap="2025-12")

    assert shelf(database).number_of("weekly", TODAY, today=TODAY) == 1


def test_the_home_page_tells_of_the_latest_issue(made: Site) -> None:
    assert "Larder leads 21 papers this week" in text(made, "")
    assert "The best of January" not in text(made, "")


def test_every_address_of_an_archive_with_recaps_alone_has_something(database: Engine) -> None:
    publish(database, recap_issue(), recap="2026-01")
    made = site(database)

    assert [path for path in made.paths(today=TODAY) if not text(made, path)] == []
    with pytest.raises(NotFound):
        made.at("weekly/themes/kv-cache/", today=TODAY)
