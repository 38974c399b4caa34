"""arXiv's mailing: entries, replacements, cross-listings, and mails that are cut off."""

import contextlib
import time
from pathlib import Path

import pytest
from hypothesis import given, settings

from newsletter.errors import DigestError
from newsletter.model import Digest, Mark, Paper, Repair
from newsletter.sources import arxiv_mail
from newsletter.sources.document import Document
from tests.mutations import is_read_or_refused, mutations

SAMPLES = Path(__file__).parents[1] / "data" / "digests" / "arxiv-mail"
RULE = "-" * 78
FIELDS = "Title: Counting Sheep\nAuthors: Zoë Ewe\nCategories: cs.CL"
DATE = "Date: Tue, 2 Jan 2024 09:05:00 GMT   (12kb)"
ENTRY = f"{RULE}\n\\\\\narXiv:2401.90001\n{DATE}\n\n{FIELDS}\n\\\\\n  We count.\n"
END = "\\\\ ( https://arxiv.org/abs/2401.90001 ,  12kb)\n"


def parse(text: str) -> Digest:
    return arxiv_mail.parse(Document(text, "mail.txt"))


def only(text: str) -> Paper:
    (paper,) = parse(text).papers
    return paper


def test_an_entry_is_a_paper() -> None:
    paper = only(ENTRY + END)

    assert (paper.title, paper.abstract, paper.line) == ("Counting Sheep", "We count.", 3)
    assert (paper.arxiv_id, str(paper.published), paper.categories) == (
        "2401.90001",
        "2024-01-02",
        ("cs.CL",),
    )
    assert paper.marks == ()


def test_a_wrapped_field_goes_on_and_the_next_one_does_not() -> None:
    fields = "Title: Counting Sheep: Evidence\n  from: Herds\nAuthors: Zoë Ewe,\n  Bo Ram\nJournal-ref: J: 1"
    paper = only(ENTRY.replace(FIELDS, fields) + END)

    assert (paper.title, paper.authors) == ("Counting Sheep: Evidence from: Herds", ("Zoë Ewe", "Bo Ram"))


def test_a_repair_names_its_own_line() -> None:
    paper = only(ENTRY + "and 5\\% more.\n" + END)

    assert paper.repairs == (Repair(11, "5\\%", "5%"),)


@pytest.mark.parametrize(
    "told", ["replaced with revised version Tue, 2 Jan 2024 10:00:00 GMT   (9kb)", "(replaced)"]
)
def test_a_replacement_is_marked_and_has_no_abstract(told: str) -> None:
    paper = only(f"\\\\\narXiv:2301.90001\n{told}\n\n{FIELDS}\n{END}{RULE}\n")

    assert (paper.abstract, paper.marks, paper.arxiv_id) == ("", (Mark.REPLACEMENT,), "2301.90001")


@pytest.mark.parametrize(
    ("first_line", "id"),
    [
        ("arXiv:2401.90002 (*cross-listing*)", "2401.90002"),
        ("Paper (*cross-listing*): arXiv:2401.90002", "2401.90002"),
        ("Paper: hep-th/9901001", "hep-th/9901001"),
        ("arXiv: math/0309136", "math/0309136"),
    ],
)
def test_the_id_is_read_in_every_spelling(first_line: str, id: str) -> None:
    assert only(ENTRY.replace("arXiv:2401.90001", first_line, 1) + END).arxiv_id == id


@pytest.mark.parametrize("end", ["", "goes on", f"{RULE}\n\\\\\narXiv:2401.90003\n{FIELDS}x\n{END}"])
def test_an_entry_without_an_end_is_marked_and_costs_no_other(end: str) -> None:
    first, *others = parse(ENTRY + end).papers

    assert first.abstract.startswith("We count.")
    assert first.marks == (Mark.CUT,)
    assert [paper.arxiv_id for paper in others] == ["2401.90003"] * ("90003" in end)


def test_lines_around_the_entries_are_reported() -> None:
    digest = parse(f"Archives at http://arxiv.org/\n{RULE}\n{ENTRY}{END}{RULE}\n%%%---%%%---%%%---\nFor help")

    assert [stretch.text for stretch in digest.skipped] == ["Archives at http://arxiv.org/", "For help"]


def test_the_day_of_the_last_submission_is_the_date() -> None:
    printed = " received from  Mon  1 Jan 24 19:00:00 GMT  to  Tue  2 Jan 24 19:00:00 GMT\n"

    assert str(parse(printed + ENTRY + END).date) == "2024-01-02"


@pytest.mark.parametrize("text", ["\\\\\nText", "arXiv:2401.90001\n\\\\", "x\n" * 200 + ENTRY, "\\\\", ""])
def test_a_text_without_an_early_entry_is_no_mailing(text: str) -> None:
    assert not arxiv_mail.sniff(Document(text, "mail.txt"))


@pytest.mark.parametrize(
    "piece", [ENTRY, "\\\\\n", "\\\\\narXiv:1\n", "x\n", "\n", f"{RULE}\n", "Title: x\n"]
)
def test_many_lines_of_anything_are_read_in_seconds(piece: str) -> None:
    started = time.perf_counter()
    with contextlib.suppress(DigestError):
        parse(ENTRY + piece * (200_000 // len(piece)))

    assert time.perf_counter() - started < 8


@settings(max_examples=100)
@given(mutations((SAMPLES / "cs.txt").read_text(encoding="utf-8")))
def test_any_damage_gives_a_digest_or_a_refusal(text: str) -> None:
    assert is_read_or_refused(text)
