"""Real digests in Markdown, BibTeX and mail, and pages of one paper: all is read, or plainly refused."""

from datetime import date

import pytest

from newsletter.errors import DigestError
from tests import real
from tests.real import parsed, seal

pytestmark = real.needs("md_digest/, bib/, hf_email/ and layouts/")


@pytest.mark.parametrize(
    ("name", "format", "papers", "skipped"),
    [
        ("md_digest/gabrielchua_2025-01-08.md", "markdown", 11, 1),
        ("md_digest/hiwei93_20230926_zh.md", "markdown", 6, 26),
        ("bib/readme_bibtex_blocks.bib", "bibtex", 9, 0),
        ("bib/zoia_doi_response.bib", "bibtex", 1, 0),
        ("layouts/L6_paper_page_0.txt", "hf-paper", 1, 9),
        ("layouts/L6_paper_page_1.txt", "hf-paper", 1, 9),
        ("layouts/L6_paper_page_2.txt", "hf-paper", 1, 9),
    ],
)
def test_every_paper_is_read(name: str, format: str, papers: int, skipped: int) -> None:
    digest = parsed(name)

    assert (digest.format, len(digest.papers), len(digest.skipped)) == (format, papers, skipped)
    assert all(
        8 <= len(paper.title) <= 200 and not paper.title.endswith((".", ")")) for paper in digest.papers
    )
    assert all(paper.arxiv_id or paper.doi for paper in digest.papers)


def test_a_models_summaries_are_not_taken_for_abstracts() -> None:
    for name in ("gabrielchua_2025-01-08.md", "hiwei93_20230926_zh.md"):
        papers = parsed(f"md_digest/{name}").papers

        assert all(paper.abstract == "" and len(paper.ai_summary) > 100 for paper in papers)


def test_a_table_row_gives_its_title_authors_and_id() -> None:
    digest = parsed("md_digest/gabrielchua_2025-01-08.md")
    paper = digest.papers[1]

    assert digest.date == date(2025, 1, 8)
    assert seal(paper.title) == "75bb304c1b57"
    assert (paper.arxiv_id, len(paper.authors), paper.line) == ("2501.02955", 5, 8)


def test_a_chinese_digest_gives_english_titles_and_keywords() -> None:
    digest = parsed("md_digest/hiwei93_20230926_zh.md")

    assert digest.date == date(2023, 9, 26)
    assert [paper.arxiv_id for paper in digest.papers] == [
        "2309.13356", "2309.14327", "2309.13075", "2309.14322", "2309.13952", "2309.13308",
    ]  # fmt: skip
    assert seal(digest.papers[2].title) == "78d1d35ee241"
    assert digest.papers[3].keywords[:2] == ("Transformer", "Learning Rate")


def test_bibtex_gives_ids_and_names_in_speaking_order() -> None:
    papers = parsed("bib/readme_bibtex_blocks.bib").papers

    assert [paper.arxiv_id for paper in papers[:3]] == ["2312.03863", "2411.05902", "2608.07468"]
    assert papers[0].authors[:2] == ("Zhongwei Wan", "Xin Wang")
    assert parsed("bib/zoia_doi_response.bib").papers[0].doi == "10.3847/1538-3881/aa9e09"


def test_the_page_of_a_paper_gives_its_whole_abstract() -> None:
    (paper,) = parsed("layouts/L6_paper_page_1.txt").papers

    assert (paper.arxiv_id, paper.published) == ("2406.03215", date(2024, 6, 5))
    assert seal(paper.abstract[:50]) == "ad5396d1eff2"
    assert paper.abstract.endswith("The code will be public.")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("hf_email/paramita_2026-05-19.eml", "in which no papers were found"),
        ("bounces/dsn_1.eml", "a delivery report, not a digest"),
        ("bounces/dsn_2.eml", "a delivery report, not a digest"),
        ("bounces/dsn_3.eml", "a delivery report, not a digest"),
    ],
)
def test_a_mail_without_papers_is_refused_by_name(name: str, words: str) -> None:
    with pytest.raises(DigestError, match=words):
        parsed(name)
