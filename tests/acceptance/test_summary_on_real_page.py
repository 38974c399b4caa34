"""What a reader is told of the papers of a real page: how many, how long, and word for word."""

import os
import re
from pathlib import Path

import pytest

from newsletter import sources, summary
from newsletter.model import Figure, Paper

FOLDER = os.environ.get("NEWSLETTER_REAL_INPUTS")

pytestmark = pytest.mark.skipif(
    not FOLDER, reason="set NEWSLETTER_REAL_INPUTS to a folder that holds daily-papers-page.txt"
)


@pytest.fixture(scope="module")
def papers() -> tuple[Paper, ...]:
    page = Path(FOLDER or ".", "daily-papers-page.txt")
    return sources.parse(page.read_bytes(), page.name).papers


def as_read(figure: Figure) -> str:
    return " ".join(filter(None, (figure.before, figure.value, figure.words)))


def test_every_paper_has_one_line_of_its_own_words(papers: tuple[Paper, ...]) -> None:
    lines = {paper: summary.one_liner(paper.abstract, title=paper.title) for paper in papers}

    assert len(lines) == 97
    for paper, line in lines.items():
        assert 40 <= len(line) <= 240
        assert line in paper.abstract or line[0].lower() + line[1:] in paper.abstract


def test_lines_are_whole_sentences_about_the_paper(papers: tuple[Paper, ...]) -> None:
    lines = [summary.one_liner(paper.abstract, title=paper.title) for paper in papers]

    # The others were left where a clause ends, or lost one such as "to address these issues".
    assert sum(line.endswith(".") for line in lines) >= 80
    assert not [line for line in lines if line.endswith("…")]
    assert not [line for line in lines if re.match(r"However|Recent|Existing|Our code|Code|Extensive", line)]


def test_most_papers_have_figures_and_each_is_word_for_word(papers: tuple[Paper, ...]) -> None:
    figures = {paper: summary.figures(paper.abstract) for paper in papers}

    assert sum(bool(found) for found in figures.values()) >= 55
    assert all(len(found) <= 3 for found in figures.values())
    assert all(as_read(figure) in paper.abstract for paper, found in figures.items() for figure in found)
