"""The figures by which the themes are judged."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import evaluation
from newsletter.errors import DigestError
from newsletter.evaluation import Label, ThemeReport
from newsletter.model import Paper
from tests.builders import paper


def line(title: str = "A Paper", theme: str = "kv-cache", grade: object = 2, **more: object) -> str:
    return json.dumps({"title": title, "theme": theme, "grade": grade, **more}, ensure_ascii=False)


def papers(*titles: str) -> list[Paper]:
    return [paper(title) for title in titles]


def test_labels_are_read_line_by_line_and_more_keys_are_allowed() -> None:
    second = line("Two\u2028lines", grade=0, position=7)
    text = f"{line('One')}\r\n\n{second}\n"

    assert evaluation.read_labels(text, "labels.jsonl") == (
        Label("One", "kv-cache", 2),
        Label("Two\u2028lines", "kv-cache", 0),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        "{",
        "[]",
        "7",
        "[" * 100_000,
        '{"title": "A", "theme": "kv-cache"}',
        line(grade=3),
        line(grade="2"),
        line(grade=True),
        line(grade=1.0),
        line(title=None),  # type: ignore[arg-type]
        line(title=" "),
    ],
)
def test_a_wrong_line_is_named_with_what_it_should_hold(wrong: str) -> None:
    with pytest.raises(DigestError, match=r'labels.jsonl, line 2: .*expected \{"title"') as caught:
        evaluation.read_labels(f"{line()}\n{wrong}", "labels.jsonl")

    assert caught.value.line == 2


def test_two_grades_for_one_paper_are_refused() -> None:
    with pytest.raises(DigestError, match=r"line 3: “a paper” already has grade 2 for kv-cache"):
        evaluation.read_labels("\n".join([line(), line(), line("a paper", grade=0)]), "labels.jsonl")


def test_a_report_names_what_was_wrong_and_leaves_out_the_arguable() -> None:
    labels = [
        Label("Right", "kv-cache", 2),
        Label("Missed", "kv-cache", 2),
        Label("Intruder", "kv-cache", 0),
        Label("Outside", "kv-cache", 0),
        Label("Arguable", "kv-cache", 1),
        Label("Elsewhere", "kv-cache", 2),
        Label("Right", "parallelism", 2),
    ]
    known = papers("Right", "Missed", "Intruder", "Outside", "Arguable")

    [report] = evaluation.evaluate(labels, {"kv-cache": papers("Right", "Intruder", "Arguable")}, known)

    assert report == ThemeReport(
        theme="kv-cache",
        precision=0.5,
        recall=0.5,
        f1=0.5,
        wrongly_in=("Intruder",),
        missed=("Missed",),
        counted=4,
        unknown=("Elsewhere",),
    )


def test_reports_stand_in_the_order_of_the_themes_and_only_for_labelled_ones() -> None:
    labels = [Label("A", "b", 2), Label("A", "a", 2)]
    reports = evaluation.evaluate(labels, {"a": papers("A"), "unlabelled": papers("A"), "b": []}, papers("A"))

    assert [(report.theme, report.f1) for report in reports] == [("a", 1.0), ("b", 0.0)]
    assert evaluation.macro_f1(reports) == 0.5


def test_a_theme_that_rightly_took_nothing_is_perfect() -> None:
    [report] = evaluation.evaluate([Label("A", "a", 0)], {"a": []}, papers("A"))

    assert (report.precision, report.recall, report.f1) == (1.0, 1.0, 1.0)


def test_labels_of_another_digest_prove_nothing() -> None:
    reports = evaluation.evaluate([Label("A", "a", 0)], {"a": []}, papers("B"))

    assert (reports[0].unknown, reports[0].counted) == (("A",), 0)
    assert evaluation.macro_f1(reports) == evaluation.macro_f1([]) == 0.0


@pytest.mark.parametrize(
    ("labelled", "repaired"),
    [
        ("Deep  CACHING: a study", "Deep caching – A Study"),
        ("AtimesB Attention", "A×B Attention"),
        ("epsilon-Pruning of Q^2Nets", "ε-Pruning of Q²Nets"),
        ("X{cdot{Y}} Flow", "X⋅Y Flow"),
        ("Saving 30\\% of Memory", "Saving 30% of Memory"),
    ],
)
def test_a_repaired_title_is_the_raw_one(labelled: str, repaired: str) -> None:
    [report] = evaluation.evaluate([Label(labelled, "a", 2)], {"a": papers(repaired)}, papers(repaired))

    assert (report.f1, report.unknown) == (1.0, ())


def test_a_label_with_an_arxiv_id_means_that_paper_whatever_its_title() -> None:
    named = [paper("Old Title", arxiv_id="2601.00001"), paper("Same", arxiv_id="2601.00002")]
    labels = [
        Label("New Title", "a", 2, "2601.00001"),
        Label("", "a", 0, "2601.00002"),
        Label("Same", "a", 2, "2601.00003"),
    ]

    [report] = evaluation.evaluate(labels, {"a": named}, named)

    assert (report.counted, report.wrongly_in, report.unknown) == (2, ("arXiv 2601.00002",), ("Same",))


def test_a_label_with_an_arxiv_id_means_the_title_where_papers_have_none() -> None:
    [report] = evaluation.evaluate([Label("A", "a", 2, "2601.00001")], {"a": papers("A")}, papers("A"))

    assert (report.f1, report.unknown) == (1.0, ())


def test_an_arxiv_id_is_read_in_any_spelling_and_may_stand_for_the_title() -> None:
    text = '{"theme": "a", "grade": 2, "arxiv_id": "https://arxiv.org/abs/2402.02750v3"}'

    assert evaluation.read_labels(text, "labels.jsonl") == (Label("", "a", 2, "2402.02750"),)


@pytest.mark.parametrize("wrong", ['"nonsense"', "7", '""'])
def test_what_is_no_arxiv_id_is_refused(wrong: str) -> None:
    with pytest.raises(DigestError, match=r'with "arxiv_id": "2402\.02750" beside'):
        evaluation.read_labels(f'{{"title": "A", "theme": "a", "grade": 2, "arxiv_id": {wrong}}}', "x")


@pytest.mark.parametrize("chosen", [(0, 1), (1, 0), (0, 2), (2, 0), (2, 1), (1, 2, 0)])
def test_a_paper_that_is_judged_by_two_names_counts_once(chosen: tuple[int, ...]) -> None:
    there = paper(arxiv_id="2402.02750")
    lines = [
        line(),
        line(arxiv_id="2402.02750"),
        '{"theme": "kv-cache", "grade": 2, "arxiv_id": "2402.02750"}',
    ]

    labels = evaluation.read_labels("\n".join(lines[at] for at in chosen), "labels.jsonl")

    [report] = evaluation.evaluate(labels, {"kv-cache": [there]}, [there])
    assert report.counted == 1


def test_two_papers_of_one_title_may_have_two_grades() -> None:
    lines = [line(arxiv_id="2601.00001"), line(grade=0, arxiv_id="2601.00002")]

    assert len(evaluation.read_labels("\n".join(lines), "labels.jsonl")) == 2


@pytest.mark.parametrize("other", [line(grade=0), line("Renamed", grade=0, arxiv_id="2601.00001v2")])
def test_a_second_grade_by_either_name_is_refused(other: str) -> None:
    with pytest.raises(DigestError, match="already has grade 2"):
        evaluation.read_labels(f"{line(arxiv_id='2601.00001')}\n{other}", "labels.jsonl")


@given(st.dictionaries(st.text(), st.sampled_from([0, 1, 2]), max_size=6), st.sets(st.text(), max_size=6))
def test_every_figure_is_a_share(grades: dict[str, int], taken: set[str]) -> None:
    labels = [Label(title, "a", grade) for title, grade in grades.items()]

    for report in evaluation.evaluate(labels, {"a": papers(*taken)}, papers(*grades, *taken)):
        assert all(0 <= figure <= 1 for figure in (report.precision, report.recall, report.f1))
        assert report.unknown == ()


@given(st.text(min_size=1).filter(lambda text: text.strip() and not text.strip().startswith("{")))
def test_any_text_that_holds_no_labels_is_refused(text: str) -> None:
    with pytest.raises(DigestError, match="expected"):
        evaluation.read_labels(text, "labels.jsonl")
