"""A saved page of Hugging Face: the data in it, however it is quoted, and pages without any."""

import contextlib
import html
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given

from newsletter import sources
from newsletter.errors import DigestError
from newsletter.model import Digest, Skipped
from newsletter.sources import hf_html
from newsletter.sources.document import Document
from tests.json_values import damaged

SHEEP = {"id": "2503.00001", "title": 'It\'s "Sheep" & <Co>', "summary": "They look alike.", "upvotes": 4}
DAY = {"dailyPapers": [{"paper": SHEEP}], "periodType": "day", "dateString": "2025-03-05"}
MENU = html.escape(json.dumps({"isLoggedIn": False, "papersMenu": []}))


def page(props: Any, target: str = "DailyPapers", quote: str = '"') -> str:
    carried = html.escape(json.dumps(props)) if quote == '"' else json.dumps(props).replace("'", "&#x27;")
    return (
        "<!doctype html>\n<html><head><title>Daily Papers - Hugging Face</title></head><body>"
        f'<div class="SVELTE_HYDRATER contents" data-target="MainHeader" data-props="{MENU}"></div>'
        f'<div class="SVELTE_HYDRATER contents" data-target="{target}"'
        f" data-props={quote}{carried}{quote}></div>"
        "</body></html>"
    )


def parse(text: str) -> Digest:
    return sources.parse(text.encode(), "page.html")


@pytest.mark.parametrize("quote", ['"', "'"])
def test_the_papers_of_a_day_are_read_from_the_data_of_the_page(quote: str) -> None:
    digest = parse(page(DAY, quote=quote))

    assert (digest.format, digest.date, digest.unit) == ("hf-html", date(2025, 3, 5), "item")
    assert [(paper.title, paper.upvotes) for paper in digest.papers] == [('It\'s "Sheep" & <Co>', 4)]


@pytest.mark.parametrize(
    "props",
    [
        {"paper": {**SHEEP, "authors": [{"name": "Ada Example"}]}, "comments": [{"id": "1"}]},
        {"query": "sheep", "papers": [{"paper": SHEEP}]},
        {"searchResults": {"papers": [{"paper": SHEEP}]}, "trending": []},
    ],
)
def test_a_search_and_a_single_paper_are_read_too(props: Any) -> None:
    assert [paper.arxiv_id for paper in parse(page(props, target="PaperContent")).papers] == ["2503.00001"]


def test_a_week_has_no_day() -> None:
    assert parse(page({**DAY, "dateString": "2025-W10"})).date is None


def test_a_flaw_in_the_data_spoils_its_item_only() -> None:
    flawed = {"paper": {**SHEEP, "id": "2503.00002", "title": "Boats", "upvotes": float("nan")}}

    digest = parse(page({"dailyPapers": [{"paper": SHEEP}, flawed]}))

    assert len(digest.papers) == 1
    assert digest.skipped == (Skipped(2, "Boats", "paper.upvotes: NaN is no number"),)


@pytest.mark.parametrize(
    "text",
    [
        page({"dailyPapers": []}),
        page(DAY).partition("&quot;upvotes")[0],
        '<html><head><link href="/front/build/kube-1/style.css"></head><body>404</body></html>',
        '<html><body><div class="SVELTE_HYDRATER contents" data-target="LoginForm"></div></body></html>',
        "<html><body class='SVELTE_HYDRATER' data-props='" + '{"paper":' * 50_000 + "'></body></html>",
    ],
    ids=["empty", "cut off", "error", "login", "deep"],
)
def test_a_page_without_papers_is_refused_with_the_next_step(text: str) -> None:
    with pytest.raises(DigestError) as caught:
        parse(text)

    assert "page.html: this is a page of Hugging Face, but it carries no papers" in str(caught.value)
    assert "https://huggingface.co/api/daily_papers?date=YYYY-MM-DD" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["<html><body>Daily Papers</body></html>", "SVELTE_HYDRATER", '{"dailyPapers": []}', "<rss></rss>"],
)
def test_other_pages_are_not_this_format(text: str) -> None:
    assert not hf_html.sniff(Document(text, "page.html"))


@given(damaged(page(DAY)))
def test_whatever_is_damaged_the_page_is_a_digest_or_refused(text: str) -> None:
    with contextlib.suppress(DigestError):
        assert sources.parse(text.encode(errors="replace"), "page.html").papers
