"""RIS: its line, its records, and what is found outside of them."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.model import Digest, Repair
from newsletter.sources import ris
from newsletter.sources.document import Document
from tests.mutations import is_read_or_refused, mutations

SAMPLE = (Path(__file__).parents[1] / "data/digests/ris/export.ris").read_text(encoding="utf-8")


def parse(*lines: str) -> Digest:
    return ris.parse(Document("\n".join(lines), "export.ris"))


def test_every_tag_is_read_for_what_it_means() -> None:
    (paper,) = parse(
        "TY  - JOUR", "T1  - Boats", "A1  - Weaver, Iris", "N2  - They float.", "Y1  - 2024/05/06/Spring",
        "DO  - 10.5555/AB.1", "KW  - sea; boats", "UR  - https://example.org/boats", "L1  - https://example.org/b.pdf",
        "ER  - ",
    ).papers  # fmt: skip

    assert (paper.title, paper.abstract, paper.authors) == ("Boats", "They float.", ("Iris Weaver",))
    assert (paper.doi, paper.keywords, paper.published) == (
        "10.5555/ab.1",
        ("sea", "boats"),
        date(2024, 5, 6),
    )
    assert (paper.url, [link.url for link in paper.links]) == (
        "https://example.org/boats",
        ["https://example.org/b.pdf"],
    )


def test_a_value_goes_on_over_lines_without_a_tag() -> None:
    (paper,) = parse(
        "TY  - JOUR", "TI  - Boats", "at Sea", "AB  - They float", "", "on 3.5\\% of seas.", "ER  -"
    ).papers

    assert (paper.title, paper.abstract) == ("Boats at Sea", "They float on 3.5% of seas.")
    assert paper.repairs == (Repair(6, "3.5\\%", "3.5%"),)


def test_a_record_ends_where_the_next_begins_or_the_file_ends() -> None:
    digest = parse("TY  - JOUR", "TI  - Boats", "TY  - JOUR", "TI  - Sheep")

    assert [(paper.line, paper.title) for paper in digest.papers] == [(1, "Boats"), (3, "Sheep")]


@pytest.mark.parametrize("tag", ["TI - Boats", "TI  -Boats", "TI  - Boats   "])
def test_a_missing_blank_costs_nothing(tag: str) -> None:
    assert [paper.title for paper in parse("TY - JOUR", tag, "ER -").papers] == ["Boats"]


@pytest.mark.parametrize("printed", ["2024", "2024///", "2024/05//", "someday"])
def test_a_year_alone_is_no_day(printed: str) -> None:
    (paper,) = parse("TY  - JOUR", "TI  - Boats", f"PY  - {printed}", "ER  - ").papers

    assert paper.published is None


def test_lines_outside_of_records_and_records_without_a_title_are_reported() -> None:
    digest = parse("A library", "TY  - JOUR", "AU  - Nobody", "ER  - ", "TI  - Lost")

    assert [(stretch.line, stretch.why) for stretch in digest.skipped] == [
        (1, "outside of a record and its values"),
        (2, "no title"),
        (5, "outside of a record and its values"),
    ]


@pytest.mark.parametrize(
    "text", ["", "TY  - ", "Title: Boats\nTY - x", "\n" * 50 + "TI  - Boats", "@misc{a}"]
)
def test_a_text_without_a_first_record_is_no_ris(text: str) -> None:
    assert not ris.sniff(Document(text, "x"))


@pytest.mark.parametrize("line", ["TY  - JOUR", "AU  - Weaver", "goes on", "ER  - "])
def test_a_hundred_thousand_lines_of_a_kind_are_read_at_once(line: str) -> None:
    digest = parse("TY  - JOUR", "TI  - Boats", "ER  - ", "TY  - JOUR", "TI  - Sheep", *[line] * 100_000)

    assert digest.papers[0].title == "Boats"


@given(st.data())
def test_any_mutation_is_read_or_refused(data: st.DataObject) -> None:
    assert is_read_or_refused(data.draw(mutations(SAMPLE)))
