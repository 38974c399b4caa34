"""The papers page in other people's hands: crawlers, text browsers, note books, search results."""

import pytest

from newsletter.model import Digest, Mark
from newsletter.sources import hf_lines, hf_markdown, hf_notebook, title_end
from newsletter.sources.document import Document

SHEEP = "Sheep look alike, and whoever counts them falls asleep. We count 4,000 of them and lose only three."


def markdown(*entries: str, banner: str = "# Daily Papers") -> Digest:
    return hf_markdown.parse(Document("\n\n".join([banner, "Jul 30", *entries]), "page.md"))


def test_an_abstract_that_speaks_of_references_in_brackets_stays_whole() -> None:
    (paper,) = markdown(
        "### [Sheep](https://huggingface.co/papers/2502.00001)", f"[{SHEEP} See [1] and [2].](x)"
    ).papers

    assert paper.abstract == f"{SHEEP} See [1] and [2]."


def test_a_plain_heading_and_a_plain_paragraph_are_title_and_abstract() -> None:
    (paper,) = markdown("### Counting Sheep", SHEEP, "- 8 authors").papers

    assert (paper.title, paper.abstract) == ("Counting Sheep", SHEEP)


def test_a_title_without_a_text_is_kept() -> None:
    (paper,) = markdown(
        "### [Counting Sheep](https://huggingface.co/papers/2502.00001)", "[Flock](https://x.org)"
    ).papers

    assert (paper.arxiv_id, paper.abstract, paper.ai_summary) == ("2502.00001", "", "")


@pytest.mark.parametrize(
    ("banner", "abstract", "one_liner"),
    [
        ("# Daily Papers", "Sheep are counted by ear.", ""),
        ("# Trending Papers", "", "Sheep are counted by ear."),
    ],
)
def test_a_short_text_is_a_models_only_on_the_page_of_trending_papers(
    banner: str, abstract: str, one_liner: str
) -> None:
    (paper,) = markdown("### Counting Sheep", "Sheep are counted by ear.", banner=banner).papers

    assert (paper.abstract, paper.ai_summary) == (abstract, one_liner)


def test_a_number_of_the_reference_list_leads_to_the_paper() -> None:
    list_ = "[7]: https://huggingface.co/papers/2502.00001\n8. https://example.org"

    (paper,) = markdown("### [Counting Sheep][7]", SHEEP, list_).papers

    assert paper.url == "https://huggingface.co/papers/2502.00001"


def test_every_line_of_a_crawled_page_is_a_paper_or_reported() -> None:
    digest = markdown("### Counting Sheep", SHEEP, "·", "[Flock](https://x.org)", "## A heading", "more")

    assert [stretch.why for stretch in digest.skipped] == [
        "the page's header",
        "the page's header",
        "authors, votes or links of a paper",
        "authors, votes or links of a paper",
        "a heading of the page",
        "authors, votes or links of a paper",
    ]


def notebook(*blocks: str) -> Digest:
    return hf_notebook.parse(Document("\n\n".join(["Daily Papers", *blocks]), "page.md"))


def test_in_a_note_book_the_first_text_of_an_address_is_the_title_and_the_next_its_abstract() -> None:
    address = "https://huggingface.co/papers/2502.00001"

    (paper,) = notebook("Counting\nSheep", address, SHEEP, address, "Flock of Things", address).papers

    assert (paper.title, paper.abstract, paper.url) == ("Counting Sheep", SHEEP, address)


def test_in_a_note_book_menus_organisations_and_comments_are_no_papers() -> None:
    address = "https://huggingface.co/papers/2502.00001"
    digest = notebook(
        "Pricing", "https://huggingface.co/pricing", "Sheep", address, SHEEP, address,
        "Flock Institute of Counting", "https://huggingface.co/flock", "3", f"{address}#community",
    )  # fmt: skip

    assert [paper.title for paper in digest.papers] == ["Sheep"]
    assert [stretch.text for stretch in digest.skipped] == [
        "Daily Papers",
        "Pricing",
        "Flock Institute of Counting",
        "3",
    ]


def test_a_line_of_search_results_is_split_and_says_that_it_was_guessed() -> None:
    line = f"- Counting Sheep With Transformers {SHEEP} " + "We sleep well. " * 8 + "1 author · Mar 3, 2024"

    digest = hf_lines.parse(Document(line, "page.txt"))

    (paper,) = digest.papers
    assert (paper.title, paper.marks) == ("Counting Sheep With Transformers", (Mark.GUESSED,))
    assert paper.abstract.startswith("Sheep look alike")
    assert [stretch.why for stretch in digest.skipped] == ["guessed: where the title ends"]


def test_an_organisation_before_the_date_is_no_part_of_the_abstract() -> None:
    line = (
        f"7 Counting Sheep With Transformers {SHEEP} " + "We sleep well. " * 8 + "Flock Institute · Mar 3 7"
    )

    (paper,) = hf_lines.parse(Document(line, "page.txt")).papers

    assert paper.abstract.endswith("We sleep well.")
    assert paper.upvotes == 7


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        ("Larder: Keeping the Right Half of a Cache", "Long conversations fill the cache of a model."),
        ("A Study of Large Boats", "Large Boat Models (LBMs) carry more than small ones do."),
        ("Do Sheep Dream?", "We ask four thousand of them."),
        ("Learning to count sheep with transformers", "We present a method that counts sheep."),
        ("ε-Sieves: Counting Grains of Fine Sand", "Despite recent progress, sand is coarse."),
    ],
)
def test_the_end_of_a_title_is_found(title: str, abstract: str) -> None:
    words = f"{title} {abstract} It does so better than others, and in less time.".split()

    assert " ".join(words[: title_end.find(words)]) == title


@pytest.mark.parametrize("words", [["One"], ["one", "two", "three"], ["("] * 50, ["A", "B", "(AB)"]])
def test_a_text_without_a_sure_end_gives_some_title(words: list[str]) -> None:
    assert 1 <= title_end.find(words) <= len(words)
