"""Records in JSON whose keys nobody agreed on: lines and lists, and whose words stand where."""

import contextlib
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import sources
from newsletter.errors import DigestError
from newsletter.model import Digest, LinkKind, Mark, Paper, Skipped
from newsletter.sources import json_records
from newsletter.sources.document import Document
from tests.json_values import damaged, reshaped

SHEEP: dict[str, Any] = {
    "title": "Counting Sheep",
    "abstract": "Sheep look alike.",
    "authors": ["Ada Example"],
}
BOATS = {"title": "Boats", "summary": "They float.", "authors": "Bo Sample"}


def parse(text: str) -> Digest:
    return sources.parse(text.encode(), "papers.json")


def only(**changes: Any) -> Paper:
    (paper,) = parse(json.dumps([{**SHEEP, **changes}])).papers
    return paper


def lines(*values: Any) -> str:
    return "\n".join(value if isinstance(value, str) else json.dumps(value) for value in values)


@pytest.mark.parametrize(
    ("record", "field", "value"),
    [
        ({"Title": "A", "Abstract": "B"}, "abstract", "B"),
        ({"paper_title": "A", "paper-abstract": "B"}, "abstract", "B"),
        ({"title": "A", "description": "B", "doi": "10.1234/x"}, "abstract", "B"),
        ({"title": {"value": "A"}, "abstract": {"value": "B"}}, "abstract", "B"),
        ({"title": "A", "abstract": "B", "arxiv_id": "2503.00001v2"}, "version", 2),
        (
            {"title": "A", "abstract": "B", "pdf": "https://arxiv.org/pdf/2503.00001"},
            "arxiv_id",
            "2503.00001",
        ),
        ({"title": "A", "abstract": "B", "externalIds": {"ArXiv": "2503.00001"}}, "arxiv_id", "2503.00001"),
        ({"title": "A", "abstract": "B", "externalIds": {"DOI": "10.1234/x"}}, "doi", "10.1234/x"),
        (
            {"title": "A", "abstract": "B", "html_url": "https://example.org/a"},
            "url",
            "https://example.org/a",
        ),
        ({"title": "A", "author": "Ada Example; Bo Sample"}, "authors", ("Ada Example", "Bo Sample")),
        ({"title": "A", "abstract": "B", "publish_date": "2025-03-04"}, "published", date(2025, 3, 4)),
        ({"title": "A", "abstract": "B", "date": 20250304}, "published", date(2025, 3, 4)),
        ({"title": "A", "abstract": "B", "date": 1720240615}, "published", None),
        ({"title": "A", "abstract": "B", "date": 1720240615.5}, "published", None),
        ({"title": "A", "abstract": "B", "year": 2025}, "published", None),
        ({"title": "A", "abstract": "B", "likes": "1,204"}, "upvotes", 1204),
        ({"title": "A", "abstract": "B", "categories": "cs.CL stat.ML"}, "categories", ("cs.CL", "stat.ML")),
        (
            {"title": "A", "abstract": "B", "keywords": "sheep; deep sleep"},
            "keywords",
            ("sheep", "deep sleep"),
        ),
    ],
)
def test_a_field_is_known_by_any_of_its_names(record: Any, field: str, value: Any) -> None:
    (paper,) = parse(json.dumps([record])).papers

    assert paper.title == "A"
    assert getattr(paper, field) == value


@pytest.mark.parametrize(
    ("changes", "abstract", "ai_summary"),
    [
        ({"AI": {"tldr": "A model counts."}}, "Sheep look alike.", "A model counts."),
        ({"ai_summary": "A model counts."}, "Sheep look alike.", "A model counts."),
        ({"summary": "Somebody counts."}, "Sheep look alike.", "Somebody counts."),
        ({"tldr": {"model": "m", "text": "A model counts."}}, "Sheep look alike.", "A model counts."),
        ({"abstract": "", "tldr": "Counts."}, "", "Counts."),
        ({"abstract": "", "tldr": "We count.", "site": "https://openreview.net/forum?id=x"}, "We count.", ""),
        ({"tldr": "We count.", "site": "https://openreview.net/forum?id=x"}, "Sheep look alike.", ""),
    ],
)
def test_a_models_words_are_never_the_abstract(changes: Any, abstract: str, ai_summary: str) -> None:
    paper = only(**changes)

    assert (paper.abstract, paper.ai_summary) == (abstract, ai_summary)


