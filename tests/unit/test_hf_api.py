"""Hugging Face's API: every form of its answers, and answers that are not what they should be."""

import contextlib
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import sources
from newsletter.errors import DigestError
from newsletter.model import Digest, Link, LinkKind, Paper, Skipped
from newsletter.sources import hf_api
from newsletter.sources.document import Document
from tests.json_values import damaged, reshaped

SHEEP: dict[str, Any] = {
    "id": "2503.00001",
    "title": "Counting\n  Sheep",
    "summary": "Sheep look\nalike.",
    "authors": [{"name": "Ada Example", "hidden": False}, {"name": "Nobody", "hidden": True}],
    "publishedAt": "2025-03-03T18:59:59.000Z",
    "submittedOnDailyAt": "2025-03-05T01:42:15.880Z",
    "upvotes": 44,
    "ai_summary": "A model counts.",
    "ai_keywords": ["sheep", "counting"],
    "githubRepo": "https://github.com/example/sheep",
    "projectPage": "https://sheep.example.org/",
}
BOATS = {"id": "2503.00002", "title": "Boats", "summary": "They float.", "publishedAt": "2025-03-04"}


def entry(**changes: Any) -> dict[str, Any]:
    paper = {**SHEEP, **changes}
    return {"paper": paper, "title": paper["title"], "publishedAt": "2025-03-09T00:00:00.000Z"}


def parse(value: Any) -> Digest:
    return sources.parse(json.dumps(value).encode(), "day.json")


def test_an_entry_says_everything_of_its_paper() -> None:
    assert parse([entry()]).papers == (
        Paper(
            title="Counting Sheep",
            abstract="Sheep look alike.",
            url="https://huggingface.co/papers/2503.00001",
            authors=("Ada Example",),
            arxiv_id="2503.00001",
            links=(
                Link(LinkKind.CODE, "https://github.com/example/sheep"),
                Link(LinkKind.PROJECT, "https://sheep.example.org/"),
            ),
            published=date(2025, 3, 3),
            upvotes=44,
            ai_summary="A model counts.",
            keywords=("sheep", "counting"),
        ),
    )


@pytest.mark.parametrize(
    "value",
    [
        [entry(), {"paper": BOATS}],
        [SHEEP, BOATS | {"upvotes": 3}],
        {"data": [entry(), {"paper": BOATS}]},
        {"papers": [entry(), {"paper": BOATS}], "total": 2},
        {"status": "ok", "result": {"dailyPapers": [entry(), {"paper": BOATS}]}},
        [repr(entry()), repr({"paper": BOATS})],
        [json.dumps(entry()), {"paper": BOATS}],
    ],
    ids=["list", "bare papers", "data", "papers", "deeper", "printed", "json in json"],
)
def test_entries_are_found_in_every_wrapper(value: Any) -> None:
    digest = parse(value)

    assert digest.format == "hf-api"
    assert [(paper.title, paper.abstract) for paper in digest.papers] == [
        ("Counting Sheep", "Sheep look alike."),
        ("Boats", "They float."),
    ]


@pytest.mark.parametrize("value", [SHEEP, entry()])
def test_one_paper_is_a_digest_of_one(value: Any) -> None:
    digest = parse(value)

    assert [paper.arxiv_id for paper in digest.papers] == ["2503.00001"]


def test_items_that_python_printed_are_reported() -> None:
    digest = parse([repr(entry()), entry(id="2503.00003", title="Lambs"), "{'paper': {'id': "])

    assert [paper.line for paper in digest.papers] == [1, 2]
    assert digest.skipped == (
        Skipped(1, "1 of 3 items", "mended: printed as text instead of written as JSON"),
        Skipped(3, "{'paper': {'id': ", "no record of a paper"),
    )


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ([entry()], date(2025, 3, 5)),
        ([entry(), {"paper": BOATS}], date(2025, 3, 5)),
        ([entry(), entry(id="2503.00003", submittedOnDailyAt="2025-03-06T00:00:00.000Z")], None),
        ([{"paper": BOATS}], None),
        ({"date": "2025-03-07", "data": [entry()]}, date(2025, 3, 7)),
        ({"date": "2025-W10", "data": [entry()]}, date(2025, 3, 5)),
    ],
)
def test_the_day_is_the_wrappers_or_the_one_on_which_all_were_listed(value: Any, day: date | None) -> None:
    assert parse(value).date == day


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"id": None}, "url", "https://huggingface.co/papers?q=Counting+Sheep"),
        ({"id": 7}, "url", "https://huggingface.co/papers/7"),
        ({"id": "../login?next=2503"}, "url", "https://huggingface.co/papers?q=Counting+Sheep"),
        ({"id": "cs/0601001"}, "url", "https://huggingface.co/papers/cs/0601001"),
        ({"id": "1" * 300}, "arxiv_id", None),
        ({"summary": None}, "abstract", ""),
        ({"summary": ["Sheep"]}, "abstract", ""),
        ({"authors": None}, "authors", ()),
        ({"authors": ["Ada Example", None]}, "authors", ("Ada Example",)),
        ({"authors": "Ada Example, Bo Sample"}, "authors", ("Ada Example", "Bo Sample")),
        ({"upvotes": "12"}, "upvotes", 12),
        ({"upvotes": -1}, "upvotes", None),
        ({"upvotes": [12]}, "upvotes", None),
        ({"publishedAt": 20250303}, "published", date(2025, 3, 3)),
        ({"publishedAt": "0000-00-00"}, "published", None),
        ({"ai_keywords": "sheep, counting"}, "keywords", ("sheep", "counting")),
        ({"githubRepo": "javascript:x", "projectPage": None}, "links", ()),
    ],
)
def test_a_value_of_another_type_costs_its_field_and_no_more(changes: Any, field: str, value: Any) -> None:
    (paper,) = parse([entry(**changes)]).papers

    assert paper.title == "Counting Sheep"
    assert getattr(paper, field) == value


def test_the_entrys_own_title_stands_in_for_the_papers() -> None:
    value = entry() | {"paper": {**SHEEP, "title": ["Sheep"]}}

    assert [paper.title for paper in parse([value]).papers] == ["Counting Sheep"]


def test_an_item_that_is_no_paper_is_reported_and_the_others_kept() -> None:
    digest = parse([entry(), None, 3, {"paper": {"id": "2503.00009", "title": ""}, "title": None}])

    assert len(digest.papers) == 1
    assert [(stretch.line, stretch.why) for stretch in digest.skipped] == [
        (2, "no record of a paper"),
        (3, "no record of a paper"),
        (4, "no title"),
    ]


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        [{"paper": {}}],
        [{"paper": "2503.00001"}],
        {"error": "Not found"},
        [{"id": "a/model", "likes": 3}],
        [{"id": 1, "title": "A", "abstract": "B"}],
    ],
)
def test_other_json_is_not_this_format(value: Any) -> None:
    assert not hf_api.sniff(Document(json.dumps(value), "day.json"))


VALUE = {"date": "2025-03-05", "data": [entry(), {"paper": BOATS}, repr(entry(id="2503.00003"))]}


@given(st.one_of(reshaped(VALUE).map(json.dumps), damaged(json.dumps(VALUE))))
def test_whatever_is_damaged_the_answer_is_a_digest_or_a_refusal(text: str) -> None:
    with contextlib.suppress(DigestError):
        assert sources.parse(text.encode(errors="replace"), "day.json").papers
