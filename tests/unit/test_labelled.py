"""Records of labelled lines: where one ends, which label is which field, and what belongs to none."""

import contextlib
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.errors import DigestError
from newsletter.model import Digest, Paper, Repair
from newsletter.sources import labelled
from newsletter.sources.document import Document
from tests.mutations import is_read_or_refused, mutations

SAMPLES = Path(__file__).parents[1] / "data" / "digests" / "labelled"
PAIR = [("Sheep", "We count."), ("Wolves", "They howl.")]


def parse(text: str) -> Digest:
    return labelled.parse(Document(text, "papers.txt"))


def only(text: str) -> Paper:
    (paper,) = parse(text).papers
    return paper


@pytest.mark.parametrize(
    "text",
    [
        "Title: Sheep\nAbstract: We count.\n---\nTitle: Wolves\nAbstract: They howl.\n---\n",
        "Title: Sheep\nAbstract: We count.\n\nTitle: Wolves\nAbstract: They howl.",
        "Title: Sheep\nAbstract: We count.\nTitle: Wolves\nAbstract: They howl.",
        "Title: Sheep\n\nAbstract: We count.\n\n\nTitle: Wolves\n\nAbstract: They howl.",
        "Date: 2024\nTitle: Sheep\nAbstract: We count.\nDate: 2024\nTitle: Wolves\nAbstract: They howl.",
        "ABSTRACT: We count.\nTITLE: Sheep\n\nabstract: They howl.\ntitle: Wolves",
        "Title:\n  Sheep\nAbstract:\n  We\n  count.\n=====\nTitle:\n  Wolves\nAbstract:\n  They\n  howl.",
        "title : Sheep\nsummary: We count.\nAuthors: A\n\nAuthors: B\ntitle : Wolves\nsummary: They howl.",
    ],
    ids=[
        "dashes",
        "blank",
        "title",
        "fields apart",
        "first label",
        "any order",
        "own lines",
        "leading label",
    ],
)
def test_a_record_ends_where_a_reader_sees_it_end(text: str) -> None:
    assert [(paper.title, paper.abstract) for paper in parse(text).papers] == PAIR


def test_every_label_is_its_field() -> None:
    paper = only(
        "Title: Sheep\nAuthors: Zoë Ewe; Bo Ram\nSubjects: cs.CL; cs.LG\nSubmitted: 2 January 2024\n"
        "Upvotes: 12\n"
        "arXiv: https://arxiv.org/abs/2401.90001v2\nComments: code at https://github.com/example/sheep\n"
        "Keywords: a, b\nDOI: 10.5/X\nTL;DR: It counts.\nAbstract: We count."
    )

    assert (paper.authors, paper.categories) == (("Zoë Ewe", "Bo Ram"), ("cs.CL", "cs.LG"))
    assert (str(paper.published), paper.upvotes) == ("2024-01-02", 12)
    assert (paper.arxiv_id, paper.version) == ("2401.90001", 2)
    assert (paper.keywords, paper.ai_summary, paper.abstract) == (("a", "b"), "It counts.", "We count.")
    assert [link.url for link in paper.links] == ["https://github.com/example/sheep"]


@pytest.mark.parametrize(
    "address",
    ["https://arxiv.org/pdf/2401.90001", "http://www.arxiv.org/pdf/2401.90001v3.pdf", "arXiv:2401.90001"],
)
def test_a_papers_address_on_arxiv_is_that_of_its_page(address: str) -> None:
    paper = only(f"Title: Sheep\nPDF: {address}\nSummary: We count.")

    assert (paper.url, paper.arxiv_id) == ("https://arxiv.org/abs/2401.90001", "2401.90001")


def test_a_line_without_a_label_goes_on_with_the_field_before() -> None:
    paper = only("Title: Sheep\nAbstract: We show:\nNote: this. https://a.test/x\n\nA paragraph: the last.")

    assert paper.abstract == "We show: Note: this. https://a.test/x A paragraph: the last."


def test_a_repair_names_its_own_line() -> None:
    paper = only("Title: Sheep\nAbstract: We count\nthem 2.4times faster.")

    assert paper.repairs == (Repair(3, "2.4times", "2.4×"),)


def test_what_belongs_to_no_record_is_reported() -> None:
    digest = parse("My digest,\nfor you\n\nTitle: Sheep\nURL: x\n---\nThe end\n---\nURL: https://a.test/\n")

    assert [(stretch.line, stretch.text, stretch.why) for stretch in digest.skipped] == [
        (1, "My digest, for you", "no label"),
        (4, "x", "not an address of the web; left out"),
        (7, "The end", "no label"),
        (9, "https://a.test/", "no title"),
    ]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("Title: Sheep\nPDF: https://a.test/1", True),
        ("Authors: A\nTitle: Sheep", True),
        ("Hello,\n\nTitle: Sheep\nAbstract: We.", True),
        ("Title: Sheep", False),
        ("Title: Sheep\n\nA text about sheep.", False),
        ("Title:\nAbstract:", False),
        ("---\ntitle: Sheep\nauthors: A\n---\nText", False),
        ("<p>Title: Sheep\nAbstract: We.", False),
        ("\\\\\narXiv:2401.90001\nTitle: Sheep\nAuthors: A\n\\\\", False),
        ("From: a@a.test\nSubject: Sheep\nDate: today", False),
    ],
)
def test_a_text_shows_what_it_is_by_a_title_beside_another_label(text: str, is_one: bool) -> None:
    assert labelled.sniff(Document(text, "papers.txt")) is is_one


@pytest.mark.parametrize(
    "piece", ["Title: x\n", "Abstract: y\n", "\n", "x\n", "---\n", "x", "Authors: a\n\n", " "]
)
def test_many_lines_of_anything_are_read_in_seconds(piece: str) -> None:
    started = time.perf_counter()
    with contextlib.suppress(DigestError):
        parse("Title: Sheep\nAbstract: " + piece * (100_000 // len(piece)))

    assert time.perf_counter() - started < 8


TEXTS = [path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("*.txt"))]


@settings(max_examples=100)
@given(st.sampled_from(TEXTS).flatmap(mutations))
def test_any_damage_gives_a_digest_or_a_refusal(text: str) -> None:
    assert is_read_or_refused(text)