def test_links_to_code_and_pages_are_kept() -> None:
    paper = only(
        github="https://github.com/\nexample/sheep", project="https://sheep.example.org", demo="none"
    )

    assert [(link.kind, link.url) for link in paper.links] == [
        (LinkKind.CODE, "https://github.com/example/sheep"),
        (LinkKind.PROJECT, "https://sheep.example.org"),
    ]


def test_paragraphs_and_entities_become_one_plain_text() -> None:
    paper = only(title="Sheep &amp; Co", abstract="One.\n\nTwo &lt; three.\n  Four ...")

    assert (paper.title, paper.abstract) == ("Sheep & Co", "One. Two < three. Four ...")
    assert paper.marks == (Mark.CUT,)


@pytest.mark.parametrize(
    "value",
    [
        [SHEEP, BOATS],
        {"results": [SHEEP, BOATS]},
        {"2025-03-05": [SHEEP], "2025-03-06": [BOATS], "count": 2},
        {"response": {"docs": [SHEEP, BOATS]}},
    ],
)
def test_records_are_found_in_lists_and_under_keys(value: Any) -> None:
    digest = parse(json.dumps(value))

    assert (digest.format, digest.unit) == ("json-records", "item")
    assert [(paper.title, paper.line) for paper in digest.papers] == [("Counting Sheep", 1), ("Boats", 2)]


def test_a_broken_line_costs_itself_only() -> None:
    digest = parse(lines(SHEEP, '{"title": "Lambs", "abstr', "", BOATS, "# a note", "{} {}", [1]))

    assert [(paper.title, paper.line) for paper in digest.papers] == [("Counting Sheep", 1), ("Boats", 4)]
    assert digest.unit == "line"
    assert digest.skipped == (
        Skipped(2, '{"title": "Lambs", "abstr', "broken JSON: Unterminated string starting at column 20"),
        Skipped(5, "# a note", "no JSON object"),
        Skipped(6, "{} {}", "more than one value on the line"),
        Skipped(7, "[1]", "no JSON object"),
    )


def test_a_broken_first_line_does_not_lose_the_file() -> None:
    digest = parse(lines('{"title": "Lambs", "abstr', SHEEP, BOATS))

    assert [paper.line for paper in digest.papers] == [2, 3]


def test_lines_of_other_kinds_are_read() -> None:
    digest = parse(
        lines(
            repr(SHEEP | {"id": None}),
            {"paper": {**BOATS, "id": "2503.00002"}},
            {**SHEEP, "title": 3, "n": None},
        )
    )

    assert [paper.title for paper in digest.papers] == ["Counting Sheep", "Boats", "3"]


def test_a_flaw_on_a_line_is_named() -> None:
    digest = parse(lines(SHEEP, '{"title": "Boats", "abstract": "B", "score": [1, NaN]}'))

    assert digest.skipped == (Skipped(2, "Boats", "score[1]: NaN is no number"),)


def test_a_file_that_is_no_json_after_its_first_line_is_refused() -> None:
    with pytest.raises(DigestError, match="line 10002: more than 10,000 lines are no JSON"):
        parse(json.dumps(SHEEP) + "\nx" * 20_000)


@pytest.mark.parametrize(
    "text",
    [
        '[{"title": "Shopping", "price": 3}]',
        '[{"name": "Sheep", "abstract": "B"}]',
        '{"items": [{"title": "Sheep", "content_text": "B"}]}',
        '[{"paper": {"id": "2503.00001", "title": "A"}}]',
        '[\n{"title": "A", "abstract": "B"}',
        '{"papers": [\n{"title": "A", "abstract": "B"}',
        '[{"title": "A", "abstract": "B"},\n{"title": "C", "abstract": "D"}',
        '{"papers": [{"title": "A"},\n{"title": "C", "abstract": "D"},\n{"title": "E", "abstract": "F"}',
        "{}",
        "[]",
        "",
    ],
)
def test_other_json_is_not_this_format(text: str) -> None:
    assert not json_records.sniff(Document(text, "papers.json"))


LIST = {"day": [{**SHEEP, "id": "2503.00001", "AI": {"tldr": "x"}, "externalIds": {"DOI": "10.1/x"}}, BOATS]}
LINES = lines(SHEEP, BOATS, repr(BOATS), {**SHEEP, "title": "Lambs"})


@given(st.one_of(reshaped(LIST).map(json.dumps), damaged(json.dumps(LIST)), damaged(LINES)))
def test_whatever_is_damaged_the_records_are_a_digest_or_refused(text: str) -> None:
    with contextlib.suppress(DigestError):
        assert sources.parse(text.encode(errors="replace"), "papers.json").papers
