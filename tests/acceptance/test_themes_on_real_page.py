"""The built-in themes against judgements of a real page, made by reading it before anything was tuned.

Papers are named by their position on the page. Those that can be argued either way are not counted.
"""

import os
from datetime import date
from pathlib import Path

import pytest

from newsletter import app, config, evaluation, selection
from newsletter.evaluation import Label
from newsletter.model import Paper

INPUTS = os.environ.get("NEWSLETTER_REAL_INPUTS")
pytestmark = pytest.mark.skipif(not INPUTS, reason="set NEWSLETTER_REAL_INPUTS to a folder of real digests")

# The least macro-F1 that the themes may fall to on this page.
FLOOR = 0.95
BELONGS = {
    "kv-cache": {9, 10, 19, 28, 58, 75, 78, 81},
    "parallelism": {20, 25, 39, 40, 42, 50, 52, 61, 79, 83, 86, 94},
    "diffusion-efficiency": {1, 14, 35, 60, 73, 87},
}
ARGUABLE = {
    "kv-cache": {6, 30, 67},
    "parallelism": {36, 38, 41, 46, 51, 55, 76, 77, 89, 91},
    "diffusion-efficiency": {66, 92},
}


@pytest.fixture(scope="module")
def papers() -> tuple[Paper, ...]:
    (digest,) = app.read_digests([Path(str(INPUTS), "daily-papers-page.txt")], config.load(None))
    return digest.papers


def grade(theme: str, position: int) -> int:
    if position in ARGUABLE[theme]:
        return evaluation.ARGUABLE
    return evaluation.BELONGS if position in BELONGS[theme] else evaluation.FOREIGN


def test_the_built_in_themes_agree_with_a_reader(papers: tuple[Paper, ...]) -> None:
    themes = config.themes(config.load(None))
    labels = [
        Label(paper.title, theme, grade(theme, paper.position)) for theme in BELONGS for paper in papers
    ]
    members = {
        slug: [paper for paper in papers if selection.score(paper, themes[slug]).member] for slug in BELONGS
    }

    reports = evaluation.evaluate(labels, members, papers)

    assert [report.counted for report in reports] == [94, 87, 95]
    assert evaluation.macro_f1(reports) >= FLOOR, reports


def test_an_issue_of_the_page_has_every_section(papers: tuple[Paper, ...]) -> None:
    chosen = config.mailing_list(config.load(None))

    sections = selection.select(papers, chosen.themes, on=date(2025, 7, 30)).sections

    assert [(section.theme, len(section.picks)) for section in sections] == [
        ("kv-cache", 6),
        ("parallelism", 6),
        ("diffusion-efficiency", 6),
        ("trending", 5),
    ]
