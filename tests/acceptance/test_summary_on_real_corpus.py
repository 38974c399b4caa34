"""What a reader is told of every paper of a real corpus: whole sentences, and figures word for word."""

import os
from pathlib import Path

import pytest

from newsletter import summary
from newsletter.model import Paper
from newsletter.summary import trust
from tests.benchmarks import summaries

FOLDER = os.environ.get("NEWSLETTER_REAL_CORPUS")

pytestmark = pytest.mark.skipif(
    not FOLDER, reason="set NEWSLETTER_REAL_CORPUS to a folder that holds hf_daily_api_*.jsonl.xz"
)


@pytest.fixture(scope="module")
def papers() -> list[Paper]:
    found = [
        paper for path in sorted(Path(FOLDER or ".").glob("hf_daily_api_*")) for paper in summaries.read(path)
    ]
    assert len(found) >= 9000
    return found


def test_every_figure_stands_in_its_abstract_word_for_word(papers: list[Paper]) -> None:
    told = [(paper, figure) for paper in papers for figure in summary.figures(paper.abstract)]

    assert len(told) >= 2000
    assert not [paper.title for paper, figure in told if not summaries.is_verbatim(figure, paper.abstract)]


def test_no_line_has_a_flaw_that_a_reader_stumbles_over(papers: list[Paper]) -> None:
    lines = {paper: summary.one_liner(paper.abstract, title=paper.title) for paper in papers}

    assert not {
        line: found for paper, line in lines.items() if (found := summaries.flaws(line, paper.abstract))
    }


def test_what_is_told_of_an_ai_summary_has_only_numbers_of_the_abstract(papers: list[Paper]) -> None:
    told = {paper: summary.of_a_source(paper) for paper in papers if paper.ai_summary}
    shown = {paper: line for paper, line in told.items() if line}

    assert len(shown) >= 0.98 * len(told)
    assert all(len(line.text) <= 240 for line in shown.values())
    assert not [line for paper, line in shown.items() if trust.strange_numbers(line.text, paper.abstract)]
