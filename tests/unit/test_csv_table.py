"""Tables: the line of names, the delimiter, quotes that are never closed, and rows that do not fit."""

import contextlib
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter import sources
from newsletter.errors import DigestError
from newsletter.model import Digest, Paper
from newsletter.sources import csv_table
from newsletter.sources.document import Document
from tests.mutations import is_read_or_refused, mutations

SAMPLES = Path(__file__).parents[1] / "data" / "digests" / "csv"


def parse(text: str) -> Digest:
    return csv_table.parse(Document(text, "table.csv"))


def only(header: str, row: str) -> Paper:
    (paper,) = parse(f"{header}\n{row}").papers
    return paper


def is_table(text: str) -> bool:
    return csv_table.sniff(Document(text, "table.csv"))


@pytest.mark.parametrize(
    "header",
    [
        "Title,Abstract,PaperURL",
        "paper_title,abstract,paper_url",
        "Paper Title, ABSTRACT ,URL",
        '"title","Summary","Link"',
        "\ufefftitle,abstract,abs_url".lstrip("\ufeff"),
        "sep=,\nTitle,Abstract,Url",
        "\n\nTitle,Abstract,Url",
    ],
)
def test_names_of_columns_are_known_in_any_spelling(header: str) -> None:
    paper = only(header, "Sheep,We count.,https://a.test/1")

    assert (paper.title, paper.abstract, paper.url) == ("Sheep", "We count.", "https://a.test/1")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_line_of_names_tells_the_delimiter(delimiter: str) -> None:
    header, row = ["title", "abstract", "x"], [f'"Sheep{delimiter}Wolves"', "One - two.", "y"]
    paper = only(delimiter.join(header), delimiter.join(row))

    assert (paper.title.replace(" ", "\t"), paper.abstract) == (f"Sheep{delimiter}Wolves", "One - two.")


def test_a_cell_of_several_lines_is_one_text_and_lines_are_counted() -> None:
    text = 'title,abstract\nSheep,"We count\n\nthem, 5\\% faster."\nWolves,They do not.'

    sheep, wolves = parse(text).papers
    assert (sheep.abstract, sheep.line) == ("We count them, 5% faster.", 2)
    assert wolves.line == 5


def test_a_summary_beside_an_abstract_is_a_models() -> None:
    paper = only("title,abstract,summary", "Sheep,We count.,It counts.")

    assert (paper.abstract, paper.ai_summary) == ("We count.", "It counts.")


def test_columns_of_every_kind_are_read() -> None:
    paper = only(
        "arXiv ID;Title;Authors;Date;Upvotes;Categories;Keywords;Code;DOI",
        "2401.90001v2;Sheep;Zoë Ewe, Bo Ram;2024-01-02;1,204;cs.CL cs.LG;a, b;github.com/a/sheep;10.5/x",
    )

    assert (paper.arxiv_id, paper.version, str(paper.published)) == ("2401.90001", 2, "2024-01-02")
    assert (paper.authors, paper.upvotes) == (("Zoë Ewe", "Bo Ram"), 1204)
    assert (paper.categories, paper.keywords) == (("cs.CL", "cs.LG"), ("a", "b"))
    assert [link.url for link in paper.links] == ["https://github.com/a/sheep"]


def test_a_formula_is_text() -> None:
    assert only("title,abstract", "=cmd|'/c calc'!A1,+1").title == "=cmd|'/c calc'!A1"


def test_a_quote_that_is_never_closed_costs_its_own_row() -> None:
    rows = "".join(f"Sheep {at},We count {at}.\n" for at in range(5000))
    digest = parse(f'title,abstract\nWolves,"They do\n{rows}')

    assert [paper.title for paper in digest.papers[:2]] == ["Sheep 0", "Sheep 1"]
    assert len(digest.papers) == 5000
    assert [(stretch.line, stretch.why) for stretch in digest.skipped] == [
        (2, "a quote that is never closed")
    ]


def test_quotes_inside_of_a_cell_are_text() -> None:
    assert only("title,abstract", 'A 5" Disk,He said "no".').abstract == 'He said "no".'


def test_a_short_row_is_read_and_one_too_long_is_reported() -> None:
    digest = parse("title,abstract,url\nSheep\nWolves,They, as ever, howl.,\nDogs,They bark.,,,,")

    assert [paper.title for paper in digest.papers] == ["Sheep", "Dogs"]
    assert [stretch.line for stretch in digest.skipped] == [3]


def test_the_same_id_is_the_same_paper() -> None:
    digest = parse("id,title\n2401.90001,Sheep\n2401.90001v2,Sheep!\n2401.90002,Sheep")

    assert [paper.arxiv_id for paper in digest.papers] == ["2401.90001", "2401.90002"]
    assert [stretch.why for stretch in digest.skipped] == ["the same paper as on line 2"]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("title,abstract\nSheep,We.", True),
        ("title\nSheep\nWolves", False),
        ("title\n\nabstract", False),
        ("Title: Sheep, and Abstract\nSummary: We.", False),
        ("title,colour\nSheep,white", False),
        ("abstract,url\nWe.,https://a.test", False),
        ("| title | abstract |\n|---|---|", False),
        ('{"title": 1, "abstract": 2}', False),
        ("title," * 400 + "abstract", False),
        ("title,abstract" + "x" * 9000, False),
        ("", False),
    ],
)
def test_a_table_names_a_title_and_one_more_column(text: str, is_one: bool) -> None:
    assert is_table(text) is is_one


@pytest.mark.parametrize(
    "text",
    ["2401.90001,2024-01-02,Sheep\n2401.90002,2024-01-03,Wolves", "titel\tkurz\nSheep\tWe", "a;b;c\n1;2;3"],
)
def test_a_table_without_known_names_is_told_which_are_known(text: str) -> None:
    with pytest.raises(DigestError) as caught:
        sources.parse(text.encode(), "table.csv")

    assert "its first line does not name a title and one more column" in str(caught.value)
    assert "arxiv id" in str(caught.value)


@pytest.mark.parametrize("row", ['"x\n', 'a,"b\n', 'a,"x\nb,"y"\n', '"', "a,b\n", ",\n", "a,"])
def test_many_lines_of_anything_are_read_in_seconds(row: str) -> None:
    started = time.perf_counter()
    with contextlib.suppress(DigestError):
        parse("title,abstract\n" + row * (100_000 // len(row)))

    assert time.perf_counter() - started < 8


TEXTS = [path.read_text(encoding="utf-8-sig") for path in sorted(SAMPLES.glob("*.[ct]sv"))]


@settings(max_examples=100)
@given(st.sampled_from(TEXTS).flatmap(mutations))
def test_any_damage_gives_a_digest_or_a_refusal(text: str) -> None:
    assert is_read_or_refused(text)


def test_a_line_of_more_cells_than_any_table_has_is_refused_by_its_number() -> None:
    text = "title,url\nSmall Boats,https://example.org\n" + "x," * 6000

    with pytest.raises(DigestError, match="line 3: a line of more than 5,000 cells"):
        csv_table.parse(Document(text, "table.csv"))
