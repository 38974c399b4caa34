"""Tables of papers by topic: both kinds of rows, and rows that are none."""

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
from newsletter.sources import json_topics
from newsletter.sources.document import Document
from tests.json_values import damaged, reshaped

ID = "2503.00001"
PAGE = f"[{ID}v1](http://arxiv.org/abs/{ID}v1)"
CODE = "**[link](https://github.com/example/sheep)**"
ROW = f"|**2025-03-02**|**Counting Sheep**|Ada Example et.al.|{PAGE}|{CODE}|\n"
ITEM = (
    f"- 2025-03-02, **Counting Sheep**, Ada Example et.al., Paper: [http://arxiv.org/abs/{ID}v1]"
    f"(http://arxiv.org/abs/{ID}v1), Code: **[https://github.com/example/sheep](https://github.com/example/sheep)**\n"
)


def parse(value: Any) -> Digest:
    return sources.parse(json.dumps(value).encode(), "topics.json")


def only(row: str, id: str = ID) -> Paper:
    (paper,) = parse({"Sheep": {id: row}}).papers
    return paper


@pytest.mark.parametrize("row", [ROW, ITEM], ids=["table", "list"])
def test_a_row_says_everything_but_the_abstract(row: str) -> None:
    assert only(row) == Paper(
        title="Counting Sheep",
        abstract="",
        url=f"https://arxiv.org/abs/{ID}",
        authors=("Ada Example",),
        arxiv_id=ID,
        links=(Link(LinkKind.CODE, "https://github.com/example/sheep"),),
        published=date(2025, 3, 2),
        version=1,
        keywords=("Sheep",),
    )


@pytest.mark.parametrize(
    ("row", "title"),
    [
        (ROW.replace("Counting Sheep", "P(A|B) | Sheep"), "P(A|B) | Sheep"),
        (ROW.replace("Counting Sheep", "Sheep**2"), "Sheep**2"),
        (ITEM.replace("Counting Sheep", "Sheep, Boats, **and** More"), "Sheep, Boats, and More"),  # repaired
        (ROW.replace(CODE, "null"), "Counting Sheep"),
        (ROW.partition(PAGE)[0], "Counting Sheep"),
        (ROW.replace(PAGE, ID), "Counting Sheep"),
    ],
)
def test_marks_and_bars_in_a_title_are_its_own(row: str, title: str) -> None:
    paper = only(row)

    assert (paper.title, paper.authors, paper.arxiv_id) == (title, ("Ada Example",), ID)


@pytest.mark.parametrize(
    ("day", "id", "published"),
    [
        ("2025-03-31", "2504.00001", date(2025, 3, 31)),
        ("2025-01-01", "2412.00001", date(2025, 1, 1)),
        ("2025-06-02", "2503.00001", None),
        ("2099-99-99", "2503.00001", None),
        ("2006-01-03", "cs/0601001", date(2006, 1, 3)),
        ("1998-02-03", "hep-th/9802001", date(1998, 2, 3)),
    ],
)
def test_the_day_of_a_later_version_is_not_when_it_was_published(
    day: str, id: str, published: date | None
) -> None:
    row = f"|**{day}**|**Counting Sheep**|Ada Example et.al.|[x](http://arxiv.org/abs/{id})|null|"

    assert only(row, id).published == published


def test_a_paper_of_two_topics_has_both() -> None:
    digest = parse({"Sheep": {ID: ROW}, "Sleep": {ID: ROW}})

    assert [paper.keywords for paper in digest.papers] == [("Sheep", "Sleep")]
    assert digest.skipped == (Skipped(2, "Counting Sheep", "the same paper as on item 1"),)


def test_what_is_no_row_is_reported() -> None:
    digest = parse(
        {"Sheep": {ID: ROW, "1": "x", "2": None, "3": ROW * 99}, "Boats": [ROW], "n": float("nan")}
    )

    assert len(digest.papers) == 1
    assert [(stretch.line, stretch.text[:9], stretch.why) for stretch in digest.skipped] == [
        (2, "x", "no row of a paper"),
        (3, "None", "no row of a paper"),
        (4, "|**2025-0", "no row of a paper"),
        (5, "Boats", "no rows of papers below this topic"),
        (6, "n", "n: NaN is no number"),
    ]


def test_more_rows_than_any_table_has_are_refused() -> None:
    with pytest.raises(DigestError, match=r"more than 20,000 papers; split it into smaller files"):
        parse({"Sheep": {ID: ROW} | {str(at): "|**2025-03-02**|" for at in range(20_000)}})


@pytest.mark.parametrize(
    "value", [{}, {"Sheep": {}}, {"Sheep": {ID: "x"}}, {"Sheep": [ROW]}, [ROW], {ID: ROW}]
)
def test_other_json_is_not_this_format(value: Any) -> None:
    assert not json_topics.sniff(Document(json.dumps(value), "topics.json"))


VALUE = {"Sheep": {ID: ROW, "2503.00002": ITEM}, "Boats": {ID: ROW}}


@given(st.one_of(reshaped(VALUE).map(json.dumps), damaged(json.dumps(VALUE))))
def test_whatever_is_damaged_the_table_is_a_digest_or_refused(text: str) -> None:
    with contextlib.suppress(DigestError):
        assert sources.parse(text.encode(errors="replace"), "topics.json").papers
