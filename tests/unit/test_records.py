"""What all formats share: ids, addresses, repeated papers, what is reported, and bounds."""

import pytest

from newsletter.errors import DigestError
from newsletter.model import Digest, Link, LinkKind, Mark, Paper, Skipped
from newsletter.sources import records
from newsletter.sources.document import Document
from newsletter.sources.records import Record


def digest(*found: Record | Skipped) -> Digest:
    return records.digest("some", Document("", "file.x"), found, unit="item")


def paper(**values: object) -> Paper:
    (one,) = digest(Record(line=1, title="Small Boats", **values)).papers  # type: ignore[arg-type]
    return one


@pytest.mark.parametrize(
    "values",
    [
        {"arxiv": "2402.00001v3"},
        {"url": "http://arxiv.org/pdf/2402.00001v3.pdf"},
        {"doi": "https://doi.org/10.48550/arXiv.2402.00001"},
        {"url": "https://huggingface.co/papers/2402.00001"},
    ],
)
def test_an_arxiv_id_is_found_wherever_the_source_has_it(values: dict[str, str]) -> None:
    assert paper(**values).arxiv_id == "2402.00001"


@pytest.mark.parametrize(
    ("values", "url"),
    [
        ({"arxiv": "2402.00001v3"}, "https://arxiv.org/abs/2402.00001"),
        ({"url": "http://arxiv.org/pdf/2402.00001v3"}, "https://arxiv.org/abs/2402.00001"),
        (
            {"url": "https://huggingface.co/papers/2402.00001"},
            "https://huggingface.co/papers/2402.00001",
        ),
        ({"doi": "10.1000/Boats"}, "https://doi.org/10.1000/boats"),
        ({}, "https://huggingface.co/papers?q=Small+Boats"),
        ({"url": "javascript:alert(1)"}, "https://huggingface.co/papers?q=Small+Boats"),
    ],
)
def test_every_paper_has_an_address(values: dict[str, str], url: str) -> None:
    assert paper(**values).url == url


def test_a_paper_that_stands_twice_is_one_and_the_second_is_reported() -> None:
    read = digest(
        Record(line=1, title="Small Boats", upvotes=2),
        Record(line=2, title="Counting Sheep"),
        Record(line=3, title="small boats!", abstract="They float.", upvotes="1,204"),
    )

    assert [(one.title, one.abstract, one.upvotes, one.position) for one in read.papers] == [
        ("small boats!", "They float.", 1204, 1),
        ("Counting Sheep", "", None, 2),
    ]
    assert read.skipped == (Skipped(3, "small boats!", "the same paper as on item 1"),)


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (Record(line=4, title=" \u200b ", url="https://example.org/x"), "no title"),
        (Record(line=4, title="?!"), "no title"),
        (Record(line=4, title="word " * 200), "too long for a title"),
    ],
)
def test_what_has_no_title_is_reported(record: Record, why: str) -> None:
    read = digest(record)

    assert (read.papers, [(each.line, each.why) for each in read.skipped]) == ((), [(4, why)])


def test_an_abstract_beyond_any_is_cut_and_marked() -> None:
    read = digest(Record(line=1, title="Small Boats", abstract="They float. " * 3000))

    (one,) = read.papers
    assert (len(one.abstract), one.marks) == (records.LONGEST_ABSTRACT, (Mark.CUT,))
    assert read.skipped[0].why == "abstract cut after 20,000 characters"


def test_a_models_words_are_repaired_and_stay_apart() -> None:
    one = paper(ai_summary="It is 2times\n faster.")

    assert (one.abstract, one.ai_summary) == ("", "It is 2× faster.")


def test_links_are_told_apart_and_only_those_of_the_web_are_kept() -> None:
    read = digest(
        Record(
            line=7,
            title="Small Boats",
            abstract="Code: https://github.com/example/boats.",
            links=["https://github.com/example/boats/", "https://boats.github.io/", "file:///etc/passwd"],
        )
    )

    assert read.papers[0].links == (
        Link(LinkKind.CODE, "https://github.com/example/boats"),
        Link(LinkKind.PROJECT, "https://boats.github.io/"),
    )
    assert read.skipped == (Skipped(7, "file:///etc/passwd", "not an address of the web; left out"),)


@pytest.mark.parametrize("value", [None, True, -1, 3.5, "many", "-", [], 10**400, "9" * 400])
def test_what_is_no_count_of_votes_says_nothing(value: object) -> None:
    assert records.count(value) is None


def test_more_papers_than_any_digest_has_are_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MAX_PAPERS", 3)

    with pytest.raises(DigestError, match=r"file\.x: more than 3 papers; split it into smaller files"):
        digest(*(Record(line=number, title=f"Boat {number}") for number in range(5)))


def test_a_report_is_listed_up_to_a_bound_and_the_rest_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MAX_REPORTED", 2)

    read = digest(*(Skipped(number, "x", "no record") for number in range(1, 6)))

    assert [each.why for each in read.skipped] == ["no record", "no record", "and 3 more, not listed"]
