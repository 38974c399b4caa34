"""The built-in themes against judgements of papers that readers made before the themes were tuned on them."""

from pathlib import Path

import pytest

from newsletter import config, evaluation, selection
from newsletter.evaluation import Label, ThemeReport
from tests import labelled

pytestmark = labelled.needs_corpus

MISSION = ("kv-cache", "parallelism", "diffusion-efficiency")
# The least F1 that each group of themes may fall to on either half.
FLOOR = 0.90


@pytest.fixture(scope="module", params=[labelled.TUNING, labelled.UNTOUCHED])
def reports(request: pytest.FixtureRequest) -> dict[str, ThemeReport]:
    judged = labelled.judged(request.param)
    papers = labelled.papers([one.arxiv_id for one in judged], Path(str(labelled.CORPUS)))
    themes = config.themes(config.load(None))
    labels = [
        Label("", slug, one.grades.get(slug, evaluation.FOREIGN), one.arxiv_id)
        for one in judged
        for slug in themes
    ]
    rows = selection.match_all(papers, themes.values())
    members = {
        slug: [paper for paper, row in zip(papers, rows, strict=True) if row[at].member]
        for at, slug in enumerate(themes)
    }
    found = evaluation.evaluate(labels, members, papers)
    return {report.theme: report for report in found}


def test_the_themes_of_the_mission_agree_with_readers(reports: dict[str, ThemeReport]) -> None:
    assert evaluation.macro_f1(reports[slug] for slug in MISSION) >= FLOOR, reports


def test_the_other_built_in_themes_agree_with_readers(reports: dict[str, ThemeReport]) -> None:
    others = [report for slug, report in reports.items() if slug not in MISSION]

    assert evaluation.macro_f1(others) >= FLOOR, others


def test_each_part_has_at_least_150_papers_and_some_on_every_theme() -> None:
    for half in (labelled.TUNING, labelled.UNTOUCHED):
        judged = labelled.judged(half)
        assert len(judged) >= 150
        for slug in config.BUILTIN_THEMES:
            assert sum(one.grades.get(slug) == evaluation.BELONGS for one in judged) >= 4
